"""Measures of a classifier, on arrays. NumPy only: pages may import it.

What needs more is imported in the functions that need it.
"""

import warnings

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
    cells = np.asarray(labels, np.int64) * n + predicted  # in uint16 it would wrap from 256 on
    return np.bincount(cells, minlength=n * n).reshape(n, n)


def distribution(outputs):
    """Outputs as a distribution: (N, C) non-negative, each row divided by its sum.

    Softmax outputs stay as they are; independent sigmoid outputs become comparable.
    """
    outputs = np.asarray(outputs, np.float64).clip(1e-12)
    return outputs / outputs.sum(axis=1, keepdims=True)


def metrics(labels, probabilities, outputs=None):
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
        category), `binary_chance` ((C - 1) / C), and `n`.
    """
    labels = np.asarray(labels)
    n, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    low, high = wilson(right, n)
    own = probabilities[np.arange(n), labels]
    above = (probabilities if outputs is None else outputs) > 0.5
    right_above = above[np.arange(n), labels]
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
        "binary_accuracy": float(1 - (above.sum(axis=1) + 1 - 2 * right_above).mean() / classes),
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


# --- calibration ---------------------------------------------------------------------------------


def reliability(labels, probabilities, bins=15):
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


def ece(labels, probabilities, bins=15):
    """Expected calibration error (Guo et al. 2017, equation 3): mean |accuracy - confidence|.

    Args as `reliability`. Returns a float in [0, 1]; bins count by their drawings.
    """
    rows = reliability(labels, probabilities, bins)
    gaps = [row["n"] * abs(row["accuracy"] - row["confidence"]) for row in rows]
    return float(sum(gaps) / len(probabilities))


def scale(probabilities, temperature):
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
    scaled = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)


def fit_temperature(labels, probabilities):
    """The temperature that makes the cross-entropy least: fit it on the validation part.

    Args:
        labels: (N,) int, in [0, C). probabilities: (N, C) float, rows add up to 1.

    Returns:
        float in [0.05, 20].
    """
    from scipy.optimize import minimize_scalar

    labels = np.asarray(labels)[:, None]

    def loss(log_temperature):
        own = np.take_along_axis(scale(probabilities, np.exp(log_temperature)), labels, axis=1)
        return -np.log(own.clip(1e-300)).mean()

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded").x))


# --- two networks, and doubtful labels -----------------------------------------------------------


def mcnemar(right_a, right_b):
    """McNemar's test (1947), exact: do two networks err equally often on the same drawings?

    Only the drawings that one of them names right and the other wrong count. Were both equally
    good, either would be the right one in half of these.

    Args:
        right_a, right_b: (N,) bool, whether each network named each drawing right.

    Returns:
        dict: `both`, `only_a`, `only_b`, `neither` (counts) and `p` (two-sided, in [0, 1]).

    Raises:
        ValueError: they are not of the same length.
    """
    from scipy.special import bdtr

    right_a, right_b = np.asarray(right_a, bool), np.asarray(right_b, bool)
    if right_a.shape != right_b.shape:
        raise ValueError(
            f"Got {len(right_a)} and {len(right_b)} answers; expected the same drawings."
        )
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    return {
        "both": int((right_a & right_b).sum()),
        "only_a": only_a,
        "only_b": only_b,
        "neither": int((~right_a & ~right_b).sum()),
        # the binomial distribution is symmetric at 1/2: twice the smaller tail
        "p": min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5))),
    }


def mcnemar_by_category(labels, right_a, right_b, categories):
    """`mcnemar` for each category's drawings: list of dicts, with `category` and `n`."""
    labels = np.asarray(labels)
    return [
        {"category": name, "n": int(mine.sum()), **mcnemar(right_a[mine], right_b[mine])}
        for place, name in enumerate(categories)
        if (mine := labels == place).any()
    ]


def suspects(labels, probabilities):
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


def power_law(n, errors):
    """Fit error = a n^-b, a straight line on log axes (Hestness et al. 2017).

    Args:
        n: (K,) drawings trained on. errors: (K,) shares of wrong answers; K at least 2 different n.

    Returns:
        (a, b) floats; b is how fast errors fall: twice the drawings leave 2^-b of them.

    Raises:
        ValueError: fewer than two different sizes, or an error of 0.
    """
    n, errors = np.asarray(n, float), np.asarray(errors, float)
    if len(np.unique(n)) < 2 or errors.min() <= 0 or n.min() <= 0:
        raise ValueError("A power law needs two sizes or more, and errors above 0.")
    slope, intercept = np.polyfit(np.log(n), np.log(errors), 1)
    return float(np.exp(intercept)), float(-slope)


def crossing(a, b, error):
    """The n where a n^-b falls to `error`; infinite where it never does (b not above 0)."""
    with np.errstate(over="ignore"):  # of a law that is nearly flat
        return float(np.exp(np.log(a / error) / b)) if b > 0 else float("inf")
