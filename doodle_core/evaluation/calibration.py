"""How far a network's probabilities can be believed (Guo et al. 2017)."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.shares import wilson


def reliability(
    labels: ArrayLike, probabilities: NDArray[np.floating], bins: int = 15
) -> list[dict[str, Any]]:
    """How often a network is right when it is so sure: the reliability diagram (Guo et al. 2017).

    Drawings are put into `bins` equally wide bins by their top probability.

    Args:
        labels: (N,) int, in [0, C). probabilities: (N, C) float, rows add up to 1.

    Returns:
        list of dicts, one for each bin that is not empty: `low`, `high` (its edges), `n`,
        `confidence` (mean top probability), `accuracy` with `accuracy_low`, `accuracy_high`
        (Wilson, 95 %). All in [0, 1] but n.
    """
    sure = probabilities.max(axis=1).astype(float)
    right = probabilities.argmax(axis=1) == np.asarray(labels)
    place = (np.ceil(sure * bins).astype(int) - 1).clip(0, bins - 1)  # bins are (low, high]
    n = np.bincount(place, minlength=bins)
    total_sure = np.bincount(place, sure, minlength=bins)
    total_right = np.bincount(place, right, minlength=bins)
    low, high = wilson(total_right, n)
    return [
        {
            "low": at / bins,
            "high": (at + 1) / bins,
            "n": int(n[at]),
            "confidence": float(total_sure[at] / n[at]),
            "accuracy": float(total_right[at] / n[at]),
            "accuracy_low": float(low[at]),
            "accuracy_high": float(high[at]),
        }
        for at in np.flatnonzero(n)
    ]


def ece(labels: ArrayLike, probabilities: NDArray[np.floating], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, equation 3): mean |accuracy - confidence|.

    Args as `reliability`. Returns a float in [0, 1]; bins count by their drawings.

    Raises:
        ValueError: there are no drawings.
    """
    if not len(probabilities):
        raise ValueError("There are no drawings to measure calibration on.")
    rows = reliability(labels, probabilities, bins)
    gaps = [row["n"] * abs(row["accuracy"] - row["confidence"]) for row in rows]
    return float(sum(gaps) / len(probabilities))


def scale(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Softmax of the logits divided by `temperature` (Guo et al. 2017, section 4.2).

    The logits are needed up to a constant a row only, and the logarithms are that. The order of
    the categories stays, so no answer changes; above 1 the network becomes less sure.

    Args:
        probabilities: (..., C) float, rows add up to 1. temperature: float above 0.

    Returns:
        (..., C) float64, rows add up to 1.

    Raises:
        ValueError: the temperature is not a positive number.
    """
    if not 0 < temperature < np.inf:
        raise ValueError(f"The temperature must be a positive number; received {temperature}.")
    logits = np.log(np.asarray(probabilities, float).clip(1e-30)) / temperature
    scaled: NDArray[np.float64] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scaled /= scaled.sum(axis=-1, keepdims=True)
    return scaled


def fit_temperature(labels: ArrayLike, probabilities: NDArray[np.floating]) -> float:
    """The temperature that makes the cross-entropy least: fit it on the validation part.

    Args:
        labels: (N,) int, in [0, C). probabilities: (N, C) float, rows add up to 1.

    Returns:
        float in [0.05, 20].
    """
    from scipy.optimize import minimize_scalar

    column = np.asarray(labels)[:, None]

    def loss(log_temperature: float) -> float:
        own = np.take_along_axis(scale(probabilities, np.exp(log_temperature)), column, axis=1)
        return float(-np.log(own.clip(1e-300)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded").x))
