"""The queue: a process that trains the queued runs one after the other.

Queued runs are folders whose state is "queued"; there is no other registry, so a dashboard that
restarts loses nothing. The worker is started when needed, outlives the dashboard, and ends when
nothing is queued.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from doodle_core import runs
from doodle_core.files import HOME, MODELS, ROOT

LOCK = ".worker.lock"
REST = 15  # seconds between two starts: a worker that cannot work is not started every second
PATIENCE = 60  # seconds that a training has to act on a request before it is killed


_started: float = -REST


def submit(config: Any) -> Path:
    """Queue a run and see to it that a worker is there. Returns the run's folder."""
    path = runs.create(config)
    ensure()
    return path


def ensure() -> None:
    """Start a worker where runs are queued and none works. Two that start at once sort it out.

    Call it again and again: a run that is queued while the worker is ending waits for that.
    """
    global _started
    queued = any(run.state == "queued" for run in runs.all_runs())
    if queued and not runs.is_held(MODELS / LOCK) and time.monotonic() - _started > REST:
        _started = time.monotonic()
        spawn(["work"], MODELS / ".worker.log")


def work() -> None:
    """Train queued runs, the oldest first, until there are none."""
    try:
        with FileLock(MODELS / LOCK).acquire(timeout=5):
            while run := _next():
                with contextlib.suppress(FileNotFoundError):  # deleted before it could begin
                    _train(run.path)
    except Timeout:
        pass  # another worker is at it


def _next() -> runs.Run | None:
    """The oldest queued run, once nothing else trains (a training may outlive its worker)."""
    while True:
        everything = runs.all_runs()
        queued = [run for run in everything if run.state == "queued"]
        if not queued:
            return None
        if not any(run.state == "running" for run in everything):
            return min(queued, key=lambda run: run.status["time"])
        time.sleep(1)


def _train(path: Path) -> None:
    """One training in a process of its own; killed if it does not act on a request to stop."""
    asked = runs.load(path).status
    child = spawn(["train", "--queued", path.name], path / "train.log")
    while child.poll() is None:
        time.sleep(0.2)
        try:
            overdue = time.time() - (path / "request").stat().st_mtime > PATIENCE
        except OSError:
            continue
        if overdue:
            child.kill()
    if runs.load(path).status == asked:  # it died before it could say anything
        runs.set_state(path, "failed", error="The training could not start; see its log.")


def spawn(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """A process of this program that survives its parent and writes to `log`.

    Raises:
        FileNotFoundError: the log's folder is not there: a run's may have just been deleted.
    """
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DOODLE_HOME": str(HOME),
        "PYTHONUNBUFFERED": "1",
    }
    with open(log, "ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "doodle_core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env=environment,
        )
