"""What is known of a run without opening its arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doodle_core.data import Scored, is_practice, is_same, source_label
from doodle_core.files import MODELS, check_folder, explain
from doodle_core.runs import facts
from doodle_core.runs.folders import folder, is_held
from doodle_core.runs.tables import check_history
from doodle_core.settings import DataConfig, families
from doodle_core.settings.imported import IMPORTED


def practice_note(run: Run) -> str:
    """The words that every figure of a run carries that is on practice data, on a random base, or
    of a training that diverged; or ""."""
    marks = (run.data_label if run.is_practice else "", run.weights_note, run.diverged_note)
    return ", ".join(filter(None, marks))


@dataclass
class Run:
    """What is known of a run without opening its arrays.

    Attributes:
        path: its folder.
        state: one of `facts.STATES`; "interrupted" means that its process died.
        config: the settings of its family, or None where it is damaged.
        error: a sentence where the state is "failed" or "damaged", or a finished run's history is.
        status, progress, metrics, notes: the JSON files; {} where there is none yet.
    """

    path: Path
    state: str
    config: Any = None
    error: str = ""
    status: facts.Facts = field(default_factory=dict)
    progress: facts.Facts = field(default_factory=dict)
    metrics: facts.Facts = field(default_factory=dict)
    notes: facts.Facts = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def family(self) -> families.Family:
        """The `families.Family` that it is of. Not for a damaged run."""
        return families.family_of(self.config)

    @property
    def kind(self) -> str:
        """Its family's key, "" for a damaged run."""
        return self.family.key if self.config else ""

    @property
    def is_imported(self) -> bool:
        """Whether its network was trained elsewhere: it has no history, and no Keras weights."""
        return getattr(self.config, "network", "") == IMPORTED

    @property
    def has_weights(self) -> bool:
        """Whether its network is here: some runs come without, for their size."""
        files = self.family.portable if self.is_imported else self.family.weights
        return (self.path / files[-1]).is_file()

    @property
    def has_portable(self) -> bool:
        """Whether the networks are here that answer without TensorFlow."""
        return all((self.path / name).is_file() for name in self.family.portable)

    @property
    def scored(self) -> Scored:
        """Which drawings its figures are of."""
        found: Scored = self.config.data
        return found

    @property
    def is_practice(self) -> bool:
        """Whether practice data was trained on or scored on: every figure of it must say so."""
        if self.metrics.get("practice"):  # noted while the runs that it began with were there
            return True
        configs = [self.config, *(run.config for run in ancestors(self.config))]
        return any(_has_practice(config.data) for config in configs if config)

    @property
    def weights_note(self) -> str:
        """What every figure of a base must say of its weights, where they are not ImageNet's; ""."""
        transfer = getattr(self.config, "transfer", None)
        if not transfer:
            return ""
        if transfer.weights == "random":
            return "random weights"
        try:
            said = facts.read_environment(self.path).get("weights_note")
        except (ValueError, OSError):
            return ""
        return f"{transfer.base}, {said}" if isinstance(said, str) and said else ""

    @property
    def diverged_note(self) -> str:
        """What every figure of a training must say that lost its loss; else ""."""
        epoch = self.metrics.get("diverged")
        return f"diverged from epoch {epoch:.0f} on" if epoch else ""

    @property
    def practice_kind(self) -> str:
        """What part practice data had, for a badge, or ""."""
        data = self.config.data
        if not self.is_practice:
            return ""
        is_scored = is_practice(data.source) or is_practice(data.scored_on)
        return "practice data" if is_scored or not data.practice_added else "practice data added"

    @property
    def data_label(self) -> str:
        """What it was trained on and scored on, in words."""
        data = self.config.data
        if self.is_imported:
            return f"imported, scored on {source_label(data.scored_on)}"
        text = source_label(data.source)
        if data.practice_added:
            text += f" + {data.practice_added:,} practice drawings each"
        if not is_same(data.scored_on, data.source):
            text += f", scored on {source_label(data.scored_on)}"
        if self.is_practice and not _has_practice(data):
            text += ", begun with practice data"
        return text


def _has_practice(data: DataConfig) -> bool:
    return is_practice(data.source) or is_practice(data.scored_on) or data.practice_added > 0


def ancestors(config: Any) -> list[Run]:
    """The runs whose weights a run begins with, the nearest first.

    Args:
        config: its settings.

    Returns:
        list of `Run`s; one that was deleted is the last, with the state "damaged".
    """
    found: dict[str, Run] = {}
    while (name := getattr(config, "start_from", "")) and name not in found:
        run = found[name] = load(folder(name))
        config = run.config
    return list(found.values())


def load(path: Path | str) -> Run:
    """Read a run's folder. A damaged one comes back with the state "damaged", never raises."""
    path = Path(path)
    try:
        check_folder(path)
        config = facts.read_config(path)
        status, progress = facts.read_status(path), facts.read_progress(path)
        metrics, notes = facts.read_metrics(path, config), facts.read_notes(path)
    except (ValueError, OSError) as error:
        why = "cannot be read" if isinstance(error, OSError) else "is damaged"
        text = f"This run's folder {why}: {explain(error)}"
        return Run(path, "damaged", error=text, notes=notes_kept(path))
    state = status.get("state", "interrupted")
    if state not in facts.STATES or (state == "finished" and not metrics):
        text = "This run's folder is damaged: its state is unknown or without figures."
        return Run(path, "damaged", error=text, notes=notes)
    if state == "running" and not is_held(path / "run.lock"):
        state = "interrupted"
    said = status.get("error", "") or (_lost(path) if state == "finished" else "")
    return Run(path, state, config, said, status, progress, metrics, notes)


def _lost(path: Path) -> str:
    """What of a finished run cannot be read though the rest can, in a sentence; "" for nothing."""
    try:
        check_history(path)
    except ValueError as error:
        return str(error)
    return ""


def notes_kept(path: Path) -> facts.Facts:
    """A run's notes, {} where they are damaged: a damaged run can still be hidden."""
    try:
        return facts.read_notes(path)
    except (ValueError, OSError):
        return {}


def all_runs() -> list[Run]:
    """Every run, by the last change of its state, the newest first.

    Folders without a configuration are shown as damaged.
    """
    if not MODELS.is_dir():
        return []
    paths = [path for path in MODELS.iterdir() if path.name.isprintable() and _is_run(path)]
    return sorted(map(load, paths), key=_changed, reverse=True)


def finished(kind: str, among: Iterable[Run] | None = None) -> list[Run]:
    """The finished runs of a family that are not hidden, the newest first.

    Args:
        kind: the family's key. among: runs to choose from; None for all.
    """
    return [
        run
        for run in (all_runs() if among is None else among)
        if run.state == "finished" and run.kind == kind and not run.notes.get("hidden")
    ]


def _is_run(path: Path) -> bool:
    """Hidden folders are ours for a moment; links could lead a write out of `models/`."""
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _changed(run: Run) -> float:
    """When the run's state changed; a copied folder's files all have the time of the copying."""
    if run.status:
        return float(run.status["time"])
    try:
        return run.path.stat().st_mtime
    except OSError:
        return 0.0
