"""Run folders: the only truth about what was trained, and what the pages read.

    models/<run>/
        config.json         what was asked for (config.RunConfig)
        status.json         queued, running, finished, stopped or failed, and when
        run.lock            held by the process that trains; the system frees it when that dies
        progress.json       where the training is, rewritten about twice a second
        request             "stop" or "finish", written by whoever wants that
        environment.json    versions, processor, precision, seed
        network.json        the layers and their parameters
        history.csv         one row an epoch (Keras's CSVLogger), epochs from 0
        steps.csv           loss and accuracy within the epochs, for the live curves
        drawings.json       fingerprints of the parts: a resume must find the same drawings
        best.keras          the weights of the best epoch, by validation loss
        fitted              there once no further epoch is to come
        backup/             what a resume needs (Keras's BackupAndRestore)
        train.log           what the training said
        test_labels.npy, test_rows.npy, test_probabilities.npy, test_embeddings.npy
        val_labels.npy, val_probabilities.npy
        metrics.json, per_category.csv, confusion.csv
        suspects.csv        test drawings whose given label looks wrong
        notes.json          a person's notes, tags and "hidden"

The run of a VAE has, in place of best.keras and of the classifier's arrays and tables:
        encoder.keras, decoder.keras
        snapshots/          a fixed set of drawings after each epoch: NNNN.npz
        metrics.json, dimensions.csv, directions.npz, categories.npz
        latent_test.npz, latent_practice.npz, latent_samples.npz: see `latents`
"""

import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from doodle_core.config import RunConfig, check_name, is_practice, source_label
from doodle_core.files import MODELS, read_json, replacing, write_json
from doodle_core.vae_config import VaeConfig

LIVE = ("queued", "running")
HISTORY = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"] + [
    "binary_accuracy",
    "val_binary_accuracy",
    "stage",
]
VAE_HISTORY = [
    f"{part}{name}" for part in ("", "val_") for name in ("reconstruction", "kl", "objective")
] + ["discriminator"]
NUMBERS = {
    "status": ("time",),
    "progress": (),
    "metrics": ("n", "train_n", "top1", "top1_low", "top1_high", "top3", "macro_recall", "loss")
    + ("binary_accuracy", "chance", "majority"),
    "notes": (),
}
"""The JSON files that `load` reads, and the numbers that must be in each."""
VAE_METRICS = (
    "n",
    "train_n",
    "loss",
    "reconstruction",
    "kl",
    "best_epoch",
    "parameters",
    "seconds",
)
"""These of a VAE's `metrics.json`."""
TEXTS = ("state", "error", "phase", "text", "notes", "test_pixels", "judge")
"""What in these files is text; the rest are numbers, and tags a list of texts."""
STATES = (*LIVE, "finished", "stopped", "interrupted", "failed", "damaged")


def folder(name):
    """The run's folder, below `models/` whatever the name says."""
    return MODELS / check_name(name)


def create(config):
    """Make the run's folder, queued. Returns its path.

    Raises:
        FileExistsError: there is a run of that name (the check and the making are one step).
    """
    path = folder(config.name)
    MODELS.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        raise FileExistsError(
            f"There is a run named {config.name!r} already: choose another name or delete it."
        ) from None
    try:
        write_json(path / "config.json", config.to_dict())
        set_state(path, "queued")
    except OSError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path


def set_state(path, state, **facts):
    """Write `status.json`, atomically: a state, the time, and facts such as `error`."""
    write_json(Path(path) / "status.json", {"state": state, "time": time.time(), **facts})


def lock(path, wait=5.0):
    """The lock of a run that is about to train, taken; a context that releases it.

    A page may be looking whether it is held, hence the wait.

    Raises:
        RuntimeError: another process trains this run.
    """
    try:
        return FileLock(Path(path) / "run.lock").acquire(timeout=wait)
    except Timeout:
        raise RuntimeError(f"The run {Path(path).name!r} is being trained already.") from None


def is_held(lock_file):
    """Whether a living process holds the lock. Safe against reused process numbers."""
    if not Path(lock_file).exists():
        return False
    probe = FileLock(lock_file)
    try:
        probe.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # a read-only folder: nobody can be training there
        return False
    probe.release()
    return False


@dataclass
class Run:
    """What is known of a run without opening its arrays.

    Attributes:
        path: its folder.
        state: one of `STATES`; "interrupted" means that its process died.
        config: its `RunConfig`, or `VaeConfig`, or None where it is damaged.
        error: a sentence where the state is "failed" or "damaged".
        status, progress, metrics, notes: the JSON files; {} where there is none yet.
    """

    path: Path
    state: str
    config: RunConfig | None = None
    error: str = ""
    status: dict = field(default_factory=dict)
    progress: dict = field(default_factory=dict)
    metrics: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.path.name

    @property
    def is_vae(self):
        """Whether it is the run of a VAE: its figures are not a classifier's."""
        return isinstance(self.config, VaeConfig)

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
        transfer = self.config and self.config.transfer
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
    """The runs whose weights a RunConfig begins with, the nearest first.

    Args:
        config: RunConfig.

    Returns:
        list of `Run`s; one that was deleted is the last, with the state "damaged".
    """
    found = {}
    while config and config.start_from and config.start_from not in found:
        run = found[config.start_from] = load(folder(config.start_from))
        config = run.config
    return list(found.values())


