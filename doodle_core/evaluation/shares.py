"""Shares of drawings with their intervals, and how figures are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

Figures = Mapping[str, Any]
"""Figures by their names, as of a `metrics.json`: numbers, None where there is none, some texts."""


@overload
def wilson(right: float, total: float, z: float = ...) -> tuple[float, float]: ...
@overload
def wilson(
    right: NDArray[Any] | Sequence[float], total: NDArray[Any] | Sequence[float], z: float = ...
) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
def wilson(right: Any, total: Any, z: float = 1.959964) -> tuple[Any, Any]:
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


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval, Wilson's where nothing else is said; all in [0, 1]."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, right: float, n: int) -> Self:
        """The share of `right` among `n`.

        Raises:
            ValueError: there are none to be right about.
        """
        if not n > 0:
            raise ValueError("A share needs at least one drawing.")
        low, high = wilson(right, n)
        return cls(float(right) / n, float(low), float(high))

    @classmethod
    def at(cls, value: float, n: int) -> Self:
        """As `of`, where the share is known and not the count.

        Of a binary accuracy `n` is the number of drawings, not of outputs: the C outputs of one
        drawing go wrong together. So its interval is wider than it need be, never narrower.
        """
        return replace(cls.of(value * n, n), value=value)

    @classmethod
    def read(cls, figures: Figures, name: str = "top1") -> Self:
        """The share that `as_metrics` wrote.

        Raises:
            KeyError: it, or a bound, is not there.
        """
        return cls(figures[name], figures[f"{name}_low"], figures[f"{name}_high"])

    def as_metrics(self, name: str = "top1") -> dict[str, float]:
        """As figures of a `metrics.json`: `name`, `name_low`, `name_high`."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}

    @property
    def bounds(self) -> str:
        """'93.9 to 95.1', in percent."""
        return f"{self.low * 100:.1f} to {self.high * 100:.1f}"

    @property
    def text(self) -> str:
        """'94.5 % (93.9 to 95.1)'."""
        return f"{percent(self.value)} ({self.bounds})"

    @property
    def fraction(self) -> str:
        """'0.9450 (0.9390 to 0.9510)', as the command line has it."""
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"


def share(name: str, right: NDArray[np.bool]) -> dict[str, float]:
    """A share of right answers under `name`, with its Wilson bounds. right: (N,) bool."""
    return Share.of(right.sum(), len(right)).as_metrics(name)


def percent(value: float | None) -> str:
    """0.9455 -> '94.5 %'; '' for None."""
    return "" if value is None else f"{value:.1%}".replace("%", "\u00a0%")


def interval(figures: Figures, name: str = "top1") -> str:
    """A share among figures, with its interval: '94.5 % (93.9 to 95.1)'."""
    return Share.read(figures, name).text


def p_value(p: float) -> str:
    """A test's p as a table has it: '0.0123', '< 0.0001'."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def p_words(p: float) -> str:
    """A test's p in a sentence: 'p = 0.0123', 'p < 0.0001'."""
    return f"p {p_value(p)}" if p < 0.0001 else f"p = {p_value(p)}"
