"""Intervals of means and of differences, beside SciPy's and by hand."""

import numpy as np
import pytest
from scipy import stats

from doodle_core import evaluation
from doodle_core.evaluation import Share


def test_macro_recall_counts_each_category_alike():
    labels = np.repeat([0, 1], [1000, 10])
    right = np.repeat([True, False, True, False], [900, 100, 5, 5])
    found = evaluation.macro_recall(labels, right, 3)  # the third has no drawings
    assert found.value == pytest.approx(0.7)
    # nearly all of it is the ten drawings' uncertainty, halved
    low, high = stats.beta(5.5, 5.5).ppf([0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((0.45 + low / 2, 0.45 + high / 2), abs=0.01)
    with pytest.raises(ValueError, match="at least one drawing"):
        evaluation.macro_recall([], [], 3)


def test_a_category_that_is_always_right_is_still_uncertain():
    found = evaluation.macro_recall(np.zeros(47, int), np.ones(47, bool), 1)
    assert found.value == found.high == 1 and 0.9 < found.low < 0.97


def test_shares_of_other_drawings_differ_as_newcombe_has_it():
    """Newcombe (1998), table II, method 10: 56 of 70 less 48 of 80."""
    found = evaluation.apart(Share.of(56, 70), Share.of(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert found.points == "+20.0 points (+5.2 to +33.4)"
    assert evaluation.Difference(-0.0001, -0.0002, 0.0).points == "+0.0 points (+0.0 to +0.0)"


def test_one_seed_each_is_the_paired_t_test():
    rng = np.random.default_rng(0)
    one, other = rng.normal(1, 1, 50), rng.normal(0, 1, 50)
    found, theirs = evaluation.paired([one], [other]), stats.ttest_rel(one, other)
    interval = theirs.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_seeds_without_drawings_of_doubt_are_welchs_t_test():
    """Every drawing alike: what is left is between the seeds."""
    one, other = np.array([0.9, 0.95, 0.94]), np.array([0.8, 0.86, 0.81, 0.85])
    found = evaluation.paired(np.outer(one, np.ones(20)), np.outer(other, np.ones(20)))
    theirs = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_what_settings_explain_adds_up():
    points = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1, 2)]
    found = evaluation.explained(points, [point["a"] + 10 * point["b"] for point in points])
    assert found["a"] == pytest.approx(0.25 * 6 / (0.25 * 6 + 400))
    assert sum(found.values()) == pytest.approx(1) and found["together"] == pytest.approx(0)
    with pytest.raises(ValueError, match="Not every combination"):
        evaluation.explained(points[:5], range(5))
    with pytest.raises(ValueError, match="same figure"):
        evaluation.explained(points, [0.1] * 6)


def test_what_choosing_adds_has_an_interval_that_many_halvings_make_narrow():
    rng = np.random.default_rng(1)
    right = rng.random((12, 400)) < 0.9
    few, many = (
        evaluation.flattery(*evaluation.choose_by_half(right, times)) for times in (100, 4000)
    )
    assert 0 < many.low < many.value < many.high
    assert many.high - many.low < (few.high - few.low) / 4


def test_a_law_of_a_few_runs_has_intervals():
    n = np.array([100, 300, 1000, 3000])
    left, where = evaluation.law_of_runs(n, 2 * n**-0.4, 5000, 0.03)
    assert left.value == pytest.approx(2**-0.4) and left.low < left.value < left.high
    assert where[0] == pytest.approx((2 / 0.03) ** 2.5) and where[1] < where[0] < where[2]
    wide = evaluation.law_of_runs(n, 2 * n**-0.4, 50, 0.03)[0]
    assert wide.high - wide.low > 3 * (left.high - left.low)
    flat = evaluation.law_of_runs([100, 200], [0.1, 0.1], 100, 0.03)[1]
    assert flat[0] == flat[2] == float("inf")


def test_frechet_has_an_error_that_falls_with_the_drawings():
    rng = np.random.default_rng(2)
    few, many = (evaluation.frechet_error(*rng.normal(size=(2, n, 3))) for n in (50, 5000))
    assert 0 < many < few / 3
