"""What the exported pages of several families have in common."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from doodle_core import data, evaluation, plots, runs
from doodle_core.evaluation import percent
from doodle_core.files import explain
from doodle_core.lab.export.page import pair, plot, section, sentence
from doodle_core.plots import latent as latent_plots
from doodle_core.runs import Run, practice_note

SHOWN = 24  # surest errors, reconstructions, samples


def settings(run: Run) -> dict[str, Any]:
    """A run's settings for another reader, who has other folders."""
    found = runs.flat_settings(run.config)
    for name in ("source", "test_source"):
        found[name] = data.source_label(found[name]) if found[name] else ""
    if found.get("weights"):
        found["weights"] = Path(found["weights"]).name
    return found


def curves(run: Run) -> list[str]:
    """The curves that its family draws: validation and training over the epochs."""
    history = runs.history(run.path)
    if history.empty:
        return [sentence("No epoch has ended yet.", "said")]
    best = {run.name: kept_epoch(run, history)}
    figures = [
        plots.curves({run.name: history}, name, best=best, note=practice_note(run))
        for name in run.family.curves
    ]
    return [section("Curves"), pair(*map(plot, figures))]


def kept_epoch(run: Run, history: pd.DataFrame) -> float | None:
    """The epoch whose weights were kept, or None."""
    return runs.best_epoch(history, run.family.keeps_last(run.config)).get("epoch")


def cloud(run: Run, means: ArrayLike, labels: NDArray[np.integer], what: str) -> str:
    """The widest three directions of points, as a figure; "" where there are too few."""
    means = np.asarray(means, float)
    if len(means) < 3 or not np.isfinite(means).all():
        return ""
    names, found = run.config.data.categories, evaluation.principal(means)
    if means.shape[1] == 2:
        places, axes = means, ["latent 1", "latent 2"]
        caption = f"{what}, the two dimensions as they are."
    else:
        places = found.project(means, 3)
        if places.shape[1] < 3:
            places = np.pad(places, ((0, 0), (0, 3 - places.shape[1])))
        shares = [*found.shares[:3], 0, 0][:3]
        axes = [f"PC {at} ({percent(share)})" for at, share in enumerate(shares, 1)]
        caption = f"{what}, along their three widest principal directions. Drag to turn."
    if len(means) > 3000:
        caption += f" 3,000 of {len(means):,} are shown."
    return plot(latent_plots.cloud(places, labels, names, axes, practice_note(run)), caption)


def drawings_of(run: Run) -> tuple[NDArray[np.uint8] | None, str]:
    """(the test drawings or None, a sentence on why they are not here)."""
    try:
        labels, rows = runs.test_part(run.path, len(run.config.data.categories))
        then = run.metrics.get("test_pixels")
        return data.scored_pixels(run.config.data, labels, rows, then), ""
    except (OSError, ValueError) as error:
        return None, f"The drawings themselves are not in this file: {explain(error)}"
