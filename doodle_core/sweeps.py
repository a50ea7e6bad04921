"""Sweeps: one network trained for each of many settings, compared on the validation part.

A sweep is an Optuna study. What it is to do (`Sweep`) is stored with it, so that a worker needs
nothing but the storage's address:

    python -m doodle_core sweep --preset batch-size --name batches --source practice
    python -m doodle_core sweep-worker                    # as many as you like, on any host

The worker itself is `sweep_worker`. The storage is the file `models/sweeps.db`, or PostgreSQL for several machines, by `--storage` or
the environment variable DOODLE_STORAGE (better: a command line can be read by others).

No trial is lost, and none is counted twice. A sweep of N trials has N slots; a slot is worked on
by one Optuna trial at a time. A worker that dies stops its heartbeat; whoever looks next marks its
trial as failed and puts the slot back with the same values (`take_up`). Two who do so at once put
it back twice: of a slot's trials only the one with the lowest number is trained.

The test part scores nothing here: it is read only to keep its drawings out of the other parts.
"""

import contextlib
import itertools
import os
import re
import shutil
import time
import warnings
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import optuna
import sqlalchemy
from optuna.trial import TrialState

from doodle_core import config, evaluation, runs, worker
from doodle_core.config import RunConfig
from doodle_core.files import MODELS
from doodle_core.measures import interval

FILE = MODELS / "sweeps.db"
SHIPPED = MODELS / "report-sweeps.db"
"""The report's sweeps, run by us; they come with the repository, and FILE begins as their copy."""
LOCK = ".sweeps.lock"
"""Below `models/`: held by the worker that the Sweeps page started."""
MOST = 500  # trials of one sweep
DEATHS = 3  # a slot whose worker died so often is given up: it may be what kills them
HEARTBEAT = 15  # seconds; four times that without one and a trial's worker is dead

SAMPLERS = {
    "grid": "Grid: every combination once",
    "random": "Random (Bergstra and Bengio 2012)",
    "bayesian": "Bayesian (TPE, Bergstra et al. 2011)",
}
PRUNERS = {
    "none": "None: every trial to its end",
    "median": "Median: stop what is worse than the median at the same epoch",
    "hyperband": "Hyperband (Li et al. 2018)",
}
OBJECTIVES = {"val_loss": "validation loss (nats)", "val_accuracy": "validation top-1"}
SCHEDULES = {
    "constant": {"schedule": "constant", "plateau": 0},
    "plateau": {"schedule": "constant", "plateau": 5},
    "cosine": {"schedule": "cosine", "plateau": 0},
}
"""What the swept setting "schedule" stands for: "plateau" is the report's (section 1.1.2)."""
FIELDS = {
    "network": tuple(name for name in config.NETWORKS if name != "transfer"),
    "filters": int,
    "blocks": int,
    "dropout": float,
    "init": config.INITIALISERS,
    "batch_size": int,
    "optimizer": config.OPTIMIZERS,
    "learning_rate": float,
    "schedule": tuple(SCHEDULES),
    "label_smoothing": float,
    "weight_decay": float,
    "rotation": float,
    "shift": float,
    "zoom": float,
    "seed": int,
}
"""What can be swept: the kind of number, or the choices."""

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # heartbeats
optuna.logging.set_verbosity(optuna.logging.ERROR)  # our own log says it in a sentence


# --- what a sweep is asked to do -----------------------------------------------------------------


