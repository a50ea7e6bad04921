"""Shares of drawings with their intervals, and how figures are written."""

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


def share(name, right):
    """A share of right answers under `name`, with its Wilson bounds. right: (N,) bool."""
    low, high = wilson(right.sum(), len(right))
    return {name: float(right.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def percent(value):
    """0.9455 -> '94.5 %'; '' for None."""
    return "" if value is None else f"{value:.1%}".replace("%", "\u00a0%")


def interval(figures, name="top1"):
    """An accuracy with its Wilson interval: '94.5 % (93.9 to 95.1)'."""
    low, high = figures[f"{name}_low"] * 100, figures[f"{name}_high"] * 100
    return f"{percent(figures[name])} ({low:.1f} to {high:.1f})"


def p_value(p):
    """A test's p as a table has it: '0.0123', '< 0.0001'."""
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def p_words(p):
    """A test's p in a sentence: 'p = 0.0123', 'p < 0.0001'."""
    return f"p {p_value(p)}" if p < 0.0001 else f"p = {p_value(p)}"


def with_intervals(figures, n):
    """Figures with Wilson's 95 % bounds beside each accuracy.

    The C outputs of one drawing go wrong together, so the bounds of binary accuracy count drawings,
    not outputs: they are wider than they need be, never narrower.

    Args:
        figures: dict that may hold "top1" and "binary_accuracy", shares. n: int, drawings.

    Returns:
        the dict with `top1_low`, `top1_high`, `binary_accuracy_low`, `binary_accuracy_high` added.
    """
    found = dict(figures)
    for name in ("top1", "binary_accuracy"):
        if found.get(name) is not None:
            low, high = wilson(found[name] * n, n)
            found |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return found
