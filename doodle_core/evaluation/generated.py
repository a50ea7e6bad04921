"""Generated drawings against real ones, as sets of embeddings."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.evaluation.latent import COMPARED


def frechet(one: ArrayLike, other: ArrayLike) -> float:
    """Frechet distance of two sets of embeddings, each taken for a normal distribution.

    As the Frechet inception distance (Heusel et al. 2017), on a classifier of doodles instead of
    the Inception network: comparable between runs that the same classifier judged, not beyond.

    Args:
        one, other: (N, E), (M, E) float; more rows than columns.

    Returns:
        float, 0 for the same mean and covariance.

    Raises:
        ValueError: there are fewer rows: the covariances would be made up.
    """
    one, other = np.asarray(one, float), np.asarray(other, float)
    if min(len(one), len(other)) <= one.shape[1]:
        raise ValueError(
            f"It needs more than {one.shape[1]} drawings, the numbers of the judge's embedding; "
            f"there are {min(len(one), len(other))}."
        )
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    # the trace of the root of a @ b, from its eigenvalues: a root need not exist for dead units
    shared = np.sqrt(np.linalg.eigvals(a @ b).real.clip(0)).sum()
    distance = ((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum() + np.trace(a + b) - 2 * shared
    return float(max(distance, 0.0))


def frechet_error(one: ArrayLike, other: ArrayLike, times: int = 20, seed: int = 0) -> float:
    """The standard error of `frechet`, by a bootstrap of both sets. Args as there."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    random = np.random.default_rng(seed)
    found = [
        frechet(*(some[random.integers(len(some), size=len(some))] for some in (one, other)))
        for _ in range(times)
    ]
    return float(np.std(found, ddof=1))


def precision_recall(
    real: NDArray[np.floating], generated: NDArray[np.floating], k: int = 3
) -> tuple[float, float]:
    """Precision and recall of generated drawings (Kynkaanniemi et al. 2019).

    Precision is the share of generated embeddings within the real ones' manifold: are they good?
    Recall the share of real ones within the generated ones' manifold: is there all of it? A set's
    manifold is the union of balls around its members, each reaching to its k-th neighbour.

    Args:
        real, generated: (N, E), (M, E) float; at most COMPARED rows of each are used.

    Returns:
        (precision, recall), in [0, 1].

    Raises:
        ValueError: there are no k neighbours.
    """
    if min(len(real), len(generated)) <= k:
        raise ValueError(f"It needs more than {k} drawings; there are {len(real)}.")
    real, generated = real[:COMPARED].astype(np.float64), generated[:COMPARED].astype(np.float64)
    return _within(generated, real, k), _within(real, generated, k)


def _within(points: NDArray[np.floating], manifold: NDArray[np.floating], k: int) -> float:
    """The share of points that lie in a ball of the manifold."""
    from sklearn.metrics import pairwise_distances
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=min(k + 1, len(manifold))).fit(manifold)
    radii = nearest.kneighbors(manifold)[0][:, -1]  # the first neighbour is the point itself
    return float((pairwise_distances(points, manifold) <= radii).any(axis=1).mean())
