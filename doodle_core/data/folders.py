"""A user's own folder of drawings: official `.npy` files, and `.ndjson` files drawn once and kept."""

import functools
import glob
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from doodle_core import arrays
from doodle_core.data import raster
from doodle_core.data.categories import CATEGORIES
from doodle_core.data.splits import PIXELS, Drawings
from doodle_core.files import DATA, read_json, real, stamp, write_json

KINDS = ("npy", "ndjson", "ndjson.gz")
"""What drawings are taken from, in this order where a folder has several for a category."""
AROUND = ["quickdraw", "quick", "draw", "dataset", "full", "numpy", "bitmap", "simplified", "raw"]
"""What may stand before a category in a downloaded file's name."""
COPY = re.compile(r"( ?\(\d+\)|( -)? copy( \d+)?)+$")
SAMPLE = 200  # drawings of a file that are looked at to see whether they are inverted
FEW = 0.02  # of them: an odd drawing makes no inverted file


def folder_file(folder: Path, category: str, n: int = 0) -> Path:
    """The `.npy` of a category in a user's folder; its `.ndjson` is drawn first and kept.

    Names may be those of the official downloads, as browsers leave them: `moon (1).npy`,
    `full%2Fnumpy_bitmap%2Fmoon.npy`. `n`: as `per_category`.

    Raises:
        FileNotFoundError: the folder is not there, or has none of that category.
    """
    files = _files(folder).get(category)
    if not files:
        raise FileNotFoundError(
            f"The folder {folder} has neither {category}.npy nor {category}.ndjson, but "
            f"{_what_is_there(folder)}."
        )
    file = files[0]
    return file if _kind(file.name) == "npy" else _drawn(file, n)


def inverted_file(folder: Path, category: str, n: int = 0) -> Path:
    """As `folder_file`, but drawings that are dark on light are turned, in a copy that is kept."""
    file = folder_file(folder, category, n)
    if not _share_inverted(file):
        return file
    kept = _kept(file, n, "turned")
    if not kept.exists():
        drawings = np.array(read_npy(file)[: n or None])
        dark = is_inverted(drawings)
        drawings[dark] = 255 - drawings[dark]
        _keep(kept, drawings)
    return kept


def folder_categories(folder: Path | str) -> list[str]:
    """The official categories that a user's folder holds, sorted.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    found = _files(Path(folder))
    return [name for name in CATEGORIES if name in found]


def lacking(folder: Path | str) -> str:
    """A sentence on a folder without any category: what it holds, and what was looked for."""
    return (
        "No file here is named after a Quick, Draw! category, as apple.npy or moon.ndjson are: "
        f"there is {_what_is_there(Path(folder))}."
    )


def inverted_categories(folder: Path | str, categories: Sequence[str]) -> list[str]:
    """Those of the categories whose drawings, or some of them, are dark on light."""
    found = _files(Path(folder))
    npy = {name: found[name][0] for name in categories if name in found}
    return [
        name for name, file in npy.items() if _kind(file.name) == "npy" and _share_inverted(file)
    ]


def left_out(folder: Path | str, categories: Sequence[str], n: int = 0) -> list[str]:
    """What of a folder is not read, a sentence each. `n`: as `per_category`.

    Files, where another one is of the same category, and lines of the files that have been drawn.
    """
    said = []
    found = _files(Path(folder))
    for name in filter(found.__contains__, categories):
        first, *others = found[name]
        if others:
            unread = ", ".join(file.name for file in others)
            said.append(f"Of {name}, {first.name} is read and not {unread}.")
        if _kind(first.name) != "npy":
            lines = read_json(_kept(first, n).with_suffix(".json"), "")
            if lines and isinstance(lines, str):
                said.append(lines)
    return said


@functools.lru_cache(10_000)
def category_of(name: str) -> str | None:
    """The official category that a file is named after, however its name was downloaded, or None."""
    kind = _kind(name)
    if not kind:
        return None
    stem = unquote(name[: -len(kind) - 1]).replace("\\", "/").rpartition("/")[2]
    stem = COPY.sub("", stem.lower().strip())
    words = _words(stem)
    while words and words[0] in AROUND and " ".join(words) not in _SPELT:
        words = words[1:]
    return _SPELT.get(" ".join(words))


def is_inverted(drawings: Drawings) -> NDArray[np.bool_]:
    """Which drawings are dark on light: their outermost pixels are the ground.

    (n, 784) uint8 -> (n,) bool.
    """
    side = raster.SIDE
    rim = np.ones((side, side), bool)
    rim[1:-1, 1:-1] = False
    light: NDArray[np.bool_] = drawings[:, rim.ravel()].mean(axis=1) > 127
    return light


def _words(text: str) -> list[str]:
    return re.split(r"[\s_+-]+", text.strip())


_SPELT = {" ".join(_words(name.lower())): name for name in CATEGORIES}


def _kind(name: str) -> str:
    """Of KINDS the one that a file's name ends in, or ""."""
    return next((kind for kind in KINDS if name.lower().endswith(f".{kind}")), "")


