"""Epochs: what is drawn at random in one depends on nothing but the seed and its number."""

import keras
import numpy as np
import pytest

from doodle_core.settings import DataConfig, RunConfig
from doodle_core.training.epochs import fit_epochs

TWO = DataConfig("practice", ("moon", "cup"))


class Losses(keras.callbacks.Callback):
    """The training loss after each epoch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def on_epoch_end(self, epoch, logs=None):
        self.found.append(logs["loss"])


def losses(seed, first, epochs, layer, elsewhere=0):
    """Training losses of epochs (from `first`) of a network that learns nothing and only draws.

    The layer is there twice, once inside another network. `elsewhere` seeds what another process
    would have drawn before.
    """
    keras.utils.set_random_seed(elsewhere)
    drawing = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(drawing))
    x = keras.Sequential([keras.Input((784,)), layer()])(layer()(x))
    right = keras.ops.mean(x * keras.ops.arange(784.0) / 784, 1)
    answer = keras.ops.softmax(keras.ops.stack([right * 40, keras.ops.zeros_like(right)], 1))
    model = keras.Model(drawing, answer)
    model.compile("sgd", "categorical_crossentropy", steps_per_execution=4)
    x = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    y = np.arange(64, dtype=np.int32) % 2
    config = RunConfig("x", TWO, epochs=epochs, batch_size=16, seed=seed)
    told = Losses()
    fit_epochs(model, config, (x, y), (x[:8], y[:8]), [told], first)
    return told.found


@pytest.mark.parametrize(
    "layer",
    [lambda: keras.layers.Dropout(0.5), lambda: keras.layers.GaussianNoise(0.5)],
    ids=["dropout", "noise"],
)
def test_a_resumed_run_draws_what_it_would_have_drawn(layer):
    whole = losses(3, 0, 4, layer)
    assert len(set(whole)) == 4  # each epoch draws anew
    assert losses(3, 2, 4, layer, elsewhere=9) == whole[2:]
    assert losses(4, 0, 1, layer) != whole[:1]


def test_layers_draw_apart():
    """Two dropouts with the same masks would be one."""
    drawing = keras.Input((28, 28, 1), dtype="uint8")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(drawing))
    a, b = keras.layers.Dropout(0.5)(x), keras.layers.Dropout(0.5)(x)
    both = keras.ops.mean(keras.ops.cast((a > 0) & (b > 0), "float32"), 1)  # 1/4, the same: 1/2
    model = keras.Model(drawing, keras.ops.stack([both, 1 - both], 1))
    model.compile("sgd", "mse")
    x = np.full((64, 28, 28, 1), 255, np.uint8)
    told = Losses()
    zeros = np.zeros(64, np.int32)  # target (1, 0): squared error (1 - both) ** 2
    config = RunConfig("x", TWO, epochs=1, batch_size=64)
    fit_epochs(model, config, (x, zeros), (x[:8], zeros[:8]), [told])
    assert told.found[0] == pytest.approx(0.75**2, abs=0.02)
