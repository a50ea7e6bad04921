"""A person's own drawings, kept in `data/mine/` as official `.ndjson` files, one a category.

    own_set.add("apple", strokes)
    data.open_drawings(own_set.SOURCE, ("apple", "moon"))

Simplified strokes, an object a line, as https://github.com/googlecreativelab/quickdraw-dataset has
them; no country is noted.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import AcquireReturnProxy, FileLock, Timeout
from numpy.typing import NDArray

from doodle_core.data import raster
from doodle_core.data.categories import CATEGORIES, check_category
from doodle_core.data.raster import Strokes
from doodle_core.files import DATA, replacing

FOLDER = DATA / "mine"
SOURCE = f"folder:{FOLDER}"
"""What a run's settings call it."""
MOST = 10_000  # drawings of a category
MOST_BYTES = 50_000_000  # of a category's file
FEWEST = 9  # different drawings of a category from which on `data.split` has three parts to give


def add(category: str, strokes: Strokes, recognized: bool = False) -> str:
    """Add a drawing, at the end of its category's file.

    Args:
        category: one of the official 345.
        strokes: simplified, as `sketch.simplified` returns them.
        recognized: bool, whether a network named it rightly (officially: whether the game did).

    Returns:
        str, its key, 16 digits.

    Raises:
        ValueError: no such category, strokes that cannot be drawn, or the file is full.
        RuntimeError: the set is being written by another page.
        OSError: full or read-only disk.
    """
    raster.draw_strokes(strokes)
    check_category(category)
    with _locked():
        _, newest = last() or ("", "0")
        key = f"{max(time.time_ns() // 1000, int(newest) + 1):016}"
        drawing = {
            "word": category,
            "countrycode": "",
            "timestamp": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC",
            "recognized": bool(recognized),
            "key_id": key,
            "drawing": strokes,
        }
        lines = _lines(category)
        if len(lines) >= MOST or sum(map(len, lines)) > MOST_BYTES:
            raise ValueError(f"The own set is full: it holds {len(lines):,} of {category}.")
        _write(category, [*lines, json.dumps(drawing, separators=(",", ":")).encode()])
    return key


def has_any() -> bool:
    """Whether there are drawings; no file is opened."""
    return any(FOLDER.glob("*.ndjson"))


def counts() -> dict[str, int]:
    """{category: number of drawings} of the categories that are there."""
    found = {name: len(_lines(name)) for name in CATEGORIES if _file(name).is_file()}
    return {name: count for name, count in found.items() if count}


def last() -> tuple[str, str] | None:
    """The drawing that was added last: (category, key), or None of an empty set.

    Keys go up with each drawing, also where the clock was set back.
    """
    key, category = max(((_key(_lines(name)[-1]), name) for name in counts()), default=("", ""))
    return (category, key) if key else None


def take_back(category: str, key: str) -> bool:
    """Take the last drawing of a category out again, if it is still the one of that key.

    Returns:
        bool, whether it was.

    Raises:
        RuntimeError, OSError: as `add`.
    """
    with _locked():
        lines = _lines(check_category(category))
        if not lines or _key(lines[-1]) != key:
            return False
        _write(category, lines[:-1])
    return True


def drawings() -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """All drawings as the networks see them: (N, 28, 28) uint8, and (N,) their categories.

    Lines that are none are left out.

    Raises:
        ValueError: a file holds no drawing at all; the sentence names it.
    """
    found = {name: raster.read_ndjson(_file(name)) for name in counts()}
    pixels = np.concatenate([np.empty((0, 784), np.uint8), *found.values()])
    names = [name for name, one in found.items() for _ in range(len(one))]
    return pixels.reshape(-1, 28, 28), np.array(names, dtype=str)


def score(
    answer: Callable[[NDArray[np.uint8]], NDArray[np.floating]],
    names: Sequence[str],
    drawings: NDArray[np.uint8],
    categories: NDArray[np.str_],
) -> tuple[int, int]:
    """How many drawings a network names rightly.

    Args:
        answer: function of a drawing, (28, 28) uint8, that returns (C,) probabilities.
        names: the network's C categories. drawings, categories: as `drawings` returns them.

    Returns:
        (right, known): int, of the drawings whose category the network knows, and their number.
    """
    known = np.flatnonzero(np.isin(categories, names))
    right = sum(names[int(np.argmax(answer(drawings[at])))] == categories[at] for at in known)
    return int(right), len(known)


def _locked() -> AcquireReturnProxy[FileLock]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(FOLDER / ".lock").acquire(timeout=5)
    except Timeout:
        raise RuntimeError("The own set is being written by another page: try again.") from None


def _file(category: str) -> Path:
    return FOLDER / f"{category}.ndjson"


def _lines(category: str) -> list[bytes]:
    """The lines of a category's file, without empty ones; [] where there is none."""
    try:
        return [line for line in _file(category).read_bytes().splitlines() if line.strip()]
    except FileNotFoundError:
        return []


def _write(category: str, lines: list[bytes]) -> None:
    """Write a category's file anew; one without drawings goes, since no source could be opened."""
    if not lines:
        _file(category).unlink(missing_ok=True)
        return
    with replacing(_file(category)) as temporary:
        temporary.write_bytes(b"\n".join(lines) + b"\n")


def _key(line: bytes) -> str:
    """The key of a drawing that was added here; "" of one that somebody put into the file."""
    try:
        found = json.loads(line)
        country, key = found["countrycode"], found["key_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    is_ours = country == "" and isinstance(key, str) and re.fullmatch(r"[0-9]{16}", key)
    return key if is_ours else ""