@dataclass(frozen=True)
class Dimension:
    """One swept setting: either values or a range.

    Attributes:
        name: one of `FIELDS`.
        values: to choose from; () where there is a range.
        low, high: the range's ends, both included; None where there are values.
        log: even on a log scale.
    """

    name: str
    values: tuple = ()
    low: float | None = None
    high: float | None = None
    log: bool = False

    def __post_init__(self):
        if self.name not in FIELDS:
            raise ValueError(
                f"{str(self.name)[:80]!r} cannot be swept; choose from {', '.join(FIELDS)}."
            )
        object.__setattr__(self, "values", tuple(self.values))
        if self.values:
            if len(set(self.values)) < len(self.values):
                raise ValueError(f"{self.name}: a value is named twice.")
        elif not (_is_number(self.low) and _is_number(self.high) and self.low < self.high):
            raise ValueError(f"{self.name}: a range's low end must be below its high end.")
        elif self.log and not self.low > 0:
            raise ValueError(f"{self.name}: on a log scale the low end must be above 0.")

    @classmethod
    def parse(cls, name, text):
        """From what a person types: "16, 32, 64", "1e-4..1e-2" or "1e-4..1e-2 log".

        Raises:
            ValueError: says what was expected.
        """
        kind = FIELDS.get(name, str)
        is_choice = isinstance(kind, tuple)
        try:
            if ".." in text and not is_choice:
                ends, _, scale = text.strip().partition(" ")
                if scale.strip() not in ("", "log"):
                    raise ValueError
                low, high = (kind(end) for end in ends.split(".."))
                return cls(name, low=low, high=high, log=bool(scale))
            made = str if is_choice else kind
            values = [made(part.strip()) for part in text.split(",") if part.strip()]
        except ValueError as error:
            if str(error).startswith(f"{name}:"):
                raise
            values = []
        if not values:
            raise ValueError(
                f'{name}: expected values like "16, 32" or a range like "0.001..0.01 log", whole '
                f"numbers where they must be; received {text[:80]!r}."
            )
        return cls(name, tuple(values))

    def suggest(self, trial):
        """This setting's value in an Optuna trial."""
        if self.values:
            return trial.suggest_categorical(self.name, self.values)
        make = trial.suggest_int if FIELDS[self.name] is int else trial.suggest_float
        return make(self.name, self.low, self.high, log=self.log)


def _is_number(value):
    return isinstance(value, (int, float)) and np.isfinite(value)


@dataclass(frozen=True)
class Sweep:
    """One sweep.

    Attributes:
        name: of the Optuna study; the same rules as for a run's.
        base: RunConfig, what all trials share. Its test settings are not used.
        space: the swept settings, at least one Dimension.
        sampler, pruner, objective: keys of `SAMPLERS`, `PRUNERS`, `OBJECTIVES`.
        trials: how many settings are tried; a grid's own number whatever is said.
        preset: the `PRESETS` key it was made from, or "".
    """

    name: str
    base: RunConfig
    space: tuple
    sampler: str = "grid"
    pruner: str = "none"
    objective: str = "val_loss"
    trials: int = 20
    preset: str = ""

    def __post_init__(self):
        config.check_name(self.name)
        if isinstance(self.base, dict):
            object.__setattr__(self, "base", RunConfig.from_dict(self.base))
        space = [Dimension(**one) if isinstance(one, dict) else one for one in self.space]
        object.__setattr__(self, "space", tuple(space))
        for name, choices in (
            ("sampler", SAMPLERS),
            ("pruner", PRUNERS),
            ("objective", OBJECTIVES),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}.")
        if not self.space:
            raise ValueError("Choose at least one setting to vary.")
        if self.base.devices != "one":
            raise ValueError("A trial trains on one device: start more workers instead.")
        if len({one.name for one in self.space}) < len(self.space):
            raise ValueError("A setting is named twice.")
        if self.sampler == "grid":
            for one in self.space:
                if not one.values:
                    raise ValueError(f"A grid needs values, not a range: {one.name}.")
            object.__setattr__(self, "trials", len(self.grid))
        if not isinstance(self.trials, int) or not 1 <= self.trials <= MOST:
            raise ValueError(f"A sweep has 1 to {MOST} trials; received {self.trials}.")
        names = {one.name for one in self.space}
        is_flat = "network" in names or self.base.network == "report-flat"
        if names & {"filters", "blocks"} and not is_flat:
            raise ValueError("filters and blocks can be swept with the network report-flat only.")
        if "label_smoothing" in names and self.objective == "val_loss":
            raise ValueError(
                "Label smoothing changes what the loss measures: compare by val_accuracy."
            )
        for one in self.space:
            for value in one.values or (one.low, one.high):
                self.config({one.name: value})

    @property
    def grid(self):
        """Every combination of the values: list of {name: value}."""
        names = [one.name for one in self.space]
        points = itertools.product(*(one.values for one in self.space))
        return [dict(zip(names, point)) for point in points]

    def config(self, values, **changes):
        """The RunConfig of a trial: the base with these values, for example to train it in full.

        Raises:
            ValueError: they cannot be trained.
        """
        values = dict(values)
        if "schedule" in values:
            values |= SCHEDULES.get(values["schedule"], {})
        return replace(self.base, **values, **changes)

    @classmethod
    def from_dict(cls, content):
        """The sweep that `to_dict` stored.

        Raises:
            ValueError: it is not one.
        """
        try:
            return cls(**content)
        except (TypeError, AttributeError) as error:  # other keys, or other kinds of values
            raise ValueError(f"This is not a sweep's description: {error}.") from None

    def to_dict(self):
        """Plain JSON types."""
        return {**asdict(self), "base": self.base.to_dict()}


