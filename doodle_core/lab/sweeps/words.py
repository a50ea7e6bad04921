"""Sweeps and their trials in words."""

from collections.abc import Sequence
from typing import Any

from optuna.storages import BaseStorage

from doodle_core.evaluation import Share
from doodle_core.lab.sweeps.trials import load, names, rows
from doodle_core.settings.sweep import PRESETS, Sweep, words

# --- in words ---------------------------------------------------------------------------------------


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


def said_of(sweep: Sweep, table: Sequence[dict[str, Any]]) -> str:
    """A finished sweep of the report in words: its best value, the report's, and the spread.

    Args:
        sweep, table: as `of_the_report` returns them.
    """

    def told(row: dict[str, Any]) -> str:
        return f"{words(row['values'])}: {top1(row)}"

    ordered = sorted(table, key=lambda row: -row["val_accuracy"])
    best, worst = ordered[0], ordered[-1]
    given = PRESETS[sweep.preset].best
    theirs = next((row for row in table if given and row["values"] == given), None)
    text = f"Best is {told(best)} of {best['n']:,} validation drawings; "
    if theirs and theirs is not best:
        text += f"the report's best, {told(theirs)}; "
    text += f"worst, {told(worst)}. "
    alike = [row for row in table if row["high"] >= best["low"]]
    if len(alike) == len(table):
        return text + "All intervals overlap the best one's: one run each does not tell them apart."
    return text + (
        f"{len(alike)} of {len(table)} overlap the best one's interval; the others are worse."
    )
