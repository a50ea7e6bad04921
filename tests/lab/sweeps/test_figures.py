"""Means over seeds, and which settings count."""

from itertools import product

import pytest

from doodle_core.evaluation import wilson
from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension
from support.sweeps import Trainer, table

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
GRID = (Dimension("batch_size", (8, 16)), Dimension("seed", (0, 1)))


def row(trial, values, accuracy, loss=0.5, **more):
    made = {"trial": trial, "values": values, "state": "done", "n": 100, "best_epoch": 1}
    return made | {"val_accuracy": accuracy, "val_loss": loss, "low": 0.1, "high": 1.0} | more


def test_seeds_of_one_combination_come_as_their_mean_and_range():
    rows = [
        row(1, {"blocks": 2, "seed": 0}, 0.9, 0.3),
        row(2, {"blocks": 2, "seed": 1}, 0.96, 0.1),
        row(3, {"blocks": 3, "seed": 0}, 0.5),
        row(4, {"blocks": 3, "seed": 1}, None, None, state="pruned"),
    ]
    first, second = sweeps.over_seeds(rows)
    assert first["values"] == {"blocks": 2} and first["seeds"] == 2 and first["state"] == "done"
    assert first["val_accuracy"] == pytest.approx(0.93)
    assert first["val_loss"] == pytest.approx(0.2)
    assert first["ranges"] == {"val_accuracy": (0.9, 0.96), "val_loss": (0.1, 0.3)}
    assert (first["low"], first["high"]) == pytest.approx(wilson(93, 100))
    assert second["seeds"] == 1 and second["val_accuracy"] == 0.5 and second["state"] == "pruned"
    assert (second["low"], second["high"]) == (0.1, 1.0)


def test_seeds_alone_are_told_apart():
    rows = [row(k + 1, {"seed": k}, 0.9 + k / 100) for k in range(3)]
    assert [one["values"] for one in sweeps.over_seeds(rows)] == [{"seed": k} for k in range(3)]


def test_the_best_is_the_best_by_either_figure():
    rows = [row(1, {"blocks": 1}, 0.9, 0.2), row(2, {"blocks": 2}, 0.8, 0.1)]
    rows += [row(3, {"blocks": 3}, 0.99, 0.01, state="pruned")]  # not tried to its end
    for _ in range(2):
        assert sweeps.best(rows, "val_accuracy")["trial"] == 1
        assert sweeps.best(rows, "val_loss")["trial"] == 2
        rows.reverse()


def test_a_rows_figures_are_those_of_its_best_epoch_by_loss(make_sweep, storage):
    class Turning(Trainer):
        def validate(self, config, parts, on_epoch):
            for epoch, (loss, accuracy) in enumerate(((0.5, 0.6), (0.2, 0.8), (0.9, 0.85)), 1):
                logs = {"loss": loss, "val_loss": loss, "accuracy": 0.5, "val_accuracy": accuracy}
                on_epoch(epoch, logs)
            return {"val_loss": 0.2, "val_accuracy": 0.8, "epoch": 2, "parameters": 7}

    make_sweep()
    sweep_worker.pull(storage, None, Turning())
    for one in table(storage):
        assert (one["best_epoch"], one["val_loss"], one["val_accuracy"]) == (2, 0.2, 0.8)
        assert (one["low"], one["high"]) == pytest.approx(wilson(80, 100))


def test_a_grid_is_explained_by_its_sums_of_squares(make_sweep, storage):
    """Means of 0.2 and 0.4 by batch size, alike by dropout: 4 x 0.01 of 4 x 0.01 + 4 x 0.0001."""
    space = (Dimension("batch_size", (8, 16)), Dimension("dropout", (0.0, 0.5)))
    study, sweep = make_sweep("s", space)
    losses = (0.21, 0.19, 0.39, 0.41)
    rows = [row(k, values, 0.9, loss) for k, (values, loss) in enumerate(zip(sweep.grid, losses))]
    found = sweeps.importance(study, sweep, rows)
    assert next(iter(found)) == "batch_size"
    assert found["batch_size"] == pytest.approx(0.04 / 0.0404)
    assert found["dropout"] == pytest.approx(0, abs=1e-9)
    assert found["together"] == pytest.approx(0.0004 / 0.0404)


def test_what_differs_between_seeds_is_no_settings_doing(make_sweep, storage):
    study, sweep = make_sweep("s", GRID)
    rows = [row(k, one, 0.9, loss) for k, (one, loss) in enumerate(zip(sweep.grid, (1, 3, 3, 5)))]
    assert sweeps.importance(study, sweep, rows) == pytest.approx({"batch_size": 0.5, "seeds": 0.5})


def test_where_it_cannot_be_told_a_sentence_says_why(make_sweep, storage):
    study, sweep = make_sweep("s", GRID)
    rows = [row(k, values, 0.9, 0.5) for k, values in enumerate(sweep.grid)]
    with pytest.raises(ValueError, match="the same figure"):
        sweeps.importance(study, sweep, rows)
    rows[0] |= {"state": "pruned"}
    with pytest.raises(ValueError, match="from 30 finished trials on; here 3 are"):
        sweeps.importance(study, sweep, rows)
    ranges = (Dimension("dropout", low=0.0, high=0.5), Dimension("batch_size", (8, 16)))
    study, sweep = make_sweep("r", ranges, sampler="random", trials=40)
    rows = [row(k, {"dropout": 0.1, "batch_size": 8}, 0.9, 0.5) for k in range(40)]
    with pytest.raises(ValueError, match="the same figure"):
        sweeps.importance(study, sweep, rows)


def test_from_thirty_trials_on_other_searches_tell_what_counts(make_sweep, storage):
    """The stand-in's loss follows the batch size alone."""
    space = (
        Dimension("batch_size", tuple(range(8, 200, 8))),
        Dimension("dropout", (0.0, 0.2, 0.5)),
    )
    study, sweep = make_sweep("r", space, sampler="random", trials=30, epochs=1)
    sweep_worker.pull(storage, None, Trainer())
    found = sweeps.importance(study, sweep, table(storage, "r"))
    assert next(iter(found)) == "batch_size" and sum(found.values()) == pytest.approx(1)


def test_the_learning_rates_come_with_three_seeds_each():
    space = sweeps.PRESETS["learning-rate"].space
    values = [dict(zip(("rate", "seed"), one)) for one in product(*(one.values for one in space))]
    assert len(values) == 30 and {one["seed"] for one in values} == {0, 1, 2}
