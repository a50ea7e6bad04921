"""Measures and geometry of a latent space, on arrays. No TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.shares import share
from doodle_core.files import DATA

PROBED = 20_000  # training drawings that a probe learns from, at most
COMPARED = 3_000  # points that are compared pair by pair, at most


def dimensions(means: NDArray[np.floating], log_vars: NDArray[np.floating]) -> list[dict[str, Any]]:
    """One row a latent dimension: what it carries.

    Args:
        means, log_vars: (N, D) float, of the posteriors.

    Returns:
        list of D dicts: `dimension` (from 1), `kl` (nats, the mean over the drawings), `spread`
        (standard deviation of the means), `noise` (mean standard deviation of the posterior) and
        `active`: 1 where the means' variance is above 0.01 (Burda et al. 2016), else 0: dead.
    """
    kl = ((np.exp(log_vars) + means**2 - 1 - log_vars) / 2).mean(axis=0)
    spread, noise = means.std(axis=0), np.exp(log_vars / 2).mean(axis=0)
    return [
        {
            "dimension": place + 1,
            "kl": float(kl[place]),
            "spread": float(spread[place]),
            "noise": float(noise[place]),
            "active": int(spread[place] ** 2 > 0.01),
        }
        for place in range(means.shape[1])
    ]


def probe(
    train: NDArray[np.floating],
    train_labels: NDArray[np.integer],
    test: NDArray[np.floating],
    test_labels: NDArray[np.integer],
) -> dict[str, float]:
    """How well a line tells the categories by the latent means: logistic regression.

    Args:
        train, test: (N, D), (M, D) float. train_labels, test_labels: int.

    Returns:
        dict: `probe` (accuracy on the test drawings, Alain & Bengio 2017) with `..._low` and
        `..._high` (Wilson, 95 %).

    Raises:
        ValueError: the drawings to learn from are of one category alone.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, train_labels = train[:PROBED], train_labels[:PROBED]
    if len(np.unique(train_labels)) < 2:
        raise ValueError("It needs training drawings of two categories.")
    line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return share("probe", line.fit(train, train_labels).predict(test) == test_labels)


def knn(
    train: NDArray[np.floating],
    train_labels: NDArray[np.integer],
    test: NDArray[np.floating],
    test_labels: NDArray[np.integer],
    k: int = 10,
) -> dict[str, float]:
    """How well the k nearest training drawings tell them: `knn`, as `probe`.

    Raises:
        ValueError: there are fewer than k to learn from.
    """
    from sklearn.neighbors import KNeighborsClassifier

    train, train_labels = train[:PROBED], train_labels[:PROBED]
    if len(train) < k:
        raise ValueError(f"It needs {k} training drawings; there are {len(train)}.")
    near = KNeighborsClassifier(k).fit(train, train_labels)
    return share("knn", near.predict(test) == test_labels)