@dataclass(frozen=True)
class Preset:
    """A sweep of the report (section 2.2), or one of its tricks (1.1.2).

    Attributes:
        title: for people. space: Dimensions. base: RunConfig settings. report: what it said, and
        where ours differs. best: the values that it found best, {} where it named none.
    """

    title: str
    space: tuple
    base: dict
    report: str
    best: dict = field(default_factory=dict)


PRESETS = {
    "batch-size": Preset(
        "Batch size",
        (Dimension("batch_size", (8, 16, 32, 64, 128)),),
        {"epochs": 15, "learning_rate": 1e-3},
        "Adam at 0.001, 15 epochs; the report's best was 16. Its epochs had 766 steps, which is "
        "one pass at batch 64; here an epoch is one pass at every batch size.",
        {"batch_size": 16},
    ),
    "learning-rate": Preset(
        "Learning rate",
        (Dimension("learning_rate", tuple(round(1e-4 + 1.1e-3 * k, 6) for k in range(10))),),
        {"epochs": 15},
        "10 values evenly from 0.0001 to 0.01, 15 epochs; the report's best was about 0.003.",
        {"learning_rate": 0.0034},
    ),
    "width-depth": Preset(
        "Width x depth",
        (Dimension("filters", (16, 32, 64)), Dimension("blocks", (2, 3, 4))),
        {"network": "report-flat", "epochs": 50},
        "Flat networks, 50 epochs; the report found all alike. It spoke of 1, 2 and 3 blocks, but "
        "its notebook built 2, 3 and 4: those are the numbers here.",
    ),
    "dropout": Preset(
        "Dropout",
        (Dimension("dropout", (0.1, 0.2, 0.3, 0.4, 0.5)),),
        {"epochs": 50, "early_stopping": 8},
        "Before each dense layer, with early stopping (patience 8); the report did not keep it.",
    ),
    "schedule": Preset(
        "Schedule",
        (Dimension("schedule", tuple(SCHEDULES)),),
        {"epochs": 20},
        "A constant rate and ReduceLROnPlateau (patience 5), between which the report saw no clear "
        "change; and a cosine, which is ours.",
    ),
}


def from_preset(name, preset, data, **changes):
    """The Sweep of a preset on some drawings.

    Args:
        name: the sweep's. preset: a key of `PRESETS`. data: a DataConfig.
        changes: RunConfig settings that differ from the preset's, for example `epochs`.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}; received {preset[:80]!r}.")
    asked = PRESETS[preset]
    base = RunConfig(name, data, **(asked.base | changes))
    return Sweep(name, base, asked.space, preset=preset)


# --- the storage ---------------------------------------------------------------------------------


class StorageError(RuntimeError):
    """The storage cannot be used; one sentence, without its password."""


def address(url=None):
    """The storage's address: `url`, else DOODLE_STORAGE, else the local file. A SQLAlchemy URL.

    Raises:
        StorageError: it is no address, or of another kind. It is not repeated: it may hold a
            password.
    """
    text = url or os.environ.get("DOODLE_STORAGE") or ""
    if not text:
        return sqlalchemy.URL.create("sqlite", database=str(FILE))
    try:
        found = sqlalchemy.make_url(text)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        found = None
    kind = found.get_backend_name() if found else ""
    if kind in ("postgres", "postgresql"):
        return found.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and found.database:
        return found.set(drivername="sqlite")
    raise StorageError(
        "The storage's address cannot be used: expected "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:////PATH."
    )


def label(url=None):
    """The storage in a person's words, never with user or password."""
    found = address(url)
    if is_file(url):
        return "models/sweeps.db" if found.database == str(FILE) else Path(found.database).name
    port = f":{found.port}" if found.port else ""
    return f"PostgreSQL at {found.host or 'this machine'}{port}/{found.database or ''}"


