"""A worker: it pulls the trials of sweeps from their storage and trains them.

    python -m doodle_core sweep-worker                    # as many as you like, on any host

What a trial is and how none is lost is in `sweeps`.
"""

import contextlib
import functools
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import sqlalchemy
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from doodle_core.files import MODELS, explain
from doodle_core.lab import sweeps
from doodle_core.lab.sweeps import Sweep

log = logging.getLogger("doodle_core")
STORAGE_ERRORS = (
    optuna.exceptions.StorageInternalError,
    optuna.exceptions.UpdateFinishedTrialError,
    sqlalchemy.exc.SQLAlchemyError,
    KeyError,
)
"""The storage failed, or the trial is no longer ours: nothing can be noted."""


class Surplus(Exception):
    """Another trial of the same slot comes first."""


class Paused(Exception):
    """The sweep was stopped, or this worker."""


def work(url: str | None = None, name: str | None = None, only: bool = False) -> bool:
    """Train waiting trials until there are none, the oldest sweep's first.

    While others train the last ones it waits: should their workers die, it takes them up.

    Args:
        url: of the storage, see `sweeps.address`.
        name: of the only sweep to work on, or None.
        only: end at once where another worker on this machine was started so.

    Returns:
        bool: whether nothing that could be trained is left.
    """
    try:
        held = (
            FileLock(MODELS / sweeps.LOCK).acquire(timeout=2) if only else contextlib.nullcontext()
        )
    except Timeout:
        return True
    from doodle_core.classifier import trial  # TensorFlow: only where it is needed

    with held, sweeps.answering(url):
        return pull(sweeps.open_storage(url), name, trial)


def pull(storage: BaseStorage, name: str | None, trainer: Any) -> bool:
    """`work` on an open storage.

    Args:
        trainer: the module `classifier.trial`, or what has its `open_parts` and `validate`.
    """
    parts_of = functools.lru_cache(maxsize=1)(trainer.open_parts)
    barred: set[str] = (
        set()
    )  # sweeps whose drawings are not on this machine: another host may have them
    while True:
        found = _unfinished(storage, name, barred)
        ready = next((one for one in found if "waiting" in one[2]), None)
        if ready:
            study, sweep, _ = ready
            try:
                parts = parts_of(sweep.base.data)
            except (OSError, ValueError) as error:
                log.warning("%s is left to others: %s", sweep.name, explain(error))
                barred.add(sweep.name)
            else:
                _try_one(study, sweep, parts, trainer)
        elif any("running" in states for _, _, states in found):
            time.sleep(min(5, sweeps.heartbeat()))
        else:
            return not barred


def _unfinished(
    storage: BaseStorage, name: str | None, barred: set[str]
) -> list[tuple[optuna.Study, Sweep, list[str]]]:
    """What a worker may work on: list of (study, sweep, states of its slots), the oldest first."""
    found = []
    for one in [name] if name else reversed(sweeps.names(storage)):
        try:
            study, sweep = sweeps.load(storage, one)
            if one not in barred and not sweeps.is_paused(study):
                tried = sweeps.take_up(study, sweep)
                found.append((study, sweep, [sweeps.state(tries) for tries in tried]))
        except KeyError:
            log.warning("%s was deleted.", one)
        except ValueError as error:
            if name:
                raise
            log.warning("%s", explain(error))
            barred.add(one)
    return found


def _try_one(
    study: optuna.Study,
    sweep: Sweep,
    parts: Sequence[tuple[NDArray[np.uint8], NDArray[np.int32]]],
    trainer: Any,
) -> None:
    """Train one waiting trial, whoever's it becomes."""

    def objective(trial: optuna.Trial) -> float:
        return _objective(study, sweep, trial, parts, trainer)

    study.pruner = _pruner(sweep)
    try:
        study.optimize(objective, n_trials=1, catch=(Exception,))
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError):
        raise
    except Exception as error:  # what the trial itself raises is caught: its end cannot be noted
        # the sweep was deleted, or this machine slept and another worker took the trial up
        log.warning("%s: a trial was taken away (%s).", sweep.name, type(error).__name__)


