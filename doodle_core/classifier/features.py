"""A frozen base's features of each drawing, computed once and kept on disk."""

import functools
import hashlib
import os
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from doodle_core import data
from doodle_core.arrays import read_npy, write_npy
from doodle_core.classifier import transfer
from doodle_core.files import DATA
from doodle_core.settings import RunConfig
from doodle_core.training.batches import TRANSFER_BATCH

FEATURES = DATA / "features"
KEPT = 4 * 2**30  # bytes of features kept; the ones unused for longest go first


# --- the base's features, once -------------------------------------------------------------------


def can_cache(config: RunConfig, model: keras.Model) -> bool:
    """Whether the frozen base gives a drawing the same features in every epoch."""
    base: Any = config.transfer  # not None: the network is "transfer"
    batch_norm = any(
        isinstance(layer, layers.BatchNormalization) for layer in transfer.base_layers(model)
    )
    return not config.augments and not (base.batch_norm == "batch" and batch_norm)


def head_of(model: keras.Model) -> keras.Model:
    """What stands on the features, as a network of its own that shares its weights with `model`.

    Returns:
        keras.Model, (batch, D) features -> (batch, classes) probabilities.
    """
    names = [layer.name for layer in model.layers]
    features = model.get_layer("embedding").output
    x = inputs = keras.Input(features.shape[1:], dtype="float32", name="features")
    for name in transfer.OURS[transfer.OURS.index("embedding") + 1 :]:
        x = model.get_layer(name)(x) if name in names else x
    return keras.Model(inputs, x, name="head")


@functools.lru_cache(maxsize=1)
def extractor(model: keras.Model) -> keras.Model:
    """The network up to its pooled features; one for all parts, as its graph takes seconds to make."""
    return keras.Model(model.inputs, model.get_layer("embedding").output)


def features(
    model: keras.Model, x: NDArray[np.uint8], report: Callable[[float, str], None] | None = None
) -> NDArray[np.float32]:
    """The base's pooled features of drawings: from disk where they have been computed before.

    The file's name is a digest of all that they depend on: the layers from the drawing to the
    pooling with their settings (size, preprocessing, precision), their weights, the drawings.

    Args:
        model: as `build` makes it. x: (N, 28, 28, 1) uint8.
        report: called with (share done, sentence), or None; it may raise to end this.

    Returns:
        (N, D) float32, memory-mapped.
    """
    extract = extractor(model)
    file = FEATURES / f"{_key(extract, x)}.npy"
    try:
        found = read_npy(file)
        if found.shape == (len(x), extract.output.shape[1]) and found.dtype == np.float32:
            os.utime(file)  # used just now
            return found
    except (OSError, ValueError):
        pass  # not there, or damaged: computed (again)
    out = np.empty((len(x), extract.output.shape[1]), np.float32)
    step = 8 * TRANSFER_BATCH
    for at in range(0, len(x), step):
        if report:
            report(at / len(x), "The base looks at each drawing once")
        out[at : at + step] = extract.predict(
            x[at : at + step], batch_size=TRANSFER_BATCH, verbose=0
        )
    if not np.isfinite(out).all():
        raise ValueError("The base's features are not all numbers: its weights do not fit it.")
    FEATURES.mkdir(parents=True, exist_ok=True)
    make_room(out.nbytes)
    write_npy(file, out)
    return out


def _key(extract: keras.Model, x: NDArray[np.uint8]) -> str:
    """A digest of what features depend on."""
    digest = hashlib.sha256(data.fingerprint(x).encode())
    digest.update(keras.__version__.encode())
    for layer in extract.layers:
        policy = layer.dtype_policy.name
        settings = {**layer.get_config(), "name": "", "trainable": "", "dtype": policy}
        digest.update(f"{type(layer).__name__} {settings}".encode())
        for weight in layer.get_weights():
            numbers: Any = np.ascontiguousarray(
                weight
            )  # a buffer: types know it from Python 3.12 on
            digest.update(numbers)
    return digest.hexdigest()[:32]


def make_room(size: int, kept: int | None = None) -> None:
    """Delete the features unused for longest until `size` more bytes stay below `kept` (KEPT)."""
    files = sorted(FEATURES.glob("*.npy"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files:
        size += file.stat().st_size
        if size > (KEPT if kept is None else kept):
            file.unlink(missing_ok=True)
