"""Measures of a classifier, on arrays. NumPy only: pages may import it."""

import numpy as np


def wilson(right, total, z=1.959964):
    """Wilson's score interval of a proportion (Wilson 1927; the report's section 3 has one too).

    Args:
        right: int or array, successes.
        total: int or array, trials.
        z: float, normal quantile; the default gives 95 %.

    Returns:
        (low, high), in [0, 1]; (0, 1) where there were no trials.
    """
    right, total = np.asarray(right, float), np.asarray(total, float)
    n = np.where(total > 0, total, 1)
    share = right / n
    centre = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return (
        np.where(total > 0, low.clip(0, 1), 0.0)[()],
        np.where(total > 0, high.clip(0, 1), 1.0)[()],
    )


def confusion_matrix(labels, predicted, n):
    """(n, n) int64: row the true category, column the predicted one."""
    return np.bincount(np.asarray(labels) * n + predicted, minlength=n * n).reshape(n, n)


def metrics(labels, probabilities):
    """The figures of a classifier on a labelled set.

    Args:
        labels: (N,) int, in [0, C).
        probabilities: (N, C) float, rows add up to 1.

    Returns:
        dict of floats and ints: `top1` with `top1_low`, `top1_high` (Wilson, 95 %), `top3`,
        `macro_recall` (mean of the categories' recalls), `loss` (cross-entropy, nats),
        `binary_accuracy` (share of the N x C outputs on the right side of 0.5: what the report's
        table 1 printed as accuracy), `chance` (1 / C), `majority` (share of the most frequent
        category), `binary_chance` ((C - 1) / C), and `n`.
    """
    labels = np.asarray(labels)
    n, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    low, high = wilson(right, n)
    own = probabilities[np.arange(n), labels]
    above = (probabilities > 0.5).sum(axis=1)
    counts = np.bincount(labels, minlength=classes)
    recalls = np.bincount(labels[predicted == labels], minlength=classes)[counts > 0]
    return {
        "n": n,
        "top1": right / n,
        "top1_low": float(low),
        "top1_high": float(high),
        "top3": float(((probabilities > own[:, None]).sum(axis=1) < 3).mean()),
        "macro_recall": float((recalls / counts[counts > 0]).mean()),
        "loss": float(-np.log(own.clip(1e-12)).mean()),
        # wrong outputs: every category above 0.5 but the true one, and the true one if not above
        "binary_accuracy": float(1 - (above + np.where(own > 0.5, -1, 1)).mean() / classes),
        "chance": 1 / classes,
        "majority": float(counts.max() / n),
        "binary_chance": (classes - 1) / classes,
    }


def per_category(labels, predicted, categories):
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


def surest(labels, probabilities, right, n=30):
    """The drawings that a network was surest of, right or wrong (figures 6 and 7, section 2.3).

    Returns:
        (at most n,) int: places, by falling top probability.
    """
    predicted = probabilities.argmax(axis=1)
    places = np.flatnonzero((predicted == labels) == right)
    order = np.argsort(-probabilities[places].max(axis=1), kind="stable")
    return places[order[:n]]


def top(probabilities, names, k=3):
    """The k likeliest categories of one drawing: list of (name, probability)."""
    order = np.argsort(-probabilities, kind="stable")[:k]
    return [(names[place], float(probabilities[place])) for place in order]
