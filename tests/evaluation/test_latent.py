"""Arithmetic on latent spaces, their measures, and damaged files."""

import numpy as np
import pytest

from doodle_core import evaluation

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
        found = evaluation.probes(means[:300], labels[:300], means[300:], labels[300:])
        assert low <= found["probe"] <= high and low <= found["knn"] <= high
        assert found["probe_low"] <= found["probe"] <= found["probe_high"]
    assert evaluation.silhouette(apart, labels) > 0.5 > evaluation.silhouette(mixed, labels)


def test_the_frechet_distance_of_known_normals():
    """Means d apart and equal covariances: d squared; covariances 1 and 4 in E dimensions: E."""
    a = RNG(0).normal(size=(20_000, 3))
    assert evaluation.frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert evaluation.frechet(a, a + [3, 0, 4]) == pytest.approx(25, abs=1e-3)
    assert evaluation.frechet(a, 2 * (a - a.mean(axis=0))) == pytest.approx(3, rel=0.05)
    dead = np.concatenate([a, np.zeros((len(a), 2))], axis=1)  # units that never answer
    assert evaluation.frechet(dead, dead) == pytest.approx(0, abs=1e-6)


def test_precision_falls_with_bad_samples_and_recall_with_missing_ones():
    real = RNG(0).normal(size=(600, 2))
    same = evaluation.precision_recall(real, RNG(1).normal(size=(600, 2)))
    half = evaluation.precision_recall(real, np.abs(RNG(1).normal(size=(600, 2))))
    junk = evaluation.precision_recall(real, RNG(1).normal(size=(600, 2)) + 50)
    assert min(same) > 0.85 and half[0] > 0.85 and half[1] < 0.6 and junk == (0.0, 0.0)


@pytest.mark.slow
def test_a_projection_keeps_clumps_apart():
    labels = np.arange(90) % 2
    means = RNG(0).normal(size=(90, 5)) + 20 * labels[:, None]
    for kind, d in (("umap", 3), ("tsne", 2)):
        found = evaluation.project(means, kind)
        assert found.shape == (90, d)
        assert evaluation.silhouette(found, labels) > 0.5
    assert evaluation.project(means, "none") is None
