"""Drawings from three sources, checked, without exact duplicates, split by a seed.

Every source is a folder of `<category>.npy` files, (N, 784) uint8, memory-mapped: practice data
and official bitmaps are put there first, a folder of the user's own is read as it is (its
`.ndjson` files are drawn once and kept).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from doodle_core import arrays
from doodle_core.data import official, practice, raster
from doodle_core.data.categories import CATEGORIES, REPORT_SEVEN
from doodle_core.data.splits import PIXELS, Drawings, Part, fingerprint
from doodle_core.files import DATA

FILES = (
    ("", "npy"),
    ("full_numpy_bitmap_", "npy"),
    ("", "ndjson"),
    ("full_simplified_", "ndjson"),
    ("full_raw_", "ndjson"),
)
"""What stands before and after the category in a file's name, as typed or as downloaded."""
DEFAULT = 10_000  # of each category, where the source could give any number
PRACTICE = DATA / f"practice-v{practice.VERSION}"
OFFICIAL = DATA / "official"


class Scored(Protocol):
    """What of a `settings.DataConfig` says which drawings a run was scored on."""

    @property
    def scored_on(self) -> str: ...
    @property
    def categories(self) -> Sequence[str]: ...
    @property
    def per_category(self) -> int: ...


def open_drawings(
    source: str,
    categories: Sequence[str],
    per_category: int = 0,
    progress: Callable[[float, str], None] | None = None,
) -> list[Drawings]:
    """Open a source's drawings, after fetching or making what is missing.

    Args:
        source: "practice", "official" or "folder:PATH".
        categories: official names.
        per_category: at most so many of each, the first of its file; 0 for all there are
            (official and practice: 10,000).
        progress: called with (what is done, in [0, 1]; a sentence), or None.

    Returns:
        list of (n, 784) uint8, one a category, memory-mapped.

    Raises:
        ValueError: unknown category, or a file that is not what it should be.
        FileNotFoundError: the folder lacks a category.
        OSError: no network, full disk.
    """
    wanted = per_category or DEFAULT
    report = progress or (lambda done, text: None)
    if source == "practice":
        practice.write(
            PRACTICE,
            categories,
            wanted,
            progress=lambda done: report(done, "Drawing practice data"),
        )
    elif source == "official":
        for place, name in enumerate(categories):

            def fetched(done: int, total: int, place: int = place, name: str = name) -> None:
                report((place + done / max(total, 1)) / len(categories), f"Fetching {name}")

            official.fetch(name, wanted, OFFICIAL, progress=fetched)
    return stored_drawings(source, categories, per_category)


def stored_drawings(
    source: str, categories: Sequence[str], per_category: int = 0
) -> list[Drawings]:
    """Open a source's drawings as they are on this disk: nothing is fetched or made.

    Args, returns and raises as `open_drawings`; FileNotFoundError also where they are not here.
    """
    kind, _, path = check_source(source).partition(":")
    if kind == "folder":
        files = [folder_file(Path(path), name, per_category) for name in categories]
    else:
        folder = PRACTICE if kind == "practice" else OFFICIAL
        files = [folder / f"{name}.npy" for name in categories]
        per_category = per_category or DEFAULT
    return [read_npy(file)[: per_category or None] for file in files]


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
    """The first `n` drawings of an `.ndjson` file as bitmaps, drawn once, kept under `data/`."""
    stat = file.stat()
    key = hashlib.sha256(f"{file.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{n}".encode())
    kept = DATA / "drawn" / f"{file.stem}-{key.hexdigest()[:16]}.npy"
    if not kept.exists():
        pictures = raster.read_ndjson(file, n)
        arrays.write_npy(kept, pictures)
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


def is_here(config: Scored) -> bool:
    """Whether the drawings that a run was scored on seem to be here. `config`: its DataConfig."""
    try:
        stored_drawings(config.scored_on, config.categories, config.per_category)
    except (OSError, ValueError):
        return False
    return True


def scored_pixels(
    config: Scored, labels: ArrayLike, rows: ArrayLike, fingerprint_then: str | None
) -> Drawings:
    """The drawings that a run was scored on, from where they are kept.

    Args:
        config: the run's `DataConfig`.
        labels, rows: (N,) int, as the run wrote them.
        fingerprint_then: `metrics.json`'s "test_pixels".

    Returns:
        (N, 28, 28) uint8.

    Raises:
        FileNotFoundError: the drawings are not on this disk.
        ValueError: they are no longer those of the run.
    """
    drawings = stored_drawings(config.scored_on, config.categories, config.per_category)
    part = Part(np.asarray(labels), np.asarray(rows))
    try:
        pixels = part.pixels(drawings)
    except IndexError:
        pixels = None
    if pixels is None or fingerprint(pixels) != fingerprint_then:
        raise ValueError("The drawings at their source have changed since this run was scored.")
    return pixels


def check_source(source: str) -> str:
    """Return `source` if it names a source of drawings.

    Raises:
        ValueError: it does not.
    """
    kind, _, path = str(source).partition(":")
    if not path.isprintable() or len(path) > 1000 or path.startswith("~"):
        raise ValueError("A folder's path must be plain text of at most 1,000 characters, no '~'.")
    if (kind in ("practice", "official") and not path) or (kind == "folder" and path):
        return source
    raise ValueError(
        f'A source is "practice", "official" or "folder:PATH"; received {str(source)[:80]!r}.'
    )


def check_practice(categories: Iterable[str]) -> None:
    """Refuse categories that the program cannot draw itself.

    Raises:
        ValueError: names them.
    """
    unknown = [name for name in categories if name not in REPORT_SEVEN]
    if unknown:
        raise ValueError(
            f"Practice data exists for {', '.join(REPORT_SEVEN)}, but not for "
            f"{', '.join(unknown[:5])}{' and others' if len(unknown) > 5 else ''}: choose real "
            "drawings for those."
        )


def is_practice(source: str) -> bool:
    """Whether a source is practice data, also where its cache is named as a folder."""
    kind, _, path = source.partition(":")
    folder = Path(path).absolute()
    return kind == "practice" or (DATA in folder.parents and folder.name.startswith("practice"))


def source_label(source: str) -> str:
    """A source in a person's words. Practice data is always called so."""
    if is_practice(source):
        return "practice data"
    kind, _, path = source.partition(":")
    return "Quick, Draw! (official)" if kind == "official" else f"folder {Path(path).name}"
