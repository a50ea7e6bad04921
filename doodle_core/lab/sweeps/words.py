"""Sweeps and their trials in words."""

from collections.abc import Sequence
from typing import Any

from optuna.storages import BaseStorage

from doodle_core.evaluation import Share
from doodle_core.lab.sweeps.figures import over_seeds
from doodle_core.lab.sweeps.trials import load, names, rows
from doodle_core.settings.sweep import PRESETS, Sweep, words


def of_the_report(storage: BaseStorage) -> list[tuple[Sweep, list[dict[str, Any]]]]:
    """The newest sweep of each of the report's that was tried to its end, in PRESETS' order.

    Returns:
        list of (Sweep, rows).
    """
    found: dict[str, tuple[Sweep, list[dict[str, Any]]]] = {}
    for name in names(storage):
        study, sweep = load(storage, name)
        if sweep.preset in PRESETS and sweep.preset not in found:
            table = rows(study, sweep)
            if all(row["state"] in ("done", "pruned") and row["low"] for row in table):
                found[sweep.preset] = sweep, table
    return [found[preset] for preset in PRESETS if preset in found]


def top1(row: dict[str, Any]) -> str:
    """A row's validation top-1 with its Wilson interval, or ''."""
    if row["low"] is None:
        return ""
    return Share(row["val_accuracy"], row["low"], row["high"]).text


def seeds_of(row: dict[str, Any]) -> str:
    """A row of `over_seeds`: '' of one seed, else ', the mean of 3 seeds from 93.9 to 95.2 %'."""
    if row["seeds"] < 2:
        return ""
    least, most = row["ranges"]["val_accuracy"]
    return f", the mean of {row['seeds']} seeds from {100 * least:.1f} to {100 * most:.1f} %"


def said_of(sweep: Sweep, table: Sequence[dict[str, Any]]) -> str:
    """A finished sweep of the report in words: its best value, the report's, and the spread.

    It says of how many seeds, and of one seed nothing that would hold in general.

    Args:
        sweep, table: as `of_the_report` returns them.
    """

    def told(row: dict[str, Any]) -> str:
        return f"{words(row['values'])}: {top1(row)}{seeds_of(row)}"

    merged = over_seeds(table)
    ordered = sorted(merged, key=lambda row: -row["val_accuracy"])
    best, worst = ordered[0], ordered[-1]
    given = PRESETS[sweep.preset].best
    theirs = next((row for row in merged if given and row["values"] == given), None)
    text = f"Best is {told(best)}, of {best['n']:,} validation drawings; "
    if theirs and theirs is not best:
        text += f"the report's best, {told(theirs)}; "
    text += f"worst, {told(worst)}. "
    alike = sum(row["high"] >= best["low"] for row in merged)
    text += (
        "All intervals overlap the best one's. "
        if alike == len(merged)
        else f"{alike} of {len(merged)} intervals overlap the best one's, itself among them. "
    )
    fewest = min(row["seeds"] for row in merged)
    if fewest == 1:
        return text + "One seed of each: that tells these networks apart, not the settings."
    return text + f"{fewest} seeds of each{' at least' * any(r['seeds'] > fewest for r in merged)}."
