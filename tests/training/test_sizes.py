"""Stored networks made to fill the memory: refused before anything is unpacked or built."""

import io
import json
import threading
import tracemalloc
import zipfile

import h5py
import keras
import numpy as np
import pytest

from doodle_core.training import sizes, stored


def network():
    return keras.Sequential(
        [keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(3, name="dense")]
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The three members of a stored network of 111 numbers."""
    file = tmp_path_factory.mktemp("network") / "best.keras"
    network().save(file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(file, members):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def with_units(config, units):
    content = json.loads(config)
    content["config"]["layers"][-1]["config"]["units"] = units
    return json.dumps(content)


def with_kernel(weights, **stored):
    file = io.BytesIO(weights)
    with h5py.File(file, "r+") as content:
        (kernel,) = [group for group in content["layers"] if "dense" in group]
        del content[f"layers/{kernel}/vars/0"]
        content[f"layers/{kernel}/vars"].create_dataset("0", **stored)
    return file.getvalue()


def linked(weights):
    file = io.BytesIO(weights)
    with h5py.File(file, "r+") as content:
        content.create_dataset("far", (9,), "f4", external=[("/etc/hostname", 0, 36)])
    return file.getvalue()


HUGE = {"shape": (36, 10**8), "dtype": "f4", "chunks": (36, 1000), "compression": "gzip"}
ZEROS = {"data": np.zeros((36, 10**6), np.float32)}
CRAFTED = {
    "a billion units": lambda m: {"config.json": with_units(m["config.json"], 10**9)},
    "more units than weights": lambda m: {"config.json": with_units(m["config.json"], 500)},
    "a huge shape": lambda m: {
        "config.json": with_units(m["config.json"], 10**8),
        "model.weights.h5": with_kernel(m["model.weights.h5"], **HUGE),
    },
    "zeros": lambda m: {"model.weights.h5": with_kernel(m["model.weights.h5"], **ZEROS)},
    "another file's bytes": lambda m: {"model.weights.h5": linked(m["model.weights.h5"])},
    "a long description": lambda m: {"config.json": m["config.json"] + b" " * 20_000_000},
    "a longer one": lambda m: {"config.json": m["config.json"] + b" " * 100_000_000},
    "a deep one": lambda m: {"config.json": b"[" * 1_000_000},
    "another member": lambda m: {"assets/x": b"x"},
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_network_made_to_fill_the_memory_is_refused(tmp_path, whole, name):
    file = pack(tmp_path / "best.keras", whole | CRAFTED[name](whole))
    tracemalloc.start()
    with pytest.raises(
        ValueError, match=r"^best.keras is damaged, or not a network of this program"
    ):
        stored.load(file)
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()


def test_nothing_larger_than_the_weights_is_made(tmp_path, whole, monkeypatch):
    """Keras would refuse the weights, too, but after it has made room for what is asked."""
    make, made = keras.layers.Layer.add_weight, []

    def noted(layer, shape=None, *arguments, **options):
        made.append(shape)
        return make(layer, shape, *arguments, **options)

    monkeypatch.setattr(keras.layers.Layer, "add_weight", noted)
    units = CRAFTED["more units than weights"](whole)
    with pytest.raises(ValueError, match="damaged"):
        stored.load(pack(tmp_path / "best.keras", whole | units))
    assert (36, 500) not in made
    stored.load(pack(tmp_path / "best.keras", whole))
    assert (36, 3) in made


def test_a_network_comes_back_and_its_numbers_are_counted(tmp_path, whole):
    file = pack(tmp_path / "best.keras", whole)
    assert sizes.stored_numbers(file) == 36 * 3 + 3
    model = stored.load(file)
    assert (
        model.count_params() == 36 * 3 + 3
        and keras.layers.Layer.add_weight.__name__ == "add_weight"
    )


def test_the_bound_is_of_its_own_thread_and_goes_with_its_block():
    made = []
    with sizes.at_most(0):
        other = threading.Thread(
            target=lambda: made.append(keras.layers.Dense(40).build((None, 40)))
        )
        other.start()
        other.join()
        with pytest.raises(ValueError, match="more weights than its file holds"):
            keras.layers.Dense(40).build((None, 40))
    keras.layers.Dense(40).build((None, 40))
    assert made == [None]


def test_a_layer_whose_answer_would_fill_the_memory_is_refused():
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.UpSampling2D(1000)])
    sizes.check_outputs(network())
    for one in (model, keras.Sequential([keras.Input((28, 28, 1)), model])):
        with pytest.raises(ValueError, match="answers with more than"):
            sizes.check_outputs(one)