def load(path):
    """Read a run's folder. A damaged one comes back with the state "damaged", never raises."""
    path = Path(path)
    try:
        config = read_json(path / "config.json")
        if not isinstance(config, dict):
            raise ValueError("config.json is missing or is not an object.")
        config = _config(config)
        parts = {part: read_json(path / f"{part}.json", {}) for part in NUMBERS}
        numbers = NUMBERS | ({"metrics": VAE_METRICS} if isinstance(config, VaeConfig) else {})
        for part, content in parts.items():
            _check_object(f"{part}.json", content, numbers[part])
    except (ValueError, TypeError, OSError) as error:
        error = f"This run's folder is damaged: {error}"
        return Run(path, "damaged", error=error, notes=_notes(path))
    state = parts["status"].get("state", "interrupted")
    if state not in STATES or state == "finished" and not parts["metrics"]:
        error = "This run's folder is damaged: its state is unknown or without figures."
        return Run(path, "damaged", error=error, notes=parts["notes"])
    if state == "running" and not is_held(path / "run.lock"):
        state = "interrupted"
    return Run(path, state, config, str(parts["status"].get("error", "")), **parts)


def _config(content):
    """The configuration in a `config.json`, of a classifier or of a VAE."""
    kind = content.get("kind", "classifier")
    if kind not in ("classifier", "vae"):
        raise ValueError(f"config.json is of an unknown kind, {str(kind)[:40]!r}.")
    settings = {name: value for name, value in content.items() if name != "kind"}
    return (VaeConfig if kind == "vae" else RunConfig).from_dict(settings)


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


def _notes(path):
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


def history(path):
    """`history.csv` as a DataFrame, `epoch` from 1; empty before the first epoch ends.

    Columns: HISTORY, NaN where there is no number, and those of VAE_HISTORY that are there.
    """
    import pandas as pd

    frame = _table(Path(path) / "history.csv")
    frame = frame.reindex(columns=HISTORY + [name for name in VAE_HISTORY if name in frame])
    frame = frame.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    frame = frame[frame["epoch"].between(0, 1e6)]
    return frame.assign(epoch=frame["epoch"].astype(int) + 1)


def steps(path):
    """`steps.csv` as a DataFrame: `epoch` (1.5 is the middle of the second), `loss`, and
    `accuracy`, or, of a VAE, `reconstruction` and `kl`."""
    import pandas as pd

    frame = _table(Path(path) / "steps.csv")
    others = ["reconstruction", "kl"] if "kl" in frame else ["accuracy"]
    frame = frame.reindex(columns=["epoch", "loss", *others])
    return frame.apply(pd.to_numeric, errors="coerce").dropna()


def _table(file):
    import pandas as pd

    try:
        return pd.read_csv(file, on_bad_lines="skip")
    except (OSError, ValueError):  # pandas's own errors are ValueErrors
        return pd.DataFrame({"epoch": []})


def best_epoch(frame, is_last=False):
    """The row of the best epoch by validation loss, as a dict, or {} where there is none.

    With `is_last`, the last epoch that has a loss: a VAE-GAN's, which the loss does not measure.
    """
    if "val_loss" not in frame or frame["val_loss"].dropna().empty:
        return {}
    if is_last:
        return frame.loc[frame["val_loss"].last_valid_index()].to_dict()
    return frame.loc[frame["val_loss"].idxmin()].to_dict()


@dataclass
class Results:
    """What a finished run wrote about its test part.

    Attributes:
        labels: (N,) uint16. rows: (N,) int32, each drawing's row in its category's file.
        probabilities: (N, C) float32. embeddings: (N, D) float16, memory-mapped, or None where
            the run came without them.
    """

    labels: np.ndarray
    rows: np.ndarray
    probabilities: np.ndarray
    embeddings: np.ndarray | None


def results(path, classes):
    """The test arrays of a finished run. `classes`: int, the number of its categories.

    Raises:
        ValueError: one is missing, damaged, or does not fit the others.
    """
    path = Path(path)
    labels, rows = test_part(path, classes)
    has_embeddings = (path / "test_embeddings.npy").exists()
    found = Results(
        labels,
        rows,
        _array(path, "probabilities"),
        _array(path, "embeddings") if has_embeddings else None,
    )
    if not _fit_each_other(found, classes):
        raise ValueError(f"The test arrays of {path.name} are damaged: they do not fit each other.")
    return found


