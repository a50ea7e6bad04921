"""Findings of the tour on the runs that are there, and runs changed for it."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from doodle_core import runs
from doodle_core.files import read_json, write_json
from doodle_core.lab import tour


def found(key: str) -> tour.Finding:
    """A stop's finding on the runs that are there."""
    return next(stop for stop in tour.STOPS if stop.key == key).test(runs.all_runs())


def change(path: Path, **figures: Any) -> None:
    """Other figures in a run's `metrics.json`."""
    write_json(path / "metrics.json", read_json(path / "metrics.json") | figures)


def write_weights(path: Path, seed: int = 0, filters: tuple[int, int, int] = (4, 5, 6)) -> None:
    """A best.keras as far as the tour reads it: the layers of a small base network."""
    import h5py

    rng, content = np.random.default_rng(seed), io.BytesIO()
    a, b, c = filters
    shapes = {"conv2d": (3, 3, 1, a), "conv2d_1": (3, 3, a, b), "conv2d_2": (3, 3, b, c)}
    shapes |= {"dense": (9 * c, 8), "dense_1": (8, 8), "dense_2": (8, 3)}
    with h5py.File(content, "w") as file:
        for name, shape in shapes.items():
            file[f"layers/{name}/vars/0"] = rng.normal(0, 0.3, shape).astype(np.float32)
            file[f"layers/{name}/vars/1"] = rng.normal(0, 0.1, shape[-1]).astype(np.float32)
    with zipfile.ZipFile(path / "best.keras", "w") as archive:
        archive.writestr("model.weights.h5", content.getvalue())
