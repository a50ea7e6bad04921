"""What a person asks of a run: stop, finish, resume, note, delete."""

import os
import shutil
from pathlib import Path

from doodle_core.files import MODELS, replacing, write_json
from doodle_core.runs.folders import is_held, set_state
from doodle_core.runs.run import load, read_notes


def request(path, what):
    """Ask a run to "stop" (it can be resumed) or to "finish" (score the best epoch so far).

    A queued run has no process to ask: it is stopped at once.
    """
    path = Path(path)
    if load(path).state == "queued":
        set_state(path, "stopped")
    else:
        with replacing(path / "request") as temporary:
            temporary.write_text(what, "utf-8")


def requeue(path):
    """Put an interrupted, stopped or failed run back into the queue; it resumes.

    One that trains after all stays as it is.
    """
    if is_held(Path(path) / "run.lock"):
        return
    (Path(path) / "request").unlink(missing_ok=True)
    set_state(path, "queued")


def annotate(path, **changes):
    """Change a run's `notes`, `tags` or `hidden`."""
    path = Path(path)
    write_json(path / "notes.json", {**read_notes(path), **changes})


def delete(path):
    """Delete a run's folder.

    Raises:
        RuntimeError: it is training.
        ValueError: the path is not a run below `models/`.
    """
    path = Path(path)
    if path.resolve() != MODELS.resolve() / path.name or path.is_symlink():
        raise ValueError(f"{path} is not a run below {MODELS}.")
    if is_held(path / "run.lock"):
        raise RuntimeError(f"The run {path.name!r} is training: stop it first.")
    grave = path.with_name(f".deleted-{path.name}-{os.getpid()}")  # vanishes at once, whole
    path.rename(grave)
    shutil.rmtree(grave, ignore_errors=True)
