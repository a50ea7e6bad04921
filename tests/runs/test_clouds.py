"""Drawings and samples in one row, as the page of a latent space shows them."""

import numpy as np

from doodle_core.runs.clouds import cloud
from doodle_core.runs.latents import Points

SAID = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]])
FOUND = Points(
    labels=np.array([0, 1, 0]),
    means=np.arange(6.0).reshape(3, 2),
    losses=np.zeros((3, 2)),
    projection=np.ones((3, 3)),
    probabilities=SAID,
    redrawn=1 - SAID,
)
SAMPLES = Points(np.array([-1]), np.full((1, 2), 9.0), np.full((1, 2), np.nan), np.zeros((1, 3)))


def test_a_cloud_of_drawings_is_what_the_judge_said():
    found = cloud(FOUND)
    assert found.real == 3 and found.labels.tolist() == [0, 1, 0]
    assert found.said.tolist() == [0, 1, 0] and found.sure.tolist() == [0.9, 0.7, 0.6]
    assert cloud(FOUND, is_redrawn=True).said.tolist() == [1, 0, 1]


def test_samples_come_behind_and_may_not_be_judged():
    found = cloud(FOUND, SAMPLES)
    assert found.real == 3 and found.labels.tolist() == [0, 1, 0, -1]
    assert found.said.tolist() == [0, 1, 0, -1] and np.isnan(found.sure[3])
    assert found.means[3].tolist() == [9, 9] and found.projection.shape == (4, 3)


def test_layouts_of_other_dimensions_are_not_put_together():
    flat = Points(SAMPLES.labels, SAMPLES.means, SAMPLES.losses, np.zeros((1, 2)))
    bare = Points(SAMPLES.labels, SAMPLES.means, SAMPLES.losses)
    assert cloud(FOUND, flat).projection is None and cloud(FOUND, bare).projection is None
    assert cloud(bare).projection is None
