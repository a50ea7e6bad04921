"""What a VAE's run keeps of its latent space: each file's writer beside its checked reader.

A run has up to three sets of points, each a `latent_<set>.npz`: "test", its test drawings;
"practice", drawings that the program makes itself, for a copy of the run that came without its
test drawings; "samples", which it generated itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core import evaluation
from doodle_core.files import replacing
from doodle_core.runs.checked import Array, arrays_of, damaged, is_finite, write_arrays
from doodle_core.runs.tables import read_table

SETS = ("test", "practice", "samples")


@dataclass
class Points:
    """Points of a latent space; N of them, D dimensions, C categories.

    Attributes:
        labels: (N,) int, the category; of samples the one that was asked for, or -1.
        means: (N, D) float32, the posterior means; of samples the points themselves.
        losses: (N, 2) float32, each drawing's reconstruction and KL in nats; NaN for samples.
        projection: (N, 2 or 3) float32, UMAP's or t-SNE's, or None.
        probabilities: (N, C) float32, what the judge says of the drawing, or None.
        redrawn: (N, C) float32, what it says of the reconstruction, or None.
        drawings: (N, 28, 28) uint8, of samples; None where they lie elsewhere.
        reconstructions: (N, 28, 28) uint8, or None where the run came without them.
    """

    labels: Array
    means: Array
    losses: Array
    projection: Array | None = None
    probabilities: Array | None = None
    redrawn: Array | None = None
    drawings: Array | None = None
    reconstructions: Array | None = None

    def __len__(self) -> int:
        return len(self.labels)


# --- points --------------------------------------------------------------------------------------

WANTED = ("labels", "means", "losses")
PICTURES = ("drawings", "reconstructions")
OPTIONAL = ("projection", "probabilities", "redrawn", *PICTURES)


def write_points(path: Path, which: str, found: Points, classes: int) -> None:
    """Write `latent_<which>.npz`, in half precision, which is finer than any screen.

    The reconstructions of the test part lie in a file of their own, which a published run comes
    without.

    Args:
        path: the run's folder. which: one of SETS. found: Points. classes: int, C.

    Raises:
        ValueError: an array does not fit the others, or a number is none.
    """
    stored = _stored(vars(found))
    wrong = _wrong_with_points(stored, which, classes, found.means.shape[-1])
    pictures = stored.pop("reconstructions", None) if which == "test" else None
    write_arrays(path, f"latent_{which}.npz", stored, wrong)
    if pictures is not None:
        write_arrays(path, f"reconstructions_{which}.npz", {"reconstructions": pictures}, wrong)


def points(path: Path | str, which: str, classes: int, latent: int) -> Points | None:
    """A set of a run's points.

    Args:
        path: the run's folder. which: one of SETS. classes, latent: int, C and D.

    Returns:
        Points, or None where the run has no such set.

    Raises:
        ValueError: it is damaged.
    """
    path, file, apart = Path(path), f"latent_{which}.npz", f"reconstructions_{which}.npz"
    if not (path / file).exists():
        return None
    found = arrays_of(path, file, WANTED, OPTIONAL)
    if "reconstructions" not in found and (path / apart).exists():
        found |= arrays_of(path, apart, ("reconstructions",))
    if wrong := _wrong_with_points(found, which, classes, latent):
        raise damaged(path, file, wrong)
    return Points(**_shown(found))


def _wrong_with_points(found: Mapping[str, Array], which: str, classes: int, latent: int) -> str:
    n = found["labels"].size
    shapes: Shapes = {
        "labels": ((n,),),
        "means": ((n, latent),),
        "losses": ((n, 2),),
        "projection": ((n, 2), (n, 3)),
        "probabilities": ((n, classes),),
        "redrawn": ((n, classes),),
        "drawings": ((n, 784),),
        "reconstructions": ((n, 784),),
    }
    return _wrong_with(found, shapes, classes, -1 if which == "samples" else 0)


def _stored(found: Mapping[str, Array | None]) -> dict[str, Array]:
    """Arrays of Points, or of a Snapshot, as a file keeps them."""
    kept = {}
    for name, array in found.items():
        if array is not None and name in PICTURES:
            kept[name] = array.reshape(len(array), -1)
        elif array is not None:
            with np.errstate(over="ignore"):  # what is too large is refused by `_wrong_with`
                kept[name] = array if name == "labels" else array.astype(np.float16)
    return kept


def _shown(found: Mapping[str, Array]) -> dict[str, Array]:
    """The same as they are computed with."""
    shown = {}
    for name, array in found.items():
        if name in PICTURES:
            shown[name] = array.reshape(-1, 28, 28)
        else:
            shown[name] = array.astype(int if name == "labels" else np.float32)
    return shown


Shapes = Mapping[str, tuple[tuple[int, ...], ...]]


def _wrong_with(found: Mapping[str, Array], shapes: Shapes, classes: int = 0, low: int = 0) -> str:
    """What in a file's arrays pages could not show, as the end of a sentence; "" if they can.

    Args:
        found: the arrays by name. shapes: those that each may have.
        classes, low: int, the `labels` are below and not below these.
    """
    for name, array in found.items():
        if array.shape not in shapes[name]:
            return f"{name} has the shape {array.shape}"
        if name in PICTURES and array.dtype != np.uint8:
            return f"{name} are no pictures"
        if name not in ("losses", "projection") and not is_finite(array):
            return f"{name} are not all numbers"
    labels = found.get("labels")
    if labels is not None and not (
        labels.size and labels.dtype.kind in "iu" and low <= labels.min() <= labels.max() < classes
    ):
        return "its categories are not those of the run"
    return ""


# --- directions, regions and dimensions ----------------------------------------------------------


def write_directions(path: Path, found: evaluation.Directions) -> None:
    """Write `directions.npz`.

    Raises:
        ValueError: they do not fit each other, or lead nowhere.
    """
    wrong = _wrong_with_directions(vars(found), len(found.centre))
    write_arrays(path, "directions.npz", vars(found), wrong, is_compressed=False)


def directions(path: Path | str, latent: int) -> evaluation.Directions:
    """A run's `directions.npz`.

    Args:
        path: the run's folder. latent: int, D.

    Raises:
        ValueError: it is missing, damaged, or of another latent space.
    """
    path = Path(path)
    found = arrays_of(path, "directions.npz", ("centre", "axes", "spread", "shares"))
    if wrong := _wrong_with_directions(found, latent):
        raise damaged(path, "directions.npz", wrong)
    return evaluation.Directions(**found)


def _wrong_with_directions(found: Mapping[str, Array], d: int) -> str:
    shapes = {"centre": ((d,),), "axes": ((d, d),), "spread": ((d,),), "shares": ((d,),)}
    return _wrong_with(found, shapes)


def write_categories(path: Path, centres: Array, roots: Array) -> None:
    """Write `categories.npz`: where each category's drawings lie.

    Args:
        path: the run's folder. centres: (C, D) float. roots: (C, D, D) float.

    Raises:
        ValueError: they do not fit each other, or lead nowhere.
    """
    stored = {"centres": centres.astype(np.float32), "roots": roots.astype(np.float32)}
    wrong = _wrong_with_categories(stored, *centres.shape)
    write_arrays(path, "categories.npz", stored, wrong, is_compressed=False)


def categories(path: Path | str, classes: int, latent: int) -> tuple[Array, Array]:
    """`categories.npz`: where each category's drawings lie, as one normal distribution each.

    Args:
        path: the run's folder. classes, latent: int, C and D.

    Returns:
        (centres, roots): (C, D) and (C, D, D) float; centre + root @ noise is a point of it.

    Raises:
        ValueError: it is missing, damaged, or of another latent space.
    """
    path = Path(path)
    found = arrays_of(path, "categories.npz", ("centres", "roots"))
    if wrong := _wrong_with_categories(found, classes, latent):
        raise damaged(path, "categories.npz", wrong)
    return found["centres"], found["roots"]


def _wrong_with_categories(found: Mapping[str, Array], c: int, d: int) -> str:
    return _wrong_with(found, {"centres": ((c, d),), "roots": ((c, d, d),)})


def sample_categories(
    path: Path | str,
    labels: ArrayLike,
    classes: int,
    latent: int,
    scale: float = 1.0,
    seed: int = 0,
) -> NDArray[np.float32]:
    """A point of each asked category's own region, for any VAE.

    The regions are normal distributions fitted to the aggregated posterior after training (Ghosh
    et al. 2020).

    Args:
        path: the run's folder. labels: (N,) int. classes, latent: int, C and D.
        scale: float, the spread drawn with; below 1 keeps to the middle. seed: int.

    Returns:
        (N, D) float32.

    Raises:
        ValueError: as `categories`.
    """
    centres, roots = categories(path, classes, latent)
    labels = np.asarray(labels)
    noise = np.random.default_rng(seed).standard_normal((len(labels), latent), np.float32)
    found: Array = centres[labels] + scale * np.einsum("nij,nj->ni", roots[labels], noise)
    return found.astype(np.float32)


DIMENSIONS = ("dimension", "kl", "spread", "noise", "active")


def write_dimensions(path: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Write `dimensions.csv`: one row a latent dimension, as `evaluation.dimensions` makes them.

    Raises:
        ValueError: a number is missing.
    """
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(DIMENSIONS))
    if not np.isfinite(frame.to_numpy(float)).all():
        raise ValueError("dimensions.csv is not written: a number is missing.")
    with replacing(path / "dimensions.csv") as temporary:
        frame.to_csv(temporary, index=False)


