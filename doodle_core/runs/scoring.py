"""A finished classifier's scorings: what it says of other drawings than those of its test part.

    models/<run>/scored/<key>/
        drawings.json       which drawings they are (`Drawings`), what was left out, and why
        metrics.json, test_labels.npy, test_rows.npy, test_probabilities.npy
        per_category.csv, confusion.csv, suspects.csv, unmeasured.json: as of the run itself

A scoring is read as a `Run`, so that whatever shows a run's figures can show these. The run's own
files know nothing of it.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from doodle_core import data
from doodle_core.data import Scored, is_practice, source_label
from doodle_core.files import check_folder, flush, later, read_json, write_json
from doodle_core.runs import facts
from doodle_core.runs.run import Run
from doodle_core.runs.scored import test_part

FOLDER = "scored"
FILE = "drawings.json"
HALF = ".half"
"""The folder of a scoring that is being made, or whose process was killed."""


@dataclass(frozen=True)
class Drawings:
    """Which drawings a scoring is of.

    Attributes:
        scored_on: their source. categories: those that were scored, which the network knows.
        per_category: at most so many of each, the first of its file; 0: all.
        unknown: the categories of the drawings that the network does not know: not scored.
        learned: drawings that were left out, since the network had learned from them.
        unchecked: why it could not be looked up whether it learned from any; "" where it could.
    """

    scored_on: str
    categories: tuple[str, ...]
    per_category: int = 0
    unknown: tuple[str, ...] = ()
    learned: int = 0
    unchecked: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))
        object.__setattr__(self, "unknown", tuple(self.unknown))
        numbers = (self.per_category, self.learned)
        texts = (self.scored_on, self.unchecked, *self.categories, *self.unknown)
        is_sound = (
            all(facts.TEXT.fits(one) for one in texts)
            and all(isinstance(one, int) and 0 <= one <= 10**9 for one in numbers)
            and len(self.categories) > 0
        )
        if not is_sound:
            raise ValueError(f"{FILE} is damaged: it does not say which drawings were scored.")
        data.check_source(self.scored_on)


@dataclass
class Scoring(Run):
    """A network's figures on other drawings, as a Run whose test part they are.

    Attributes:
        own: the run whose network it is. drawings: which drawings. The others as of `Run`.
    """

    own: Run = field(kw_only=True)
    drawings: Drawings = field(kw_only=True)

    @property
    def name(self) -> str:
        return self.own.name

    @property
    def key(self) -> str:
        """What tells it from the run's other scorings."""
        return self.path.name

    @property
    def label(self) -> str:
        """Its drawings in words."""
        names = self.drawings.categories
        return f"{source_label(self.drawings.scored_on)}: {self.metrics['n']:,} of {_words(names)}"

    @property
    def remarks(self) -> list[str]:
        """What its figures do not cover or cannot promise, a sentence each."""
        found, known = self.drawings, self.config.data.categories
        said = []
        if absent := [one for one in known if one not in found.categories]:
            said.append(
                f"Scored on {len(found.categories)} of the {len(known)} categories that the "
                f"network knows, not on {data.listed(absent)}."
            )
        if found.unknown:
            said.append(f"Not scored, since it does not know them: {data.listed(found.unknown)}.")
        if found.learned:
            said.append(
                f"{found.learned:,} drawings are left out, since {self.name}, or a run that it "
                "began with, learned from them."
            )
        if found.unchecked:
            said.append(
                "What it learned from could not all be looked up, so some of these drawings may be "
                f"among it: {found.unchecked}"
            )
        return said

    @property
    def has_weights(self) -> bool:
        return self.own.has_weights

    @property
    def scored(self) -> Scored:
        return self.drawings

    @property
    def is_practice(self) -> bool:
        return is_practice(self.drawings.scored_on) or self.own.is_practice

    @property
    def practice_kind(self) -> str:
        return "practice data" if is_practice(self.drawings.scored_on) else self.own.practice_kind

    @property
    def weights_note(self) -> str:
        return self.own.weights_note

    @property
    def data_label(self) -> str:
        return f"{self.own.data_label}; here scored on {source_label(self.drawings.scored_on)}"


def _words(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} categories"


# --- reading -------------------------------------------------------------------------------------


