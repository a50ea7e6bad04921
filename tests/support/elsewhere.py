"""Networks from elsewhere: made by hand, without training, of the means of practice drawings."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core.data import practice
from doodle_core.settings import Contract
from doodle_core.settings.imported import RANGES

NAMES = ("apple", "moon", "cup")


@functools.cache
def drawn(seed: int, each: int = 40) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Practice drawings of NAMES: ((N, 28, 28) uint8, (N,) labels)."""
    pixels = [practice.draw(name, each, seed).reshape(-1, 28, 28) for name in NAMES]
    return np.concatenate(pixels), np.repeat(np.arange(len(NAMES)), each)


def make(contract: Contract, activation: str | None = "softmax") -> Any:
    """A Keras network that takes drawings as the contract says, and names the nearest mean.

    Of three channels it sees the first two less the third: they must be equal.
    """
    import keras
    from keras import layers

    pixels, labels = drawn(seed=5)
    light = pixels.reshape(len(pixels), -1) / 255
    means = np.stack([light[labels == label].mean(axis=0) for label in range(len(NAMES))])
    low, high = RANGES[contract.pixels]
    sign = 1 if contract.ink == "light" else -1
    start = 0 if contract.ink == "light" else 1
    scale = sign / (high - low)
    drawing = keras.Input(contract.shape, name="picture")
    x = layers.Rescaling(scale, offset=start - low * scale)(drawing)
    if contract.shape[2] == 3:
        weights = np.array([1, 1, -1], np.float32).reshape(1, 1, 3, 1)
        only = layers.Conv2D(1, 1, use_bias=False)
        x = only(x)
        only.set_weights([weights])
    if contract.side != 28:
        x = layers.Resizing(28, 28)(x)
    dense = layers.Dense(len(NAMES), activation=activation)
    model = keras.Model(drawing, dense(layers.Flatten()(x)))
    dense.set_weights([2 * means.T.astype(np.float32), -(means**2).sum(axis=1)])
    return model


def write(file: Path, model: Any) -> Path:
    """The network as a `.keras` or `.tflite` file, by its name."""
    if file.suffix == ".keras":
        model.save(file)
    else:
        from doodle_core.training import portable

        portable.write(file, {"serve": portable.graph(model, ("out",))}, [model])
    return file
