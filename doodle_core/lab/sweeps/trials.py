"""The trials of a sweep: which wait, which are done, and how none is lost."""

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import numpy as np
import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from doodle_core import evaluation
from doodle_core.evaluation.measures import MEASURES
from doodle_core.lab.sweeps.storage import heartbeat, reading
from doodle_core.settings.sweep import OBJECTIVES, Sweep

SILENT = "not heard of yet"  # the worker of a trial that was just taken, or is dead already
DEATHS = 3  # a slot whose worker died so often is given up: it may be what kills them


# --- sweeps in a storage -------------------------------------------------------------------------


def create(storage: BaseStorage, sweep: Sweep) -> None:
    """Put a sweep into a storage, all its trials waiting.

    Raises:
        ValueError: there is one of that name.
    """
    better = MEASURES[sweep.objective].better
    direction: Literal["minimize", "maximize"] = "minimize" if better == "lower" else "maximize"
    try:
        study = optuna.create_study(storage=storage, study_name=sweep.name, direction=direction)
    except optuna.exceptions.DuplicatedStudyError:
        raise ValueError(
            f"There is a sweep named {sweep.name!r} already: choose another name or delete it."
        ) from None
    study.set_user_attr("sweep", sweep.to_dict())
    take_up(study, sweep)


def names(storage: BaseStorage) -> list[str]:
    """The sweeps in a storage, the newest first; other Optuna studies there are left alone."""
    with reading():
        found = optuna.study.get_all_study_summaries(storage, include_best_trial=False)
    return [one.study_name for one in reversed(found) if "sweep" in one.user_attrs]


def load(storage: BaseStorage, name: str) -> tuple[optuna.Study, Sweep]:
    """(Optuna study, Sweep) of that name.

    Raises:
        ValueError: there is none (any more), or it is damaged.
    """
    try:
        with reading():
            study = optuna.load_study(study_name=name, storage=storage)
            asked = study.user_attrs["sweep"]
        return study, Sweep.from_dict(asked)
    except KeyError:
        raise ValueError(f"There is no sweep named {name[:80]!r}.") from None


def delete(storage: BaseStorage, name: str) -> None:
    """Delete a sweep. A worker that is at one of its trials notices after its epoch."""
    with contextlib.suppress(KeyError):
        optuna.delete_study(study_name=name, storage=storage)


def pause(study: optuna.Study, is_paused: bool = True) -> None:
    """Ask all workers to leave a sweep after the current epoch; False: let them come back."""
    study.set_user_attr("paused", is_paused)


def is_paused(study: optuna.Study) -> bool:
    """Whether workers are asked to leave this sweep alone."""
    return bool(study.user_attrs.get("paused"))


def take_up(study: optuna.Study, sweep: Sweep) -> list[list[FrozenTrial]]:
    """Put back every slot that nobody holds: new, stopped, or left by a worker that died.

    Anybody may call it at any time. Returns the slots' trials, as `slots`.
    """
    with reading():
        optuna.storages.fail_stale_trials(study)
    _fail_without_heartbeat(study)
    grid = sweep.grid if sweep.sampler == "grid" else None
    found = slots(study, sweep)
    for slot, tries in enumerate(found):
        if state(tries) != "lost":
            continue
        last = next((one for one in reversed(tries) if one.params), None)
        fixed = grid[slot] if grid else last.params if last else {}
        study.enqueue_trial(fixed, user_attrs={"slot": slot})
    return slots(study, sweep) if any(state(tries) == "lost" for tries in found) else found


_silent_since: dict[tuple[str, int], float] = {}
"""When this process first saw a running trial, (sweep, number), of which no worker has spoken yet."""


