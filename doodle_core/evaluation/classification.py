"""Measures of a classifier, on arrays. NumPy only: pages may import it.

What needs more is imported in the functions that need it.
"""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.shares import Share, wilson

if TYPE_CHECKING:
    import pandas as pd


def confusion_matrix(labels: ArrayLike, predicted: ArrayLike, n: int) -> NDArray[np.int64]:
    """(n, n) int64: row the true category, column the predicted one."""
    # in uint16 it would wrap from 256 categories on
    cells = np.asarray(labels, np.int64) * n + np.asarray(predicted)
    return np.bincount(cells, minlength=n * n).reshape(n, n)


def distribution(outputs: ArrayLike) -> NDArray[np.float64]:
    """Outputs as a distribution: (N, C) non-negative, each row divided by its sum.

    Softmax outputs stay as they are; independent sigmoid outputs become comparable.

    Raises:
        ValueError: one is not a finite number: nothing is said of such a drawing.
    """
    found: NDArray[np.float64] = np.asarray(outputs, np.float64).clip(1e-12)
    if not np.isfinite(found).all():
        raise ValueError("The network's answers are not all numbers: it must have diverged.")
    found /= found.sum(axis=1, keepdims=True)
    return found


def metrics(
    labels: ArrayLike,
    probabilities: NDArray[np.floating],
    outputs: NDArray[np.floating] | None = None,
) -> dict[str, float]:
    """The figures of a classifier on a labelled set.

    Args:
        labels: (N,) int, in [0, C).
        probabilities: (N, C) float, rows add up to 1.
        outputs: (N, C) float, the network's own outputs where they are not these probabilities:
            binary accuracy is measured on them.

    Returns:
        dict of floats and ints: `top1` with `top1_low`, `top1_high` (Wilson, 95 %), `top3`,
        `macro_recall` (mean of the categories' recalls), `loss` (cross-entropy, nats),
        `binary_accuracy` (share of the N x C outputs on the right side of 0.5: what the report's
        table 1 printed as accuracy), `chance` (1 / C), `majority` (share of the most frequent
        category), `binary_chance` ((C - 1) / C), and `n`. For `top3` a tie counts against the true
        category: it is among the three likeliest where fewer than three others reach it. A row
        that is not all numbers is wrong.

    Raises:
        ValueError: there are no drawings.
    """
    labels = np.asarray(labels)
    n, classes = probabilities.shape
    if not n:
        raise ValueError("There are no drawings to measure a classifier on.")
    own = probabilities[np.arange(n), labels]
    is_number = ~np.isnan(probabilities).any(axis=1)
    is_right = is_number & (probabilities.argmax(axis=1) == labels)
    below = (probabilities < own[:, None]).sum(axis=1)
    above = (probabilities if outputs is None else outputs) > 0.5
    right_above = above[np.arange(n), labels]
    counts = np.bincount(labels, minlength=classes)
    recalls = np.bincount(labels[is_right], minlength=classes)[counts > 0]
    return {
        "n": n,
        **Share.of(is_right.sum(), n).as_metrics("top1"),
        "top3": float((is_number & (below > classes - 4)).mean()),
        "macro_recall": float((recalls / counts[counts > 0]).mean()),
        "loss": float(-np.log(own.clip(1e-12)).mean()),
        # wrong outputs: every category above 0.5 but the true one, and the true one if not above
        "binary_accuracy": float(1 - (above.sum(axis=1) + 1 - 2 * right_above).mean() / classes),
        "chance": 1 / classes,
        "majority": float(counts.max() / n),
        "binary_chance": (classes - 1) / classes,
    }


def per_category(
    labels: ArrayLike, predicted: ArrayLike, categories: Sequence[str]
) -> list[dict[str, Any]]:
    """One row a category: n, recall with its Wilson interval, precision, F1. A list of dicts."""
    matrix = confusion_matrix(labels, predicted, len(categories))
    right, true, said = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    low, high = wilson(right, true)
    recall = right / true.clip(1)
    precision = right / said.clip(1)
    f1 = 2 * right / (true + said).clip(1)
    names = ("category", "n", "recall", "recall_low", "recall_high", "precision", "f1")
    columns = (categories, true, recall, low, high, precision, f1)
    return [dict(zip(names, row)) for row in zip(*columns)]


def surest(
    labels: ArrayLike, probabilities: NDArray[np.floating], right: bool, n: int = 30
) -> NDArray[np.intp]:
    """The drawings that a network was surest of, right or wrong (figures 6 and 7, section 2.3).

    Returns:
        (at most n,) int: places, by falling top probability.
    """
    predicted = probabilities.argmax(axis=1)
    places = np.flatnonzero((predicted == labels) == right)
    order = np.argsort(-probabilities[places].max(axis=1), kind="stable")
    return places[order[:n]]


def top(
    probabilities: NDArray[np.floating], names: Sequence[str], k: int = 3
) -> list[tuple[str, float]]:
    """The k likeliest categories of one drawing: list of (name, probability)."""
    order = np.argsort(-probabilities, kind="stable")[:k]
    return [(names[place], float(probabilities[place])) for place in order]


def suspects(labels: ArrayLike, probabilities: NDArray[np.floating]) -> "pd.DataFrame":
    """Drawings whose label is probably wrong, by confident learning (Northcutt et al. 2021).

    A category's threshold is the mean probability that its own drawings get. Drawings above
    another category's threshold estimate how many labels of each category are wrong; so many with
    the least sure labels are suspected. The probabilities must come from a network that was not
    trained on these drawings.

    Args:
        labels: (N,) int, in [0, C). probabilities: (N, C) float, rows add up to 1.

    Returns:
        pandas.DataFrame, the worst first: `place` (int, which drawing), `quality` (float in
        [0, 1], the given label's probability) and `suggested` (int, the likeliest category).
    """
    import pandas as pd
    from cleanlab.filter import find_label_issues

    labels = np.asarray(labels).astype(int)
    probabilities = np.asarray(probabilities, float)
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    with warnings.catch_warnings():  # it warns of categories with fewer than 5 drawings
        warnings.simplefilter("ignore", UserWarning)
        places = find_label_issues(
            labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
        ).astype(int)
    return pd.DataFrame(
        {
            "place": places,
            "quality": probabilities[places, labels[places]],
            "suggested": probabilities[places].argmax(axis=1),
        }
    )
