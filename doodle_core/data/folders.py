"""A user's own folder of drawings: official `.npy` files, and `.ndjson` files drawn once and kept."""

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from doodle_core import arrays
from doodle_core.data import raster
from doodle_core.data.categories import CATEGORIES
from doodle_core.data.splits import PIXELS, Drawings
from doodle_core.files import DATA, real, stamp

FILES = (
    ("", "npy"),
    ("full_numpy_bitmap_", "npy"),
    ("", "ndjson"),
    ("full_simplified_", "ndjson"),
    ("full_raw_", "ndjson"),
)
"""What stands before and after the category in a file's name, as typed or as downloaded."""


def folder_file(folder: Path, category: str, n: int = 0) -> Path:
    """The `.npy` of a category in a user's folder; its `.ndjson` is drawn first and kept.

    Official downloads call the files `full_numpy_bitmap_apple.npy` and the like; any name that
    ends with the category's is taken. `n`: as `per_category`.
    """
    found = _files(folder)
    for prefix, kind in FILES:
        name = f"{prefix}{category}.{kind}"
        if name in found:
            return folder / name if kind == "npy" else _drawn(folder / name, n)
    raise FileNotFoundError(
        f"The folder {folder} has neither {category}.npy nor {category}.ndjson."
    )


def folder_categories(folder: Path | str) -> list[str]:
    """The official categories that a user's folder holds, sorted.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    found = _files(Path(folder))
    return [
        name
        for name in CATEGORIES
        if any(f"{prefix}{name}.{kind}" in found for prefix, kind in FILES)
    ]


def _files(folder: Path) -> set[str]:
    """The names of the files in a user's folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    return {file.name for file in folder.iterdir() if file.is_file()}


def _drawn(file: Path, n: int) -> Path:
    """The first `n` drawings of an `.ndjson` file as bitmaps, drawn once, kept under `data/`.

    What was drawn of the file as it was before goes: no run names these bitmaps, only the folder.
    """
    place, state = (
        hashlib.sha256(str(what).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        for what in (real(file), stamp(file))
    )
    kept = DATA / "drawn" / f"{file.stem}-{place}-{state}-{n}.npy"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        arrays.write_npy(kept, raster.read_ndjson(file, n))
        for old in kept.parent.glob(f"{glob.escape(file.stem)}-*.npy"):
            if _is_outdated(old.stem.removeprefix(f"{file.stem}-").split("-"), place, state):
                old.unlink(missing_ok=True)
    return kept


def _is_outdated(parts: Sequence[str], place: str, state: str) -> bool:
    """Whether bitmaps are of another state of the file, or named as earlier versions named them."""
    return len(parts) == 1 or (parts[0] == place and parts[1] != state)


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
