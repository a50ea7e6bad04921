"""Train one run, from its configuration to its figures. One readable path, top to bottom.

    python -m doodle_core train --name first --source practice --epochs 5

writes the folder `models/first/` (see `runs` for what is in it). Killed at any moment, the same
run goes on from its last finished epoch:

    python -m doodle_core train --resume first
"""

import contextlib
import logging
import os
import platform
import shutil
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import h5py
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from doodle_core import data, distribution, evaluation, networks, practice, recipe, runs, transfer
from doodle_core.files import explain, read_json, replacing, write_json
from doodle_core.vae_config import VaeConfig

RANGES = 2000  # test drawings shown in other pixel ranges
HEAD = "backup/head.weights.h5"  # a frozen base's head at its best epoch
log = logging.getLogger("doodle_core")


class Stopped(Exception):
    """The run was asked to stop; it can be resumed."""


class Finish(Exception):
    """No further epoch: the best one so far is to be scored."""


class Over(Finish):
    """Early stopping had ended this stage before the run was killed."""


def train(path, only_queued=False):
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


def _train_and_say(path):
    """Train, and put how it ended into `status.json`. Returns whether it finished."""
    try:
        for file in ("request", "candidate.keras", "backup/candidate.weights.h5"):  # left by a kill
            (path / file).unlink(missing_ok=True)
        write_json(path / "progress.json", {"phase": "starting"})
        runs.set_state(path, "running")
        config = runs.load(path).config
        with distribution.run_folder(path, config.devices):
            _train(path, config)
        runs.set_state(path, "finished")
        shutil.rmtree(path / "backup", ignore_errors=True)
        (path / "progress.json").unlink(missing_ok=True)
        return True
    except (Stopped, Finish, KeyboardInterrupt):  # Finish: before there was an epoch to score
        log.info("Stopped; resume goes on from the last finished epoch.")
        runs.set_state(path, "stopped")
    except Exception as error:
        log.exception("The training failed.")
        (path / "candidate.keras").unlink(missing_ok=True)  # room for the sentence on a full disk
        runs.set_state(path, "failed", error=explain(error))
    return False