def scorings(run: Run) -> list[Scoring]:
    """A run's scorings, the newest first; what is damaged or half made is none."""
    found = []
    for path in (run.path / FOLDER).glob("[!.]*"):
        with contextlib.suppress(ValueError, OSError):
            found.append(load_scoring(run, path.name))
    return sorted(found, key=lambda one: one.status["time"], reverse=True)


def load_scoring(run: Run, key: str) -> Scoring:
    """A run's scoring of that key.

    Raises:
        ValueError: there is none, or it is damaged.
        OSError: it cannot be read.
    """
    if not run.config or run.kind != "classifier" or not re.fullmatch(r"[\w][\w.-]{0,120}", key):
        raise ValueError(f"{run.name} has no scoring {key[:80]!r}.")
    path = run.path / FOLDER / key
    content = read_json(path / FILE)
    if not isinstance(content, dict):
        raise ValueError(f"{run.name} has no scoring {key[:80]!r}.")
    check_folder(path)
    when = content.pop("time", None)
    try:
        drawings = Drawings(**content)
    except TypeError:
        raise ValueError(f"{FILE} of {key} is damaged: it has other fields.") from None
    metrics = facts.read_metrics(path, run.config)
    if not (metrics and facts.STATUS["time"].fits(when)):
        raise ValueError(f"The scoring {key} of {run.name} is damaged.")
    if not set(drawings.categories) <= set(run.config.data.categories):
        raise ValueError(f"{FILE} of {key} is damaged: it names categories that are not the run's.")
    return Scoring(
        path,
        "finished",
        run.config,
        status={"state": "finished", "time": when},
        metrics=metrics,
        notes=run.notes,
        own=run,
        drawings=drawings,
    )


def scored_pixels(run: Run) -> NDArray[np.uint8]:
    """The drawings that a run's or a scoring's figures are of: (N, 28, 28) uint8.

    Raises:
        OSError, ValueError: as `data.scored_pixels`, and where its arrays are damaged.
    """
    names = run.config.data.categories
    labels, rows = test_part(run.path, len(names))
    places = {name: place for place, name in enumerate(run.scored.categories)}
    missing = np.iinfo(np.uint16).max
    labels = np.array([places.get(name, missing) for name in names], np.uint16)[labels]
    return data.scored_pixels(run.scored, labels, rows, run.metrics.get("test_pixels"))


# --- writing -------------------------------------------------------------------------------------


@contextlib.contextmanager
def new_scoring(run: Run, drawings: Drawings, fingerprint: str) -> Iterator[Path]:
    """A folder to write a scoring's files in; it becomes the run's when the block ends well.

    A scoring of the same drawings gives way to it.

    Args:
        run: a finished classifier. fingerprint: `data.fingerprint` of the drawings.

    Raises:
        RuntimeError: another process is making one of this run.
        OSError: full or read-only disk.
    """
    check_folder(run.path)
    folder = run.path / FOLDER
    folder.mkdir(exist_ok=True)
    half, path = folder / HALF, folder / key_of(drawings.scored_on, fingerprint)
    try:
        lock = FileLock(folder / ".lock").acquire(timeout=0)
    except Timeout:
        raise RuntimeError(f"{run.name} is being scored already: wait for that to end.") from None
    with lock:
        try:
            shutil.rmtree(half, ignore_errors=True)  # of a process that was killed
            half.mkdir()
            yield half
            when = later((one.status["time"] for one in scorings(run)), facts.LATEST)
            write_json(half / FILE, {**asdict(drawings), "time": when})
            gone = folder / f"{HALF}-gone"
            shutil.rmtree(gone, ignore_errors=True)
            if path.exists():
                path.rename(gone)
            half.rename(path)
            flush(folder)
            shutil.rmtree(gone, ignore_errors=True)
        finally:
            shutil.rmtree(half, ignore_errors=True)


def key_of(source: str, fingerprint: str) -> str:
    """A scoring's folder's name: its drawings' source, and what tells them from others of it."""
    stem = re.sub(r"[^a-z0-9]+", "-", source_label(source).lower()).strip("-")[:60] or "drawings"
    return f"{stem}-{fingerprint[:8]}"


def facts_of_training(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """What of a run's figures is of its training, and so stands in those of its scorings too."""
    names = ("train_n", "parameters", "temperature", "diverged", "best_epoch", "epochs", "seconds")
    return {name: metrics[name] for name in names if name in metrics}