def is_file(url=None):
    """Whether the storage is a file, not a server."""
    return address(url).get_backend_name() == "sqlite"


def is_there(url=None):
    """Whether there can be sweeps: a file that is not there yet holds none."""
    path = Path(address(url).database or "")
    return not is_file(url) or path.exists() or (path == FILE and SHIPPED.exists())


def heartbeat():
    """Seconds between two heartbeats, DOODLE_HEARTBEAT or 15."""
    text = os.environ.get("DOODLE_HEARTBEAT", "")
    return max(1, int(text)) if text.isdecimal() else HEARTBEAT


def open_storage(url=None):
    """The Optuna storage at `url` (see `address`); tables are made where there are none.

    Raises:
        StorageError: no connection, no permission, another format.
    """
    found = address(url)
    connect = {"timeout": 60} if is_file(url) else {"connect_timeout": 10}
    with answering(url):
        if is_file(url):
            Path(found.database).parent.mkdir(parents=True, exist_ok=True)
            if Path(found.database) == FILE:
                _begin_with_shipped()
        storage = optuna.storages.RDBStorage(
            found.render_as_string(hide_password=False),
            engine_kwargs={"connect_args": connect, "pool_pre_ping": True},
            heartbeat_interval=heartbeat(),
            grace_period=4 * heartbeat(),
        )
        if is_file(url):
            _one_at_a_time(storage.engine)
    return storage


def _begin_with_shipped():
    """Copy the shipped sweeps to FILE, unless it is there: whole or not at all, and only once."""
    if FILE.exists() or not SHIPPED.exists():
        return
    copy = FILE.with_name(f".{FILE.name}.{os.getpid()}")
    try:
        shutil.copyfile(SHIPPED, copy)
        try:
            os.link(copy, FILE)
        except FileExistsError:
            pass  # another process was quicker
        except OSError:  # a disk without hard links
            os.replace(copy, FILE)
    finally:
        copy.unlink(missing_ok=True)


