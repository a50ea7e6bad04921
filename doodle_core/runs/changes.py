"""What a person asks of a run: stop, finish, resume, note, delete."""

import os
import shutil
from pathlib import Path
from typing import Any

from doodle_core.files import MODELS, open_file, replacing
from doodle_core.runs.facts import set_state, write_notes
from doodle_core.runs.folders import is_held
from doodle_core.runs.run import load, notes_kept


def request(path: Path | str, what: str) -> None:
    """Ask a run to "stop" (it can be resumed) or to "finish" (score the best epoch so far).

    A queued run has no process to ask: it is stopped at once.
    """
    path = Path(path)
    if load(path).state == "queued":
        set_state(path, "stopped")
    else:
        with replacing(path / "request") as temporary:
            temporary.write_text(what, "utf-8")


def take_request(path: Path) -> str:
    """What a training is asked, "stop" or "finish", and take the request away; "" for nothing."""
    try:
        with open_file(path / "request") as file:
            wish = file.read(100).strip()
    except OSError:  # there is none, or it is no file
        return ""
    (path / "request").unlink(missing_ok=True)
    return "finish" if wish == b"finish" else "stop"


def requeue(path: Path | str) -> None:
    """Put an interrupted, stopped or failed run back into the queue; it resumes.

    One that trains after all stays as it is.
    """
    if is_held(Path(path) / "run.lock"):
        return
    (Path(path) / "request").unlink(missing_ok=True)
    set_state(path, "queued")


def annotate(path: Path | str, **changes: Any) -> None:
    """Change a run's `notes`, `tags` or `hidden`."""
    path = Path(path)
    write_notes(path, {**notes_kept(path), **changes})


def delete(path: Path | str) -> None:
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
