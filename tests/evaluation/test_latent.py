"""Arithmetic on latent spaces."""

import numpy as np
import pytest
from scipy.stats import binomtest, f_oneway
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from doodle_core import evaluation
from doodle_core.evaluation import latent
from doodle_core.runs import latents

RNG = np.random.default_rng


def test_principal_directions_are_those_of_the_widest_spread():
    means = RNG(0).normal(size=(500, 3)) * [1, 5, 2] + [0, 10, 0]
    found = evaluation.principal(means)
    assert abs(found.axes[0, 1]) > 0.99 and found.shares.sum() == pytest.approx(1)
    assert found.spread == pytest.approx([5, 2, 1], rel=0.15)
    placed = found.project(means, 2)
    assert placed.shape == (500, 2) and placed.std(axis=0, ddof=1) == pytest.approx(
        found.spread[:2]
    )
    np.testing.assert_allclose(found.at([0.0]), found.centre)
    moved = found.project(found.at([2.0, -1.0])[None])[0]
    assert moved == pytest.approx([2 * found.spread[0], -found.spread[1], 0])


def test_fewer_points_than_dimensions_have_directions_too():
    found = evaluation.principal(RNG(0).normal(size=(3, 8)))
    assert found.axes.shape == (8, 8) and np.isfinite(found.project(np.ones((2, 8)), 5)).all()


def test_neighbours_are_the_nearest_and_not_the_point_itself():
    means = np.array([[0.0, 0], [1, 0], [0, 0.5], [9, 9]])
    assert evaluation.neighbours(means, 0, 2).tolist() == [2, 1]


def test_dead_dimensions_are_found():
    means = RNG(0).normal(size=(200, 2)) * [1, 0.001]
    rows = evaluation.dimensions(means, np.log([[0.01, 1.0]] * 200))
    assert [row["active"] for row in rows] == [1, 0]
    assert rows[0]["kl"] > 1 > 0.01 > rows[1]["kl"] >= 0


def test_probes_tell_apart_what_is_apart_and_are_at_chance_otherwise():
    labels = np.arange(400) % 4
    apart = RNG(0).normal(size=(400, 4)) + 6 * np.eye(4)[labels]
    mixed = RNG(1).normal(size=(400, 4))
    for means, low, high in ((apart, 0.99, 1.0), (mixed, 0.1, 0.4)):
        halves = means[:300], labels[:300], means[300:], labels[300:]
        found = evaluation.probe(*halves) | evaluation.knn(*halves)
        assert low <= found["probe"] <= high and low <= found["knn"] <= high
        assert found["probe_low"] <= found["probe"] <= found["probe_high"]
    assert evaluation.silhouette(apart, labels) > 0.5 > evaluation.silhouette(mixed, labels)


def test_too_few_drawings_are_said_to_be_too_few():
    means, labels = RNG(0).normal(size=(9, 2)), np.arange(9) % 3
    with pytest.raises(ValueError, match="more drawings than categories; there are 3 of 3"):
        evaluation.silhouette(means[:3], labels[:3])
    with pytest.raises(ValueError, match="two categories"):
        evaluation.silhouette(means, 0 * labels)
    assert -1 <= evaluation.silhouette(means[:4], labels[:4]) <= 1
    with pytest.raises(ValueError, match="two categories"):
        evaluation.probe(means, 0 * labels, means, labels)
    with pytest.raises(ValueError, match="10 training drawings; there are 9"):
        evaluation.knn(means, labels, means, labels)


@pytest.mark.slow
def test_a_projection_keeps_clumps_apart():
    labels = np.arange(90) % 2
    means = RNG(0).normal(size=(90, 5)) + 20 * labels[:, None]
    for kind, d in (("umap", 3), ("tsne", 2)):
        found = evaluation.project(means, kind)
        assert found.shape == (90, d)
        assert evaluation.silhouette(found, labels) > 0.5
    assert evaluation.project(means, "none") is None


def test_directions_reach_as_far_as_asked(finished_vae):
    path = finished_vae()
    found = latents.directions(path, 4)
    points = evaluation.points_along(found, 2, reach=3.0, steps=5)
    assert points.shape == (10, 4)
    assert np.allclose(points[[2, 7]], found.centre)
    assert np.allclose(points[4] - found.centre, 3 * found.spread[0] * found.axes[0])


def test_what_a_dimension_carries_by_hand():
    """Posteriors N(m, v): the KL from N(0, 1) is (v + m^2 - 1 - ln v) / 2."""
    means = np.array([[2.0, 0.09], [0.0, -0.09]])
    variances = np.array([[0.25, 1.0], [1.0, 4.0]])
    first, last = evaluation.dimensions(means, np.log(variances))
    kl = (0.25 + 4 - 1 - np.log(0.25)) / 2, (1 + 0.0081 - 1) / 2, (4 + 0.0081 - 1 - np.log(4)) / 2
    assert first == pytest.approx(
        {"dimension": 1, "kl": kl[0] / 2, "spread": 1.0, "noise": 0.75, "active": 1}
    )
    assert last == pytest.approx(
        {"dimension": 2, "kl": (kl[1] + kl[2]) / 2, "spread": 0.09, "noise": 1.5, "active": 0}
    )
    (row,) = evaluation.dimensions(np.array([[0.11], [-0.11]]), np.zeros((2, 1)))
    assert row["active"] == 1  # a variance of 0.0121, above 0.01


