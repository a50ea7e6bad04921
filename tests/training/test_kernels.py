"""Kernels that are faster than Keras's must do what Keras's do."""

import keras
import numpy as np
import pytest

from doodle_core.classifier import networks
from doodle_core.classifier.fit import compiled
from doodle_core.settings import RunConfig
from doodle_core.training import kernels
from doodle_core.training.precision import begin


def test_fused_adam_steps_as_adam_does():
    begin(RunConfig("x", precision="float32"))
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    y = rng.integers(0, 3, 64)
    weights = []
    for optimizer in (keras.optimizers.Adam, kernels.FusedAdam):
        keras.utils.set_random_seed(1)
        model = networks.build(RunConfig("x"), 3)
        model.compile(optimizer(1e-3), "sparse_categorical_crossentropy")
        before = model.get_weights()
        model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    moved = max(np.abs(a - b).max() for a, b in zip(before, weights[0]))
    apart = max(np.abs(a - b).max() for a, b in zip(*weights))
    assert apart < 0.02 * moved


@pytest.mark.slow
def test_fused_batch_norm_does_what_keras_does():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    config = RunConfig("x", network="compact", precision="float32", learning_rate=1e-3)
    begin(config)
    plain = networks.build(config, 3)
    faster = kernels.fused(plain)
    targets = keras.utils.to_categorical(rng.integers(0, 3, 64), 3)
    before = plain.get_weights()
    for model in (plain, faster):
        compiled(model, config).fit(x, targets, batch_size=64, epochs=2, shuffle=False, verbose=0)
    assert sum(isinstance(layer, kernels.FusedBatchNormalization) for layer in faster.layers) == 8
    outputs = [model.predict(x, verbose=0) for model in (plain, faster)]
    moved = np.abs(outputs[0] - keras_predict(plain, before, x)).max()
    assert np.abs(outputs[0] - outputs[1]).max() < 0.02 * moved


def keras_predict(model, weights, x):
    """What a network with these weights answers."""
    model.set_weights(weights)
    return model.predict(x, verbose=0)
