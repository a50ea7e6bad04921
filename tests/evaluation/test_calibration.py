"""Calibration: against scikit-learn, by hand, and a temperature that is found again."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from doodle_core import evaluation


def test_the_reliability_diagram_agrees_with_scikit_learn(scored):
    labels, probabilities = scored
    rows = evaluation.reliability(labels, probabilities, bins=10)
    right = probabilities.argmax(1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(1), n_bins=10)
    assert np.allclose([row["accuracy"] for row in rows], accuracy)
    assert np.allclose([row["confidence"] for row in rows], confidence)
    assert sum(row["n"] for row in rows) == 400
    assert all(row["low"] < row["confidence"] <= row["high"] for row in rows)
    assert all(row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] for row in rows)


def test_the_calibration_error_by_hand():
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    labels = np.array([0, 1, 1, 1])  # 0.9 sure and half right; 0.6 sure and all right
    assert evaluation.ece(labels, probabilities) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)
    certain = np.eye(2)[[0, 1]]
    assert evaluation.ece([0, 1], certain) == 0 and evaluation.ece([1, 0], certain) == 1


def test_scaling_is_a_softmax_with_a_temperature(scored):
    _, probabilities = scored
    logits = np.log(probabilities) + 3
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    assert np.allclose(evaluation.scale(probabilities, 2), expected)
    assert np.allclose(evaluation.scale(probabilities, 1), probabilities)
    assert np.isfinite(evaluation.scale(np.array([[1.0, 0.0]], np.float32), 0.05)).all()
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="temperature must be a positive"):
            evaluation.scale(probabilities, wrong)


def test_the_fitted_temperature_is_found_again_and_is_the_best():
    rng = np.random.default_rng(2)
    logits = 2 * rng.normal(size=(20_000, 4))
    honest = evaluation.scale(np.exp(logits), 1)
    labels = (honest.cumsum(1) > rng.random((20_000, 1))).argmax(1)
    too_sure = evaluation.scale(honest, 1 / 2.5)
    found = evaluation.fit_temperature(labels, too_sure)
    assert found == pytest.approx(2.5, rel=0.05)

    def loss(temperature):
        return log_loss(labels, evaluation.scale(too_sure, temperature))

    assert loss(found) < min(loss(found * 0.9), loss(found * 1.1), loss(1))
    before, after = (evaluation.ece(labels, evaluation.scale(too_sure, t)) for t in (1, found))
    assert after < 0.02 < before


def test_the_reliability_diagrams_bins_and_their_intervals_by_hand():
    """Six drawings in bins of a quarter; an edge belongs to the bin below it."""
    sure = np.array([0.5, 0.6, 0.7, 0.75, 0.9, 1.0])
    labels = np.array([0, 0, 1, 0, 0, 1])
    rows = evaluation.reliability(labels, np.stack([sure, 1 - sure], axis=1), bins=4)
    assert [(row["low"], row["high"], row["n"]) for row in rows] == [
        (0.25, 0.5, 1),
        (0.5, 0.75, 3),
        (0.75, 1.0, 2),
    ]
    assert [row["confidence"] for row in rows] == pytest.approx([0.5, 2.05 / 3, 0.95])
    assert [row["accuracy"] for row in rows] == pytest.approx([1, 2 / 3, 0.5])
    for row, (right, n) in zip(rows, ((1, 1), (2, 3), (1, 2)), strict=True):
        own = binomtest(right, n).proportion_ci(method="wilson")
        assert (row["accuracy_low"], row["accuracy_high"]) == pytest.approx((own.low, own.high))
    gaps = (0.5, 3 * (2.05 / 3 - 2 / 3), 2 * 0.45)
    assert evaluation.ece(labels, np.stack([sure, 1 - sure], axis=1), bins=4) == pytest.approx(
        sum(gaps) / 6
    )


def test_there_are_fifteen_bins_where_nothing_else_is_said():
    """At 0.5 and 0.52 a network is in two bins of fifteen, in one of ten, of one edge less."""
    sure = np.array([0.53, 0.54])
    probabilities = np.stack([sure, 1 - sure], axis=1)
    rows = evaluation.reliability([0, 1], probabilities)
    assert [(row["low"], row["high"]) for row in rows] == [(7 / 15, 8 / 15), (8 / 15, 9 / 15)]
    assert evaluation.ece([0, 1], probabilities) == pytest.approx((0.47 + 0.54) / 2)


@pytest.mark.parametrize(("labels", "found"), [((0, 0, 0, 0), 0.05), ((1, 1, 1, 0), 20)])
def test_the_temperature_is_sought_from_a_twentieth_to_twenty(labels, found):
    """A network that is always right should be surer than any; one mostly wrong should not be."""
    probabilities = np.tile([0.6, 0.4], (4, 1))
    assert evaluation.fit_temperature(labels, probabilities) == pytest.approx(found, rel=1e-3)


def test_a_network_that_is_hardly_sure_of_anything_is_in_the_first_bin():
    (row,) = evaluation.reliability([0, 1], np.full((2, 345), 1 / 345))
    assert (row["low"], row["n"], row["accuracy"]) == (0, 2, 0.5)
