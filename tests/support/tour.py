"""Findings of the tour on runs made for it, and runs changed for it."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from doodle_core import evaluation, runs
from doodle_core.files import MODELS, read_json, write_json
from doodle_core.lab import tour
from doodle_core.runs import latents, shipping
from support.runs import write_scored

STOPS = {stop.key: stop for stop in tour.STOPS}


def ship(*own: str) -> None:
    """Let all runs that are here now, but these, have come with the program."""
    paths = [run.path for run in runs.all_runs() if run.name not in own and run.config]
    MODELS.mkdir(parents=True, exist_ok=True)
    shipping.write_list(paths)


def found(key: str, own: Collection[str] = ()) -> tour.Finding:
    """A stop's finding where all runs that are here, but `own`, came with the program."""
    ship(*own)
    return STOPS[key].find(runs.all_runs())


def limit(path: Path) -> None:
    """Let a run have learned from fewer drawings."""
    config = read_json(path / "config.json")
    config["data"]["train_limit"] = 50
    write_json(path / "config.json", config)


def verdict(key: str) -> str:
    """A stop's verdict as of `found`, which has a reason to be read."""
    finding = found(key)
    assert STOPS[key].why[finding.verdict].endswith(".")
    return finding.verdict


def change(path: Path, **figures: Any) -> None:
    """Other figures in a run's `metrics.json`."""
    write_json(path / "metrics.json", read_json(path / "metrics.json") | figures)


def rescore(path: Path, *counts: Sequence[int], **figures: Any) -> None:
    """A test part of so many drawings a category, and so many of these named as each category.

    Args:
        counts: the confusion matrix, a row a category.
    """
    classes = len(counts)
    labels = np.repeat(np.arange(classes), [sum(row) for row in counts])
    said = np.concatenate([np.repeat(np.arange(classes), row) for row in counts])
    probabilities = evaluation.distribution(np.eye(classes)[said] + 0.01)
    write_scored(path, labels, np.arange(len(labels)), probabilities, np.zeros((len(labels), 8)))
    change(path, **evaluation.metrics(labels, probabilities), **figures)


def recalls(right: Sequence[int], n: Sequence[int]) -> list[list[int]]:
    """The confusion matrix of so many right answers of so many; the wrong ones name the next."""
    matrix = np.diag(right)
    for place, wrong in enumerate(np.subtract(n, right)):
        matrix[place, (place + 1) % len(n)] += wrong
    return matrix.tolist()


def categorise(path: Path, *names: str) -> None:
    """Other categories in a run's settings."""
    config = read_json(path / "config.json")
    config["data"]["categories"] = list(names)
    write_json(path / "config.json", config)


def validate(path: Path, right: np.ndarray) -> None:
    """A validation part of which a run names these drawings rightly: (N,) bool."""
    said = np.where(right, 0, 1)
    np.save(path / "val_labels.npy", np.zeros(len(right), np.uint16))
    np.save(path / "val_probabilities.npy", np.eye(3, dtype=np.float32)[said])


def write_history(path: Path, rows: Sequence[tuple[int, float, float, float]], n: int) -> None:
    """A base's epochs, (stage, top-1 in training, in validation, validation loss), of n drawings."""
    (path / "history.csv").unlink()
    for epoch, (stage, seen, unseen, loss) in enumerate(rows):
        row = {"accuracy": seen, "val_accuracy": unseen, "loss": 1.0, "val_loss": loss}
        runs.append_epoch(path, epoch, row | {"learning_rate": 0.001, "stage": stage})
    validate(path, np.ones(n, bool))


def latent(path: Path, **parts: np.ndarray) -> None:
    """Other parts of a VAE's test points."""
    run = runs.load(path)
    classes = len(run.config.data.categories)
    points = latents.points(path, "test", classes, run.config.latent)
    for name, one in parts.items():
        setattr(points, name, one)
    latents.write_points(path, "test", points, classes)
