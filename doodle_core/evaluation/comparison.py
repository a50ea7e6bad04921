"""Networks beside each other: McNemar's test, what choosing adds, learning curves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.shares import Share
from doodle_core.evaluation.uncertainty import Difference, mean_error

LAWS = 400  # fits of a bootstrapped power law


def mcnemar(right_a: ArrayLike, right_b: ArrayLike) -> dict[str, float]:
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
        "p": evenly(only_a, only_b),
    }


def evenly(one: int, other: int) -> float:
    """The exact two-sided p of two counts, were either of the two as likely in each case."""
    from scipy.special import bdtr  # scipy.stats would take 45 MB more

    # the binomial distribution is symmetric at 1/2: twice the smaller tail
    return min(1.0, 2 * float(bdtr(min(one, other), one + other, 0.5)))


def mcnemar_by_category(
    labels: ArrayLike,
    right_a: NDArray[np.bool],
    right_b: NDArray[np.bool],
    categories: Sequence[str],
) -> list[dict[str, Any]]:
    """`mcnemar` for each category's drawings: list of dicts, with `category` and `n`."""
    labels = np.asarray(labels)
    return [
        {"category": name, "n": int(mine.sum()), **mcnemar(right_a[mine], right_b[mine])}
        for place, name in enumerate(categories)
        if (mine := labels == place).any()
    ]


def power_law(n: ArrayLike, errors: ArrayLike) -> tuple[float, float]:
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


def crossing(a: float, b: float, error: float) -> float:
    """The n where a n^-b falls to `error`; infinite where it never does (b not above 0)."""
    with np.errstate(over="ignore"):  # of a law that is nearly flat
        return float(np.exp(np.log(a / error) / b)) if b > 0 else float("inf")


def law_of_runs(
    n: ArrayLike, errors: ArrayLike, drawings: int, error: float, seed: int = 0
) -> tuple[Share, tuple[float, float, float]]:
    """What a power law fitted to a few runs says, and how far that can be believed.

    By a bootstrap of the law's points, each of which was counted on so many test drawings: that is
    what these drawings leave open. What other seeds would have brought is not in it.

    Args:
        n, errors: as of `power_law`. drawings: test drawings of each point. error: looked for.

    Returns:
        (share of the errors that twice the drawings leave, (n, low, high) where the law falls to
        `error`), each with its 95 % interval; infinite where it never does.

    Raises:
        ValueError: as `power_law`.
    """
    n, errors = np.asarray(n, float), np.asarray(errors, float)
    a, b = power_law(n, errors)
    counts = np.random.default_rng(seed).binomial(drawings, errors, (LAWS, len(n)))
    laws = [power_law(n, one) for one in counts.clip(0.5) / drawings]
    left = [2**-slope for _, slope in laws]
    low, high = np.quantile(left, (0.025, 0.975))
    # whole draws, not between two: one of them may be infinite
    ends = np.sort([crossing(*law, error) for law in laws])[[LAWS // 40, -LAWS // 40 - 1]]
    where = (crossing(a, b, error), float(ends[0]), float(ends[1]))
    return Share(2**-b, float(low), float(high)), where


def choose_by_half(
    right: NDArray[np.bool], times: int = 1000, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Choose the best run by one half of the test drawings, and judge it by the other half.

    What choosing by the test part adds to the figure of the chosen one (the report's mistake 6).

    Args:
        right: (R, N) bool, N at least 2. times: int, halvings at random. seed: int.

    Returns:
        (chosen, other), (times,) float: the chosen run's top-1 on the half that chose it, and on
        the other one.
    """
    n = right.shape[1]
    random = np.frombuffer(np.random.default_rng(seed).bytes(times * -(-n // 8)), np.uint8)
    half = np.unpackbits(random.reshape(times, -1), axis=1, count=n)
    half[:, 0], half[:, -1] = 1, 0  # neither half is ever empty
    answers = right.astype(np.float32).T
    size = half.sum(axis=1, dtype=np.float32)
    # in blocks: all halvings as floats at once take 40 MB
    inside = np.concatenate([some @ answers for some in np.array_split(half, -(-times // 50))])
    outside = answers.sum(axis=0) - inside
    best = np.argmax(inside, axis=1)
    rows = np.arange(times)
    return inside[rows, best] / size, outside[rows, best] / (n - size)


def flattery(chosen: NDArray[np.floating], other: NDArray[np.floating]) -> Difference:
    """What choosing adds in the mean over halvings, with its 95 % interval over these.

    Args:
        chosen, other: (times,) float, as of `choose_by_half`.
    """
    gains = np.asarray(chosen, float) - np.asarray(other, float)
    half = 1.96 * mean_error(gains)
    mean = float(gains.mean())
    return Difference(mean, mean - half, mean + half)


def spread(values: NDArray[np.floating]) -> Share:
    """Mean and middle 95 % of accuracies over halvings."""
    low, high = np.quantile(values, (0.025, 0.975))
    return Share(float(np.mean(values)), float(low), float(high))
