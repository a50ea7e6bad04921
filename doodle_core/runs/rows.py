"""A run as one flat row."""

from typing import Any

from doodle_core.runs.run import Run
from doodle_core.runs.tables import best_epoch, history


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
        "val accuracy": best.get("val_accuracy"),
        "val loss": best.get("val_loss"),
    }
    row |= {label: run.metrics.get(key) for key, label in run.family.columns.items()}
    return row | flat_settings(run.config) | {"tags": ", ".join(run.notes.get("tags", []))}


def flat_settings(config: Any) -> dict[str, Any]:
    """A configuration as one flat dict, for tables: the data's settings without a prefix."""
    flat: dict[str, Any] = config.to_dict()
    flat |= {key: value for key, value in flat.pop("data").items() if key != "seed"}
    flat |= flat.pop("transfer", None) or {}
    flat["split_seed"] = config.data.seed
    flat.pop("name")
    flat["epochs asked"] = flat.pop("epochs")
    flat["categories"] = ", ".join(config.data.categories)
    flat["shares"] = " / ".join(f"{share:g}" for share in config.data.shares)
    return flat
