"""Drawings on their way to the browser, and clicks on their way back."""

import base64
import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pixels(drawings: ArrayLike) -> NDArray[np.uint8]:
    """Drawings as (N, 784) uint8, in one piece.

    Args:
        drawings: (N, 28, 28) or (N, 784) uint8; of no drawings the shape does not matter.

    Raises:
        ValueError: another shape or dtype.
    """
    array = np.asarray(drawings)
    if array.size == 0:
        return np.empty((0, 784), np.uint8)
    if array.dtype != np.uint8 or array.shape[1:] not in ((784,), (28, 28)):
        raise ValueError(
            f"Got drawings of shape {array.shape} and {array.dtype}; expected "
            "(N, 28, 28) or (N, 784) of uint8."
        )
    return np.ascontiguousarray(array.reshape(len(array), 784))


def encoded(array: ArrayLike) -> str:
    """An array's bytes in base64, as `unpack` of web/shared/pixels.js reads them."""
    return base64.b64encode(np.asarray(array).tobytes()).decode()


def stamp(array: ArrayLike) -> int:
    """A number for what is shown: another one, as good as surely, for other contents."""
    return zlib.crc32(np.asarray(array).tobytes())


def clicked(event: object, expected: int, count: int) -> int | None:
    """The index in a click's event, if it is one on what is shown now.

    Args:
        event: what the browser sent, {"index": int, "stamp": int} if it is one of ours.
        expected: stamp of what is shown now; a click on something else counts for nothing.
        count: how many things are shown.
    """
    if not isinstance(event, dict) or event.get("stamp") != expected:
        return None
    index = event.get("index")
    return index if isinstance(index, int) and 0 <= index < count else None