def dimensions(path: Path | str, latent: int) -> dict[str, NDArray[np.float64]]:
    """A run's `dimensions.csv`: a column each of DIMENSIONS, (D,) float. `latent`: int, D.

    Raises:
        ValueError: it is missing or damaged, or of another latent space.
    """
    path = Path(path)
    try:
        frame = read_table(path / "dimensions.csv", DIMENSIONS)
    except (OSError, ValueError) as error:
        raise damaged(path, "dimensions.csv", error) from None
    table = frame.reindex(columns=list(DIMENSIONS)).to_numpy(float)
    if table.shape != (latent, len(DIMENSIONS)) or not np.isfinite(table).all():
        raise damaged(path, "dimensions.csv", "a number in it is missing")
    return dict(zip(DIMENSIONS, table.T, strict=True))


# --- snapshots of a training ---------------------------------------------------------------------


@dataclass
class Snapshot:
    """What a VAE made of a fixed set of drawings after an epoch.

    Attributes:
        labels: (N,) int. means: (N, D) float32.
        drawings, reconstructions: (M, 28, 28) uint8, of the first M; None where they lack.
    """

    labels: Array
    means: Array
    drawings: Array | None = None
    reconstructions: Array | None = None


def write_snapshot(path: Path, epoch: int, found: Snapshot, classes: int) -> None:
    """Write `snapshots/NNNN.npz`, in half precision.

    Args:
        path: the run's folder. epoch: int, from 1. found: Snapshot. classes: int, C.

    Raises:
        ValueError: an array does not fit the others, or a number is none.
    """
    stored = _stored(vars(found))
    wrong = _wrong_with_snapshot(stored, classes, found.means.shape[-1])
    (path / "snapshots").mkdir(exist_ok=True)
    write_arrays(path, f"snapshots/{epoch:04}.npz", stored, wrong)