def test_probes_are_scikit_learns_with_ten_neighbours():
    rng = RNG(3)
    labels = rng.integers(0, 3, 700)
    means = rng.normal(size=(700, 2)) * [1, 40] + 1.2 * np.eye(3)[labels][:, :2]
    parts = means[:300], labels[:300], means[300:], labels[300:]
    found = evaluation.probe(*parts) | evaluation.knn(*parts)
    shares = {k: KNeighborsClassifier(k).fit(*parts[:2]).score(*parts[2:]) for k in range(1, 21)}
    assert found["knn"] == shares[10] and shares[10] not in (shares[9], shares[11], shares[1])
    scaled = (means - means[:300].mean(axis=0)) / means[:300].std(axis=0)
    line = LogisticRegression(max_iter=1000).fit(scaled[:300], labels[:300])
    assert found["probe"] == line.score(scaled[300:], labels[300:]) != found["knn"]
    for name in ("probe", "knn"):
        own = binomtest(round(found[name] * 400), 400).proportion_ci(method="wilson")
        assert (found[f"{name}_low"], found[f"{name}_high"]) == pytest.approx((own.low, own.high))
    assert evaluation.knn(*parts, k=1)["knn"] == shares[1]


def test_large_sets_are_probed_and_compared_in_part(monkeypatch):
    assert (evaluation.PROBED, evaluation.COMPARED) == (20_000, 3_000)
    monkeypatch.setattr(latent, "PROBED", 30)
    monkeypatch.setattr(latent, "COMPARED", 40)
    labels = np.arange(60) % 2
    means = RNG(0).normal(size=(60, 2)) + 6 * labels[:, None]
    means[30:] = -means[30:]  # what is beyond would teach the contrary
    parts = means, labels, means[:30], labels[:30]
    found = evaluation.probe(*parts) | evaluation.knn(*parts)
    assert found["knn"] == found["probe"] == 1
    assert evaluation.silhouette(means, labels) == silhouette_score(means[:40], labels[:40])


def test_principal_directions_agree_with_scikit_learn():
    means = RNG(0).normal(size=(50, 4)) @ RNG(1).normal(size=(4, 4)) + [5, 0, 0, 1]
    found, pca = evaluation.principal(means), PCA().fit(means)
    assert found.centre == pytest.approx(pca.mean_)
    assert found.shares == pytest.approx(pca.explained_variance_ratio_)
    assert found.spread**2 == pytest.approx(pca.explained_variance_)
    assert np.abs((found.axes * pca.components_).sum(axis=1)) == pytest.approx(1)
    assert found.project(means).shape == (50, 3)
    same = evaluation.principal(np.ones((5, 3)))
    assert same.shares.tolist() == [0, 0, 0] and same.centre.tolist() == [1, 1, 1]
    assert np.isfinite(evaluation.principal(np.ones((1, 3))).spread).all()


def test_the_nearest_are_near_by_euclids_measure():
    means = np.array([[0.0, 0], [3, 4], [0, 2], [6, 8], [0, -1]])
    places, distances = evaluation.nearest(means, np.array([0.0, 0]), 3)
    assert places.tolist() == [0, 4, 2] and distances.tolist() == [0, 1, 2]
    line = np.arange(20.0)[:, None]
    assert evaluation.nearest(line, line[0])[0].tolist() == [*range(8)]
    assert evaluation.neighbours(line, 0).tolist() == [*range(1, 9)]
    assert evaluation.neighbours(line, 19, 2).tolist() == [18, 17]


def test_a_plane_is_itself_and_more_dimensions_are_laid_on_one():
    plane = RNG(0).normal(size=(9, 2))
    placed, axes = evaluation.flat(plane, plane + 1)
    assert np.array_equal(placed, plane) and axes == ("latent 1", "latent 2")
    means = RNG(0).normal(size=(60, 3)) * [1, 9, 3]
    placed, axes = evaluation.flat(means[:5], means)
    assert axes == ("1st principal direction", "2nd principal direction")
    assert placed == pytest.approx(evaluation.principal(means).project(means[:5], 2))
    placed, _ = evaluation.flat(means[:, :1], means[:, :1])
    assert placed.shape == (60, 2) and (placed[:, 1] == 0).all() and placed[:, 0].std() > 0


def test_the_share_of_values_below_one():
    values = np.array([1.0, 2, np.nan, 3, 3])
    assert evaluation.percentile(values, 3) == 0.5 and evaluation.percentile(values, 9) == 1
    assert np.isnan(evaluation.percentile(np.array([np.nan]), 3))


def test_told_apart_is_eta_squared():
    """The between-group share of the sum of squares, as an analysis of variance has it."""
    labels = np.repeat([0, 1, 2], [10, 20, 5])
    means = RNG(0).normal(size=(35, 3)) + np.outer(labels, [0, 1, 3])
    found = evaluation.told_apart(means, labels)
    for column, share in zip(means.T, found, strict=True):
        f = f_oneway(*(column[labels == label] for label in range(3))).statistic
        assert share == pytest.approx(f * 2 / (f * 2 + 32))  # F is between / 2 over within / 32
    assert evaluation.told_apart(np.ones((4, 1)), np.array([0, 0, 1, 1])).tolist() == [0]


def test_points_along_directions_go_from_end_to_end():
    found = evaluation.principal(RNG(0).normal(size=(50, 3)) * [1, 3, 9])
    points = evaluation.points_along(found, 2)
    assert points.shape == (2 * 9, 3)
    ticks = (points - found.centre) @ found.axes.T / found.spread
    assert ticks[:9, 0] == pytest.approx(np.linspace(-3, 3, 9)) and ticks[:9, 1:] == pytest.approx(
        0
    )
    assert ticks[9:, 1] == pytest.approx(np.linspace(-3, 3, 9)) and ticks[9:, 0] == pytest.approx(0)


def test_few_points_are_not_laid_out():
    assert evaluation.project(np.zeros((49, 4)), "tsne") is None
