"""A run's folder: its name, its making, its locks and marks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout, lock_descriptor

from doodle_core import settings
from doodle_core.files import MODELS, check_folder, flush, open_file
from doodle_core.runs.facts import set_state, write_config
from doodle_core.settings import IMPORTED, check_name

LIVE = ("queued", "running")


def folder(name: str) -> Path:
    """The run's folder, below `models/` whatever the name says."""
    return MODELS / check_name(name)


def free_name(stem: str) -> str:
    """A name for a run that no run has: `stem`-1, -2, ..."""
    return settings.free_name(stem, lambda name: folder(name).exists())


def create(config: Any) -> Path:
    """Make the run's folder, queued. Returns its path.

    Raises:
        FileExistsError: there is a run of that name (the check and the making are one step).
        ValueError: its network was imported: it cannot be trained.
    """
    if getattr(config, "network", "") == IMPORTED:
        raise ValueError("An imported network is not trained here: choose another one.")
    path = folder(config.name)
    MODELS.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        raise FileExistsError(
            f"There is a run named {config.name!r} already: choose another name or delete it."
        ) from None
    try:
        write_config(path, config)
        set_state(path, "queued")
        flush(MODELS)
    except OSError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path


def lock(path: Path | str, wait: float = 5.0) -> AcquireReturnProxy[FileLock]:
    """The lock of a run that is about to train, taken; a context that releases it.

    A page may be looking whether it is held, hence the wait.

    Raises:
        FileNotFoundError: there is no such run.
        RuntimeError: another process trains this run.
        OSError: it is a link, or has one that leads elsewhere: what is written there is not a run's.
    """
    if not Path(path).is_dir():  # else the lock would make it
        raise FileNotFoundError(f"There is no run named {Path(path).name!r} any more.")
    check_folder(path)
    try:
        return FileLock(Path(path) / "run.lock").acquire(timeout=wait)
    except Timeout:
        raise RuntimeError(f"The run {Path(path).name!r} is being trained already.") from None


def is_held(lock_file: Path | str) -> bool:
    """Whether a living process holds the lock. Safe against reused process numbers.

    Another account's lock can only be read, which does for asking. One that may not even be read
    counts as held: nothing could be done with what it guards.
    """
    try:
        file = _opened(lock_file)
    except PermissionError:
        return True
    except OSError:  # it is not there
        return False
    try:
        return not lock_descriptor(file, blocking=False)
    except OSError:  # a disk that knows no locks
        return False
    finally:
        os.close(file)  # and the lock goes with it


def _opened(file: Path | str) -> int:
    """A file's descriptor, for writing if that may be: locks of network disks need it."""
    try:
        return os.open(file, os.O_RDWR)
    except OSError:
        return os.open(file, os.O_RDONLY)


def set_fitted(path: Path, is_fitted: bool = True) -> None:
    """Note that no further epoch is to come: a resume goes on with the scoring."""
    if is_fitted:
        (path / "fitted").touch()
    else:
        (path / "fitted").unlink(missing_ok=True)
    flush(path)


def is_fitted(path: Path) -> bool:
    """Whether no further epoch is to come."""
    return (path / "fitted").exists()


def log_tail(path: Path | str, size: int = 20_000) -> str:
    """The end of a run's log, as text: its last `size` bytes. "" where there is none."""
    try:
        with open_file(Path(path) / "train.log") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - size))
            return log.read(size).decode("utf-8", "replace")
    except OSError:
        return ""
