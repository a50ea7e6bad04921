"""Stored networks: damaged ones, what was learned from before, and rounded ones."""

import gzip

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from doodle_core import runs
from doodle_core.settings import DataConfig
from doodle_core.training import stored
from support.drawings import make_drawings
from support.hostile import answered, damages


@pytest.fixture(scope="module")
def stored_network(tmp_path_factory):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    file = tmp_path_factory.mktemp("network") / "model.keras"
    model.save(file)
    return file.read_bytes()


@settings(max_examples=12)
@given(damages())
def test_a_damaged_network_is_refused(tmp_path_factory, stored_network, damage):
    file = tmp_path_factory.mktemp("networks") / "best.keras"
    file.write_bytes(damage(stored_network))
    answered(stored.load, file)


@pytest.mark.parametrize("link", ["first", "second"])
def test_what_any_older_run_learned_from_is_no_test_whatever_it_was_called(
    finished_run, make_config, stored_network, tmp_path, link
):
    """The same pixels under other names: no category in common, and yet they were learned from."""
    names = ("cat", "dog", "fish")
    make_drawings(folder := tmp_path / "animals", categories=names)
    finished_run("first", data=DataConfig(f"folder:{folder}", names, 0))
    (finished_run("second", start_from="first") / "best.keras").write_bytes(stored_network)
    (runs.folder("first") / "best.keras").write_bytes(stored_network)
    learned = np.load(folder / "cat.npy")[:1].reshape(1, 28, 28, 1)
    new = np.zeros((1, 28, 28, 1), np.uint8)
    other = DataConfig(f"folder:{folder}", ("moon", "sun"), 0)
    config = make_config("third", start_from=link, data=other)
    with pytest.raises(ValueError, match="first learned from 1 of the drawings"):
        stored.started(config, np.concatenate([new, learned]))
    assert stored.started(config, new)


def test_drawings_that_are_not_here_are_told_of(
    finished_run, make_config, stored_network, tmp_path, caplog
):
    make_drawings(folder := tmp_path / "animals", categories=("cat", "dog", "fish"))
    data = DataConfig(f"folder:{folder}", ("cat", "dog", "fish"), 0)
    (finished_run("first", data=data) / "best.keras").write_bytes(stored_network)
    (folder / "cat.npy").unlink()
    new = np.zeros((1, 28, 28, 1), np.uint8)
    other = DataConfig(f"folder:{folder}", ("moon", "sun"), 0)
    assert stored.started(make_config("second", start_from="first", data=other), new)
    assert "could not be looked up" in caplog.text
    shared = DataConfig(f"folder:{folder}", ("cat", "moon"), 0)
    with pytest.raises(FileNotFoundError):
        stored.started(make_config("third", start_from="first", data=shared), new)


def test_a_whole_network_is_read_and_half_of_one_is_not(tmp_path, stored_network):
    file = tmp_path / "best.keras"
    file.write_bytes(stored_network)
    assert stored.load(file).count_params() == 6
    file.write_bytes(stored_network[: len(stored_network) // 2])
    with pytest.raises(ValueError, match=r"^[^\n]{10,300}$"):
        stored.load(file)


def test_kernels_are_rounded_to_half_precision_and_nothing_else(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((40,)), keras.layers.Dense(500, bias_initializer="normal")]
    )
    model.save(file := tmp_path / "best.keras")
    kernel, bias = model.get_weights()
    packed = len(gzip.compress(file.read_bytes()))
    stored.halve(file)
    found = stored.load(file).get_weights()
    assert np.array_equal(found[0], kernel.astype(np.float16).astype(np.float32))
    assert not np.array_equal(found[0], kernel) and np.array_equal(found[1], bias)
    assert len(gzip.compress(file.read_bytes())) < 0.7 * packed
