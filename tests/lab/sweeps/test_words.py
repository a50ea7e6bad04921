"""The report's sweeps in words."""

import pytest

from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension
from support.sweeps import Trainer

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


def test_the_reports_sweeps_are_told_in_words(make_sweep, storage):
    make_sweep("old", preset="batch-size")
    make_sweep("mine")
    make_sweep("new", preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    make_sweep("not begun", preset="dropout", space=(Dimension("dropout", (0.1, 0.2)),))
    ((sweep, found),) = sweeps.of_the_report(storage)
    assert sweep.name == "new"
    for row, (accuracy, low, high) in zip(
        found, ((0.95, 0.93, 0.96), (0.94, 0.92, 0.95), (0.8, 0.7, 0.9))
    ):
        row |= {"val_accuracy": accuracy, "low": low, "high": high}
    words = sweeps.said_of(sweep, found).replace("\u00a0", " ")
    assert words.startswith(
        "Best is batch size 8: 95.0 % (93.0 to 96.0), of 100 validation drawings;"
    )
    assert "the report's best, batch size 16: 94.0 % (92.0 to 95.0); worst, batch size 32" in words
    assert "2 of 3 intervals overlap the best one's, itself among them. One seed of each" in words
    found[2]["high"] = 0.94
    assert "All intervals overlap" in sweeps.said_of(sweep, found)


def test_seeds_are_counted_and_their_mean_and_range_are_told(make_sweep, storage):
    space = (Dimension("batch_size", (8, 16)), Dimension("seed", (0, 1, 2)))
    make_sweep("new", space, preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    ((sweep, found),) = sweeps.of_the_report(storage)
    for row, accuracy in zip(found, (0.90, 0.96, 0.96, 0.93, 0.93, 0.96)):
        row["val_accuracy"] = accuracy
    words = sweeps.said_of(sweep, found).replace("\u00a0", " ")
    assert words.startswith("Best is batch size 8: 94.0 %") or words.startswith(
        "Best is batch size 16: 94.0 %"
    )
    assert "the mean of 3 seeds from 90.0 to 96.0 %" in words and words.endswith("3 seeds of each.")
    assert "worst, batch size" in words and "One seed" not in words