def _fail_without_heartbeat(study: optuna.Study) -> None:
    """Fail trials whose worker died between taking them and its first heartbeat.

    Optuna never calls these stale. Trials tell when they began by their workers' clocks, so it is
    our own that counts. A worker that is only slow loses its trial, which is trained all the same.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if "worker" in trial.user_attrs:  # set after the first heartbeat
            continue
        key = study.study_name, trial.number
        if time.monotonic() - _silent_since.setdefault(key, time.monotonic()) > 2 * heartbeat():
            with contextlib.suppress(ValueError, optuna.exceptions.UpdateFinishedTrialError):
                study.tell(trial.number, state=TrialState.FAIL)


def slots(study: optuna.Study, sweep: Sweep) -> list[list[FrozenTrial]]:
    """The Optuna trials of each slot, by number: list (sweep.trials) of lists, some empty."""
    found: list[list[FrozenTrial]] = [[] for _ in range(sweep.trials)]
    with reading():
        trials = study.get_trials(deepcopy=False)
    for trial in trials:
        slot = trial.user_attrs.get("slot")
        if isinstance(slot, int) and 0 <= slot < len(found) and _ended(trial) != "surplus":
            found[slot].append(trial)
    return found


def _ended(trial: FrozenTrial) -> Any:
    return trial.user_attrs.get("ended")


def _in_force(tries: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """The trial that stands for its slot: one that ended well, or is at it, before others."""
    order = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.WAITING)
    for wanted in order:
        for trial in tries:
            if trial.state == wanted:
                return trial
    return tries[-1] if tries else None


def state(tries: Sequence[FrozenTrial]) -> str:
    """What became of a slot: "waiting", "running", "done", "pruned", "failed", or "lost".

    "lost": its worker died or was stopped; `take_up` puts it back.
    """
    trial = _in_force(tries)
    if trial is None:
        return "lost"
    if trial.state != TrialState.FAIL:
        return {"COMPLETE": "done"}.get(trial.state.name, trial.state.name.lower())
    deaths = sum(one.state == TrialState.FAIL and not _ended(one) for one in tries)
    return "failed" if _ended(trial) == "error" or deaths >= DEATHS else "lost"


def rows(
    study: optuna.Study, sweep: Sweep, found: list[list[FrozenTrial]] | None = None
) -> list[dict[str, Any]]:
    """One dict a slot, for tables and plots.

    Keys: `trial` (the slot, from 1), `number` (Optuna's, or None), `state` (as `state`), `values`
    {setting: value}, `tries`, `epochs` trained, `history` {metric: list}, `best_epoch`, `val_loss`
    and `val_accuracy` of the best epoch by validation loss, `low` and `high` (Wilson's interval of
    the latter), `n` (validation drawings), `seconds`, `parameters`, `error` (a sentence),
    `worker` (SILENT where it has not spoken yet), `at` (when a worker began or ended it, by the worker's clock; seconds since 1970, or
    0). None where there is nothing yet.
    """
    grid = sweep.grid if sweep.sampler == "grid" else None
    table = []
    for slot, tries in enumerate(found if found is not None else slots(study, sweep)):
        trial = _in_force(tries)
        attrs = trial.user_attrs if trial else {}
        waits = state(tries) in ("waiting", "lost")
        is_running = state(tries) == "running"
        history = {} if waits else attrs.get("history", {})
        losses = [np.inf if one is None else one for one in history.get("val_loss", [])]
        best = int(np.argmin(losses)) if losses and np.isfinite(losses).any() else None
        row = {
            "trial": slot + 1,
            "number": trial.number if trial else None,
            "state": state(tries),
            "values": grid[slot] if grid else trial.params if trial else {},
            "tries": sum(one.state != TrialState.WAITING for one in tries),
            "epochs": len(losses),
            "history": history,
            "best_epoch": None if best is None else best + 1,
            "at": max((when.timestamp() for when in _times(tries)), default=0),
            "seconds": trial.duration.total_seconds() if trial and trial.duration else None,
            "n": attrs.get("n"),
            "parameters": attrs.get("parameters"),
            "worker": "" if waits else attrs.get("worker", SILENT if is_running else ""),
            "error": attrs.get("error", ""),
        }
        if row["state"] == "failed" and not row["error"]:
            row["error"] = f"Its worker died {DEATHS} times."
        for metric in OBJECTIVES:
            row[metric] = None if best is None else history[metric][best]
        row["low"] = row["high"] = None
        if row["val_accuracy"] is not None and row["n"]:
            share = evaluation.Share.at(row["val_accuracy"], row["n"])
            row["low"], row["high"] = share.low, share.high
        table.append(row)
    return table


def _times(tries: Iterable[FrozenTrial]) -> list[datetime]:
    times = [when for one in tries for when in (one.datetime_start, one.datetime_complete)]
    return [when for when in times if when]


def best(table: Iterable[dict[str, Any]], objective: str) -> dict[str, Any] | None:
    """The best row of those that were trained to their end, or None."""
    done = [row for row in table if row["state"] == "done" and row[objective] is not None]
    sign = 1 if MEASURES[objective].better == "lower" else -1
    return min(done, key=lambda row: sign * row[objective], default=None)


def tally(table: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """{state: how many slots}, for the states that occur."""
    states = [row["state"] for row in table]
    return {one: states.count(one) for one in dict.fromkeys(states)}


def is_done(table: Iterable[Mapping[str, Any]]) -> bool:
    """Whether every slot came to an end."""
    return all(row["state"] in ("done", "pruned", "failed") for row in table)


def retry_failed(study: optuna.Study, sweep: Sweep) -> None:
    """Put back the slots that failed, once a person has mended the cause."""
    for tries in slots(study, sweep):
        if state(tries) == "failed":
            last = next((one for one in reversed(tries) if one.params), tries[-1])
            fixed = last.params or last.system_attrs.get("fixed_params", {})
            study.enqueue_trial(fixed, user_attrs={"slot": tries[-1].user_attrs["slot"]})
