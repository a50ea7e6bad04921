"""Sweeps: what is asked for, who trains it, and that no trial is lost."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import optuna
import pytest
import sqlalchemy
from optuna.trial import TrialState
from support.browser import ROOT
from support.drawings import CATEGORIES
from support.sweeps import Trainer

from doodle_core import __main__
from doodle_core.files import MODELS
from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension, Sweep
from doodle_core.settings import DataConfig, RunConfig

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


def table(storage, name="s"):
    return sweeps.rows(*sweeps.load(storage, name))


def states(storage, name="s"):
    return [row["state"] for row in table(storage, name)]


# --- what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, text, wanted",
    [
        ("batch_size", "8, 16,32", {"values": (8, 16, 32)}),
        ("learning_rate", "1e-4..1e-2 log", {"low": 1e-4, "high": 1e-2, "log": True}),
        ("dropout", "0..0.5", {"low": 0.0, "high": 0.5}),
        ("filters", "8..64", {"low": 8, "high": 64}),
        ("init", "glorot, he", {"values": ("glorot", "he")}),
    ],
)
def test_values_and_ranges_as_a_person_types_them(name, text, wanted):
    assert Dimension.parse(name, text) == Dimension(name, **wanted)


@pytest.mark.parametrize(
    "name, text",
    [
        ("batch_size", ""),
        ("batch_size", "8, x"),
        ("batch_size", "1.5"),
        ("batch_size", "8, 8"),
        ("learning_rate", "2..1"),
        ("learning_rate", "0..1 log"),
        ("learning_rate", "1..2 lag"),
        ("learning_rate", "nan..1"),
        ("epochs", "1, 2"),
        ("__class__", "x"),
    ],
)
def test_what_cannot_be_swept_gets_a_sentence(name, text):
    with pytest.raises(ValueError, match=r".{20}\.$"):
        Dimension.parse(name, text)


@pytest.mark.parametrize(
    "space, settings, said",
    [
        ((), {}, "at least one"),
        ((Dimension("dropout", low=0, high=0.5),), {}, "grid needs values"),
        ((Dimension("dropout", (0.1, 1.5)),), {}, "dropout must be"),
        ((Dimension("init", ("he", "hi")),), {}, "init must be"),
        ((Dimension("filters", (8,)),), {}, "report-flat only"),
        ((Dimension("label_smoothing", (0.0, 0.1)),), {}, "val_accuracy"),
        ((Dimension("seed", tuple(range(501))),), {}, "1 to 500"),
        ((Dimension("seed", (1,)),) * 2, {}, "twice"),
        ((Dimension("seed", (1,)),), {"sampler": "x"}, "sampler must be"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(make_config, space, settings, said):
    with pytest.raises(ValueError, match=said):
        Sweep("s", make_config(), space, **settings)


def test_whatever_can_be_swept_can_be_trained():
    """With the values that the page begins with; a schedule stands for other settings, too."""
    base = RunConfig("s", network="report-flat")
    assert {"batch_size", "learning_rate", "network", "schedule"} <= set(sweeps.swept())
    for name, setting in sweeps.swept().items():
        dimension = Dimension.parse(name, setting.swept)
        sweep = Sweep("s", base, (dimension,), objective="val_accuracy")
        trained = [sweep.config(point) for point in sweep.grid]
        assert len(trained) > 1
        if name != "schedule":
            assert tuple(getattr(config, name) for config in trained) == dimension.values


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


def test_the_presets_are_the_reports():
    data = DataConfig()
    made = {name: sweeps.from_preset("s", name, data) for name in sweeps.PRESETS}
    values = {name: [one.values for one in sweep.space] for name, sweep in made.items()}
    assert values["batch-size"] == [(8, 16, 32, 64, 128)]
    assert values["width-depth"] == [(16, 32, 64), (2, 3, 4)]
    assert values["dropout"] == [(0.1, 0.2, 0.3, 0.4, 0.5)]
    np.testing.assert_allclose(values["learning-rate"][0], np.linspace(1e-4, 1e-2, 10))
    epochs = {name: sweep.base.epochs for name, sweep in made.items()}
    assert (epochs["batch-size"], epochs["learning-rate"], epochs["width-depth"]) == (15, 15, 50)
    assert made["width-depth"].base.network == "report-flat"
    assert made["dropout"].base.early_stopping == 8
    plateaus = [
        (config.plateau, config.schedule)
        for config in (made["schedule"].config(point) for point in made["schedule"].grid)
    ]
    assert plateaus == [(0, "constant"), (5, "constant"), (0, "cosine")]
    assert all(Sweep.from_dict(sweep.to_dict()) == sweep for sweep in made.values())


# --- the storage ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["mysql://u:hush@h/d", "hush", "postgres//u:hush@h", "redis://hush", "sqlite://", "://"]
)
def test_an_address_that_cannot_be_used_is_not_repeated(url):
    with pytest.raises(sweeps.StorageError, match="expected") as caught:
        sweeps.open_storage(url)
    assert "hush" not in str(caught.value)


def test_a_server_that_does_not_answer_gets_a_sentence_without_the_password():
    url = "postgresql://me:hush@127.0.0.1:1/db?password=hush2"
    with pytest.raises(sweeps.StorageError, match="does not answer") as caught:
        sweeps.open_storage(url)
    assert "127.0.0.1:1/db" in str(caught.value) and "hush" not in str(caught.value)
    assert sweeps.label(url) == "PostgreSQL at 127.0.0.1:1/db"


def test_the_shipped_sweeps_are_begun_with_once_and_then_left_alone(make_sweep, storage):
    make_sweep("theirs", preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    storage.remove_session()
    storage.engine.dispose()
    sweeps.FILE.rename(sweeps.SHIPPED)
    assert sweeps.is_there()
    before = sweeps.SHIPPED.read_bytes()
    opened = sweeps.open_storage()
    assert sweeps.names(opened) == ["theirs"]
    sweeps.delete(opened, "theirs")
    assert sweeps.names(sweeps.open_storage()) == [], "what was deleted does not come back"
    assert sweeps.SHIPPED.read_bytes() == before
    assert sorted(path.name for path in MODELS.iterdir() if path.suffix != ".lock") == [
        "report-sweeps.db",
        "sweeps.db",
    ]


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
        "Best is batch size 8: 95.0 % (93.0 to 96.0) of 100 validation drawings;"
    )
    assert "the report's best, batch size 16: 94.0 % (92.0 to 95.0); worst, batch size 32" in words
    assert "2 of 3 overlap the best one's interval" in words
    found[2]["high"] = 0.94
    assert "All intervals overlap" in sweeps.said_of(sweep, found)


def test_a_damaged_file_gets_a_sentence():
    MODELS.mkdir(parents=True)
    sweeps.FILE.write_bytes(b"not a data base" * 100)
    with pytest.raises(sweeps.StorageError, match=r"models/sweeps.db\) does not answer"):
        sweeps.open_storage()


# --- training it ---------------------------------------------------------------------------------


def test_every_value_of_a_grid_is_trained_once(make_sweep, storage):
    study, sweep = make_sweep()
    assert states(storage) == ["waiting"] * 3
    trainer = Trainer()
    assert sweep_worker.pull(storage, None, trainer)
    assert [config.batch_size for config in trainer.trained] == [8, 16, 32]
    rows = table(storage)
    assert [row["state"] for row in rows] == ["done"] * 3
    first = rows[0]
    assert first["history"]["val_loss"] == pytest.approx([1.008, 0.508, 0.008 + 1 / 3])
    assert (first["best_epoch"], first["n"], first["parameters"]) == (3, 100, 7)
    assert first["low"] < first["val_accuracy"] < first["high"]
    assert sweeps.best(rows, sweep.objective) is first
    assert (
        sweep_worker.pull(storage, None, trainer) and len(trainer.trained) == 3
    )  # nothing is left
    assert len(study.trials) == 3


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "bayesian"])
def test_ranges_are_sampled_the_same_for_the_same_seed(make_sweep, storage, sampler):
    space = Dimension("learning_rate", low=1e-4, high=1e-1, log=True), Dimension("seed", (1, 2))
    values = []
    for name in ("one", "two"):
        make_sweep(name, space, epochs=1, sampler=sampler, trials=6)
        sweep_worker.pull(storage, name, Trainer())
        values.append([row["values"] for row in table(storage, name)])
    assert values[0] == values[1]
    rates = [one["learning_rate"] for one in values[0]]
    assert len(set(rates)) == 6 and all(1e-4 <= rate <= 1e-1 for rate in rates)


@pytest.mark.slow
def test_workers_side_by_side_train_each_value_once(make_sweep, storage):
    make_sweep(space=(Dimension("batch_size", tuple(range(1, 11))),), epochs=1)
    trainer = Trainer()
    opened = [sweeps.open_storage() for _ in range(4)]
    threads = [
        threading.Thread(target=sweep_worker.pull, args=(one, None, trainer)) for one in opened
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(config.batch_size for config in trainer.trained) == list(range(1, 11))
    assert states(storage) == ["done"] * 10


def die(config, epoch):
    raise SystemExit  # Optuna leaves the trial as a killed process would


def make_stale(storage):
    with storage.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE trial_heartbeats SET heartbeat = '2020-01-01 00:00:00'")
        )


@pytest.mark.slow
def test_a_dead_workers_trial_is_taken_up_with_its_values_but_not_for_ever(make_sweep, storage):
    space = (Dimension("learning_rate", low=1e-4, high=1e-1),)
    study, sweep = make_sweep(space=space, sampler="random", trials=1)
    rates = []
    for _ in range(sweeps.DEATHS):
        with pytest.raises(SystemExit):
            sweep_worker.pull(storage, None, Trainer(die))
        assert states(storage)[0] == "running"  # as far as anybody knows yet
        rates.append(table(storage)[0]["values"]["learning_rate"])
        make_stale(storage)
        sweeps.take_up(study, sweep)
    assert len(set(rates)) == 1
    row = table(storage)[0]
    assert row["state"] == "failed" and "died 3 times" in row["error"]
    assert sweep_worker.pull(storage, None, Trainer()) and states(storage) == ["failed"]
    sweeps.retry_failed(study, sweep)
    trainer = Trainer()
    sweep_worker.pull(storage, None, trainer)
    assert [config.learning_rate for config in trainer.trained] == rates[:1]
    assert states(storage) == ["done"]


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


def test_ctrl_c_puts_the_trial_back(make_sweep, storage):
    make_sweep(space=(Dimension("batch_size", (8,)),))

    def interrupt(config, epoch):
        raise KeyboardInterrupt

    for _ in range(sweeps.DEATHS + 1):  # a stop is no death
        with pytest.raises(KeyboardInterrupt):
            sweep_worker.pull(storage, None, Trainer(interrupt))
        assert states(storage) == ["lost"]
    sweep_worker.pull(storage, None, Trainer())
    assert states(storage) == ["done"]


def test_a_failing_trial_does_not_end_the_sweep(make_sweep, storage):
    make_sweep()

    def fail(config, epoch):
        if config.batch_size == 16:
            raise MemoryError

    sweep_worker.pull(storage, None, Trainer(fail))
    assert states(storage) == ["done", "failed", "done"]
    assert "memory is full" in table(storage)[1]["error"]


def test_a_poor_trial_is_pruned(make_sweep, storage):
    space = (Dimension("batch_size", (8, 9, 10, 11, 12, 1000)),)
    make_sweep(space=space, epochs=6, pruner="median")
    sweep_worker.pull(storage, None, Trainer())
    rows = table(storage)
    assert [row["state"] for row in rows] == ["done"] * 5 + ["pruned"]
    assert rows[5]["epochs"] < 6


def test_a_diverging_trial_is_ended_and_the_best_is_another(make_sweep, storage):
    study, sweep = make_sweep(space=(Dimension("batch_size", (8, 16)),))
    trainer = Trainer()
    plain = trainer.validate

    def validate(config, parts, on_epoch):
        if config.batch_size == 8:
            on_epoch(1, {"loss": np.nan, "val_loss": np.nan, "val_accuracy": 0.1, "accuracy": 0.1})
        return plain(config, parts, on_epoch)

    trainer.validate = validate
    sweep_worker.pull(storage, None, trainer)
    rows = table(storage)
    assert [row["state"] for row in rows] == ["pruned", "done"]
    assert "diverged" in rows[0]["error"]
    assert sweeps.best(rows, "val_loss")["values"] == {"batch_size": 16}


def test_a_machine_without_the_drawings_takes_no_trial(make_sweep, storage):
    make_sweep()
    trainer = Trainer()

    def missing(data):
        raise FileNotFoundError("The folder has no apple.npy.")

    trainer.open_parts = missing
    assert not sweep_worker.pull(storage, None, trainer)
    assert states(storage) == ["waiting"] * 3


def test_a_sweep_deleted_meanwhile_stops_no_worker(make_sweep, storage):
    make_sweep("one")
    make_sweep("two")

    def drop(config, epoch):
        sweeps.delete(sweeps.open_storage(), "one")

    trainer = Trainer(drop)
    sweep_worker.pull(storage, None, trainer)
    assert sweeps.names(storage) == ["two"] and len(trainer.trained) == 1 + 3
    assert states(storage, "two") == ["done"] * 3


def test_names_are_taken_once_and_strange_studies_left_alone(make_sweep, storage):
    make_sweep()
    with pytest.raises(ValueError, match="already"):
        make_sweep()
    optuna.create_study(storage=storage, study_name="someone else's")
    assert sweeps.names(storage) == ["s"]
    with pytest.raises(ValueError, match="no sweep named"):
        sweeps.load(storage, "someone else's")


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_asks_for_sweeps_and_lists_them(drawings_folder, capsys):
    data = [f"--source=folder:{drawings_folder}", f"--categories={','.join(CATEGORIES)}"]
    sweep = ["sweep", *data, "--name"]
    assert __main__.main([*sweep, "a", "--preset=width-depth", "--epochs=2"]) == 0
    rate = "--vary=learning_rate=1e-4..1e-2 log"
    free = [*sweep, "b", rate, "--sampler=bayesian", "--trials=4", "--pruner=hyperband"]
    assert __main__.main(free) == 0
    storage = sweeps.open_storage()
    (_, a), (_, b) = sweeps.load(storage, "a"), sweeps.load(storage, "b")
    assert (a.trials, a.base.epochs, a.base.network) == (9, 2, "report-flat")
    assert (b.trials, b.sampler, b.pruner, b.space[0].log) == (4, "bayesian", "hyperband", True)
    assert __main__.main(["sweeps"]) == 0
    assert "9 waiting" in capsys.readouterr().out
    for bad in (["--preset=x"], ["--vary=x=1"], ["--vary=dropout"], ["--preset=dropout"]):
        assert __main__.main([*sweep, "a", *bad]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


# --- PostgreSQL and two real workers -------------------------------------------------------------

BINARIES = shutil.which("initdb") or next(
    iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), reverse=True)), None
)


@contextlib.contextmanager
def postgres():
    """A PostgreSQL server of our own on a loopback port; yields its address."""
    folder = Path(tempfile.mkdtemp(prefix="doodle-postgres-"))
    programs = Path(BINARIES).parent
    account = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        account = ["runuser", "-u", "postgres", "--"]
    secret = folder / "secret"
    secret.write_text("hush-hush")
    secret.chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    make = ["-D", folder / "data", "-U", "doodle", "-A", "scram-sha-256", f"--pwfile={secret}"]
    subprocess.run(
        [*account, programs / "initdb", *make, "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    options = ["listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}"]
    options += ["fsync=off"]
    server = subprocess.Popen(
        [*account, programs / "postgres", "-D", folder / "data"]
        + [part for option in options for part in ("-c", option)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql://doodle:hush-hush@127.0.0.1:{port}/postgres"
    try:
        end = time.monotonic() + 30
        while True:
            try:
                sweeps.open_storage(url).engine.dispose()
                break
            except sweeps.StorageError:
                assert time.monotonic() < end and server.poll() is None
                time.sleep(0.1)
        yield url
    finally:
        for number in (folder / "data/postmaster.pid").read_text().split()[:1]:
            os.kill(int(number), signal.SIGINT)  # a fast shutdown
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(not BINARIES, reason="needs a PostgreSQL server (Debian: postgresql)")
def test_two_workers_on_postgresql_one_killed_and_no_trial_is_lost(make_config, tmp_path):
    values = (16, 17, 18)
    with postgres() as url:
        storage = sweeps.open_storage(url)
        space = (Dimension("batch_size", values),)
        sweeps.create(storage, Sweep("s", make_config(epochs=20), space))
        environment = os.environ | {"DOODLE_STORAGE": url, "DOODLE_HEARTBEAT": "1"}
        logs = [tmp_path / "one.log", tmp_path / "two.log"]
        workers = []
        for log in logs:
            with open(log, "wb") as file:
                command = [sys.executable, "-m", "doodle_core", "sweep-worker"]
                workers.append(
                    subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file)
                )
        victim = workers[0]
        try:
            end = time.monotonic() + 120
            at = []
            while not at:  # until it is in the middle of a trial
                assert time.monotonic() < end and victim.poll() is None, logs[0].read_text()
                at = [
                    row
                    for row in table(storage)
                    if row["state"] == "running"
                    and row["epochs"]
                    and row["worker"].endswith(f"process {victim.pid}")
                ]
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            assert table(storage)[at[0]["trial"] - 1]["state"] == "running"
            assert workers[1].wait(120) == 0, logs[1].read_text()
        finally:
            for one in workers:
                one.kill()
        study, sweep = sweeps.load(storage, "s")
        complete = [trial for trial in study.trials if trial.state == TrialState.COMPLETE]
        assert sorted(trial.params["batch_size"] for trial in complete) == list(values)
        rows = sweeps.rows(study, sweep)
        assert all(row["state"] == "done" and row["epochs"] == 20 for row in rows)
        again = rows[at[0]["trial"] - 1]
        assert again["values"] == at[0]["values"] and again["tries"] == 2
        assert study.trials[at[0]["number"]].state == TrialState.FAIL
        assert again["worker"].endswith(f"process {workers[1].pid}")
        assert "hush" not in "".join(log.read_text() for log in logs) + sweeps.label(url)
        storage.remove_session()
        storage.engine.dispose()
