"""What a finished classifier wrote about its test part."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doodle_core.runs.tables import read_table


@dataclass
class Results:
    """What a finished run wrote about its test part.

    Attributes:
        labels: (N,) uint16. rows: (N,) int32, each drawing's row in its category's file.
        probabilities: (N, C) float32. embeddings: (N, D) float16, memory-mapped, or None where
            the run came without them.
    """

    labels: np.ndarray
    rows: np.ndarray
    probabilities: np.ndarray
    embeddings: np.ndarray | None


def results(path, classes):
    """The test arrays of a finished run. `classes`: int, the number of its categories.

    Raises:
        ValueError: one is missing, damaged, or does not fit the others.
    """
    path = Path(path)
    labels, rows = test_part(path, classes)
    has_embeddings = (path / "test_embeddings.npy").exists()
    found = Results(
        labels,
        rows,
        _array(path, "probabilities"),
        _array(path, "embeddings") if has_embeddings else None,
    )
    if not _fit_each_other(found, classes):
        raise ValueError(f"The test arrays of {path.name} are damaged: they do not fit each other.")
    return found


def test_part(path, classes):
    """Which drawings a run was scored on: (labels, rows), as in `Results`.

    Raises:
        ValueError: one is missing, damaged, or does not fit the other.
    """
    labels, rows = _array(path, "labels"), _array(path, "rows")
    fits = (
        isinstance(labels, np.ndarray)
        and isinstance(rows, np.ndarray)
        and labels.ndim == 1
        and rows.shape == labels.shape
        and len(labels) > 0
        and labels.dtype.kind in "iu"
        and rows.dtype.kind in "iu"
        and 0 <= int(labels.min()) <= int(labels.max()) < classes
        and int(rows.min()) >= 0
    )
    if not fits:
        name = Path(path).name
        raise ValueError(f"The test arrays of {name} are damaged: they do not fit each other.")
    return labels, rows


def _array(path, name):
    file = Path(path) / f"test_{name}.npy"
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(
            f"{file.name} of {Path(path).name} is missing or damaged ({error})."
        ) from None


def _fit_each_other(found, classes):
    """Whether shapes, kinds and ranges are those that `Results` promises."""
    arrays = [found.probabilities]
    arrays += [] if found.embeddings is None else [found.embeddings]
    if not all(isinstance(array, np.ndarray) for array in arrays):
        return False
    n = len(found.labels)
    return (
        found.probabilities.shape == (n, classes)
        and all(array.shape[:1] == (n,) for array in arrays)
        and found.probabilities.dtype.kind == "f"
        and bool(np.isfinite(found.probabilities).all())
    )


def suspects(path, n, classes):
    """`suspects.csv`, the drawings whose label is probably wrong; None where there is no such file.

    Args:
        path: the run's folder. n: int, its test drawings. classes: int, its categories.

    Returns:
        DataFrame as of `evaluation.suspects`, without the rows that do not fit the run.
    """
    import pandas as pd

    path = Path(path)
    if not (path / "suspects.csv").exists():
        return None
    frame = read_table(path / "suspects.csv").reindex(columns=["place", "quality", "suggested"])
    frame = frame.apply(pd.to_numeric, errors="coerce").dropna()
    fits = frame["place"].between(0, n - 1) & frame["suggested"].between(0, classes - 1)
    frame = frame[fits & frame["quality"].between(0, 1)]
    return frame.astype({"place": int, "suggested": int}).reset_index(drop=True)
