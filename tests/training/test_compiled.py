"""Networks as compiled graphs say what Keras's networks say."""

import keras
import numpy as np
import pytest

from doodle_core.training.compiled import Compiled


@pytest.mark.parametrize("n", [1, 5, 70])
@pytest.mark.parametrize("several", [False, True])
def test_it_says_what_the_network_says(n, several):
    given = keras.Input((4,)), keras.Input((2,))
    both = keras.layers.Concatenate()(given)
    outputs = [keras.layers.Dense(3)(both), keras.layers.Dense(2)(both)]
    model = keras.Model(given, outputs if several else outputs[0])
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(n, 4)).astype(np.float32), rng.normal(size=(n, 2)).astype(np.float32)]
    ours, theirs = Compiled(model).predict(x), model.predict(x, verbose=0)
    for one, other in zip(ours, theirs) if several else [(ours, theirs)]:
        assert one.shape == other.shape and np.allclose(one, other, atol=1e-6)