def test_part(path, classes):
    """Which drawings a run was scored on: (labels, rows), as in `Results`.

    Raises:
        ValueError: one is missing, damaged, or does not fit the other.
    """
    labels, rows = _array(path, "labels"), _array(path, "rows")
    fits = (
        isinstance(labels, np.ndarray)
        and isinstance(rows, np.ndarray)
        and labels.ndim == 1
        and rows.shape == labels.shape
        and len(labels) > 0
        and labels.dtype.kind in "iu"
        and rows.dtype.kind in "iu"
        and 0 <= int(labels.min()) <= int(labels.max()) < classes
        and int(rows.min()) >= 0
    )
    if not fits:
        name = Path(path).name
        raise ValueError(f"The test arrays of {name} are damaged: they do not fit each other.")
    return labels, rows


def _array(path, name):
    file = Path(path) / f"test_{name}.npy"
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(
            f"{file.name} of {Path(path).name} is missing or damaged ({error})."
        ) from None


def _fit_each_other(found, classes):
    """Whether shapes, kinds and ranges are those that `Results` promises."""
    arrays = [found.probabilities]
    arrays += [] if found.embeddings is None else [found.embeddings]
    if not all(isinstance(array, np.ndarray) for array in arrays):
        return False
    n = len(found.labels)
    return (
        found.probabilities.shape == (n, classes)
        and all(array.shape[:1] == (n,) for array in arrays)
        and found.probabilities.dtype.kind == "f"
        and bool(np.isfinite(found.probabilities).all())
    )


def suspects(path, n, classes):
    """`suspects.csv`, the drawings whose label is probably wrong; None where there is no such file.

    Args:
        path: the run's folder. n: int, its test drawings. classes: int, its categories.

    Returns:
        DataFrame as of `evaluation.suspects`, without the rows that do not fit the run.
    """
    import pandas as pd

    path = Path(path)
    if not (path / "suspects.csv").exists():
        return None
    frame = _table(path / "suspects.csv").reindex(columns=["place", "quality", "suggested"])
    frame = frame.apply(pd.to_numeric, errors="coerce").dropna()
    fits = frame["place"].between(0, n - 1) & frame["suggested"].between(0, classes - 1)
    frame = frame[fits & frame["quality"].between(0, 1)]
    return frame.astype({"place": int, "suggested": int}).reset_index(drop=True)


def log_tail(path, size=20_000):
    """The end of a run's log, as text."""
    try:
        return (Path(path) / "train.log").read_bytes()[-size:].decode("utf-8", "replace")
    except OSError:
        return ""


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
    write_json(path / "notes.json", {**_notes(path), **changes})


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


def keeps_last(config):
    """Whether a run keeps its last epoch's weights, not those of the lowest validation loss."""
    return bool(getattr(config, "adversarial", 0))


def summary(run):
    """One flat row about a run, for tables and the export of all runs' numbers."""
    row = {"run": run.name, "state": run.state}
    if run.config is None:
        return row
    frame = history(run.path)
    best = best_epoch(frame, keeps_last(run.config))
    row |= {
        "data": run.data_label,
        "practice data": run.is_practice,
        "epochs trained": len(frame),
        "best epoch": best.get("epoch"),
        "val accuracy": best.get("val_accuracy"),
        "val loss": best.get("val_loss"),
    }
    if run.is_vae:
        names = {"loss": "test loss", "reconstruction": "test reconstruction", "kl": "test KL"}
        names |= {"iwae": "test IWAE", "probe": "linear probe", "n": "test drawings"}
        names |= {"reconstructed_top1": "reconstructions named rightly", "seconds": "seconds"}
        names |= {"parameters": "parameters"}
        row |= {label: run.metrics.get(key) for key, label in names.items()}
        return row | settings(run.config) | {"tags": ", ".join(run.notes.get("tags", []))}
    names = {"top1": "test top-1", "top1_low": "low", "top1_high": "high", "n": "test drawings"}
    names |= {"macro_recall": "macro recall", "binary_accuracy": "binary accuracy"}
    names |= {"chance": "chance", "parameters": "parameters", "seconds": "seconds"}
    row |= {label: run.metrics.get(key) for key, label in names.items()}
    return row | settings(run.config) | {"tags": ", ".join(run.notes.get("tags", []))}


def settings(config):
    """A configuration as one flat dict, for tables: the data's settings without a prefix."""
    flat = config.to_dict()
    flat |= {key: value for key, value in flat.pop("data").items() if key != "seed"}
    flat |= flat.pop("transfer", None) or {}
    flat["split_seed"] = config.data.seed
    flat.pop("name")
    flat["epochs asked"] = flat.pop("epochs")
    flat["categories"] = ", ".join(config.data.categories)
    flat["shares"] = " / ".join(f"{share:g}" for share in config.data.shares)
    return flat
