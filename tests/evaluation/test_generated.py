"""How near generated drawings are to real ones."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from doodle_core import evaluation
from doodle_core.evaluation import generated

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


def test_the_frechet_distance_agrees_with_a_matrix_root():
    one = RNG(0).normal(size=(400, 3)) @ RNG(1).normal(size=(3, 3)) + [1, 2, 3]
    other = RNG(2).normal(size=(300, 3)) @ RNG(3).normal(size=(3, 3))
    a, b = np.cov(one.T), np.cov(other.T)
    root = sqrtm(a @ b).real
    expected = ((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(a + b - 2 * root)
    assert evaluation.frechet(one, other) == pytest.approx(expected)


def test_precision_and_recall_by_hand():
    """Points on a line. The real ones lie at 0, 1, 2, 3, 4: at the ends the third neighbour is 3
    away, else 2, so their balls reach from -3 to 7. Those of the generated, at 6, 8, 9, 10, reach 4,
    2, 3 and 4 at most."""
    real = np.array([[0.0], [1], [2], [3], [4]])
    made = np.array([[6.0], [8], [9], [10]])
    assert evaluation.precision_recall(real, made) == (1 / 4, 3 / 5)
    # to the nearest neighbour alone: the real ones reach from -1 to 5, the generated from 4 to 11
    assert evaluation.precision_recall(real, made, k=1) == (0, 1 / 5)


def test_at_most_so_many_are_compared(monkeypatch):
    monkeypatch.setattr(generated, "COMPARED", 4)
    real = np.array([[0.0], [1], [2], [3], [50]])
    assert evaluation.precision_recall(real, real) == (1, 1)
    assert evaluation.precision_recall(real, np.array([[0.0], [1], [2], [50], [3]])) == (3 / 4, 1)
