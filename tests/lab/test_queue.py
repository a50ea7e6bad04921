"""The queue, with real processes."""

import os
import time

import pytest
from filelock import FileLock

from doodle_core import runs
from doodle_core.files import MODELS, write_json
from doodle_core.lab import queue
from doodle_core.settings import DataConfig
from support.drawings import CATEGORIES


@pytest.mark.slow
def test_queued_runs_train_one_after_the_other_and_a_failing_one_does_not_stop_the_rest(
    make_config,
):
    nowhere = DataConfig("folder:/no/such/folder", CATEGORIES)
    paths = [
        queue.submit(make_config("first", epochs=1)),
        queue.submit(make_config("broken", data=nowhere)),
        queue.submit(make_config("last", epochs=1)),
    ]
    most = 0
    end = time.monotonic() + 120
    while any(runs.load(path).state in runs.LIVE for path in paths):
        most = max(most, sum(runs.load(path).state == "running" for path in paths))
        queue.ensure()  # as the page does every second: must not start a second worker
        assert time.monotonic() < end
        time.sleep(0.1)
    assert most == 1
    assert [runs.load(path).state for path in paths] == ["finished", "failed", "finished"]
    assert "no folder" in runs.load(paths[1]).error
    finished = [runs.load(path).status["time"] for path in paths]
    assert finished == sorted(finished)
    while runs.is_held(MODELS / queue.LOCK):  # it ends by itself
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_worker_waits_for_a_training_that_it_did_not_start(make_config, monkeypatch):
    running, queued = runs.create(make_config("running")), runs.create(make_config("queued"))
    held = runs.lock(running)
    runs.set_state(running, "running")
    waits = []

    def release(seconds):
        waits.append(seconds)
        held.lock.release()

    def train(arguments, log):
        trained.append(arguments[-1])
        runs.set_state(queued, "stopped")
        return Child(lambda: None)

    trained = []
    monkeypatch.setattr(queue, "spawn", train)
    monkeypatch.setattr(time, "sleep", release)
    queue.work()
    assert trained == ["queued"] and len(waits) == 1
    assert runs.load(running).state == "interrupted"  # and is not taken up unasked


class Child:
    """A process that has ended; on its way it did something."""

    def __init__(self, deed):
        self.deed = deed

    def poll(self):
        self.deed()
        return 0


def test_a_run_resumed_before_its_process_is_gone_stays_queued(make_config, monkeypatch):
    path = runs.create(make_config())

    def stop_and_resume():
        runs.set_state(path, "stopped")
        runs.requeue(path)

    deeds = [lambda: runs.set_state(path, "stopped"), stop_and_resume]
    monkeypatch.setattr(queue, "spawn", lambda *_: Child(deeds.pop()))
    queue.work()
    assert not deeds, "it was trained again"


def test_a_training_that_dies_without_a_word_is_failed(make_config, monkeypatch):
    path = runs.create(make_config())
    monkeypatch.setattr(queue, "spawn", lambda *_: Child(lambda: None))
    queue.work()
    assert runs.load(path).state == "failed" and "could not start" in runs.load(path).error


def test_a_worker_that_cannot_work_is_not_started_every_second(make_config, monkeypatch):
    runs.create(make_config())
    starts = []
    monkeypatch.setattr(queue, "spawn", lambda *_: starts.append(1))
    now = time.monotonic() + queue.REST + 1  # whatever was started before
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(5):
        queue.ensure()
    assert len(starts) == 1
    now += queue.REST + 1
    queue.ensure()
    assert len(starts) == 2


def test_the_queue_keeps_its_order_though_the_clock_was_set_back(make_config, monkeypatch):
    trained = []

    def train(arguments, log):
        trained.append(arguments[-1])
        runs.set_state(MODELS / arguments[-1], "stopped")
        return Child(lambda: None)

    with monkeypatch.context() as patch:
        for at, name in enumerate(("c", "a", "b")):
            patch.setattr(time, "time", lambda at=at: 1.7e9 - 3600 * at)
            runs.create(make_config(name))
    monkeypatch.setattr(queue, "spawn", train)
    queue.work()
    assert trained == ["c", "a", "b"]


