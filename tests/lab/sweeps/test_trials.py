"""A sweep's trials: made once, put back, paused; damaged sweeps hide no other."""

import optuna
import pytest

from doodle_core import __main__
from doodle_core.lab import sweep_worker, sweeps
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