def silhouettes(means: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """How far each drawing lies from other categories (Rousseeuw 1987): (n,), in [-1, 1].

    1: it is among its own and far from the others; 0: between two. At most COMPARED points.

    Raises:
        ValueError: too few drawings or categories.
    """
    from sklearn.metrics import silhouette_samples

    means, labels = means[:COMPARED], labels[:COMPARED]
    if not 2 <= len(np.unique(labels)) < len(labels):
        raise ValueError(
            "It needs drawings of two categories, and more drawings than categories; there are "
            f"{len(labels)} of {len(np.unique(labels))}."
        )
    return np.asarray(silhouette_samples(means, labels), np.float64)


def silhouette(means: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The mean of `silhouettes`: near 1 each category is a clump far from the others."""
    return float(silhouettes(means, labels).mean())


def project(means: NDArray[np.floating], kind: str, seed: int = 0) -> NDArray[np.float32] | None:
    """Points of a latent space laid out by their neighbourhoods.

    Args:
        means: (N, D) float, D above 2. kind: "umap" (to 3-D; McInnes et al. 2018) or "tsne" (to
            2-D; van der Maaten & Hinton 2008: in 3-D it takes minutes). seed: int.

    Returns:
        (N, 3) or (N, 2) float32, or None where there are too few points.
    """
    if kind == "none" or len(means) < 50:
        return None
    if kind == "tsne":
        from sklearn.manifold import TSNE

        return np.asarray(TSNE(2, random_state=seed).fit_transform(means), np.float32)
    import warnings

    UMAP = _umap()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed keeps it to one core
        return np.asarray(UMAP(n_components=3, random_state=seed).fit_transform(means), np.float32)


def _umap() -> Any:
    """The class UMAP.

    Numba keeps what it compiles of it beside the packages or in the account's home, and gives up
    where both are read-only: then it is kept among the drawings.
    """
    try:
        from umap import UMAP
    except RuntimeError:
        from numba import config

        # its types do not know the options that it sets as it is imported
        config.CACHE_DIR = str(DATA / "numba")  # type: ignore[attr-defined]
        from umap import UMAP
    return UMAP


@dataclass
class Directions:
    """The principal directions of a run's latent means (test part).

    Attributes:
        centre: (D,) float64. axes: (D, D) float64, a row a direction, the widest first.
        spread: (D,) float64, the standard deviation along each. shares: (D,) of the variance.
    """

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    spread: NDArray[np.float64]
    shares: NDArray[np.float64]

    def project(self, means: ArrayLike, n: int = 3) -> NDArray[np.float64]:
        """(N, D) -> (N, min(n, D)), along the widest directions."""
        return (np.asarray(means, float) - self.centre) @ self.axes[:n].T

    def at(self, amounts: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
        """The point so many standard deviations along the first directions: (K,) -> (D,)."""
        k = len(amounts)
        return self.centre + (np.asarray(amounts) * self.spread[:k]) @ self.axes[:k]


def principal(means: ArrayLike) -> Directions:
    """Directions of (N, D) points, by singular values (Pearson 1901)."""
    means = np.asarray(means, float)
    centre = means.mean(axis=0)
    _, values, axes = np.linalg.svd(means - centre, full_matrices=False)
    d = means.shape[1]
    spread = np.zeros(d)
    spread[: len(values)] = values / np.sqrt(max(len(means) - 1, 1))
    axes = np.concatenate([axes, np.zeros((d - len(axes), d))])
    return Directions(centre, axes, spread, spread**2 / max((spread**2).sum(), 1e-30))


def neighbours(means: NDArray[np.floating], place: int, k: int = 8) -> NDArray[np.intp]:
    """The k nearest points to one of them by Euclidean distance, itself left out: (k,) int."""
    distance = ((means - means[place]) ** 2).sum(axis=1)
    distance[place] = np.inf
    return np.argsort(distance, kind="stable")[:k]


def nearest(
    means: NDArray[np.floating], point: NDArray[np.floating], k: int = 8
) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
    """The k nearest of (N, D) points to a place, (D,), by Euclidean distance.

    Returns:
        (places, distances): (k,) int and (k,) float, the nearest first.
    """
    distances = np.sqrt(((means - point) ** 2).sum(axis=1))
    places = np.argsort(distances, kind="stable")[:k]
    return places, distances[places]


def flat(
    means: NDArray[np.floating], reference: NDArray[np.floating]
) -> tuple[NDArray[np.floating], tuple[str, str]]:
    """Points on a plane: (N, D) -> (N, 2), and the titles of its axes.

    The raw axes where D is 2; else the first two principal directions of `reference`, (M, D), so
    that a training can be played back on one plane.
    """
    if means.shape[1] == 2:
        return np.asarray(means), ("latent 1", "latent 2")
    placed = principal(reference).project(means, 2)
    if placed.shape[1] < 2:
        placed = np.concatenate([placed, np.zeros_like(placed)], axis=1)
    return placed, ("1st principal direction", "2nd principal direction")


def percentile(values: NDArray[np.floating], value: float) -> float:
    """The share of `values` below `value`, in [0, 1]; NaN among them count for nothing."""
    values = values[~np.isnan(values)]
    return float((values < value).mean()) if len(values) else float("nan")


def told_apart(means: ArrayLike, labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Each dimension's share of variance between the categories, in [0, 1] (eta squared).

    Args:
        means: (N, D) float. labels: (N,) int. Returns (D,) float.
    """
    means = np.asarray(means, float)
    centre, between = means.mean(axis=0), np.zeros(means.shape[1])
    for label in np.unique(labels):
        mine = means[labels == label]
        between += len(mine) * (mine.mean(axis=0) - centre) ** 2
    between /= ((means - centre) ** 2).sum(axis=0).clip(1e-12)
    return between


def points_along(
    found: Directions, n: int, reach: float = 3.0, steps: int = 9
) -> NDArray[np.float64]:
    """Points along each of the first n principal directions: (n * steps, D), a row a direction."""
    ticks = np.linspace(-reach, reach, steps)
    return np.stack([found.at(tick * np.eye(n)[row]) for row in range(n) for tick in ticks])
