"""Measures of a latent space and of generated drawings, on arrays. No TensorFlow."""

import numpy as np

from doodle_core import evaluation

PROBED = 20_000  # training drawings that a probe learns from, at most
COMPARED = 3_000  # points that are compared pair by pair, at most


def dimensions(means, log_vars):
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


def probes(train, train_labels, test, test_labels, k=10):
    """How well the latent means tell the categories: by a line, and by neighbours.

    Args:
        train, test: (N, D), (M, D) float. train_labels, test_labels: int. k: neighbours.

    Returns:
        dict: `probe` (accuracy of logistic regression, Alain & Bengio 2017) and `knn` (of the k
        nearest training drawings) on the test drawings, each with `..._low` and `..._high`
        (Wilson, 95 %).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, train_labels = train[:PROBED], train_labels[:PROBED]
    line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    near = KNeighborsClassifier(min(k, len(train)))
    found = {}
    for name, model in (("probe", line), ("knn", near)):
        right = model.fit(train, train_labels).predict(test) == test_labels
        found |= share(name, right)
    return found


def share(name, right):
    """A share of right answers under `name`, with its Wilson bounds. right: (N,) bool."""
    low, high = evaluation.wilson(right.sum(), len(right))
    return {name: float(right.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def silhouette(means, labels):
    """Mean silhouette of the categories in the latent space (Rousseeuw 1987), in [-1, 1].

    1: each category is a clump far from the others; 0: they overlap. At most COMPARED points.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(means[:COMPARED], labels[:COMPARED]))


def frechet(one, other):
    """Frechet distance of two sets of embeddings, each taken for a normal distribution.

    As the Frechet inception distance (Heusel et al. 2017), on a classifier of doodles instead of
    the Inception network: comparable between runs that the same classifier judged, not beyond.

    Args:
        one, other: (N, E), (M, E) float; more rows than columns.

    Returns:
        float, 0 for the same mean and covariance.
    """
    one, other = np.asarray(one, float), np.asarray(other, float)
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    # the trace of the root of a @ b, from its eigenvalues: a root need not exist for dead units
    shared = np.sqrt(np.linalg.eigvals(a @ b).real.clip(0)).sum()
    distance = ((one.mean(axis=0) - other.mean(axis=0)) ** 2).sum() + np.trace(a + b) - 2 * shared
    return float(max(distance, 0.0))


def precision_recall(real, generated, k=3):
    """Precision and recall of generated drawings (Kynkaanniemi et al. 2019).

    Precision is the share of generated embeddings within the real ones' manifold: are they good?
    Recall the share of real ones within the generated ones' manifold: is there all of it? A set's
    manifold is the union of balls around its members, each reaching to its k-th neighbour.

    Args:
        real, generated: (N, E), (M, E) float; at most COMPARED rows of each are used.

    Returns:
        (precision, recall), in [0, 1].
    """
    real, generated = real[:COMPARED].astype(np.float64), generated[:COMPARED].astype(np.float64)
    return _within(generated, real, k), _within(real, generated, k)


def _within(points, manifold, k):
    """The share of points that lie in a ball of the manifold."""
    from sklearn.metrics import pairwise_distances
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=min(k + 1, len(manifold))).fit(manifold)
    radii = nearest.kneighbors(manifold)[0][:, -1]  # the first neighbour is the point itself
    return float((pairwise_distances(points, manifold) <= radii).any(axis=1).mean())


def project(means, kind, seed=0):
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

        return TSNE(2, random_state=seed).fit_transform(means).astype(np.float32)
    import warnings

    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a seed keeps it to one core
        return UMAP(n_components=3, random_state=seed).fit_transform(means).astype(np.float32)
