"""Train one run, from its configuration to its figures. One readable path, top to bottom.

    python -m doodle_core train --name first --source practice --epochs 5

writes the folder `models/first/` (see `runs` for what is in it). Killed at any moment, the same
run goes on from its last finished epoch:

    python -m doodle_core train --resume first
"""

import contextlib
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doodle_core import runs
from doodle_core.files import explain, remove_left
from doodle_core.lab import portable
from doodle_core.settings.families import family_of
from doodle_core.training import distribution
from doodle_core.training.backup import mend_history
from doodle_core.training.callbacks import Finish, Gone, Stopped, check_ours, log
from doodle_core.training.environment import environment
from doodle_core.training.parts import load_parts
from doodle_core.training.precision import begin


def train_run(path: Path | str, only_queued: bool = False) -> bool:
    """Train the run in folder `path`, or resume it, and leave its state there.

    Whatever happens is in `status.json` afterwards, in one sentence; a traceback goes to the log.

    Args:
        path: the run's folder.
        only_queued: do nothing unless the run is still queued (the worker's way: it may have been
            taken out of the queue while this process started).

    Returns:
        bool: whether the run finished.

    Raises:
        RuntimeError: another process trains this run, or it is finished.
    """
    path = Path(path)
    with runs.lock(path):
        state = runs.load(path).state
        if only_queued and state != "queued":
            return False
        if state in ("finished", "damaged"):
            raise RuntimeError(f"The run {path.name!r} is {state}.")
        with _logging_to(path / "train.log"):
            return _train_and_say(path)


def _train_and_say(path: Path) -> bool:
    """Train, and put how it ended into `status.json`. Returns whether it finished."""
    for file in ("request", "candidate.keras"):  # left by a kill; the latter by earlier versions
        (path / file).unlink(missing_ok=True)
    remove_left(path)
    runs.set_state(path, "running")
    try:
        runs.write_progress(path, "starting")
        config = runs.load(path).config
        with distribution.run_folder(path, config.devices):
            _train(path, config)
        _leave(path, "finished")
        shutil.rmtree(path / "backup", ignore_errors=True)
        (path / "progress.json").unlink(missing_ok=True)
        return True
    except (Stopped, Finish, KeyboardInterrupt):  # Finish: before there was an epoch to score
        log.info("Stopped; resume goes on from the last finished epoch.")
        ended: dict[str, str] = {"state": "stopped"}
    except Exception as error:
        if not isinstance(error, Gone):
            log.exception("The training failed.")
        ended = {"state": "failed", "error": explain(error)}
    try:
        _leave(path, **ended)
    except Gone as error:
        log.warning("%s", error)
    return False


def _leave(path: Path, state: str, **facts: str) -> None:
    """Write how a training ended.

    Raises:
        Gone: its folder was renamed or deleted meanwhile: nothing is written in its place.
    """
    check_ours(path)
    runs.set_state(path, state, **facts)


@contextlib.contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    """While the block runs, what is logged goes to `file` too."""
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()


def _train(path: Path, config: Any) -> None:
    precision = begin(config)
    runs.write_environment(path, environment(config, precision))
    parts = load_parts(path, config.data)
    mine = (path / "drawings.json").read_bytes()
    if distribution.from_chief(mine, config.devices) != mine:
        raise ValueError("This machine's drawings are not those of the chief.")
    family = family_of(config)
    if runs.is_fitted(path):
        mend_history(path)
        runs.set_fitted(path, bool(runs.best_epoch(runs.history(path))))  # else all is gone
    family.call("fit", path, config, parts, precision)  # no more where it was killed in scoring
    frame = runs.history(path)
    if not runs.best_epoch(frame):
        raise ValueError(runs.diverged_words(runs.diverged_at(frame) or 1))
    runs.set_fitted(path)
    if distribution.place(config.devices)[0] == 0:
        family.call("score", path, config, parts)
        try:
            portable.export(path)
        except Exception as error:  # the run is trained and scored: it is not lost with this
            log.info("Its portable networks were not made: %s", explain(error))


def follow_chief() -> None:
    """Train along with the chief of several workers, in a copy of its run's folder.

    Raises:
        RuntimeError: the chief, or another worker, has ended or is out of reach.
    """
    with distribution.run_folder(None, "workers") as path:
        _train(path, runs.load(path).config)
