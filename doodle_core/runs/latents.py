"""What a VAE's run wrote of its latent space, and arithmetic on it. NumPy only: pages import it.

A run has up to three sets of points, each a `latent_<set>.npz`: "test", its test drawings;
"practice", drawings that the program makes itself, for a copy of the run that came without its
test drawings; "samples", which it generated itself.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doodle_core import evaluation

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

    labels: np.ndarray
    means: np.ndarray
    losses: np.ndarray
    projection: np.ndarray | None = None
    probabilities: np.ndarray | None = None
    redrawn: np.ndarray | None = None
    drawings: np.ndarray | None = None
    reconstructions: np.ndarray | None = None

    def __len__(self):
        return len(self.labels)


def directions(path, latent):
    """A run's `directions.npz`.

    Args:
        path: the run's folder. latent: int, D.

    Raises:
        ValueError: it is missing, damaged, or of another latent space.
    """
    found = evaluation.Directions(
        **_arrays(path, "directions.npz", ("centre", "axes", "spread", "shares"))
    )
    shapes = [found.centre.shape, found.axes.shape, found.spread.shape, found.shares.shape]
    if shapes != [(latent,), (latent, latent), (latent,), (latent,)]:
        raise ValueError(f"directions.npz of {Path(path).name} is damaged: it does not fit.")
    if not all(np.isfinite(array).all() for array in vars(found).values()):
        raise ValueError(f"directions.npz of {Path(path).name} is damaged: it leads nowhere.")
    return found


def categories(path, classes, latent):
    """`categories.npz`: where each category's drawings lie, as one normal distribution each.

    Args:
        path: the run's folder. classes, latent: int, C and D.

    Returns:
        (centres, roots): (C, D) and (C, D, D) float; centre + root @ noise is a point of it.

    Raises:
        ValueError: it is missing, damaged, or of another latent space.
    """
    found = _arrays(path, "categories.npz", ("centres", "roots"))
    centres, roots = found["centres"], found["roots"]
    if centres.shape != (classes, latent) or roots.shape != (classes, latent, latent):
        raise ValueError(f"categories.npz of {Path(path).name} is damaged: it does not fit.")
    if not (np.isfinite(centres).all() and np.isfinite(roots).all()):
        raise ValueError(f"categories.npz of {Path(path).name} is damaged: it leads nowhere.")
    return centres, roots


def sample_categories(path, labels, classes, latent, scale=1.0, seed=0):
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
    noise = np.random.default_rng(seed).standard_normal((len(labels), latent), np.float32)
    found = centres[labels] + scale * np.einsum("nij,nj->ni", roots[labels], noise)
    return found.astype(np.float32)


def points(path, which, classes, latent):
    """A set of a run's points.

    Args:
        path: the run's folder. which: one of SETS. classes, latent: int, C and D.

    Returns:
        Points, or None where the run has no such set.

    Raises:
        ValueError: it is damaged.
    """
    file = f"latent_{which}.npz"
    if not (Path(path) / file).exists():
        return None
    found = _arrays(path, file, ("labels", "means", "losses"), _OPTIONAL)
    n = len(found["labels"])
    shapes = {
        "labels": (n,),
        "means": (n, latent),
        "losses": (n, 2),
        "probabilities": (n, classes),
        "redrawn": (n, classes),
        "drawings": (n, 784),
        "reconstructions": (n, 784),
    }
    for name, shape in shapes.items():
        if name in found and found[name].shape != shape:
            raise ValueError(f"{file} is damaged: {name} has the shape {found[name].shape}.")
    if "projection" in found and found["projection"].shape not in ((n, 2), (n, 3)):
        raise ValueError(f"{file} is damaged: its projection does not fit.")
    low = -1 if which == "samples" else 0
    if not n or not low <= found["labels"].min() <= found["labels"].max() < classes:
        raise ValueError(f"{file} is damaged: its categories are not those of the run.")
    if not np.isfinite(found["means"].astype(np.float32)).all():
        raise ValueError(f"{file} is damaged: a point is nowhere.")
    found["labels"] = found["labels"].astype(int)
    for name in ("means", "losses", "projection", "probabilities", "redrawn"):
        if name in found:
            found[name] = found[name].astype(np.float32)
    for name in ("drawings", "reconstructions"):
        if name in found:
            found[name] = found[name].astype(np.uint8).reshape(-1, 28, 28)
    if "reconstructions" not in found:
        found["reconstructions"] = _reconstructions(path, which, n)
    return Points(**found)


_OPTIONAL = ("projection", "probabilities", "redrawn", "drawings", "reconstructions")


def _reconstructions(path, which, n):
    """Those of the test part lie in a file of their own, which a published run comes without."""
    file = f"reconstructions_{which}.npz"
    if not (Path(path) / file).exists():
        return None
    found = _arrays(path, file, ("reconstructions",))["reconstructions"]
    if found.shape != (n, 784) or found.dtype != np.uint8:
        raise ValueError(f"{file} is damaged: it does not fit the run.")
    return found.reshape(-1, 28, 28)


def _arrays(path, name, wanted, optional=()):
    """Arrays of a `.npz`, numbers only.

    Raises:
        ValueError: it is missing or damaged.
    """
    try:
        with np.load(Path(path) / name, allow_pickle=False) as found:
            arrays = {key: found[key] for key in (*wanted, *optional) if key in found}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{name} of {Path(path).name} is missing or damaged ({error}).") from None
    for key in wanted:
        if key not in arrays:
            raise ValueError(f"{name} of {Path(path).name} is damaged: it lacks {key}.")
    if any(array.dtype.kind not in "iuf" for array in arrays.values()):
        raise ValueError(f"{name} of {Path(path).name} is damaged: it holds other than numbers.")
    return arrays


def snapshots(path):
    """The epochs (from 1) that a run has snapshots of, rising."""
    files = (Path(path) / "snapshots").glob("[0-9][0-9][0-9][0-9].npz")
    return sorted(int(file.stem) for file in files)


def snapshot(path, epoch):
    """A snapshot: dict of `labels`, `means`, `drawings`, `reconstructions`; the last two may lack.

    Raises:
        ValueError: it is missing or damaged.
    """
    name = f"snapshots/{epoch:04}.npz"
    found = _arrays(path, name, ("labels", "means"), ("drawings", "reconstructions"))
    for key in ("drawings", "reconstructions"):
        if key in found:
            found[key] = found[key].astype(np.uint8).reshape(-1, 28, 28)
    return found | {"means": found["means"].astype(np.float32)}


# --- what the page of a latent space shows --------------------------------------------------------


@dataclass
class Cloud:
    """Drawings of a run and generated ones in one row: N points, the first `real` are drawings.

    Attributes:
        labels, said: (N,) int, the true category and the judge's; -1 where there is none.
        sure: (N,) float, the judge's top probability; NaN where there is none.
        means: (N, D) float32. projection: (N, 2 or 3) float32, or None.
    """

    real: int
    labels: np.ndarray
    said: np.ndarray
    sure: np.ndarray
    means: np.ndarray
    projection: np.ndarray | None


def cloud(found, samples=None, is_redrawn=False):
    """Points, and samples behind them, as a Cloud.

    Args:
        found, samples: Points; samples may be None.
        is_redrawn: judged is the reconstruction of a drawing, not the drawing itself.
    """
    judged = [_judged(found.redrawn if is_redrawn else found.probabilities, len(found))]
    if samples is not None:
        judged.append(_judged(samples.probabilities, len(samples)))
    sets = [one for one in (found, samples) if one is not None]
    layouts = [one.projection for one in sets]
    fits = all(one is not None and one.shape[1] == layouts[0].shape[1] for one in layouts)
    return Cloud(
        real=len(found),
        labels=np.concatenate([one.labels for one in sets]),
        said=np.concatenate([said for said, _ in judged]),
        sure=np.concatenate([sure for _, sure in judged]),
        means=np.concatenate([one.means for one in sets]),
        projection=np.concatenate(layouts) if fits else None,
    )


def _judged(probabilities, n):
    if probabilities is None:
        return np.full(n, -1), np.full(n, np.nan)
    return probabilities.argmax(axis=1), probabilities.max(axis=1)


def dimensions(path):
    """A run's `dimensions.csv`: dict of (D,) float arrays, as `latent_measures.dimensions` made.

    Raises:
        ValueError: it is missing or damaged.
    """
    names = ("dimension", "kl", "spread", "noise", "active")
    try:
        found = np.genfromtxt(Path(path) / "dimensions.csv", delimiter=",", names=True, ndmin=1)
        columns = {name: found[name].astype(float) for name in names}
    except (OSError, ValueError, IndexError, TypeError) as error:
        where = f"dimensions.csv of {Path(path).name}"
        raise ValueError(f"{where} is missing or damaged ({error}).") from None
    if not all(len(one) and np.isfinite(one).all() for one in columns.values()):
        raise ValueError(f"dimensions.csv of {Path(path).name} is damaged: a number is missing.")
    return columns
