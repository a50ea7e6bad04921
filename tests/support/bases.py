"""A base that stands in for those of keras.applications, so that the tests are quick."""

from typing import Any

import keras
from keras import layers

from doodle_core.settings import RunConfig, TransferConfig

BASE = "Tiny"  # made here, so that the tests are quick


def tiny(include_top, weights, input_shape=(None, None, 3), input_tensor=None):
    """A base as those of keras.applications, with batch norm, small."""
    x = inputs = keras.Input(input_shape) if input_tensor is None else input_tensor
    for place, n in enumerate((8, 16, 16), 1):
        x = layers.Conv2D(n, 3, strides=2, use_bias=False, name=f"conv{place}")(x)
        x = layers.BatchNormalization(name=f"conv{place}_bn")(x)
        x = layers.Activation("relu", name=f"conv{place}_relu")(x)
    source = keras.utils.get_source_inputs(inputs) if input_tensor is not None else inputs
    return keras.Model(source, x)


def preprocess_input(x):
    """Looked up beside the base, as in keras.applications."""
    return x / 127.5 - 1.0


def config(
    base: str = BASE, weights: str = "random", epochs: int = 2, **settings: Any
) -> RunConfig:
    """A run on that base; its drawings are enlarged to 32 x 32 pixels."""
    names = {"loss", "dropout", "rotation"}
    own = {name: settings.pop(name) for name in names & set(settings)}
    asked = TransferConfig(**{"base": base, "weights": weights, "input_size": 32} | settings)
    return RunConfig("t", network="transfer", epochs=epochs, transfer=asked, **own)
