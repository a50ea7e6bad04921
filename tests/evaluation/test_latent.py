"""Arithmetic on latent spaces."""

import numpy as np
import pytest

from doodle_core import evaluation
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
