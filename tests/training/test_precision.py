"""A training begins with its own seed and precision."""

import keras
import numpy as np
import pytest

from doodle_core.settings import RunConfig
from doodle_core.training.precision import begin, best_precision


def test_equal_seeds_begin_alike():
    drawn = []
    for seed in (3, 3, 4):
        begin(RunConfig("x", seed=seed))
        drawn.append((float(keras.random.normal(())), np.random.random()))
    assert drawn[0] == drawn[1] and drawn[0] != drawn[2]


@pytest.mark.parametrize("asked", ["auto", "float32", "mixed_bfloat16"])
def test_the_precision_is_the_one_asked_for_or_the_machines_best(asked):
    found = begin(RunConfig("x", precision=asked))
    assert found == keras.config.dtype_policy().name
    assert found == (best_precision() if asked == "auto" else asked)
