"""A sweep's trials: made once, put back, paused; damaged sweeps hide no other."""

import os
import time

import optuna
import pytest
from optuna.trial import TrialState
from scipy.stats import binomtest

from doodle_core import __main__
from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension
from support.sweeps import Trainer, states

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")

DAMAGED = (
    {"base": [1]},
    {"base": {"name": "../x"}},
    {"base": None},
    {"name": "../../x"},
    {"space": "abc"},
    {"space": [[1]]},
    {"space": [{"name": "epochs"}]},
    {"space": 3},
    {"sampler": "random", "trials": "many"},
    {"more": 1},
)


def test_damaged_sweeps_get_a_sentence_and_hide_no_other(make_sweep, storage, capsys):
    study, sweep = make_sweep("good")
    for place, changes in enumerate(DAMAGED):
        bad = optuna.create_study(storage=storage, study_name=f"[bad](http://{place})")
        bad.set_user_attr("sweep", sweep.to_dict() | changes)
        with pytest.raises(ValueError, match=r"\.$"):
            sweeps.load(storage, bad.study_name)
    sweep_worker.pull(storage, None, Trainer())
    assert states(storage, "good") == ["done"] * 3
    assert __main__.main(["sweeps"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(DAMAGED) and "3 done" in lines[-1]


def test_names_are_taken_once_and_strange_studies_left_alone(make_sweep, storage):
    make_sweep()
    with pytest.raises(ValueError, match="already"):
        make_sweep()
    optuna.create_study(storage=storage, study_name="someone else's")
    assert sweeps.names(storage) == ["s"]
    with pytest.raises(ValueError, match="no sweep named"):
        sweeps.load(storage, "someone else's")


def test_a_slot_put_back_twice_is_trained_once(make_sweep, storage):
    study, sweep = make_sweep()
    study.enqueue_trial({"batch_size": 8}, user_attrs={"slot": 0})
    trainer = Trainer()
    sweep_worker.pull(storage, None, trainer)
    assert [config.batch_size for config in trainer.trained] == [8, 16, 32]
    assert states(storage) == ["done"] * 3


def test_a_sweep_whose_creation_was_cut_off_is_completed(make_sweep, storage, monkeypatch):
    monkeypatch.setattr(sweeps, "take_up", lambda *_: [])
    make_sweep()
    monkeypatch.undo()
    trainer = Trainer()
    sweep_worker.pull(storage, None, trainer)
    assert len(trainer.trained) == 3


def test_stop_and_resume(make_sweep, storage):
    study, sweep = make_sweep()
    trainer = Trainer(lambda config, epoch: epoch == 2 and sweeps.pause(study))
    assert sweep_worker.pull(storage, None, trainer)
    assert len(trainer.trained) == 1 and states(storage) == ["lost", "waiting", "waiting"]
    sweeps.pause(study, False)
    trainer = Trainer()
    sweep_worker.pull(storage, None, trainer)
    assert states(storage) == ["done"] * 3
    assert sorted(config.batch_size for config in trainer.trained) == [8, 16, 32]


def test_a_sweep_by_accuracy_has_its_best_at_the_top(make_sweep, storage):
    study, sweep = make_sweep(objective="val_accuracy")
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    other, _ = make_sweep("by loss")
    assert other.direction == optuna.study.StudyDirection.MINIMIZE
    trainer = Trainer()
    plain = trainer.validate

    def validate(config, parts, on_epoch):
        def told(epoch, logs):
            on_epoch(epoch, logs | {"val_accuracy": config.batch_size / 100})

        return plain(config, parts, told) | {"val_accuracy": config.batch_size / 100}

    trainer.validate = validate
    sweep_worker.pull(storage, "s", trainer)
    rows = sweeps.rows(study, sweep)
    assert [row["val_accuracy"] for row in rows] == [0.08, 0.16, 0.32]
    assert sweeps.best(rows, "val_accuracy")["values"] == {"batch_size": 32}
    assert sweeps.best(rows, "val_loss")["values"] == {"batch_size": 8}
    assert study.best_value == 0.32
    assert sweeps.best([], "val_loss") is None


def test_a_row_has_the_figures_of_its_best_epoch(make_sweep, storage):
    """Not those of the last one: a trial may grow worse at its end."""
    study, sweep = make_sweep(space=(Dimension("batch_size", (8,)),))
    trainer = Trainer()

    def validate(config, parts, on_epoch):
        epochs = ((0.9, 0.5, 0.6), (0.4, 0.7, 0.8), (0.6, 0.9, 0.7))
        for epoch, (loss, accuracy, val_accuracy) in enumerate(epochs, 1):
            logs = {"loss": loss, "val_loss": loss, "accuracy": accuracy}
            on_epoch(epoch, logs | {"val_accuracy": val_accuracy})
        return {"val_loss": 0.4, "parameters": 11}

    (before,) = sweeps.rows(study, sweep)
    assert (before["state"], before["tries"], before["at"], before["worker"]) == (
        "waiting",
        0,
        0,
        "",
    )
    assert before["values"] == {"batch_size": 8} and before["best_epoch"] is before["low"] is None
    trainer.validate = validate
    began = time.time()
    sweep_worker.pull(storage, None, trainer)
    (row,) = sweeps.rows(study, sweep)
    assert (row["trial"], row["best_epoch"], row["epochs"], row["tries"]) == (1, 2, 3, 1)
    assert (row["val_loss"], row["val_accuracy"], row["n"], row["parameters"]) == (
        0.4,
        0.8,
        100,
        11,
    )
    own = binomtest(80, 100).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((own.low, own.high))
    assert row["history"]["accuracy"] == [0.5, 0.7, 0.9]
    assert began - 1 <= row["at"] <= time.time() + 1 and 0 <= row["seconds"] < 60
    assert row["worker"].endswith(f", process {os.getpid()}") and row["error"] == ""
    assert study.best_value == 0.4


def test_what_a_sweep_has_come_to(make_sweep, storage):
    assert sweeps.DEATHS == 3
    study, sweep = make_sweep()
    assert sweeps.tally(sweeps.rows(study, sweep)) == {"waiting": 3}

    def fail(config, epoch):
        if config.batch_size == 16:
            raise ValueError("No such thing.")

    assert not sweeps.is_done(sweeps.rows(study, sweep))
    sweep_worker.pull(storage, None, Trainer(fail))
    rows = sweeps.rows(study, sweep)
    assert sweeps.tally(rows) == {"done": 2, "failed": 1} and sweeps.is_done(rows)
    assert rows[1]["error"] == "No such thing." and rows[1]["best_epoch"] is None
    sweeps.retry_failed(study, sweep)
    assert states(storage) == ["done", "waiting", "done"]
    sweep_worker.pull(storage, None, trainer := Trainer())
    assert [config.batch_size for config in trainer.trained] == [16]
    assert sweeps.is_done([{"state": "pruned"}, {"state": "failed"}])


def test_the_newest_sweep_is_named_first_and_one_can_be_deleted_twice(make_sweep, storage):
    for name in ("a", "b", "c"):
        make_sweep(name)
    assert sweeps.names(storage) == ["c", "b", "a"]
    sweeps.delete(storage, "b")
    sweeps.delete(storage, "b")
    assert sweeps.names(storage) == ["c", "a"]
    study, _ = sweeps.load(storage, "a")
    assert not sweeps.is_paused(study)
    sweeps.pause(study)
    assert sweeps.is_paused(study)
    sweeps.pause(study, False)
    assert not sweeps.is_paused(study)


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")  # no worker is at it here
def test_a_slot_whose_worker_died_three_times_is_given_up(make_sweep, storage):
    study, sweep = make_sweep(space=(Dimension("batch_size", (8,)),))
    for deaths in (1, 2, 3):
        study.tell(study.ask(), state=TrialState.FAIL)
        sweeps.take_up(study, sweep)
        (row,) = sweeps.rows(study, sweep)
        assert row["state"] == ("waiting" if deaths < 3 else "failed") and row["tries"] == deaths
    assert row["error"] == "Its worker died 3 times." and row["values"] == {"batch_size": 8}


def test_of_a_slots_trials_one_that_ended_well_counts(make_sweep, storage):
    study, sweep = make_sweep(space=(Dimension("batch_size", (8,)),))
    sweep_worker.pull(storage, None, Trainer())
    study.enqueue_trial({"batch_size": 8}, user_attrs={"slot": 0})
    assert states(storage) == ["done"]
    study.enqueue_trial({"batch_size": 8}, user_attrs={"slot": 1})  # there is no such slot
    study.enqueue_trial({"batch_size": 8}, user_attrs={"slot": -1})
    study.enqueue_trial({"batch_size": 8}, user_attrs={"slot": "0"})
    assert [len(tries) for tries in sweeps.slots(study, sweep)] == [2]
