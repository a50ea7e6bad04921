"""Drawings from three sources, checked, without exact duplicates, split by a seed.

Every source is a folder of `<category>.npy` files, (N, 784) uint8, memory-mapped: practice data
and official bitmaps are put there first, a folder of the user's own is read as it is (its
`.ndjson` files are drawn once and kept).
"""

import hashlib
import tokenize
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from doodle_core import official, practice, raster
from doodle_core.categories import CATEGORIES
from doodle_core.config import check_source
from doodle_core.files import DATA, replacing

PIXELS = raster.SIDE * raster.SIDE
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


@dataclass(frozen=True)
class Part:
    """A part of a split: which drawings, by category and row of its file.

    Attributes:
        labels: (N,) uint16, the place of the drawing's category.
        rows: (N,) int32, the drawing's row in its category's file (the source index).
    """

    labels: np.ndarray
    rows: np.ndarray

    def __len__(self):
        return len(self.labels)

    def pixels(self, drawings):
        """The drawings themselves. `drawings`: list of (n, 784) uint8. -> (N, 28, 28) uint8."""
        out = np.empty((len(self), PIXELS), np.uint8)
        for label, array in enumerate(drawings):
            mine = np.flatnonzero(self.labels == label)
            out[mine] = array[self.rows[mine]]
        return out.reshape(-1, raster.SIDE, raster.SIDE)


def open_drawings(source, categories, per_category=0, progress=None):
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

            def fetched(done, total, place=place, name=name):
                report((place + done / max(total, 1)) / len(categories), f"Fetching {name}")

            official.fetch(name, wanted, OFFICIAL, progress=fetched)
    return stored_drawings(source, categories, per_category)


def stored_drawings(source, categories, per_category=0):
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


def folder_file(folder, category, n=0):
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


def folder_categories(folder):
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


