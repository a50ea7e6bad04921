"""The report's base network in NumPy: `best.keras` read and run without Keras."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core.arrays import open_archive, unpacked
from doodle_core.files import open_file

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""(kernel, bias): (3, 3, in, out) of a convolution or (in, out) of a dense layer, and (out,)."""
NAMES = ("conv2d", "conv2d_1", "conv2d_2", "dense", "dense_1", "dense_2")
MOST = 100_000_000  # bytes of the weights; with 345 categories they are 2 million


def weights(path: Path | str, classes: int) -> list[Layer]:
    """The layers of a base network's `best.keras`, without Keras.

    Args:
        path: the run's folder. classes: int, the number of its categories.

    Returns:
        list of six (kernel, bias): three convolutions (3, 3, in, out), three dense (in, out).

    Raises:
        ValueError: the file is missing, damaged, or another network's.
    """
    import h5py

    try:
        with open_file(Path(path) / "best.keras") as stream, open_archive(stream) as archive:
            member = archive.getinfo("model.weights.h5")
            if member.file_size > MOST:
                raise ValueError("its weights are too many")
            content = io.BytesIO(unpacked(archive, member))
        with h5py.File(content) as file:
            variables = [file[f"layers/{name}/vars"] for name in NAMES]
            if sum(one[part].nbytes for one in variables for part in "01") > MOST:
                raise ValueError("its weights are too many")
            found = [
                (np.asarray(one["0"], np.float32), np.asarray(one["1"], np.float32))
                for one in variables
            ]
    except Exception as error:  # a damaged file raises whatever its reader meets
        why = " ".join(str(error).split())
        raise ValueError(f"best.keras of {Path(path).name} is damaged ({why}).") from None
    shapes = [kernel.shape for kernel, _ in found]
    is_base = [len(shape) for shape in shapes] == [4, 4, 4, 2, 2, 2]
    if not is_base or shapes[3][0] != 9 * shapes[2][3] or shapes[5][1] != classes:
        raise ValueError(f"best.keras of {Path(path).name} is not the report's base network.")
    return found


def answers(
    layers: list[Layer], drawings: NDArray[np.uint8]
) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """The base network at work: convolve, add the bias, cut below 0, pool; then the dense layers.

    Args:
        layers: as of `weights`. drawings: (N, 28, 28) uint8.

    Returns:
        (probabilities, maps): (N, C) float, and the three convolutions' (N, side, side, out) float.
    """
    x = drawings[..., None].astype(np.float32) / 127.5 - 1
    maps = []
    for kernel, bias in layers[:3]:
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        x = np.maximum(np.einsum("nijckl,klco->nijo", windows, kernel, optimize=True) + bias, 0)
        maps.append(x)
        side = x.shape[1] // 2
        x = x[:, : 2 * side, : 2 * side].reshape(len(x), side, 2, side, 2, -1).max(axis=(2, 4))
    x = x.reshape(len(x), -1)
    for kernel, bias in layers[3:]:
        logits = x @ kernel + bias
        x = np.maximum(logits, 0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True), maps
