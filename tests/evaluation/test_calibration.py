"""Calibration: against scikit-learn, by hand, and a temperature that is found again."""

import numpy as np
import pytest
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