def _files(folder):
    """The names of the files in a user's folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}.")
    return {file.name for file in folder.iterdir() if file.is_file()}


def _drawn(file, n):
    """The first `n` drawings of an `.ndjson` file as bitmaps, drawn once, kept under `data/`."""
    stat = file.stat()
    key = hashlib.sha256(f"{file.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{n}".encode())
    kept = DATA / "drawn" / f"{file.stem}-{key.hexdigest()[:16]}.npy"
    if not kept.exists():
        pictures = raster.read_ndjson(file, n)
        with replacing(kept) as temporary:
            np.save(temporary, pictures)
    return kept


def read_npy(file):
    """Open a `.npy` of drawings, memory-mapped, without running anything in it.

    Returns:
        (N, 784) uint8.

    Raises:
        ValueError: pickled, truncated, empty, or of another dtype or shape.
        FileNotFoundError: no such file.
    """
    file = Path(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of odd headers; we judge the result
            array = np.load(file, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {file}.") from None
    except (ValueError, EOFError, SyntaxError, tokenize.TokenError) as error:
        why = str(error).lower()
        reason = (
            "it holds pickled Python objects, which could run code"
            if "pickle" in why or "object" in why
            else "it is truncated or damaged"
        )
        raise ValueError(f"{file.name} is refused: {reason}.") from None
    if not isinstance(array, np.ndarray):
        array.close()
        raise ValueError(f"{file.name} is refused: it is an archive (.npz), not one array.")
    if array.dtype != np.uint8:
        raise ValueError(f"{file.name} is refused: expected uint8 pixels, found {array.dtype}.")
    if array.ndim == 3 and array.shape[1:] == (raster.SIDE, raster.SIDE):
        array = array.reshape(-1, PIXELS)
    if array.ndim != 2 or array.shape[1] != PIXELS:
        raise ValueError(f"{file.name} is refused: expected shape (N, 784), found {array.shape}.")
    if not len(array):
        raise ValueError(f"{file.name} is refused: it holds no drawing.")
    return array


def first_of_each(drawings):
    """Take exact duplicates out, within and across categories: the first one stays.

    Args:
        drawings: list of (n, 784) uint8.

    Returns:
        list of (m,) int: the rows that stay, rising.
    """
    hashes = np.concatenate([_hash(array) for array in drawings])
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    keep = np.zeros(len(hashes), bool)
    keep[first] = True
    starts = np.concatenate([[0], np.cumsum([len(array) for array in drawings])])
    for place in np.flatnonzero(~keep):  # few: make sure that equal hashes are equal drawings
        here, there = (_row(drawings, starts, at) for at in (place, first[inverse[place]]))
        keep[place] = not np.array_equal(here, there)
    return [np.flatnonzero(keep[a:b]) for a, b in zip(starts[:-1], starts[1:])]


def _hash(array):
    """(n, 784) uint8 -> (n,) uint64: a random linear hash, 8 pixels at a time."""
    words = np.ascontiguousarray(array).view(np.uint64)
    weights = np.random.default_rng(784).integers(2**63, size=words.shape[1], dtype=np.uint64)
    words = words * (2 * weights + 1)
    return (words ^ (words >> np.uint64(29))).sum(axis=1, dtype=np.uint64)


def _row(drawings, starts, place):
    label = np.searchsorted(starts, place, side="right") - 1
    return drawings[label][place - starts[label]]


def split(drawings, categories, seed=0, shares=(0.7, 0.075, 0.225)):
    """Split drawings into train, validation and test parts.

    Stratified by category and disjoint: exact duplicates are taken out first. Unless it shares
    drawings with another one, a category's split does not depend on the categories beside it.

    Args:
        drawings: list of (n, 784) uint8, one a category.
        categories: their names.
        seed: int.
        shares: three positive numbers that add up to 1.

    Returns:
        (train, validation, test), three `Part`s; shuffled.

    Raises:
        ValueError: a category has too few drawings for all three parts.
    """
    cuts = ([], [], [])
    for label, rows in enumerate(first_of_each(drawings)):
        name = categories[label]
        rows = np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(rows)
        edges = np.round(np.cumsum(shares)[:2] * len(rows)).astype(int)
        for cut, piece in zip(cuts, np.split(rows, edges)):
            if not len(piece):
                raise ValueError(
                    f"{name} has {len(rows)} different drawings: too few for a train, a "
                    "validation and a test part."
                )
            cut.append(piece)
    return tuple(_part(cut, seed) for cut in cuts)


def without(pixels, other):
    """Which drawings are not among others. (n, ...) and (m, ...) uint8 -> (n,) bool.

    Equal hashes count as equal drawings: of 100,000, none is expected to be left out wrongly.
    """
    return ~np.isin(_hash(pixels.reshape(-1, PIXELS)), _hash(other.reshape(-1, PIXELS)))


def _part(pieces, seed):
    labels = np.repeat(np.arange(len(pieces), dtype=np.uint16), [len(piece) for piece in pieces])
    order = np.random.default_rng(seed).permutation(len(labels))
    return Part(labels[order], np.concatenate(pieces).astype(np.int32)[order])


def is_here(config):
    """Whether the drawings that a run was scored on seem to be here. `config`: its DataConfig."""
    try:
        stored_drawings(config.scored_on, config.categories, config.per_category)
    except (OSError, ValueError):
        return False
    return True


def scored_pixels(config, labels, rows, fingerprint_then):
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


def describe(drawings, categories):
    """What the Data page tells of drawings.

    Args:
        drawings: list of (n, 784) uint8, one a category.

    Returns:
        list of dicts, one a category: `category`, `drawings`, `duplicates` (exact ones, of an
        earlier drawing of any category), `ink` (mean share of pixels above 127), and `mean`, the
        mean drawing, (28, 28) uint8.
    """
    stays = first_of_each(drawings)
    return [
        {
            "category": name,
            "drawings": len(array),
            "duplicates": len(array) - len(rows),
            "ink": float((array[::10] > 127).mean()),
            "mean": array.mean(axis=0).round().astype(np.uint8).reshape(raster.SIDE, raster.SIDE),
        }
        for name, array, rows in zip(categories, drawings, stays)
    ]


def upsample(drawing, side):
    """A drawing enlarged bilinearly, as transfer learning sees it (figure 2, section 1.1).

    Args:
        drawing: (28, 28) uint8. side: int, 32 for VGG19 and ResNet152V2, 96 for MobileNetV2.

    Returns:
        (side, side) uint8.
    """
    picture = Image.fromarray(np.ascontiguousarray(drawing))
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))


def enlarge(picture, side):
    """A square picture shown larger without smoothing. (n, n) uint8 -> (about side,) * 2 uint8."""
    times = max(1, round(side / len(picture)))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def fingerprint(pixels):
    """A short text that changes when any pixel does. `pixels`: uint8."""
    return hashlib.blake2b(np.ascontiguousarray(pixels), digest_size=12).hexdigest()
