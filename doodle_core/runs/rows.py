"""A run as one flat row."""

from typing import Any

from doodle_core.evaluation.measures import MEASURES
from doodle_core.runs.run import Run
from doodle_core.runs.tables import best_epoch, history
from doodle_core.settings import RunConfig, VaeConfig
from doodle_core.settings.imported import IMPORTED

EPOCHS_TOO = ("top1", "loss", "reconstruction", "kl", "iwae")
"""Measures whose name alone could be taken for that of an epoch: of the test part, it says."""

ASKED_OF_IMPORTED = (
    *("network", "source", "categories", "per_category", "shares", "test_source"),
    "split_seed",
)
"""Settings of an imported network's run: what it is scored on."""


def summary(run: Run) -> dict[str, Any]:
    """One flat row about a run, for tables and the export of all runs' numbers."""
    row: dict[str, Any] = {"run": run.name, "state": run.state}
    if run.config is None:
        return row
    frame = history(run.path)
    best = best_epoch(frame, run.family.keeps_last(run.config))
    row |= {
        "data": run.data_label,
        "practice data": run.is_practice,
        "epochs trained": len(frame),
        "best epoch": best.get("epoch"),
    }
    row |= {MEASURES[key].name: best.get(key) for key in ("val_accuracy", "val_loss")}
    for key in run.family.columns:
        name = "test " * (key in EPOCHS_TOO) + MEASURES[key].name
        row[name] = MEASURES[key].value(run.metrics)
        if key == "top1":
            row |= {"low": run.metrics.get("top1_low"), "high": run.metrics.get("top1_high")}
    return row | flat_settings(run.config) | {"tags": ", ".join(run.notes.get("tags", []))}


def flat_settings(config: RunConfig | VaeConfig) -> dict[str, Any]:
    """A configuration as one flat dict, for tables: the data's settings without a prefix."""
    flat: dict[str, Any] = config.to_dict()
    flat |= {key: value for key, value in flat.pop("data").items() if key != "seed"}
    flat |= flat.pop("transfer", None) or {}
    flat["split_seed"] = config.data.seed
    flat.pop("name")
    flat["epochs asked"] = flat.pop("epochs")
    flat["categories"] = ", ".join(config.data.categories)
    flat["shares"] = " / ".join(f"{share:g}" for share in config.data.shares)
    if getattr(config, "network", "") == IMPORTED:  # how it was trained is not known
        return {name: flat[name] for name in ASKED_OF_IMPORTED}
    return flat