def snapshots(path: Path | str) -> list[int]:
    """The epochs (from 1) that a run has snapshots of, rising."""
    files = (Path(path) / "snapshots").glob("[0-9][0-9][0-9][0-9].npz")
    return sorted(int(file.stem) for file in files)


def snapshot(path: Path | str, epoch: int, classes: int, latent: int) -> Snapshot:
    """What the VAE made of a fixed set of drawings after that epoch.

    Args:
        path: the run's folder. epoch: int, one of `snapshots`. classes, latent: int, C and D.

    Raises:
        ValueError: it is missing or damaged.
    """
    path, name = Path(path), f"snapshots/{epoch:04}.npz"
    found = arrays_of(path, name, ("labels", "means"), PICTURES)
    if wrong := _wrong_with_snapshot(found, classes, latent):
        raise damaged(path, name, wrong)
    return Snapshot(**_shown(found))


def _wrong_with_snapshot(found: Mapping[str, Array], classes: int, latent: int) -> str:
    if ("drawings" in found) != ("reconstructions" in found):
        return "its drawings lack their reconstructions"
    n, shown = found["labels"].size, found.get("drawings", np.empty(0)).shape[:1]
    pictures = ((*shown, 784),)
    shapes: Shapes = {"labels": ((n,),), "means": ((n, latent),)}
    return _wrong_with(found, {**shapes, **dict.fromkeys(PICTURES, pictures)}, classes)
