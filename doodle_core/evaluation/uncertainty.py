"""How far figures can be believed: intervals of means and of differences, and what explains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.shares import Share

DRAWS = 10_000  # of a bootstrap


@dataclass(frozen=True)
class Difference:
    """A difference with its 95 % interval, in the unit of what is compared."""

    value: float
    low: float
    high: float

    def less(self, other: Self) -> Self:
        """This difference less another, independent one."""
        value = self.value - other.value
        low = np.hypot(self.value - self.low, other.high - other.value)
        high = np.hypot(self.high - self.value, other.value - other.low)
        return type(self)(value, float(value - low), float(value + high))

    @property
    def points(self) -> str:
        """Of shares: '+1.3 points (+0.5 to +2.1)'."""
        return self._text(100, "points")

    @property
    def hundredths(self) -> str:
        """As `points`, a digit finer: '+0.03 points (+0.01 to +0.05)'."""
        return self._text(100, "points", 2)

    @property
    def nats(self) -> str:
        """Of losses: '+30.0 nats (+28.9 to +31.1)'."""
        return self._text(1, "nats")

    def _text(self, scale: int, unit: str, digits: int = 1) -> str:
        value, low, high = (
            f"{round(scale * one, digits) + 0.0:+.{digits}f}"  # never -0.0
            for one in (self.value, self.low, self.high)
        )
        return f"{value} {unit} ({low} to {high})"


# --- intervals ------------------------------------------------------------------------------------


def macro_recall(labels: ArrayLike, right: ArrayLike, classes: int, seed: int = 0) -> Share:
    """The mean of the categories' recalls with its 95 % interval, by a Bayesian bootstrap.

    Each category's recall is drawn from what its drawings say of it, Beta(right + 1/2, wrong + 1/2)
    (Jeffreys' prior): a plain bootstrap gives no width at all to a category that is right each time.

    Args:
        labels: (N,) int, in [0, C). right: (N,) bool, or the share of
            several seeds that were. classes: int, C. seed: of the draws.

    Raises:
        ValueError: there are no drawings.
    """
    labels, right = np.asarray(labels, np.int64), np.asarray(right, float)
    n = np.bincount(labels, minlength=classes)
    if not n.any():
        raise ValueError("A recall needs at least one drawing.")
    k, n = np.bincount(labels, right, minlength=classes)[n > 0], n[n > 0]
    random = np.random.default_rng(seed)
    drawn = random.beta(k + 0.5, n - k + 0.5, (DRAWS, len(n))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    value = float((k / n).mean())
    return Share(value, min(float(low), value), max(float(high), value))


def mean_error(values: NDArray[np.floating]) -> float:
    """The standard error of a mean over (N,) drawings, N at least 2."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


# --- differences ----------------------------------------------------------------------------------


def apart(one: Share, other: Share) -> Difference:
    """How much `one` is above `other`, of different drawings (Newcombe 1998, method 10)."""
    first, second = (Difference(share.value, share.low, share.high) for share in (one, other))
    return first.less(second)


def paired(one: ArrayLike, other: ArrayLike) -> Difference:
    """How much one kind of run is above another in the mean, on the same drawings.

    Two things make such a difference uncertain, and both are in the interval: which drawings it was
    measured on and, where a kind has several seeds, which seeds. Degrees of freedom by Welch and
    Satterthwaite (1946), so that three seeds count for no more than three.

    Args:
        one, other: (S, N) and (T, N), a figure of each drawing and seed: right or wrong, or nats;
            N at least 2.
    """
    from scipy.special import stdtrit  # scipy.stats would take 45 MB more

    one, other = np.asarray(one, float), np.asarray(other, float)
    by_drawing = one.mean(axis=0) - other.mean(axis=0)
    parts = [(mean_error(by_drawing) ** 2, len(by_drawing) - 1)]
    parts += [
        (mean_error(seeds.mean(axis=1)) ** 2, len(seeds) - 1)
        for seeds in (one, other)
        if len(seeds) > 1
    ]
    variance = sum(one for one, _ in parts)
    value = float(by_drawing.mean())
    if not variance:
        return Difference(value, value, value)
    freedom = variance**2 / sum(one**2 / df for one, df in parts)
    half = float(stdtrit(freedom, 0.975) * np.sqrt(variance))
    return Difference(value, value - half, value + half)


# --- what explains it -----------------------------------------------------------------------------


def explained(points: Sequence[Mapping[str, Any]], figures: ArrayLike) -> dict[str, float]:
    """What each setting of a full grid explains of the variance of a figure (Fisher 1925).

    Sums of squares: of each setting's means; "together", what combinations add to these; "seeds",
    what differs between seeds of one combination. Without seeds "together" holds chance, too.

    Args:
        points: the values of each trial's settings; "seed" among them is no setting, but repeats
            the others. figures: (N,) float, a trial's figure each.

    Returns:
        {setting, "together" or "seeds": share of the variance}, adding up to 1.

    Raises:
        ValueError: not every combination was tried equally often, or all figures are alike.
    """
    figures = np.asarray(figures, float)
    names = [name for name in points[0] if name != "seed"] if points else []
    cells: dict[tuple[Any, ...], list[float]] = {}
    for point, figure in zip(points, figures, strict=True):
        cells.setdefault(tuple(point[name] for name in names), []).append(float(figure))
    values = [{cell[place] for cell in cells} for place in range(len(names))]
    is_full = len(cells) == np.prod([len(one) for one in values])
    if not names or not is_full or len({len(one) for one in cells.values()}) > 1:
        raise ValueError("Not every combination was tried to its end equally often.")
    mean, total = figures.mean(), ((figures - figures.mean()) ** 2).sum()
    if not total > 1e-18 * max(1.0, float(mean) ** 2) * len(figures):
        raise ValueError("All trials came to the same figure: no setting counts.")
    repeats = len(figures) // len(cells)
    between = repeats * sum((np.mean(one) - mean) ** 2 for one in cells.values())
    found = {}
    for place, name in enumerate(names):
        groups: dict[Any, list[float]] = {}
        for cell, mine in cells.items():
            groups.setdefault(cell[place], []).extend(mine)
        squares = sum(len(one) * (np.mean(one) - mean) ** 2 for one in groups.values())
        found[name] = float(squares / total)
    if len(names) > 1:
        found["together"] = float(between / total) - sum(found.values())
    if repeats > 1:
        found["seeds"] = float(1 - between / total)
    return {name: max(share, 0.0) for name, share in found.items()}
