"""Tests of one classifier against another, power laws, and what choosing adds."""

import numpy as np
import pytest
from scipy.stats import binomtest

from doodle_core import evaluation


@pytest.mark.parametrize("only_a, only_b", [(0, 0), (1, 0), (3, 12), (40, 40), (700, 610)])
def test_mcnemar_agrees_with_the_binomial_test(only_a, only_b):
    right_a = np.repeat([True, True, False, False], [50, only_a, only_b, 9])
    right_b = np.repeat([True, False, True, False], [50, only_a, only_b, 9])
    found = evaluation.mcnemar(right_a, right_b)
    n = only_a + only_b
    expected = binomtest(only_a, n).pvalue if n else 1.0
    assert found.pop("p") == pytest.approx(expected)
    assert found == {"both": 50, "only_a": only_a, "only_b": only_b, "neither": 9}


def test_mcnemar_wants_the_same_drawings():
    with pytest.raises(ValueError, match="same drawings"):
        evaluation.mcnemar([True] * 3, [True] * 4)


def test_the_power_law_finds_the_exponent_it_was_made_with():
    n = np.array([100, 300, 1000, 3000])
    a, b = evaluation.power_law(n, 2 * n**-0.4)
    assert a == pytest.approx(2) and b == pytest.approx(0.4)
    assert evaluation.crossing(a, b, 0.03) == pytest.approx((2 / 0.03) ** 2.5)
    assert evaluation.crossing(1, -0.1, 0.03) == float("inf")
    assert evaluation.crossing(0.5, 1e-3, 0.03) == float("inf")  # more than a float can hold
    with pytest.raises(ValueError, match="two sizes"):
        evaluation.power_law([100, 100], [0.1, 0.2])


def test_choosing_among_equals_by_a_half_flatters():
    """Runs of the same skill: what the choosing half adds is luck, and the other half shows it."""
    rng = np.random.default_rng(0)
    right = rng.random((12, 400)) < 0.9
    chosen, other = evaluation.choose_by_half(right)
    assert chosen.shape == other.shape == (1000,)
    assert chosen.mean() - other.mean() > 0.01
    best = right.mean(axis=1).max()
    assert other.mean() < best < chosen.mean()
    one = evaluation.choose_by_half(right[:1])
    assert one[0].mean() == pytest.approx(one[1].mean(), abs=0.003)  # nothing to choose
    assert np.isfinite(evaluation.choose_by_half(right[:, :2])).all()
