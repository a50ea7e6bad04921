"""How near generated drawings are to real ones."""

import numpy as np
import pytest

from doodle_core import evaluation

RNG = np.random.default_rng


def test_the_frechet_distance_of_known_normals():
    """Means d apart and equal covariances: d squared; covariances 1 and 4 in E dimensions: E."""
    a = RNG(0).normal(size=(20_000, 3))
    assert evaluation.frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert evaluation.frechet(a, a + [3, 0, 4]) == pytest.approx(25, abs=1e-3)
    assert evaluation.frechet(a, 2 * (a - a.mean(axis=0))) == pytest.approx(3, rel=0.05)
    dead = np.concatenate([a, np.zeros((len(a), 2))], axis=1)  # units that never answer
    assert evaluation.frechet(dead, dead) == pytest.approx(0, abs=1e-6)


def test_precision_falls_with_bad_samples_and_recall_with_missing_ones():
    real = RNG(0).normal(size=(600, 2))
    same = evaluation.precision_recall(real, RNG(1).normal(size=(600, 2)))
    half = evaluation.precision_recall(real, np.abs(RNG(1).normal(size=(600, 2))))
    junk = evaluation.precision_recall(real, RNG(1).normal(size=(600, 2)) + 50)
    assert min(same) > 0.85 and half[0] > 0.85 and half[1] < 0.6 and junk == (0.0, 0.0)


def test_too_few_drawings_give_no_distance():
    a = RNG(0).normal(size=(20, 10))
    assert evaluation.frechet(a[:11], a) >= 0
    with pytest.raises(ValueError, match="more than 10 drawings.*there are 10"):
        evaluation.frechet(a[:10], a)
    with pytest.raises(ValueError, match="more than 3 drawings"):
        evaluation.precision_recall(a[:3], a)
