"""Who trains a sweep's trials, and that none is lost."""

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
import pytest
import sqlalchemy
from optuna.trial import TrialState

from doodle_core.lab import sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension, Sweep
from support.browser import ROOT
from support.sweeps import Trainer, states, table

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


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


def test_a_worker_killed_before_its_first_heartbeat_holds_no_slot(make_sweep, storage):
    """Optuna never calls such a trial stale. Whoever looks waits two heartbeats, of a second here."""
    study, sweep = make_sweep(epochs=1)
    study.ask()  # the first slot's; nobody will speak of it again
    row = table(storage)[0]
    assert (row["state"], row["worker"]) == ("running", sweeps.SILENT)
    trainer = Trainer()
    assert sweep_worker.pull(storage, None, trainer)
    assert [config.batch_size for config in trainer.trained] == [16, 32, 8]
    assert states(storage) == ["done"] * 3 and table(storage)[0]["tries"] == 2
    assert sweeps.SILENT not in [row["worker"] for row in table(storage)]


def test_a_worker_that_speaks_late_loses_its_trial_and_nothing_else(make_sweep, storage):
    study, sweep = make_sweep(epochs=1)
    slow = study.ask()
    sweep_worker.pull(storage, None, Trainer())
    with pytest.raises(sweep_worker.STORAGE_ERRORS):
        slow.set_user_attr("n", 1)
    assert states(storage) == ["done"] * 3


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
