"""A run as a row of the table of all runs."""

import pytest

from doodle_core import runs


def test_summary_has_the_best_epochs_figures_and_the_settings(finished_run):
    row = runs.summary(runs.load(finished_run(n_wrong=4)))
    assert row["best epoch"] == 2 and row["val accuracy"] == 0.8
    assert row["test top-1"] == pytest.approx(1 - 4 / row["test drawings"])
    assert row["low"] < row["test top-1"] < row["high"] and row["batch_size"] == 16
    assert row["practice data"] is False
