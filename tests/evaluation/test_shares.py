"""Shares and their intervals."""

import numpy as np
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


def test_a_share_is_written_and_read_alike():
    share = evaluation.Share.of(194, 200)
    assert share.text == "97.0\u00a0% (93.6 to 98.6)" and share.bounds == "93.6 to 98.6"
    assert share.fraction == "0.9700 (0.9361 to 0.9862)"
    assert evaluation.Share.read(share.as_metrics("knn"), "knn") == share
    assert evaluation.share("knn", np.arange(200) < 194) == share.as_metrics("knn")
    assert evaluation.interval(share.as_metrics()) == share.text
    assert evaluation.Share.at(0.97, 200) == share
    with pytest.raises(KeyError):
        evaluation.Share.read({"top1": 0.97})
