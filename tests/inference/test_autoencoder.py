"""Encoding, decoding and what is made of it: shapes, ends, files, and networks to be refused."""

import shutil

import keras
import numpy as np
import pytest

from doodle_core import runs
from doodle_core.inference.autoencoder import ENCODED, INK, Generator, load_generator
from doodle_core.training.portable import in_keras
from support.networks import with_weights

N = 5


@pytest.fixture
def opened(finished_vae):
    """A run's folder and its Generator; keyword arguments change the run."""

    def make(**settings):
        path = with_weights(finished_vae, **settings)
        return path, load_generator(path, runs.load(path).config)

    return make


@pytest.fixture
def drawings():
    return np.random.default_rng(0).integers(0, 256, (N, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("settings", [{}, {"latent": 2}, {"conditional": True}])
def test_shapes_and_ranges(opened, drawings, settings):
    path, generator = opened(**settings)
    latent = settings.get("latent", 4)
    labels = np.arange(N) % 3 if settings.get("conditional") else None
    mean, log_var = generator.encode(drawings, labels)
    assert mean.shape == log_var.shape == (N, latent) and mean.dtype == np.float32
    assert np.array_equal(mean, generator.encode(drawings.reshape(N, 784), labels)[0])
    again = generator.decode(mean, labels)
    assert again.shape == (N, 28, 28) and again.dtype == np.uint8
    points, made = generator.sample(N, 1 if labels is not None else None, seed=3)
    assert points.shape == (N, latent) and made.shape == (N, 28, 28)


def test_a_conditional_one_needs_labels(opened, drawings):
    _, generator = opened(conditional=True)
    for act in (
        lambda: generator.encode(drawings),
        lambda: generator.decode(np.zeros((1, 4))),
        lambda: generator.sample(2),
        lambda: generator.between(np.zeros(4), np.ones(4)),
    ):
        with pytest.raises(ValueError, match="conditional"):
            act()


def test_a_conditional_one_draws_what_it_is_told(opened):
    _, generator = opened(conditional=True)
    point = np.zeros((1, 4))
    first, second = (generator.decode(point, [label]) for label in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("conditional", [False, True])
def test_it_answers_as_keras_does(opened, drawings, conditional):
    path, generator = opened(conditional=conditional)
    encoder, decoder = (
        in_keras(keras.models.load_model(path / f"{name}.keras"), outputs)
        for name, outputs in (("encoder", ENCODED), ("decoder", INK))
    )
    slow = Generator(encoder, decoder, generator.config)
    many = np.concatenate([drawings] * 30)  # more than are answered at once
    labels = np.arange(len(many)) % 3 if conditional else None
    for one, other in zip(generator.encode(many, labels), slow.encode(many, labels)):
        assert np.allclose(one, other, atol=1e-4)
    points = np.random.default_rng(1).normal(size=(N, 4))
    some = None if labels is None else labels[:N]
    made = generator.decode(points, some).astype(int)
    assert np.abs(made - slow.decode(points, some)).max() <= 1


def test_the_plane_lies_where_its_axes_say(opened):
    _, generator = opened(latent=2)
    side, reach = 5, 3.0
    found = generator.plane(side, reach)
    corners = [[-reach, reach], [reach, reach], [-reach, -reach], [reach, -reach], [0, 0]]
    assert found.shape == (25, 28, 28)
    places = [0, side - 1, side * (side - 1), side * side - 1, side * side // 2]
    assert np.array_equal(found[places], generator.decode(corners))


def test_a_way_begins_and_ends_at_its_ends(opened):
    _, generator = opened()
    start, end = np.random.default_rng(2).normal(size=(2, 4))
    found = generator.between(start, end, 7)
    assert found.shape == (7, 28, 28)
    assert np.array_equal(found[[0, -1]], generator.decode([start, end]))


def test_a_way_through_the_middle_breaks_nothing(opened):
    _, generator = opened()
    point = np.ones(4)
    assert generator.between(point, -point, 5).shape == (5, 28, 28)
    assert generator.between(0 * point, 0 * point, 3).shape == (3, 28, 28)


def test_the_spread_of_samples(opened):
    _, generator = opened()
    wide, _ = generator.sample(N, seed=1)
    narrow, _ = generator.sample(N, seed=1, scale=0.5)
    assert np.allclose(narrow, 0.5 * wide)


def test_networks_that_are_not_this_runs_are_refused(opened):
    path, generator = opened()
    config = generator.config
    (path / "encoder.tflite").rename(path / "kept")
    with pytest.raises(FileNotFoundError, match="encoder.tflite"):
        load_generator(path, config)
    (path / "encoder.tflite").write_bytes(b"PK\x03\x04 not one")
    with pytest.raises(ValueError, match="damaged"):
        load_generator(path, config)
    shutil.copy(path / "decoder.tflite", path / "encoder.tflite")
    with pytest.raises(ValueError, match="not the network"):
        load_generator(path, config)
