"""A classifier that judges drawings: the quick one says what the network says."""

import keras
import numpy as np
import pytest

from doodle_core import runs
from doodle_core.classifier import networks
from doodle_core.classifier.judge import Judge, load_judge
from support.drawings import CATEGORIES

N = 5


@pytest.fixture
def drawings():
    return np.random.default_rng(0).integers(0, 256, (N, 28, 28), dtype=np.uint8)


def test_the_quick_judge_says_the_same(finished_run, drawings):
    path = finished_run("judge", network="compact", test_views=False)
    run = runs.load(path)
    keras.utils.set_random_seed(0)
    networks.build(run.config, 3).save(path / "best.keras")
    order = CATEGORIES[::-1]
    slow, quick = Judge(run, order), load_judge(run, order)
    many = np.concatenate([drawings] * 15)
    for some in (drawings, many):
        assert np.allclose(slow.probabilities(some), quick.probabilities(some), atol=1e-5)
