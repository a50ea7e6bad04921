"""Shares and their intervals."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from doodle_core import evaluation


def test_wilson_agrees_with_the_reports_interval():
    low, high = evaluation.wilson(194, 200)  # section 3: 0.936 to 0.986
    assert (round(low, 3), round(high, 3)) == (0.936, 0.986)


def test_wilson_stays_within_0_and_1_and_takes_arrays():
    low, high = evaluation.wilson([0, 5, 0], [5, 5, 0])
    assert low[0] == 0 and high[1] == 1 and (low[2], high[2]) == (0, 1)
    assert high[0] > 0.3 and low[1] < 0.7


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


def test_intervals_of_95_percent_agree_with_scipy():
    for right, n in ((0, 9), (3, 9), (9, 9), (194, 200), (1, 15_750)):
        own = binomtest(right, n).proportion_ci(method="wilson")
        assert evaluation.wilson(right, n) == pytest.approx((own.low, own.high), rel=1e-6)
        share = evaluation.Share.of(right, n)
        assert share.value == right / n
        assert (share.low, share.high) == pytest.approx((own.low, own.high), rel=1e-6)
    low, high = evaluation.wilson(3, 9, z=norm.ppf(0.95))
    own = binomtest(3, 9).proportion_ci(0.9, method="wilson")
    assert (low, high) == pytest.approx((own.low, own.high))


def test_how_shares_and_ps_are_written():
    assert evaluation.percent(0.9455) == "94.5\u00a0%" and evaluation.percent(None) == ""
    assert evaluation.percent(0) == "0.0\u00a0%"
    assert [evaluation.p_value(p) for p in (0.00012, 0.0001, 0.00009, 1.0)] == [
        "0.0001",
        "0.0001",
        "< 0.0001",
        "1.0000",
    ]
    assert evaluation.p_words(0.0123) == "p = 0.0123" and evaluation.p_words(0) == "p < 0.0001"
    assert evaluation.p_words(0.0001) == "p = 0.0001"
    figures = {"knn": 0.5, "knn_low": 0.25, "knn_high": 0.75}
    assert evaluation.interval(figures, "knn") == "50.0\u00a0% (25.0 to 75.0)"
