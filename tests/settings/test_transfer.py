"""Bases of keras.applications: the report's settings, and ours."""

import pytest

from doodle_core.evaluation.given import BASES, WAYS
from doodle_core.settings import PRESETS, RunConfig, TransferConfig


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": "mobile"}, "base must be a name in keras.applications"),
        ({"base": "M"}, "base must be a name in keras.applications"),
        ({"base": "M" * 42}, "base must be a name in keras.applications"),
        ({"base": 3}, "base must be a text"),
        ({"weights": ""}, "weights must be"),
        ({"weights": "x" * 1001}, "weights must be"),
        ({"weights": "a\nb"}, "weights must be"),
        ({"weights": None}, "weights must be"),
    ],
)
def test_what_is_no_base_and_no_weights(change, words):
    with pytest.raises(ValueError, match=words):
        TransferConfig(**change)


def test_bases_and_weights_at_their_bounds():
    assert TransferConfig(base="Mo").base == "Mo" and TransferConfig(base="M" * 41)
    assert TransferConfig(weights="x" * 1000) and TransferConfig(weights="x").weights == "x"
