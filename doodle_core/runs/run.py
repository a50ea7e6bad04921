"""What is known of a run without opening its arrays."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doodle_core.data import is_practice, source_label
from doodle_core.files import MODELS, read_json
from doodle_core.runs.folders import LIVE, folder, is_held
from doodle_core.settings import families


def practice_note(run):
    """The words that every figure of a run on practice data or on a random base carries, or ""."""
    return ", ".join(filter(None, (run.data_label if run.is_practice else "", run.weights_note)))


NUMBERS = {"status": ("time",), "progress": (), "metrics": (), "notes": ()}
"""The JSON files that `load` reads, and the numbers that must be in each; of the metrics, those
that the family says."""
TEXTS = ("state", "error", "phase", "text", "notes", "test_pixels", "judge")
"""What in these files is text; the rest are numbers, and tags a list of texts."""
STATES = (*LIVE, "finished", "stopped", "interrupted", "failed", "damaged")


@dataclass
class Run:
    """What is known of a run without opening its arrays.

    Attributes:
        path: its folder.
        state: one of `STATES`; "interrupted" means that its process died.
        config: the settings of its family, or None where it is damaged.
        error: a sentence where the state is "failed" or "damaged".
        status, progress, metrics, notes: the JSON files; {} where there is none yet.
    """

    path: Path
    state: str
    config: Any = None
    error: str = ""
    status: dict = field(default_factory=dict)
    progress: dict = field(default_factory=dict)
    metrics: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.path.name

    @property
    def family(self):
        """The `families.Family` that it is of. Not for a damaged run."""
        return families.family_of(self.config)

    @property
    def kind(self):
        """Its family's key, "" for a damaged run."""
        return self.family.key if self.config else ""

    @property
    def has_weights(self):
        """Whether its network is here: some runs come without, for their size."""
        return (self.path / self.family.weights[-1]).is_file()

    @property
    def is_practice(self):
        """Whether practice data was trained on or scored on: every figure of it must say so."""
        if self.metrics.get("practice"):  # noted while the runs that it began with were there
            return True
        configs = [self.config, *(run.config for run in ancestors(self.config))]
        return any(_has_practice(config.data) for config in configs if config)

    @property
    def weights_note(self):
        """ "random weights" for a base without ImageNet's: every figure of it must say so; else ""."""
        transfer = getattr(self.config, "transfer", None)
        return "random weights" if transfer and transfer.weights == "random" else ""

    @property
    def practice_kind(self):
        """What part practice data had, for a badge, or ""."""
        data = self.config.data
        if not self.is_practice:
            return ""
        is_scored = is_practice(data.source) or is_practice(data.scored_on)
        return "practice data" if is_scored or not data.practice_added else "practice data added"

    @property
    def data_label(self):
        """What it was trained on and scored on, in words."""
        data = self.config.data
        text = source_label(data.source)
        if data.practice_added:
            text += f" + {data.practice_added:,} practice drawings each"
        if data.scored_on != data.source:
            text += f", scored on {source_label(data.scored_on)}"
        if self.is_practice and not _has_practice(data):
            text += ", begun with practice data"
        return text


def _has_practice(data):
    return is_practice(data.source) or is_practice(data.scored_on) or data.practice_added > 0


def ancestors(config):
    """The runs whose weights a run begins with, the nearest first.

    Args:
        config: its settings.

    Returns:
        list of `Run`s; one that was deleted is the last, with the state "damaged".
    """
    found = {}
    while (name := getattr(config, "start_from", "")) and name not in found:
        run = found[name] = load(folder(name))
        config = run.config
    return list(found.values())


def load(path):
    """Read a run's folder. A damaged one comes back with the state "damaged", never raises."""
    path = Path(path)
    try:
        config = read_json(path / "config.json")
        if not isinstance(config, dict):
            raise ValueError("config.json is missing or is not an object.")
        config = families.from_dict(config)
        parts = {part: read_json(path / f"{part}.json", {}) for part in NUMBERS}
        numbers = NUMBERS | {"metrics": families.family_of(config).numbers}
        for part, content in parts.items():
            _check_object(f"{part}.json", content, numbers[part])
    except (ValueError, TypeError, OSError) as error:
        error = f"This run's folder is damaged: {error}"
        return Run(path, "damaged", error=error, notes=read_notes(path))
    state = parts["status"].get("state", "interrupted")
    if state not in STATES or (state == "finished" and not parts["metrics"]):
        error = "This run's folder is damaged: its state is unknown or without figures."
        return Run(path, "damaged", error=error, notes=parts["notes"])
    if state == "running" and not is_held(path / "run.lock"):
        state = "interrupted"
    return Run(path, state, config, str(parts["status"].get("error", "")), **parts)


def _check_object(name, content, numbers):
    """Refuse a JSON file of a run that would surprise the pages."""
    if not isinstance(content, dict):
        raise ValueError(f"{name} is not an object.")
    for key in numbers:
        if content and not _is_number(content.get(key)):
            raise ValueError(f"{name} lacks the number {key!r}.")
    for key, value in content.items():
        if not (key in TEXTS or key == "tags" or value is None or _is_number(value)):
            raise ValueError(f"{name}: {key[:80]!r} is not a number.")
        if key in TEXTS and not isinstance(value, str):
            raise ValueError(f"{name}: {key[:80]!r} is not a text.")
    if not 0.01 <= (content.get("temperature") or 1) <= 100:  # `fit_temperature` gives 0.05 to 20
        raise ValueError(f"{name}: the temperature is not from 0.01 to 100.")
    tags = content.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"{name}: tags are not texts.")


def _is_number(value):
    """A finite int or float that a page can compute with."""
    return isinstance(value, (int, float)) and abs(value) < 1e15


def read_notes(path):
    """A run's notes, {} where they are damaged: a damaged run can still be hidden."""
    try:
        notes = read_json(path / "notes.json", {})
        _check_object("notes.json", notes, ())
    except (ValueError, OSError):
        return {}
    return notes


def read_object(file):
    """A JSON object, or list, of a run's folder; {} where there is no such file.

    Raises:
        ValueError: it is damaged.
    """
    content = read_json(file, {})
    if not isinstance(content, (dict, list)):
        raise ValueError(f"{Path(file).name} is neither an object nor a list.")
    return content


def all_runs():
    """Every run, by the last change of its state, the newest first.

    Folders without a configuration are shown as damaged.
    """
    if not MODELS.is_dir():
        return []
    paths = [path for path in MODELS.iterdir() if path.name.isprintable() and _is_run(path)]
    return sorted(map(load, paths), key=_changed, reverse=True)


def finished(kind, among=None):
    """The finished runs of a family that are not hidden, the newest first.

    Args:
        kind: the family's key. among: runs to choose from; None for all.
    """
    return [
        run
        for run in (all_runs() if among is None else among)
        if run.state == "finished" and run.kind == kind and not run.notes.get("hidden")
    ]


def _is_run(path):
    """Hidden folders are ours for a moment; links could lead a write out of `models/`."""
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _changed(run):
    """When the run's state changed; a copied folder's files all have the time of the copying."""
    if run.status:
        return run.status["time"]
    try:
        return run.path.stat().st_mtime
    except OSError:
        return 0.0
