"""Drawings described, enlarged, and saved as files that can be read again."""

import io

import numpy as np
import pytest
from PIL import Image

from doodle_core import data


def test_description_counts_duplicates_and_means():
    drawings = [np.zeros((5, 784), np.uint8), np.full((5, 784), 200, np.uint8)]
    one, two = data.describe(drawings, ("cat", "dog"))
    assert (one["drawings"], one["duplicates"]) == (5, 4)
    assert two["mean"].tolist() == np.full((28, 28), 200).tolist() and two["ink"] == 1


def test_upsampling_is_bilinear_and_keeps_the_range():
    drawing = np.zeros((28, 28), np.uint8)
    drawing[14:] = 255
    large = data.upsample(drawing, 96)
    assert large.shape == (96, 96) and large.min() == 0 and large.max() == 255
    assert 0 < large[48, 50] < 255 or 0 < large[47, 50] < 255


N = 5


@pytest.fixture
def drawings():
    return np.random.default_rng(0).integers(0, 256, (N, 28, 28), dtype=np.uint8)


def test_pictures_and_arrays_can_be_read_again(drawings):
    picture = Image.open(io.BytesIO(data.png(drawings, across=3, scale=2, gap=1)))
    assert picture.format == "PNG" and picture.size == (2 * (3 * 29 + 1), 2 * (2 * 29 + 1))
    pixels = np.asarray(picture)[2:58:2, 2:58:2]
    assert np.array_equal(255 - pixels, drawings[0])  # ink is dark
    moving = Image.open(io.BytesIO(data.gif(drawings, scale=2)))
    assert moving.format == "GIF" and moving.size == (56, 56) and moving.n_frames == 2 * N - 2
    with np.load(io.BytesIO(data.npz(drawings=drawings, names=np.array(["a"])))) as found:
        assert np.array_equal(found["drawings"], drawings) and found["names"][0] == "a"
