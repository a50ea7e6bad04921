"""Stored networks that are damaged."""

import keras
import pytest
from hypothesis import given, settings

from doodle_core.training import stored
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


def test_a_whole_network_is_read_and_half_of_one_is_not(tmp_path, stored_network):
    file = tmp_path / "best.keras"
    file.write_bytes(stored_network)
    assert stored.load(file).count_params() == 6
    file.write_bytes(stored_network[: len(stored_network) // 2])
    with pytest.raises(ValueError, match=r"^[^\n]{10,300}$"):
        stored.load(file)