def _objective(
    study: optuna.Study,
    sweep: Sweep,
    trial: optuna.Trial,
    parts: Sequence[tuple[NDArray[np.uint8], NDArray[np.int32]]],
    trainer: Any,
) -> float:
    """Train one trial; its figure, `sweep.objective` of its best epoch by validation loss.

    Raises:
        TrialPruned: it is not worth going on, or diverged.
        Surplus, Paused, KeyboardInterrupt: it is not to be counted.
        Exception: it failed; the attribute "error" says why.
    """
    slot = trial.user_attrs.get("slot")
    if slot is None or _is_surplus(study, sweep, trial, slot):
        trial.set_user_attr("ended", "surplus")
        raise Surplus
    study.sampler = _sampler(sweep, slot)  # seeded by the slot: the same whoever works on it
    values = {one.name: one.suggest(trial) for one in sweep.space}
    trial.set_user_attr("n", len(parts[1][1]))
    trial.set_user_attr("worker", f"{socket.gethostname()}, process {os.getpid()}")
    log.info("%s, trial %d: %s", sweep.name, slot + 1, values)
    try:
        # what fails here is the trial's own fault, not the storage's
        logs = trainer.validate(sweep.config(values), parts, _follower(study, sweep, trial, slot))
    except (Paused, KeyboardInterrupt):
        trial.set_user_attr("ended", "stopped")
        raise
    except (optuna.TrialPruned, *STORAGE_ERRORS):
        raise
    except Exception as error:
        log.exception("The trial failed.")
        trial.set_user_attr("error", explain(error))
        trial.set_user_attr("ended", "error")
        raise
    trial.set_user_attr("parameters", int(logs["parameters"]))
    return float(logs[sweep.objective])


def _follower(
    study: optuna.Study, sweep: Sweep, trial: optuna.Trial, slot: int
) -> Callable[[int, Mapping[str, float]], None]:
    """What is called after each epoch: it notes the epoch in the trial's user attributes.

    It raises TrialPruned where it is not worth going on, Paused where that is asked for.
    """
    metrics = ("loss", "accuracy", "val_loss", "val_accuracy")
    history: dict[str, list[Any]] = {metric: [] for metric in metrics}

    def on_epoch(epoch: int, logs: Mapping[str, float]) -> None:
        for metric in metrics:
            figure = float(logs.get(metric, np.nan))
            history[metric].append(figure if np.isfinite(figure) else None)
        trial.set_user_attr("history", history)
        if history["val_loss"][-1] is None:
            trial.set_user_attr("error", "The loss is not a number: it diverged.")
            raise optuna.TrialPruned
        trial.report(history[sweep.objective][-1], step=epoch)
        log.info(
            "%s, trial %d, epoch %d: val_loss %.4f, val_accuracy %.4f",
            sweep.name,
            slot + 1,
            epoch,
            history["val_loss"][-1],
            history["val_accuracy"][-1],
        )
        if sweeps.is_paused(study):
            raise Paused
        if sweep.pruner != "none" and trial.should_prune():
            raise optuna.TrialPruned

    return on_epoch


def _is_surplus(study: optuna.Study, sweep: Sweep, trial: optuna.Trial, slot: int) -> bool:
    """Whether an earlier trial of the slot ended well or is at it."""
    alive = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.WAITING)
    tries = sweeps.slots(study, sweep)[slot]
    return any(one.number < trial.number and one.state in alive for one in tries)


def _sampler(sweep: Sweep, slot: int) -> optuna.samplers.BaseSampler:
    seed = (sweep.base.seed * 1009 + slot) % 2**32
    if sweep.sampler == "bayesian":
        start = max(3, min(10, sweep.trials // 3))  # random at first
        return optuna.samplers.TPESampler(n_startup_trials=start, constant_liar=True, seed=seed)
    return optuna.samplers.RandomSampler(seed)  # a grid's values are fixed already


def _pruner(sweep: Sweep) -> optuna.pruners.BasePruner:
    epochs = sweep.base.epochs
    if sweep.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=epochs // 3)
    if sweep.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(max_resource=epochs)
    return optuna.pruners.NopPruner()
