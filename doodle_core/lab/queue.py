"""The queue: a process that trains the queued runs one after the other.

Queued runs are folders whose state is "queued"; there is no other registry, so a dashboard that
restarts loses nothing. The worker is started when needed, outlives the dashboard, and ends when
nothing is queued.
"""

import contextlib
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from doodle_core import runs
from doodle_core.files import HOME, MODELS, ROOT

LOCK, LOG = ".worker.lock", ".worker.log"
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
    everything = runs.all_runs()
    is_due = time.monotonic() - _started > REST and not runs.is_held(MODELS / LOCK)
    if is_due and _queued(everything) and not hindrance(everything):
        _started = time.monotonic()
        spawn(["work"], MODELS / LOG)


def hindrance(everything: Iterable[runs.Run]) -> str:
    """Why no worker of this account can take up what it queued, in one sentence, or ""."""
    files = [file for file in (MODELS / LOCK, MODELS / LOG) if file.exists()]
    if not _queued(everything) or all(os.access(file, os.W_OK) for file in files):
        return ""
    return (
        f"Queued runs wait: {MODELS} is shared with another account, whose worker's files "
        f"({LOCK}, {LOG}) this one may not write. Have them deleted, or choose another DOODLE_HOME."
    )


def _queued(everything: Iterable[runs.Run]) -> list[runs.Run]:
    """The queued runs that this account can train: another's are left to it."""
    return [run for run in everything if run.state == "queued" and os.access(run.path, os.W_OK)]


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
        queued = _queued(everything)
        if not queued:
            return None
        if not any(run.state == "running" for run in everything):
            return min(queued, key=lambda run: run.status["time"])
        time.sleep(1)


def _train(path: Path) -> None:
    """One training in a process of its own; killed if it does not act on a request to stop."""
    asked = runs.load(path).status
    child = spawn(["train", "--queued", path.name], path / "train.log")
    seen = math.inf  # when there was a request; not its file's time: clocks are set
    while child.poll() is None:
        time.sleep(0.2)
        seen = min(seen, time.monotonic()) if (path / "request").exists() else math.inf
        if time.monotonic() - seen > PATIENCE:
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


def complete(arguments: Sequence[str], log: Path, seconds: float | None = None) -> None:
    """Run a command of this program in a process of its own, to its end.

    Args:
        arguments: the command line's. log: what it says; removed unless it fails.
        seconds: that it may take; None: any time.

    Raises:
        ValueError: it failed; the sentence is the last that it said. Or it took longer, or was
            ended by the system.
    """
    log.unlink(missing_ok=True)
    child = spawn(arguments, log)
    try:
        ended = child.wait(seconds)
    except subprocess.TimeoutExpired:
        raise ValueError(f"It took longer than {seconds:.0f} seconds, and was ended.") from None
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    said = log.read_text("utf-8", "replace").strip().splitlines()
    if ended < 0:
        raise ValueError("It broke down, or asked for more memory than it may have.")
    if ended:
        raise ValueError(said[-1] if said else "The process ended without a word.")
    log.unlink(missing_ok=True)
