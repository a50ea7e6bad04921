"""A worker on this machine, which the page starts: one at a time."""

import time

from filelock import FileLock

from doodle_core.files import MODELS
from doodle_core.lab import queue, sweeps
from doodle_core.lab.sweeps import local


def test_a_worker_is_started_once_until_it_has_had_time_to_come(monkeypatch):
    now = time.monotonic() + local.STARTING + 1  # whatever was started before
    monkeypatch.setattr(time, "monotonic", lambda: now)
    starts = []
    monkeypatch.setattr(queue, "spawn", lambda arguments, log: starts.append(arguments))
    assert not sweeps.has_worker()
    for _ in range(3):
        sweeps.start_worker()
        assert sweeps.has_worker()
    assert starts == [["sweep-worker", "--only"]]
    now += local.STARTING + 1
    assert not sweeps.has_worker()  # it never held its lock: it did not come
    MODELS.mkdir(parents=True, exist_ok=True)
    with FileLock(MODELS / local.LOCK):
        assert sweeps.has_worker()
    sweeps.start_worker()
    assert len(starts) == 2
