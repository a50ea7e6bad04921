"""A classifier's settings: bounds, presets, and what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doodle_core.evaluation.given import BASES, WAYS
from doodle_core.settings import PRESETS, DataConfig, RunConfig, TransferConfig
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


def test_the_presets_are_the_reports_and_ours():
    for base in BASES:
        theirs, ours = (
            RunConfig(
                "x",
                **PRESETS[f"{way}-{base}"].settings
                | {"transfer": TransferConfig(**PRESETS[f"{way}-{base}"].settings["transfer"])},
            )
            for way in WAYS
        )
        assert (theirs.loss, theirs.optimizer, theirs.learning_rate) == ("sigmoid", "rmsprop", 1e-3)
        assert (theirs.batch_size, theirs.epochs, theirs.all_epochs) == (64, 20, 40)
        assert not theirs.transfer.recompile and theirs.transfer.batch_norm == "batch"
        assert ours.transfer.recompile and ours.transfer.batch_norm == "inference"
        assert ours.loss == "softmax" and ours.transfer.fine_tune_rate < ours.learning_rate