def _files(folder: Path) -> dict[str, list[Path]]:
    """{category: its files in a user's folder, the one that is read first}.

    A bitmap goes before strokes, and a plain name before one with something around it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    found: dict[str, list[Path]] = {}
    for file in folder.iterdir():
        if file.is_file() and (name := category_of(file.name)):
            found.setdefault(name, []).append(file)
    for name, files in found.items():
        files.sort(key=lambda file: _rank(file.name, name))
    return found


def _rank(name: str, category: str) -> tuple[int, int, int, str]:
    kind = _kind(name)
    plain = [
        f"{prefix}{category}.{kind}"
        for prefix in ("", "full_numpy_bitmap_", "full_simplified_", "full_raw_")
    ]
    place = plain.index(name) if name in plain else len(plain)
    return KINDS.index(kind), place, len(name), name


def _what_is_there(folder: Path) -> str:
    """The names in a folder, in words."""
    names = sorted(file.name for file in folder.iterdir())
    if not names:
        return "nothing"
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(name[:80] for name in names[:5]) + more


def _share_inverted(file: Path) -> bool:
    """Whether more than FEW of a file's drawings are dark on light."""
    drawings = read_npy(file)
    some = drawings[:: max(1, len(drawings) // SAMPLE)]
    return bool(is_inverted(some).mean() > FEW)


def _kept(file: Path, n: int, what: str = "") -> Path:
    """Where what is made of a user's file is kept, for the file as it is now."""
    parts = [file.name.partition(".")[0], _digest(real(file)), _digest(stamp(file)), f"{n}{what}"]
    return DATA / "drawn" / f"{'-'.join(parts)}.npy"


def _digest(what: object) -> str:
    return hashlib.sha256(str(what).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _keep(kept: Path, drawings: Drawings, said: str = "") -> None:
    """Write what was made of a user's file; what was made of it as it was before goes.

    No run names these files, only the folder. `said`: what of the file could not be read.
    """
    kept.parent.mkdir(parents=True, exist_ok=True)
    if said:  # written first: who finds the drawings finds this beside them
        write_json(kept.with_suffix(".json"), said)
    arrays.write_npy(kept, drawings)
    stem, place, state, _ = kept.stem.rsplit("-", 3)
    for old in kept.parent.glob(f"{glob.escape(stem)}-*.npy"):
        parts = old.stem.removeprefix(f"{stem}-").split("-")
        # one part alone: named as earlier versions named them
        if len(parts) == 1 or (parts[0] == place and parts[1] != state):
            old.unlink(missing_ok=True)
            old.with_suffix(".json").unlink(missing_ok=True)


def _drawn(file: Path, n: int) -> Path:
    """The first `n` drawings of an `.ndjson` file as bitmaps, drawn once, kept under `data/`."""
    kept = _kept(file, n)
    if not kept.exists():
        bad: list[tuple[int, str]] = []
        drawings = raster.read_ndjson(file, n, bad)
        said = ""
        if bad:
            (line, why), many = bad[0], len(bad) > 1
            said = (
                f"{len(bad):,} line{'s' * many} of {file.name} {'were' if many else 'was'} left "
                f"out: line {line} is not a Quick, Draw! drawing ({why})."
            )
        _keep(kept, drawings, said)
    return kept


def read_npy(file: Path | str) -> Drawings:
    """Open a `.npy` of drawings, memory-mapped, without running anything in it.

    Returns:
        (N, 784) uint8.

    Raises:
        ValueError: pickled, truncated, empty, or of another dtype or shape.
        FileNotFoundError: no such file.
    """
    file = Path(file)
    try:
        array = arrays.read_npy(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {file}.") from None
    except ValueError as error:
        raise ValueError(f"{file.name} is refused: {error}.") from None
    if array.dtype != np.uint8:
        raise ValueError(f"{file.name} is refused: expected uint8 pixels, found {array.dtype}.")
    if array.ndim == 3 and array.shape[1:] == (raster.SIDE, raster.SIDE):
        array = array.reshape(-1, PIXELS)
    if array.ndim != 2 or array.shape[1] != PIXELS:
        raise ValueError(f"{file.name} is refused: expected shape (N, 784), found {array.shape}.")
    if not len(array):
        raise ValueError(f"{file.name} is refused: it holds no drawing.")
    return array
