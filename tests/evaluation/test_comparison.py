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


def test_mcnemar_of_each_category_counts_its_own_drawings():
    labels = np.array([0] * 5 + [2] * 9)  # none of the second category
    right_a = np.array([1, 1, 1, 0, 1] + [0] * 8 + [1], bool)
    right_b = np.array([1, 0, 0, 1, 1] + [1] * 8 + [0], bool)
    first, last = evaluation.mcnemar_by_category(labels, right_a, right_b, ("apple", "moon", "cup"))
    assert first.pop("p") == pytest.approx(binomtest(2, 3).pvalue)
    assert first == {
        "category": "apple",
        "n": 5,
        **{"both": 2, "only_a": 2, "only_b": 1, "neither": 0},
    }
    assert last.pop("p") == pytest.approx(binomtest(1, 9).pvalue)
    assert last == {
        "category": "cup",
        "n": 9,
        **{"both": 0, "only_a": 1, "only_b": 8, "neither": 0},
    }


@pytest.mark.parametrize(
    ("n", "errors"), [((100, 100), (0.2, 0.1)), ((100, 200), (0.2, 0.0)), ((0, 200), (0.2, 0.1))]
)
def test_a_power_law_needs_two_sizes_and_errors(n, errors):
    with pytest.raises(ValueError, match="two sizes or more, and errors above 0"):
        evaluation.power_law(n, errors)


def test_a_law_that_does_not_fall_never_gets_there():
    assert evaluation.crossing(2.0, 0.0, 0.5) == float("inf")
    assert evaluation.crossing(2.0, 1.0, 0.5) == pytest.approx(4)


def test_a_half_that_chooses_and_one_that_judges_by_hand():
    """Of two drawings the first one chooses and the last one judges; of three, the middle one too
    stands on one side: what is right on both sides together is what is right in all."""
    right = np.array([[False, True], [True, False]])
    chosen, other = evaluation.choose_by_half(right, times=7)
    assert chosen.tolist() == [1] * 7 and other.tolist() == [0] * 7
    right = np.array([[True, False, True, True, False]])
    chosen, other = evaluation.choose_by_half(right, times=400, seed=1)
    pairs = {(round(float(a), 3), round(float(b), 3)) for a, b in zip(chosen, other, strict=True)}
    possible = {
        (round(a / s, 3), round((3 - a) / (5 - s), 3))
        for s in (1, 2, 3, 4)
        for a in range(1, s + 1)
    }
    assert pairs <= possible and len(pairs) >= 5
    again = evaluation.choose_by_half(right, times=400, seed=1)
    assert np.array_equal(again[0], chosen) and len(chosen) == 400
    assert not np.array_equal(evaluation.choose_by_half(right, times=400)[0], chosen)


def test_the_spread_of_halvings_is_their_mean_and_middle_95_percent():
    found = evaluation.spread(np.append(np.linspace(0, 1, 201), 10.0))
    # 202 values: the 2.5 % lie at place 0.025 x 201 of the sorted ones, which are steps of 0.005
    mean = (100.5 + 10) / 202
    assert (found.value, found.low, found.high) == pytest.approx((mean, 5.025 / 200, 195.975 / 200))
