"""Bases of keras.applications: the report's settings, and ours."""

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
