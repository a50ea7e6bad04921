"""Arrays of a run's folder as its readers want them, and what they say where these are not such."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core import arrays

Array = NDArray[Any]
MOST = 4_000_000_000  # bytes of one array: a disk may hold terabytes of nothing in no space
PIECE = 1 << 22  # numbers looked at together: what is said of a large array needs no second one


def array_of(path: Path, name: str) -> Array:
    """The array of a `.npy`, memory-mapped.

    Raises:
        ValueError: it is missing, damaged, or larger than any of ours.
    """
    try:
        found = arrays.read_npy(path / name)
    except (OSError, ValueError) as error:
        raise _unreadable(path, name, error) from None
    if found.nbytes > MOST:
        raise damaged(path, name, f"it is larger than {MOST:,} bytes")
    return found


def arrays_of(
    path: Path, name: str, wanted: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, Array]:
    """Arrays of a `.npz`, numbers only.

    Raises:
        ValueError: it is missing or damaged, or lacks a wanted one.
    """
    try:
        found = arrays.read_npz(path / name, (*wanted, *optional))
    except (OSError, ValueError) as error:
        raise _unreadable(path, name, error) from None
    for key in wanted:
        if key not in found:
            raise damaged(path, name, f"it lacks {key}")
    if any(array.dtype.kind not in "iuf" for array in found.values()):
        raise damaged(path, name, "it holds other than numbers")
    return found


def is_finite(array: Array) -> bool:
    """Whether an array, of numbers and of any shape, holds only such as a float32 can."""
    flat = array.ravel("K")
    with np.errstate(over="ignore"):
        return all(
            np.isfinite(flat[at : at + PIECE].astype(np.float32)).all()
            for at in range(0, flat.size, PIECE)
        )


def _unreadable(path: Path, name: str, error: Exception) -> ValueError:
    why = f" ({error.strerror})" if isinstance(error, OSError) else ""
    return ValueError(f"{name} of {path.name} is missing or damaged{why}.")


def write_arrays(
    path: Path, name: str, stored: dict[str, Array], wrong: str, is_compressed: bool = True
) -> None:
    """Write a `.npz`. `wrong`: what does not fit in it, as the end of a sentence, or "".

    Raises:
        ValueError: something does not fit.
    """
    if wrong:
        raise ValueError(f"{name} is not written: {wrong}.")
    arrays.write_npz(path / name, stored, is_compressed)


def damaged(path: Path, name: str, why: str | Exception) -> ValueError:
    """What a reader raises. `why`: the end of the sentence, or what was raised with it."""
    reason = why.strerror if isinstance(why, OSError) else why
    return ValueError(f"{name} of {path.name} is damaged: {reason}.")