@contextlib.contextmanager
def _logging_to(file):
    """While the block runs, what is logged goes to `file` too."""
    handler = logging.FileHandler(file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()


def _train(path, config):
    precision = recipe.begin(config)
    write_json(path / "environment.json", environment(config, precision))
    parts = load_parts(path, config.data)
    mine = (path / "drawings.json").read_bytes()
    if distribution.from_chief(mine, config.devices) != mine:
        raise ValueError("This machine's drawings are not those of the chief.")
    fit, judge = _fit, score
    if isinstance(config, VaeConfig):
        from doodle_core import vae_scoring, vae_training

        fit, judge = vae_training.fit, vae_scoring.score
    if not (path / "fitted").exists():  # else it was killed while it was scored
        fit(path, config, parts, precision)
        if not runs.best_epoch(runs.history(path)):
            raise ValueError("The loss is not a number in any epoch: choose a lower learning rate.")
        (path / "fitted").touch()
    if distribution.place(config.devices)[0] == 0:
        judge(path, config, parts)


def follow():
    """Train along with the chief of several workers, in a copy of its run's folder.

    Raises:
        RuntimeError: the chief, or another worker, has ended or is out of reach.
    """
    with distribution.run_folder(None, "workers") as path:
        _train(path, runs.load(path).config)


def _fit(path, config, parts, precision):
    """Train epoch by epoch, from the backup where there is one, until the last or a request."""
    train, validation, _ = parts
    with distribution.strategy(config.devices).scope():
        model = networks.build(config, len(config.data.categories))
    write_json(path / "network.json", networks.table(model))
    log.info("%s: %s parameters, %s", config.network, f"{model.count_params():,}", precision)
    if config.start_from and runs.history(path).empty:
        copied = networks.copy_weights(model, started(config, parts[2][0]))
        log.info("%s parameters from %s", f"{copied:,}", config.start_from)
    fit = _fit_transfer if config.transfer else _fit_all
    try:
        fit(path, config, model, train, validation)
    except Finish:
        if runs.history(path).empty:
            raise Stopped from None  # no epoch ended: there is nothing to score
        log.info("No further epoch.")


def _fit_all(path, config, model, train, validation):
    """One stage: every weight is trained."""
    steps = recipe.steps_per_epoch(train, config)
    first = mend_backup(path / "backup", steps)
    go_back_to(path, first)
    progress = Progress(path, config, steps, len(train[0]))
    if first < config.epochs:
        with distribution.strategy(config.devices).scope():
            faster = recipe.fused(model)
        model = recipe.compiled(faster, config)
        recipe.fit(model, config, train, validation, callbacks(path, config, progress), first)


def _fit_transfer(path, config, model, train, validation):
    """Two stages (section 2.1): the head on a frozen base, then the base's last layers with it.

    The second begins with the first one's best epoch, compiled anew at its own rate. In the report
    it was not compiled anew, and so was the first going on: that is what `recompile=False` does.
    """
    fine, steps = config.transfer, recipe.steps_per_epoch(train, config)
    write_json(path / "environment.json", read_json(path / "environment.json") | model.weights_from)
    frozen, tuned = (path / "backup" / name for name in ("frozen", "tuned"))
    switch = mend_backup(frozen, steps)  # as far as the first stage has come
    first = mend_backup(tuned, steps, switch)
    go_back_to(path, first)
    head = transfer.head_of(model)
    is_second = fine.recompile and fine.fine_tune_epochs > 0
    if first == switch:
        stage = replace(config, epochs=config.epochs if is_second else config.all_epochs)
        whole = replace(config, epochs=config.all_epochs)
        progress = Progress(path, whole, steps, len(train[0]), switch=config.epochs)
        told = callbacks(path, config, progress, frozen, head=head)
        try:
            if first < stage.epochs:
                _fit_head(path, stage, model, head, train, validation, told, first)
        except Over:
            pass  # on to the second stage
        finally:
            _put_together(path, model, head)
        switch = first = len(runs.history(path))
    if is_second and (path / HEAD).exists():
        stage = replace(config, epochs=switch + fine.fine_tune_epochs)
        head.load_weights(path / HEAD)
        transfer.unfreeze(model, fine.fine_tune_layers)
        recipe.compiled(model, config, fine.fine_tune_rate)
        model.steps_per_execution = 1
        progress = Progress(path, stage, steps, len(train[0]), switch=switch)
        if first < stage.epochs:
            told = callbacks(path, config, progress, tuned, since=switch)
            recipe.fit(model, stage, train, validation, told, first, recipe.TRANSFER_BATCH)


def _fit_head(path, config, model, head, train, validation, told, first):
    """Train the head: on the base's features, computed once, where they stay the same."""

    def report(done, text):
        write_json(path / "progress.json", {"phase": "data", "done": done, "text": text})
        obey(path)

    if transfer.can_cache(config, model):
        train, validation = (
            (transfer.features(model, x, report), y) for x, y in (train, validation)
        )
        recipe.fit(recipe.compiled(head, config), config, train, validation, told, first)
    else:
        recipe.compiled(model, config).steps_per_execution = 1  # so that requests are heard
        recipe.fit(model, config, train, validation, told, first, recipe.TRANSFER_BATCH)


def _put_together(path, model, head):
    """Write `best.keras`, the base with the head's best weights so far."""
    if (path / HEAD).exists():
        head.load_weights(path / HEAD)
        with replacing(path / "best.keras") as temporary:
            model.save(temporary, include_optimizer=False)


def validate(config, parts, on_epoch=None):
    """Train without a run's folder and judge by the validation part alone: a sweep's trial.

    Args:
        config: RunConfig; its name is not used.
        parts: ((x, y) of train, (x, y) of validation), as `open_parts` gives them.
        on_epoch: called after each epoch with its number (from 1) and its figures; an exception
            that it raises ends the training and comes through.

    Returns:
        dict: the figures of the best epoch by validation loss, with `epoch` and `parameters`.

    Raises:
        ValueError: the loss is not a number in any epoch.
    """
    keras.backend.clear_session()
    recipe.begin(config)
    model = networks.build(config, len(config.data.categories))
    if config.start_from:
        networks.copy_weights(model, started(config, parts[1][0]))
    model = recipe.compiled(recipe.fused(model), config)
    rows, best = [], []

    def note(number, logs):
        past = [row["val_loss"] for row in rows if np.isfinite(row["val_loss"])]
        if config.test_views and logs["val_loss"] < min(past, default=np.inf):
            best[:] = model.get_weights()
        rows.append({"epoch": number + 1, **{key: float(value) for key, value in logs.items()}})
        if on_epoch:
            on_epoch(number + 1, rows[-1])

    recipe.fit(
        model,
        config,
        *parts,
        [*recipe.monitors(config), keras.callbacks.LambdaCallback(on_epoch_end=note)],
    )
    rows = [row for row in rows if np.isfinite(row["val_loss"])]
    if not rows:
        raise ValueError("The loss is not a number in any epoch: choose a lower learning rate.")
    found = min(rows, key=lambda row: row["val_loss"]) | {"parameters": model.count_params()}
    if config.test_views:
        x, y = parts[1]
        model.set_weights(best)
        found["val_accuracy"] = float((recipe.outputs(model, x, config).argmax(1) == y).mean())
    return found


# --- data ----------------------------------------------------------------------------------------


def load_parts(path, config):
    """The drawings of a run: ((x, y) of train, of validation, of test).

    x: (N, 28, 28, 1) uint8; y: (N,) int32. No test drawing is in the other parts, wherever they
    come from. The test part's rows and labels are written at once, so that pages can show which
    drawings they were.

    Raises:
        ValueError: the run is resumed and the drawings are no longer those that it began with.
    """

    def report(done, text):
        write_json(path / "progress.json", {"phase": "data", "done": done, "text": text})
        obey(path)

    arrays, test = _open(config, report)
    _check_drawings(path, arrays)
    _save(path / "test_labels.npy", test.labels)
    _save(path / "test_rows.npy", test.rows)
    log.info("%d train, %d validation, %d test drawings", *(len(y) for _, y in arrays))
    return arrays


def open_parts(config, report=None):
    """The training and validation parts of a DataConfig, for a training without a folder.

    Returns:
        ((x, y), (x, y)): x (N, 28, 28, 1) uint8, y (N,) int32.
    """
    return _open(config, report)[0][:2]


def _open(config, report):
    """The (x, y) of train, validation and test, and the test `data.Part`."""

    def opened(source):
        drawings = data.open_drawings(source, config.categories, config.per_category, report)
        return drawings, data.split(drawings, config.categories, config.seed, config.shares)

    drawings, (train, validation, test) = opened(config.source)
    arrays = [_arrays(part, drawings) for part in (train, validation)]
    if config.train_limit:
        arrays[0] = _first_of_each(*arrays[0], config.train_limit)
    if config.practice_added:
        arrays[0] = _with_practice(arrays[0], config, report)
    if config.scored_on != config.source:
        drawings, (_, _, test) = opened(config.scored_on)
    x_test, y_test = _arrays(test, drawings)
    for place, (x, y) in enumerate(arrays):
        new = data.without(x, x_test)
        if not new.all():
            log.info("%d drawings left out: they are in the test part too.", (~new).sum())
            arrays[place] = x[new], y[new]
    return [*arrays, (x_test, y_test)], test


def started(config, x_test):
    """The network that a run begins with, `start_from`'s.

    Args:
        x_test: (N, 28, 28, 1) uint8, what the new run will be judged by. It is made sure that no
            older run with a category in common, as far as these runs are still there, learned
            from any of these drawings.

    Raises:
        ValueError: it is not finished, has no weights, or learned from drawings of `x_test`.
    """
    older = runs.ancestors(config)
    first = older[0]
    if first.state != "finished" or not (first.path / "best.keras").exists():
        raise ValueError(f"{config.start_from} is no finished run with weights to begin with.")
    for run in older:
        if run.config and set(run.config.data.categories) & set(config.data.categories):
            check_unseen(x_test, run)
    return keras.models.load_model(first.path / "best.keras", compile=False)


def check_unseen(x_test, run):
    """Refuse test drawings that a run was trained or validated on."""
    for x, _ in open_parts(run.config.data):
        known = int((~data.without(x_test, x)).sum())
        if known:
            raise ValueError(
                f"{run.name} learned from {known:,} of the drawings that this run would be judged "
                "by, so the test would be no test: begin with a run on other categories."
            )


def _check_drawings(path, arrays):
    """Note what the parts hold when a run begins; refuse others when it is resumed."""
    names = ("train", "validation", "test")
    now = {name: data.fingerprint(x) for name, (x, _) in zip(names, arrays)}
    if read_json(path / "drawings.json", now) != now:
        raise ValueError("The drawings have changed since this run began: start a new one.")
    write_json(path / "drawings.json", now)


def _arrays(part, drawings):
    return part.pixels(drawings)[..., None], part.labels.astype(np.int32)


def _first_of_each(x, y, n):
    """At most `n` drawings of each category, in their order."""
    places = [np.flatnonzero(y == label)[:n] for label in np.unique(y)]
    chosen = np.sort(np.concatenate(places))
    return x[chosen], y[chosen]


def _with_practice(train, config, report):
    """The training part with practice drawings after it: never in validation or test."""
    extra = data.open_drawings("practice", config.categories, config.practice_added, report)
    x, y = train
    labels = np.repeat(np.arange(len(extra), dtype=np.int32), [len(array) for array in extra])
    more = np.concatenate(extra).reshape(-1, 28, 28, 1)
    return np.concatenate([x, more]), np.concatenate([y, labels])


# --- callbacks and resuming ----------------------------------------------------------------------


def callbacks(path, config, progress, backup=None, since=0, head=None, keep=None):
    """Keras's own callbacks, in the order that makes a kill at any moment harmless.

    The history's row comes before the backup: an epoch that is not backed up is trained again, and
    its row forgotten first (`forget_from`).

    Args:
        backup: the stage's folder; `backup/` by default.
        since: epochs of the stages before.
        head: keras.Model, where its weights are to be kept alone: the rest does not change.
        keep: the callback that keeps weights, instead of KeepBest.
    """
    monitors = recipe.monitors(config)
    backup = backup or path / "backup"
    backup.mkdir(parents=True, exist_ok=True)
    past = runs.history(path)
    best = runs.best_epoch(past).get("val_loss")
    return [
        keras.callbacks.LambdaCallback(on_epoch_end=lambda number, logs: progress.note(logs)),
        *monitors,
        keras.callbacks.CSVLogger(path / "history.csv", append=True),
        keep or KeepBest(path, best, head),
        keras.callbacks.BackupAndRestore(backup, delete_checkpoint=False, double_checkpoint=True),
        Replay(monitors, past[past["epoch"] > since]),
        progress,
    ]


class KeepBest(keras.callbacks.ModelCheckpoint):
    """Keep the best epoch's network, or its head's weights where only those change.

    Args:
        path: the run's folder.
        best: the lowest validation loss so far, or None.
        head: keras.Model or None.
    """

    def __init__(self, path, best, head=None):
        self.head, self.place = head, path / (HEAD if head else "best.keras")
        candidate = self.place.with_name(f"candidate.{self.place.name.partition('.')[2]}")
        super().__init__(
            candidate,
            save_best_only=True,
            save_weights_only=bool(head),
            initial_value_threshold=best,
        )

    def set_model(self, model):
        super().set_model(self.head or model)

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        _promote(self.place.parent, *([self.place.name] if self.head else []))


def _promote(folder, name="best.keras"):
    """The new best weights take the old ones' place at once: a kill never leaves half a file."""
    candidate = folder / f"candidate.{name.partition('.')[2]}"
    if candidate.exists():
        os.replace(candidate, folder / name)


class Replay(keras.callbacks.Callback):
    """Show past epochs to callbacks whose counters BackupAndRestore does not keep.

    EarlyStopping and ReduceLROnPlateau begin every `fit` anew; seeing the history again brings
    their counters to where they were. It stands behind them and behind BackupAndRestore.

    Args:
        monitors: list of callbacks.
        past: DataFrame as `runs.history` gives it.
    """

    def __init__(self, monitors, past):
        super().__init__()
        self.monitors = monitors
        self.past = past

    def on_train_begin(self, logs=None):
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        for row in self.past.to_dict("records"):
            self.model.optimizer.learning_rate = row["learning_rate"]
            for monitor in self.monitors:
                monitor.on_epoch_end(int(row["epoch"]) - 1, dict(row))
        self.model.optimizer.learning_rate = rate  # the replayed plateau changed it
        if self.model.stop_training:
            raise Over  # it was killed after its last epoch: fit would begin another


class Progress(keras.callbacks.Callback):
    """Write where the training is about twice a second, and act on requests.

    Args:
        path: the run's folder.
        config: its RunConfig.
        steps: int, batches an epoch.
        drawings: int, drawings an epoch.
        switch: int, epochs before the base is fine-tuned, or None.
        figures: what of the logs `steps.csv` holds.
    """

    def __init__(self, path, config, steps, drawings, switch=None, figures=("loss", "accuracy")):
        super().__init__()
        self.switch, self.figures = switch, figures
        self.path, self.config, self.steps, self.drawings = path, config, steps, drawings
        self.epoch = self.step = self.steps_done = 0
        self.written = self.began = self.epoch_began = time.monotonic()

    def on_train_begin(self, logs=None):
        self.began = time.monotonic()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.step, self.epoch_began = epoch, 0, time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        step = min(batch + 1, self.steps)  # an epoch's last call may count beyond its end
        self.steps_done += step - self.step
        self.step = step
        if time.monotonic() - self.written > 0.5 or self.step == self.steps:
            self._write(logs)
            obey(self.path)

    def note(self, logs):
        """Add to an epoch's figures what the history is to hold beside them."""
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        logs["seconds"] = time.monotonic() - self.epoch_began
        logs["stage"] = 1 + (self.switch is not None and self.epoch >= self.switch)

    def on_epoch_end(self, epoch, logs=None):
        log.info(
            "epoch %d/%d  %s",
            epoch + 1,
            self.config.epochs,
            "  ".join(f"{key} {value:.4g}" for key, value in sorted(logs.items())),
        )

    def _write(self, logs):
        self.written = time.monotonic()
        passed = self.written - self.began
        left = (self.config.epochs - self.epoch) * self.steps - self.step
        write_json(
            self.path / "progress.json",
            {
                "phase": "training",
                "epoch": self.epoch + 1,
                "epochs": self.config.epochs,
                "step": self.step,
                "steps": self.steps,
                "images_per_second": self.drawings * self.steps_done / self.steps / passed,
                "seconds_left": passed / self.steps_done * left,
                **{key: float(value) for key, value in logs.items() if np.isfinite(value)},
            },
        )
        file = self.path / "steps.csv"
        is_new = not file.exists() or not file.stat().st_size
        with open(file, "a", encoding="utf-8") as lines:
            if is_new:
                lines.write(",".join(("epoch", *self.figures)) + "\n")
            at = self.epoch + self.step / self.steps
            lines.write(
                ",".join([f"{at:.5f}", *(f"{logs[one]:.6g}" for one in self.figures)]) + "\n"
            )


def obey(path):
    """Act on a request to stop or to finish, if there is one.

    Raises:
        Stopped, Finish: as asked.
    """
    try:
        wish = (path / "request").read_text("utf-8").strip()
    except FileNotFoundError:
        return
    (path / "request").unlink(missing_ok=True)
    raise Finish if wish == "finish" else Stopped


def mend_backup(folder, steps_per_epoch, start=0):
    """Make a backup that a kill may have torn consistent, and say where training goes on.

    BackupAndRestore writes the weights, then a file with the epoch; a kill in between leaves them
    disagreeing. The optimizer's own step counter, in the same file as the weights, decides.

    Args:
        start: epochs of the stages before, each with an optimizer of its own.

    Returns:
        int: epochs finished, `start` where there is no usable backup.
    """
    for suffix in ("", ".bkp"):
        weights = folder / f"latest.weights.h5{suffix}"
        try:
            with h5py.File(weights) as file:
                epoch = start + int(file["optimizer/vars/0"][()]) // steps_per_epoch
        except (OSError, KeyError):
            continue
        if suffix:
            shutil.copy(weights, folder / "latest.weights.h5")
        write_json(folder / "training_metadata.json", {"epoch": epoch, "batch": 0})
        return epoch
    shutil.rmtree(folder, ignore_errors=True)
    return start


def go_back_to(path, epoch):
    """Forget what the tables say of epochs (from 0) that were not backed up."""
    for table in ("history.csv", "steps.csv"):
        forget_from(path / table, epoch)
    if epoch:
        log.info("Resuming after epoch %d.", epoch)


def forget_from(file, epoch):
    """Drop the rows of a CSV from `epoch` (from 0) on, and a torn last line: they come again."""
    if not file.exists():
        return
    header, *lines = file.read_text("utf-8").splitlines(keepends=True) or [""]
    kept = []
    for line in lines:
        first = line.partition(",")[0]
        whole = line.endswith("\n") and line.count(",") == header.count(",")
        if whole and float(first) < epoch + ("." in first) * 1e-9:
            kept.append(line)
    with replacing(file) as temporary:
        temporary.write_text((header if kept else "") + "".join(kept), "utf-8")


# --- the end of a run ----------------------------------------------------------------------------


def score(path, config, parts):
    """Judge the best epoch's weights on the test part, once, and write what the pages need."""
    write_json(path / "progress.json", {"phase": "scoring"})
    model = _keep_plain(path, config)
    (_, y), (x_val, y_val), (x_test, y_test) = parts
    embed = keras.Model(model.inputs, model.get_layer("embedding").output)
    batch = recipe.TRANSFER_BATCH if config.transfer else recipe.VALIDATION_BATCH
    embeddings = embed.predict(x_test, batch_size=batch, verbose=0)
    outputs = recipe.outputs(model, x_test, config)
    probabilities = evaluation.distribution(outputs)
    val_probabilities = evaluation.distribution(recipe.outputs(model, x_val, config))
    for name, array in (
        ("val_labels", y_val.astype(np.uint16)),
        ("val_probabilities", val_probabilities.astype(np.float32)),
        ("test_probabilities", probabilities.astype(np.float32)),
        ("test_embeddings", embeddings.astype(np.float16)),
    ):
        _save(path / f"{name}.npy", array)
    write_tables(path, config.data.categories, y_test, probabilities)

    frame = runs.history(path)
    if (frame["stage"] == 2).any() and config.transfer.recompile:
        transfer.unfreeze(model, config.transfer.fine_tune_layers)
    write_json(path / "ranges.json", ranges(model, x_test[:RANGES], y_test[:RANGES], config))
    result = evaluation.metrics(y_test, probabilities, outputs)
    validation = evaluation.metrics(y_val, val_probabilities)
    write_json(
        path / "metrics.json",
        result
        | {f"val_{name}": validation[name] for name in ("n", "top1", "top1_low", "top1_high")}
        | _calibration(y_val, val_probabilities, y_test, probabilities)
        | {
            "best_epoch": int(runs.best_epoch(frame)["epoch"]),
            "epochs": len(frame),
            "train_n": len(y),
            "parameters": model.count_params(),
            **transfer.counts(model),
            "test_pixels": data.fingerprint(x_test),
            "practice": int(runs.load(path).is_practice),
            "seconds": float(frame["seconds"].sum()),
            "ms_per_drawing": _time_a_drawing(model, x_val, config),
        },
    )
    log.info(
        "test top-1 %.4f (%.4f to %.4f) on %d drawings",
        result["top1"],
        result["top1_low"],
        result["top1_high"],
        result["n"],
    )


def _keep_plain(path, config):
    """Put the best network's plain copy in its place; returns it.

    It is scored and kept in float32, with Keras's own layers and without its optimizer, so that it
    gives the same figures on any machine.
    """
    trained = keras.models.load_model(path / "best.keras", compile=False)
    keras.config.set_dtype_policy("float32")
    model = networks.build(transfer.blank(config), len(config.data.categories))
    model.set_weights(trained.get_weights())
    with replacing(path / "best.keras") as temporary:
        model.save(temporary)
    return model


def _calibration(y_val, val_probabilities, y_test, probabilities):
    """The temperature that the validation part asks for, and what it does to the test part."""
    temperature = evaluation.fit_temperature(y_val, val_probabilities)
    scaled = evaluation.scale(probabilities, temperature)
    return {
        "temperature": temperature,
        "ece": evaluation.ece(y_test, probabilities),
        "ece_scaled": evaluation.ece(y_test, scaled),
    }


def ranges(model, x, y, config):
    """What a network makes of drawings in other ranges than it learned: the report's mistake 4.

    A network that learned [-1, 1] takes a grey of [0, 1] for pixel 127.5 + pixel / 2: as uint8, that
    is what it is shown here. Binarised is at 0.5 of [-1, 1] (section 1.1).

    Args:
        model: keras.Model. x: (N, 28, 28, 1) uint8. y: (N,) int.

    Returns:
        dict: "grey", "binary", "grey01", "binary01" -> `n`, `top1`, `top1_low`, `top1_high`.
    """
    binary = np.where(x > 191, 255, 0).astype(np.uint8)
    shown = {"grey": x, "binary": binary}
    shown |= {f"{name}01": 128 + pixels // 2 for name, pixels in list(shown.items())}
    figures = {}
    for name, pixels in shown.items():
        outputs = recipe.outputs(model, pixels, config)
        result = evaluation.metrics(y, evaluation.distribution(outputs))
        figures[name] = {key: result[key] for key in ("n", "top1", "top1_low", "top1_high")}
    return figures


def _time_a_drawing(model, x, config):
    """Milliseconds per drawing, of 512 at once, the best of three, on this machine."""
    x = np.resize(x, (512, *x.shape[1:]))
    times = []
    for _ in range(4):  # the first one compiles
        began = time.perf_counter()
        recipe.outputs(model, x, config)
        times.append(time.perf_counter() - began)
    return 1000 * min(times[1:]) / len(x)


def write_tables(path, categories, labels, probabilities):
    """`per_category.csv`, `confusion.csv` (rows true, columns predicted) and `suspects.csv`."""
    predicted = probabilities.argmax(axis=1)
    table = pd.DataFrame(evaluation.per_category(labels, predicted, categories))
    matrix = evaluation.confusion_matrix(labels, predicted, len(categories))
    frame = pd.DataFrame(matrix, index=list(categories), columns=list(categories))
    with replacing(path / "per_category.csv") as temporary:
        table.to_csv(temporary, index=False)
    with replacing(path / "confusion.csv") as temporary:
        frame.to_csv(temporary, index_label="true \\ predicted")
    with replacing(path / "suspects.csv") as temporary:
        evaluation.suspects(labels, probabilities).to_csv(temporary, index=False)


def _save(file, array):
    with replacing(file) as temporary:
        np.save(temporary, array)


# --- the machine ---------------------------------------------------------------------------------


def environment(config, precision):
    """What a figure may depend on beside the configuration."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "precision": precision,
        "seed": config.seed,
        "split_seed": config.data.seed,
        "practice_version": practice.VERSION,
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
