"""A classifier's settings: bounds, presets, and what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doodle_core.settings import DataConfig, RunConfig, TransferConfig
from support.hostile import JSON, answered


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"epochs": 0}, "epochs must be"),
        ({"epochs": 1.5}, "epochs must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"learning_rate": 0}, "learning_rate must be"),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
        ({"network": "vgg"}, "network must be one of"),
        ({"precision": "int8"}, "precision must be one of"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        RunConfig("x", **change)


def test_a_configuration_survives_its_json():
    config = RunConfig("x", DataConfig("folder:/some where", ("cat", "dog"), seed=4), epochs=3)
    assert RunConfig.from_dict(config.to_dict()) == config


def test_a_foreign_setting_is_refused_by_name():
    with pytest.raises(ValueError, match="surprise"):
        RunConfig.from_dict({"name": "x", "surprise": 1})


@given(st.sampled_from(["filters", "name", "source", "base", "seed", "epochs", "categories"]), JSON)
def test_no_setting_surprises(setting, value):
    made = answered(RunConfig.from_dict, {"name": "x", setting: value})
    assert made is None or made == RunConfig.from_dict(made.to_dict())


def test_stages_and_changes_of_drawings():
    config = RunConfig("x")
    assert config.all_epochs == 20 and not config.augments
    for change in ({"rotation": 1.0}, {"shift": 1.0}, {"zoom": 0.1}):
        assert RunConfig("x", **change).augments
    moved = RunConfig("x", network="transfer", transfer={"fine_tune_epochs": 7}, epochs=3)
    assert moved.all_epochs == 10 and moved.transfer == TransferConfig(fine_tune_epochs=7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "transfer"}, "belong to the network"),
        ({"transfer": {}}, "belong to the network"),
        ({"schedule": "cosine", "plateau": 5}, "cosine schedule"),
        ({"schedule": "cosine", "network": "transfer", "transfer": {}}, "cosine schedule"),
        ({"transfer": 3}, "transfer must be a TransferConfig"),
        ({"data": None}, "data must be a DataConfig"),
        ({"start_from": "../x"}, "A run's name must be"),
        ({"test_views": "yes"}, "test_views must be true or false"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        RunConfig("x", **change)
    assert RunConfig("x", schedule="cosine") and RunConfig("x", plateau=5)
