"""The queue, with real processes."""

import time

from conftest import CATEGORIES

from doodle_core import runs, worker
from doodle_core.config import DataConfig
from doodle_core.files import MODELS


def test_queued_runs_train_one_after_the_other_and_a_failing_one_does_not_stop_the_rest(
    make_config,
):
    nowhere = DataConfig("folder:/no/such/folder", CATEGORIES)
    paths = [
        worker.submit(make_config("first", epochs=1)),
        worker.submit(make_config("broken", data=nowhere)),
        worker.submit(make_config("last", epochs=1)),
    ]
    most = 0
    end = time.monotonic() + 120
    while any(runs.load(path).state in runs.LIVE for path in paths):
        most = max(most, sum(runs.load(path).state == "running" for path in paths))
        worker.ensure()  # as the page does every second: must not start a second worker
        assert time.monotonic() < end
        time.sleep(0.1)
    assert most == 1
    assert [runs.load(path).state for path in paths] == ["finished", "failed", "finished"]
    assert "no folder" in runs.load(paths[1]).error
    finished = [runs.load(path).status["time"] for path in paths]
    assert finished == sorted(finished)
    while runs.is_held(MODELS / worker.LOCK):  # it ends by itself
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_worker_waits_for_a_training_that_it_did_not_start(make_config, monkeypatch):
    running, queued = runs.create(make_config("running")), runs.create(make_config("queued"))
    held = runs.lock(running)
    runs.set_state(running, "running")
    waits = []

    def release(seconds):
        waits.append(seconds)
        held.release()

    monkeypatch.setattr(time, "sleep", release)
    assert worker._next().path == queued and len(waits) == 1
    assert runs.load(running).state == "interrupted"  # and is not taken up unasked
