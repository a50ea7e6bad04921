"""What a finished classifier wrote about its test part; and about its validation part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation
from doodle_core.arrays import write_npy
from doodle_core.files import replacing
from doodle_core.runs.checked import Array, array_of, damaged, is_finite
from doodle_core.runs.tables import read_table

if TYPE_CHECKING:
    import pandas as pd  # where it is needed: it takes long to import


@dataclass
class Results:
    """What a finished run wrote about its test part.

    Attributes:
        labels: (N,) uint16. rows: (N,) int32, each drawing's row in its category's file.
        probabilities: (N, C) float32. embeddings: (N, D) float16, memory-mapped, or None where
            the run came without them.
    """

    labels: Array
    rows: Array
    probabilities: Array
    embeddings: Array | None


# --- the test part -------------------------------------------------------------------------------


def write_test_part(path: Path, labels: Array, rows: Array, classes: int) -> None:
    """Write which drawings a run is to be scored on.

    Args:
        path: the run's folder. labels: (N,) uint16. rows: (N,) int32. classes: int, categories.
    """
    if not _is_part(labels, rows, classes):
        raise ValueError("The test part is not written: its labels and rows do not fit each other.")
    write_npy(path / "test_labels.npy", labels)
    write_npy(path / "test_rows.npy", rows)


def test_part(path: Path | str, classes: int) -> tuple[Array, Array]:
    """Which drawings a run was scored on: (labels, rows), as in `Results`.

    Raises:
        ValueError: one is missing, damaged, or does not fit the other.
    """
    path = Path(path)
    labels, rows = array_of(path, "test_labels.npy"), array_of(path, "test_rows.npy")
    if not _is_part(labels, rows, classes):
        raise _unfit(path, "test")
    return labels, rows


def _is_part(labels: Array, rows: Array, classes: int) -> bool:
    """Whether labels and rows are whole numbers, as many, and in range."""
    return (
        _are_labels(labels, classes)
        and rows.shape == labels.shape
        and rows.dtype.kind in "iu"
        and int(rows.min()) >= 0
    )


def _are_labels(labels: Array, classes: int) -> bool:
    return (
        labels.ndim == 1
        and len(labels) > 0
        and labels.dtype.kind in "iu"
        and 0 <= int(labels.min()) <= int(labels.max()) < classes
    )


# --- what a network said of it -------------------------------------------------------------------


def write_results(
    path: Path,
    probabilities: Array,
    embeddings: Array | None,
    validation: tuple[Array, Array] | None,
) -> None:
    """Write what a network says of its test part, which is there, and of the validation part.

    Args:
        path: the run's folder.
        probabilities: (N, C) float.
        embeddings: (N, D) float, kept in half precision; None where they could not be had.
        validation: ((M,) int labels, (M, C) float probabilities); None where there is no such part.

    Raises:
        ValueError: an array does not fit the others, or holds what is no number.
    """
    classes = probabilities.shape[1]
    labels, rows = test_part(path, classes)
    halved = None if embeddings is None else embeddings.astype(np.float16)
    found = Results(labels, rows, probabilities.astype(np.float32), halved)
    is_fit = _fit_each_other(found, classes)
    if validation:
        val_labels, val_probabilities = validation
        val_labels = val_labels.astype(np.uint16)
        val_probabilities = val_probabilities.astype(np.float32)
        is_fit &= _is_said(val_probabilities, val_labels, classes)
    if not is_fit:
        raise ValueError("What the network says is not written: it is not all numbers.")
    if validation:
        write_npy(path / "val_labels.npy", val_labels)
        write_npy(path / "val_probabilities.npy", val_probabilities)
    write_npy(path / "test_probabilities.npy", found.probabilities)
    if halved is not None:
        write_npy(path / "test_embeddings.npy", halved)


def results(path: Path | str, classes: int) -> Results:
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
        array_of(path, "test_probabilities.npy"),
        array_of(path, "test_embeddings.npy") if has_embeddings else None,
    )
    if not _fit_each_other(found, classes):
        raise _unfit(path, "test")
    return found


def validation(path: Path | str, classes: int) -> tuple[Array, Array | None]:
    """The validation part's (labels, probabilities), (M,) uint16 and (M, C) float32 or None.

    Raises:
        ValueError: one is damaged, or does not fit the other; or there are no labels.
    """
    path = Path(path)
    labels, said = array_of(path, "val_labels.npy"), None
    if (path / "val_probabilities.npy").exists():
        said = array_of(path, "val_probabilities.npy")
    is_fit = said is None or _is_said(said, labels, classes)
    if not (_are_labels(labels, classes) and is_fit):
        raise _unfit(path, "validation")
    return labels, said


def _fit_each_other(found: Results, classes: int) -> bool:
    """Whether shapes, kinds and ranges are those that `Results` promises."""
    has_all = found.embeddings is None or found.embeddings.shape[:1] == found.labels.shape
    return has_all and _is_said(found.probabilities, found.labels, classes)


def _is_said(probabilities: Array, labels: Array, classes: int) -> bool:
    return (
        probabilities.shape == (*labels.shape, classes)
        and probabilities.dtype.kind == "f"
        and is_finite(probabilities)
    )


def _unfit(path: Path, part: str) -> ValueError:
    return ValueError(f"The {part} arrays of {path.name} are damaged: they do not fit each other.")


# --- tables --------------------------------------------------------------------------------------


def write_tables(
    path: Path, categories: Sequence[str], labels: NDArray[Any], probabilities: NDArray[Any]
) -> None:
    """`per_category.csv` and `confusion.csv` (rows true, columns predicted).

    They are for people and their programs: no page reads them. Categories without a drawing have
    no row in the first.

    Args:
        path: the run's folder. categories: C names. labels: (N,) int. probabilities: (N, C) float.
    """
    import pandas as pd

    predicted = probabilities.argmax(axis=1)
    rows = evaluation.per_category(labels, predicted, categories)
    table = pd.DataFrame([row for row in rows if row["n"]])
    matrix = evaluation.confusion_matrix(labels, predicted, len(categories))
    frame = pd.DataFrame(matrix, index=list(categories), columns=list(categories))
    with replacing(path / "per_category.csv") as temporary:
        table.to_csv(temporary, index=False)
    with replacing(path / "confusion.csv") as temporary:
        frame.to_csv(temporary, index_label="true \\ predicted")


def write_suspects(path: Path, found: pd.DataFrame) -> None:
    """Write `suspects.csv`, as `evaluation.suspects` finds them."""
    with replacing(path / "suspects.csv") as temporary:
        found.to_csv(temporary, index=False)


def suspects(path: Path | str, n: int, classes: int) -> pd.DataFrame | None:
    """`suspects.csv`, the drawings whose label is probably wrong; None where there is no such file.

    Args:
        path: the run's folder. n: int, its test drawings. classes: int, its categories.

    Returns:
        DataFrame as of `evaluation.suspects`, without the rows that do not fit the run.

    Raises:
        ValueError: it is damaged.
    """
    path, columns = Path(path), ["place", "quality", "suggested"]
    try:
        frame = read_table(path / "suspects.csv", columns)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(path, "suspects.csv", error) from None
    frame = frame.reindex(columns=columns).dropna()
    fits = frame["place"].between(0, n - 1) & frame["suggested"].between(0, classes - 1)
    frame = frame[fits & frame["quality"].between(0, 1)]
    return frame.astype({"place": int, "suggested": int}).reset_index(drop=True)
