"""The queue, with real processes."""

import time

import pytest

from doodle_core import runs
from doodle_core.files import MODELS
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
