"""A worker on this machine, started by the page."""

import time

from doodle_core import runs
from doodle_core.files import MODELS
from doodle_core.lab import queue

LOCK = ".sweeps.lock"
"""Below `models/`: held by the worker that the Sweeps page started."""


# --- a worker on this machine ---------------------------------------------------------------------


STARTING = 15  # seconds that a worker's process may take before it holds the lock
_started: float = -STARTING


def start_worker() -> None:
    """Start a worker on this machine in a process of its own, unless one of ours is at it."""
    global _started
    if not has_worker():
        _started = time.monotonic()
        MODELS.mkdir(parents=True, exist_ok=True)
        queue.spawn(["sweep-worker", "--only"], MODELS / ".sweeps.log")


def has_worker() -> bool:
    """Whether a worker that the page started lives on this machine, or is about to."""
    return runs.is_held(MODELS / LOCK) or time.monotonic() - _started < STARTING
