"""Shares and their intervals."""

import pytest

from doodle_core import evaluation


def test_wilson_agrees_with_the_reports_interval():
    low, high = evaluation.wilson(194, 200)  # section 3: 0.936 to 0.986
    assert (round(low, 3), round(high, 3)) == (0.936, 0.986)


def test_wilson_stays_within_0_and_1_and_takes_arrays():
    low, high = evaluation.wilson([0, 5, 0], [5, 5, 0])
    assert low[0] == 0 and high[1] == 1 and (low[2], high[2]) == (0, 1)
    assert high[0] > 0.3 and low[1] < 0.7


def test_intervals_of_binary_accuracy_count_drawings():
    found = evaluation.with_intervals({"top1": 0.9, "binary_accuracy": 0.9}, 100)
    assert found["top1_low"] == found["binary_accuracy_low"] == pytest.approx(0.8256, abs=1e-3)
    assert "top1_low" not in evaluation.with_intervals({"binary_accuracy": 0.9}, 100)