def _one_at_a_time(engine):
    """Make SQLite's transactions begin with the lock for writing.

    Else two workers may both read that a trial waits before either takes it: SQLite knows no
    SELECT ... FOR UPDATE. (SQLAlchemy's documentation, "Serializable isolation / Savepoints".)
    """

    @sqlalchemy.event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection, record):
        connection.isolation_level = None

    @sqlalchemy.event.listens_for(engine, "begin")
    def take_the_lock(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()  # connections from before


@contextlib.contextmanager
def answering(url=None):
    """Around work with a storage: its errors become one StorageError without the password."""
    try:
        yield
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        cause = error.__cause__ or error
        reason = " ".join(str(getattr(cause, "orig", None) or cause).split("\n")[0].split())
        for secret in filter(None, (address(url).password, address(url).query.get("password"))):
            reason = reason.replace(str(secret), "***")
        raise StorageError(
            f"The sweeps' storage ({label(url)}) does not answer: {reason}"
        ) from None


# --- sweeps in a storage -------------------------------------------------------------------------


def create(storage, sweep):
    """Put a sweep into a storage, all its trials waiting.

    Raises:
        ValueError: there is one of that name.
    """
    direction = "minimize" if sweep.objective == "val_loss" else "maximize"
    try:
        study = optuna.create_study(storage=storage, study_name=sweep.name, direction=direction)
    except optuna.exceptions.DuplicatedStudyError:
        raise ValueError(
            f"There is a sweep named {sweep.name!r} already: choose another name or delete it."
        ) from None
    study.set_user_attr("sweep", sweep.to_dict())
    take_up(study, sweep)


def names(storage):
    """The sweeps in a storage, the newest first; other Optuna studies there are left alone."""
    found = optuna.study.get_all_study_summaries(storage, include_best_trial=False)
    return [one.study_name for one in reversed(found) if "sweep" in one.user_attrs]


def suggested_name(taken, stem):
    """`stem`, or `stem`-2, -3, ...: the first that is free."""
    stem = re.sub(r"[^A-Za-z0-9._-]", "-", stem) or "sweep"
    options = itertools.chain([stem], (f"{stem}-{k}" for k in itertools.count(2)))
    return next(one for one in options if one not in taken)


def load(storage, name):
    """(Optuna study, Sweep) of that name.

    Raises:
        ValueError: there is none (any more), or it is damaged.
    """
    try:
        study = optuna.load_study(study_name=name, storage=storage)
        return study, Sweep.from_dict(study.user_attrs["sweep"])
    except KeyError:
        raise ValueError(f"There is no sweep named {name[:80]!r}.") from None


def delete(storage, name):
    """Delete a sweep. A worker that is at one of its trials notices after its epoch."""
    with contextlib.suppress(KeyError):
        optuna.delete_study(study_name=name, storage=storage)


def pause(study, is_paused=True):
    """Ask all workers to leave a sweep after the current epoch; False: let them come back."""
    study.set_user_attr("paused", is_paused)


def is_paused(study):
    """Whether workers are asked to leave this sweep alone."""
    return bool(study.user_attrs.get("paused"))


def take_up(study, sweep):
    """Put back every slot that nobody holds: new, stopped, or left by a worker that died.

    Anybody may call it at any time. Returns the slots' trials, as `slots`.
    """
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


def _fail_without_heartbeat(study):
    """Fail trials whose worker died between taking them and its first heartbeat.

    Optuna never calls these stale. The times are the workers' clocks, hence the long wait.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        begun = trial.datetime_start
        is_old = begun and time.time() - begun.timestamp() > 600 + 4 * heartbeat()
        if is_old and "worker" not in trial.user_attrs:  # set after the first heartbeat
            with contextlib.suppress(ValueError, optuna.exceptions.UpdateFinishedTrialError):
                study.tell(trial.number, state=TrialState.FAIL)


def slots(study, sweep):
    """The Optuna trials of each slot, by number: list (sweep.trials) of lists, some empty."""
    found = [[] for _ in range(sweep.trials)]
    for trial in study.get_trials(deepcopy=False):
        slot = trial.user_attrs.get("slot")
        if isinstance(slot, int) and 0 <= slot < len(found) and _ended(trial) != "surplus":
            found[slot].append(trial)
    return found


def _ended(trial):
    return trial.user_attrs.get("ended")


def _in_force(tries):
    """The trial that stands for its slot: one that ended well, or is at it, before others."""
    order = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.WAITING)
    for wanted in order:
        for trial in tries:
            if trial.state == wanted:
                return trial
    return tries[-1] if tries else None


def state(tries):
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


def rows(study, sweep, found=None):
    """One dict a slot, for tables and plots.

    Keys: `trial` (the slot, from 1), `number` (Optuna's, or None), `state` (as `state`), `values`
    {setting: value}, `tries`, `epochs` trained, `history` {metric: list}, `best_epoch`, `val_loss`
    and `val_accuracy` of the best epoch by validation loss, `low` and `high` (Wilson's interval of
    the latter), `n` (validation drawings), `seconds`, `parameters`, `error` (a sentence),
    `worker`, `at` (when a worker began or ended it, by the worker's clock; seconds since 1970, or
    0). None where there is nothing yet.
    """
    grid = sweep.grid if sweep.sampler == "grid" else None
    table = []
    for slot, tries in enumerate(found if found is not None else slots(study, sweep)):
        trial = _in_force(tries)
        attrs = trial.user_attrs if trial else {}
        waits = state(tries) in ("waiting", "lost")
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
            "worker": "" if waits else attrs.get("worker", ""),
            "error": attrs.get("error", ""),
        }
        if row["state"] == "failed" and not row["error"]:
            row["error"] = f"Its worker died {DEATHS} times."
        for metric in OBJECTIVES:
            row[metric] = None if best is None else history[metric][best]
        row["low"] = row["high"] = None
        if row["val_accuracy"] is not None and row["n"]:
            low, high = evaluation.wilson(row["val_accuracy"] * row["n"], row["n"])
            row["low"], row["high"] = float(low), float(high)
        table.append(row)
    return table


def _times(tries):
    times = [when for one in tries for when in (one.datetime_start, one.datetime_complete)]
    return [when for when in times if when]


def best(table, objective):
    """The best row of those that were trained to their end, or None."""
    done = [row for row in table if row["state"] == "done" and row[objective] is not None]
    sign = 1 if objective == "val_loss" else -1
    return min(done, key=lambda row: sign * row[objective], default=None)


def tally(table):
    """{state: how many slots}, for the states that occur."""
    states = [row["state"] for row in table]
    return {one: states.count(one) for one in dict.fromkeys(states)}


def is_done(table):
    """Whether every slot came to an end."""
    return all(row["state"] in ("done", "pruned", "failed") for row in table)


def retry_failed(study, sweep):
    """Put back the slots that failed, once a person has mended the cause."""
    for tries in slots(study, sweep):
        if state(tries) == "failed":
            last = next((one for one in reversed(tries) if one.params), tries[-1])
            fixed = last.params or last.system_attrs.get("fixed_params", {})
            study.enqueue_trial(fixed, user_attrs={"slot": tries[-1].user_attrs["slot"]})


# --- a worker on this machine ---------------------------------------------------------------------


STARTING = 15  # seconds that a worker's process may take before it holds the lock
_started = -STARTING


def start_worker():
    """Start a worker on this machine in a process of its own, unless one of ours is at it."""
    global _started
    if not has_worker():
        _started = time.monotonic()
        worker.spawn(["sweep-worker", "--only"], MODELS / ".sweeps.log")


def has_worker():
    """Whether a worker that the page started lives on this machine, or is about to."""
    return runs.is_held(MODELS / LOCK) or time.monotonic() - _started < STARTING


# --- in words ---------------------------------------------------------------------------------------


def of_the_report(storage):
    """The newest sweep of each of the report's that was tried to its end, in PRESETS' order.

    Returns:
        list of (Sweep, rows).
    """
    found = {}
    for name in names(storage):
        study, sweep = load(storage, name)
        if sweep.preset in PRESETS and sweep.preset not in found:
            table = rows(study, sweep)
            if all(row["state"] in ("done", "pruned") and row["low"] for row in table):
                found[sweep.preset] = sweep, table
    return [found[preset] for preset in PRESETS if preset in found]


def words(values):
    """A trial's values: {"batch_size": 16, "blocks": 2} -> "batch size 16, blocks 2"."""
    return ", ".join(f"{plain(name)} {shown(value)}" for name, value in values.items())


def plain(name):
    """A setting's name as people write it: "batch_size" -> "batch size"."""
    return name.replace("_", " ")


def shown(value):
    """A number with 4 digits at most, as people write it; a choice as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def top1(row):
    """A row's validation top-1 with its Wilson interval, or ''."""
    if row["low"] is None:
        return ""
    figures = {"top1": row["val_accuracy"], "top1_low": row["low"], "top1_high": row["high"]}
    return interval(figures)


def said_of(sweep, table):
    """A finished sweep of the report in words: its best value, the report's, and the spread.

    Args:
        sweep, table: as `of_the_report` returns them.
    """

    def told(row):
        return f"{words(row['values'])}: {top1(row)}"

    ordered = sorted(table, key=lambda row: -row["val_accuracy"])
    best, worst = ordered[0], ordered[-1]
    given = PRESETS[sweep.preset].best
    theirs = next((row for row in table if given and row["values"] == given), None)
    text = f"Best is {told(best)} of {best['n']:,} validation drawings; "
    if theirs and theirs is not best:
        text += f"the report's best, {told(theirs)}; "
    text += f"worst, {told(worst)}. "
    alike = [row for row in table if row["high"] >= best["low"]]
    if len(alike) == len(table):
        return text + "All intervals overlap the best one's: one run each does not tell them apart."
    return text + (
        f"{len(alike)} of {len(table)} overlap the best one's interval; the others are worse."
    )