@pytest.mark.parametrize("asked_at", [0, 4e9])
def test_a_training_that_does_not_act_is_killed_whatever_the_clock_says(
    make_config, monkeypatch, asked_at
):
    path = runs.create(make_config())
    now, killed = [1000.0], []

    class Deaf:
        def poll(self):
            return 0 if killed else None

        def kill(self):
            killed.append(now[0])

    def sleep(seconds):
        now[0] += seconds
        assert now[0] < 1100
        if now[0] > 1010 and not (path / "request").exists():
            runs.set_state(path, "running")
            (path / "request").touch()
            os.utime(path / "request", (asked_at, asked_at))

    monkeypatch.setattr(queue, "spawn", lambda *_: Deaf())
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    queue.work()
    assert len(killed) == 1 and 1069 < killed[0] < 1072


@pytest.fixture
def denied(monkeypatch):
    """Paths that belong to another account: they may not be written."""
    found = set()
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) not in map(str, found))
    return found


def test_another_accounts_runs_are_left_to_it(make_config, monkeypatch, denied):
    theirs = runs.create(make_config("theirs"))
    denied.add(theirs)
    starts = []
    monkeypatch.setattr(queue, "spawn", lambda *_: starts.append(1))
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    queue.ensure()
    queue.work()
    assert not starts and queue.hindrance(runs.all_runs()) == ""
    runs.create(make_config("ours"))
    queue.ensure()
    assert len(starts) == 1


def test_a_worker_that_could_not_take_the_lock_is_not_started(make_config, monkeypatch, denied):
    runs.create(make_config())
    (MODELS / queue.LOCK).touch()
    denied.add(MODELS / queue.LOCK)
    starts = []
    monkeypatch.setattr(queue, "spawn", lambda *_: starts.append(1))
    monkeypatch.setattr(time, "monotonic", lambda: 2e9)
    queue.ensure()
    assert not starts
    assert "another account" in queue.hindrance(runs.all_runs())


def test_the_oldest_queued_run_trains_first(make_config, monkeypatch):
    for time_, name in ((20, "b"), (10, "a"), (30, "c")):
        path = runs.create(make_config(name))
        write_json(path / "status.json", {"state": "queued", "time": time_})
    trained = []

    def train(arguments, log):
        assert arguments[:2] == ["train", "--queued"]
        assert log == MODELS / arguments[-1] / "train.log"
        trained.append(arguments[-1])
        return Child(lambda: runs.set_state(MODELS / trained[-1], "finished"))

    monkeypatch.setattr(queue, "spawn", train)
    queue.work()
    assert trained == ["a", "b", "c"]


def test_a_worker_is_started_where_one_is_wanted(make_config, monkeypatch):
    starts = []
    monkeypatch.setattr(queue, "spawn", lambda *arguments: starts.append(arguments))
    now = [3e9]  # whatever was started before
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    queue.ensure()
    assert starts == []  # nothing is queued
    path = queue.submit(make_config())
    assert starts == [(["work"], MODELS / ".worker.log")] and runs.load(path).state == "queued"
    now[0] += queue.REST
    queue.ensure()
    assert len(starts) == 1  # not yet
    now[0] += 0.1
    with FileLock(MODELS / queue.LOCK):
        queue.ensure()
    assert len(starts) == 1  # there is one
    queue.ensure()
    assert len(starts) == 2


def test_a_process_of_this_program_finds_it_and_its_data(finished_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "x.log"
    child = queue.spawn(["--no-such-flag"], log)
    assert os.getsid(child.pid) == child.pid  # it outlives whoever started it
    assert child.wait(60) == 2 and "usage:" in log.read_text()
    finished_run("one")
    assert queue.spawn(["runs"], log).wait(60) == 0
    said = log.read_text()
    assert "usage:" in said and "one" in said.split("usage:")[1]  # added at the end


def test_a_command_run_to_its_end_says_why_it_failed(finished_run, tmp_path):
    finished_run("one")
    log, file = tmp_path / "log", tmp_path / "one.md"
    queue.complete(["export", "one", "--as", "card", "-o", str(file)], log)
    assert file.read_text("utf-8").startswith("# one") and not log.exists()
    with pytest.raises(ValueError, match=r"^There is no run named 'nobody'\.$"):
        queue.complete(["export", "nobody"], log)


def test_a_run_deleted_before_it_could_begin_does_not_come_back(make_config, monkeypatch):
    gone, other = runs.create(make_config("gone")), runs.create(make_config("other"))
    true, begun = queue.spawn, []

    def delete_first(arguments, log):
        if log.parent == gone:
            runs.delete(gone)
            return true(arguments, log)
        begun.append(arguments[-1])
        return Child(lambda: None)

    monkeypatch.setattr(queue, "spawn", delete_first)
    queue.work()
    assert begun == ["other"] and [run.name for run in runs.all_runs()] == [other.name]
