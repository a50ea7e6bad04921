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
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import h5py
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from doodle_core import data, evaluation, networks, practice, runs
from doodle_core.files import explain, read_json, replacing, write_json

STEPS_PER_CALL = 16  # batches per call into TensorFlow: saves the way back to Python in between
SCORE_BATCH = 1024
log = logging.getLogger("doodle_core")


class Stopped(Exception):
    """The run was asked to stop; it can be resumed."""


class Finish(Exception):
    """No further epoch: the best one so far is to be scored."""


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
        for file in ("request", "candidate.keras"):  # left by a kill
            (path / file).unlink(missing_ok=True)
        write_json(path / "progress.json", {"phase": "starting"})
        runs.set_state(path, "running")
        _train(path, runs.load(path).config)
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
    keras.utils.set_random_seed(config.seed)
    precision = best_precision() if config.precision == "auto" else config.precision
    keras.config.set_dtype_policy(precision)
    write_json(path / "environment.json", environment(config, precision))
    parts = load_parts(path, config.data)
    if not (path / "fitted").exists():  # else it was killed while it was scored
        _fit(path, config, parts, precision)
        (path / "fitted").touch()
    score(path, config, parts)


def _fit(path, config, parts, precision):
    """Train epoch by epoch, from the backup where there is one, until the last or a request."""
    (x, y), validation, _ = parts
    model = networks.build(config.network, len(config.data.categories))
    model.compile(
        FusedAdam(config.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_CALL,
    )
    write_json(path / "network.json", networks.table(model))
    log.info("%s: %s parameters, %s", config.network, f"{model.count_params():,}", precision)

    per_epoch = -(-len(x) // config.batch_size)
    first = mend_backup(path / "backup", per_epoch)
    for table in ("history.csv", "steps.csv"):
        forget_from(path / table, first)
    if first:
        log.info("Resuming after epoch %d.", first)
    epoch = tf.Variable(first, dtype=tf.int64)
    try:
        if first < config.epochs:
            model.fit(
                batches(x, y, config.batch_size, config.seed, epoch),
                epochs=config.epochs,
                validation_data=_pairs(*validation).batch(SCORE_BATCH),
                class_weight=class_weights(y, len(config.data.categories), config.balance),
                callbacks=callbacks(path, config, Progress(path, config, per_epoch, len(x)), epoch),
                shuffle=False,  # `batches` does
                verbose=0,
            )
    except Finish:
        if runs.history(path).empty:
            raise Stopped from None  # no epoch ended: there is nothing to score
        log.info("No further epoch.")
    if not runs.best_epoch(runs.history(path)):
        raise ValueError("The loss is not a number in any epoch: choose a lower learning rate.")


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

    def opened(source):
        drawings = data.open_drawings(source, config.categories, config.per_category, report)
        return drawings, data.split(drawings, config.categories, config.seed, config.shares)

    drawings, (train, validation, test) = opened(config.source)
    arrays = [_arrays(part, drawings) for part in (train, validation)]
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
    arrays.append((x_test, y_test))
    _check_drawings(path, arrays)
    _save(path / "test_labels.npy", test.labels)
    _save(path / "test_rows.npy", test.rows)
    log.info("%d train, %d validation, %d test drawings", *(len(y) for _, y in arrays))
    return arrays


def _check_drawings(path, arrays):
    """Note what the parts hold when a run begins; refuse others when it is resumed."""
    names = ("train", "validation", "test")
    now = {name: data.fingerprint(x) for name, (x, _) in zip(names, arrays)}
    if read_json(path / "drawings.json", now) != now:
        raise ValueError("The drawings have changed since this run began: start a new one.")
    write_json(path / "drawings.json", now)


def _arrays(part, drawings):
    return part.pixels(drawings)[..., None], part.labels.astype(np.int32)


def _with_practice(train, config, report):
    """The training part with practice drawings after it: never in validation or test."""
    extra = data.open_drawings("practice", config.categories, config.practice_added, report)
    x, y = train
    labels = np.repeat(np.arange(len(extra), dtype=np.int32), [len(array) for array in extra])
    more = np.concatenate(extra).reshape(-1, 28, 28, 1)
    return np.concatenate([x, more]), np.concatenate([y, labels])


def batches(x, y, batch_size, seed, epoch):
    """Shuffled batches of one epoch: the order depends on (seed, epoch) alone.

    So a resumed run sees the drawings in the order in which it would have seen them. The drawings
    stay uint8 in one tensor and are gathered by index: no float copy of the data set is made.

    Args:
        x: (N, 28, 28, 1) uint8. y: (N,) int32.
        seed: int.
        epoch: int64 tf.Variable, read whenever the dataset is iterated anew.

    Returns:
        tf.data.Dataset of (batch, batch labels).
    """
    x, y = tf.constant(x), tf.constant(y)

    def order(_):
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(len(y)), seed=tf.stack([tf.constant(seed, tf.int64), epoch.read_value()])
        )
        return tf.data.Dataset.from_tensor_slices(shuffled).batch(batch_size)

    # fit's steps_per_epoch would be simpler, but with steps_per_execution it runs past the end
    indices = tf.data.Dataset.from_tensors(0).flat_map(order)
    found = indices.map(lambda at: (tf.gather(x, at), tf.gather(y, at)))
    steps = -(-len(y) // batch_size)
    return found.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(STEPS_PER_CALL)


def _pairs(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y))


def class_weights(y, classes, balance):
    """Weights that make every category count the same, mean 1 over the drawings; or None."""
    if not balance:
        return None
    counts = np.bincount(y, minlength=classes)
    return {label: len(y) / (classes * count) for label, count in enumerate(counts.tolist())}


class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015) by TensorFlow's one fused kernel instead of Keras's ten operations.

    The same update to rounding; with small batches Adam's passes over the weights are a fifth of a
    step on a CPU. Args as `keras.optimizers.Adam`, without amsgrad.
    """

    def update_step(self, gradient, variable, learning_rate):
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )


# --- callbacks and resuming ----------------------------------------------------------------------


def callbacks(path, config, progress, epoch):
    """Keras's own callbacks, in the order that makes a kill at any moment harmless.

    The history's row comes before the backup: an epoch that is not backed up is trained again, and
    its row forgotten first (`forget_from`).
    """
    monitors = []
    if config.plateau:
        monitors.append(
            keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=config.plateau, min_lr=1e-5)
        )
    if config.early_stopping:
        monitors.append(keras.callbacks.EarlyStopping(patience=config.early_stopping))
    past = runs.history(path)
    best = runs.best_epoch(past).get("val_loss")
    return [
        keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda number, logs: epoch.assign(number),
            on_epoch_end=lambda number, logs: progress.note(logs),
        ),
        *monitors,
        keras.callbacks.CSVLogger(path / "history.csv", append=True),
        keras.callbacks.ModelCheckpoint(
            path / "candidate.keras", save_best_only=True, initial_value_threshold=best
        ),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda number, logs: _promote(path)),
        keras.callbacks.BackupAndRestore(
            path / "backup", delete_checkpoint=False, double_checkpoint=True
        ),
        Replay(monitors, past),
        progress,
    ]


def _promote(path):
    """The new best weights take the old ones' place at once: a kill never leaves half a file."""
    if (path / "candidate.keras").exists():
        os.replace(path / "candidate.keras", path / "best.keras")


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
        rate = float(self.model.optimizer.learning_rate)
        for row in self.past.to_dict("records"):
            self.model.optimizer.learning_rate = row["learning_rate"]
            for monitor in self.monitors:
                monitor.on_epoch_end(int(row["epoch"]) - 1, dict(row))
        self.model.optimizer.learning_rate = rate  # the replayed plateau changed it
        if self.model.stop_training:
            raise Finish  # it was killed after its last epoch: fit would begin another


class Progress(keras.callbacks.Callback):
    """Write where the training is about twice a second, and act on requests.

    Args:
        path: the run's folder.
        config: its RunConfig.
        steps: int, batches an epoch.
        drawings: int, drawings an epoch.
    """

    def __init__(self, path, config, steps, drawings):
        super().__init__()
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
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        logs["seconds"] = time.monotonic() - self.epoch_began

    def on_epoch_end(self, epoch, logs=None):
        log.info(
            "epoch %d/%d  %s", epoch + 1, self.config.epochs,
            "  ".join(f"{key} {value:.4g}" for key, value in sorted(logs.items())),
        )  # fmt: skip

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
                lines.write("epoch,loss,accuracy\n")
            at = self.epoch + self.step / self.steps
            lines.write(f"{at:.5f},{logs['loss']:.6g},{logs['accuracy']:.6g}\n")


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


def mend_backup(folder, steps_per_epoch):
    """Make a backup that a kill may have torn consistent, and say where training goes on.

    BackupAndRestore writes the weights, then a file with the epoch; a kill in between leaves them
    disagreeing. The optimizer's own step counter, in the same file as the weights, decides.

    Returns:
        int: epochs finished, 0 where there is no usable backup.
    """
    for suffix in ("", ".bkp"):
        weights = folder / f"latest.weights.h5{suffix}"
        try:
            with h5py.File(weights) as file:
                epoch = int(file["optimizer/vars/0"][()]) // steps_per_epoch
        except (OSError, KeyError):
            continue
        if suffix:
            shutil.copy(weights, folder / "latest.weights.h5")
        write_json(folder / "training_metadata.json", {"epoch": epoch, "batch": 0})
        return epoch
    shutil.rmtree(folder, ignore_errors=True)
    return 0


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
    """Judge the best epoch's weights on the test part, once, and write what the pages need.

    The network is scored and kept in float32 without its optimizer, so that it gives the same
    figures on any machine.
    """
    write_json(path / "progress.json", {"phase": "scoring"})
    trained = keras.models.load_model(path / "best.keras", compile=False)
    keras.config.set_dtype_policy("float32")
    model = networks.build(config.network, len(config.data.categories))
    model.set_weights(trained.get_weights())
    with replacing(path / "best.keras") as temporary:
        model.save(temporary)

    (_, y), (x_val, y_val), (x_test, y_test) = parts
    both = keras.Model(model.inputs, [model.get_layer("embedding").output, model.output])
    embeddings, probabilities = both.predict(x_test, batch_size=SCORE_BATCH, verbose=0)
    validation = evaluation.metrics(
        y_val, model.predict(x_val, batch_size=SCORE_BATCH, verbose=0)
    )
    _save(path / "test_probabilities.npy", probabilities.astype(np.float32))
    _save(path / "test_embeddings.npy", embeddings.astype(np.float16))
    write_tables(path, config.data.categories, y_test, probabilities)

    frame = runs.history(path)
    result = evaluation.metrics(y_test, probabilities)
    write_json(
        path / "metrics.json",
        result
        | {f"val_{name}": validation[name] for name in ("n", "top1", "top1_low", "top1_high")}
        | {
            "best_epoch": int(runs.best_epoch(frame)["epoch"]),
            "epochs": len(frame),
            "train_n": len(y),
            "parameters": model.count_params(),
            "test_pixels": data.fingerprint(x_test),
            "seconds": float(frame["seconds"].sum()),
        },
    )
    log.info(
        "test top-1 %.4f (%.4f to %.4f) on %d drawings",
        result["top1"], result["top1_low"], result["top1_high"], result["n"],
    )  # fmt: skip


def write_tables(path, categories, labels, probabilities):
    """`per_category.csv` and `confusion.csv` (rows true, columns predicted) of a scored part."""
    predicted = probabilities.argmax(axis=1)
    table = pd.DataFrame(evaluation.per_category(labels, predicted, categories))
    matrix = evaluation.confusion_matrix(labels, predicted, len(categories))
    frame = pd.DataFrame(matrix, index=list(categories), columns=list(categories))
    with replacing(path / "per_category.csv") as temporary:
        table.to_csv(temporary, index=False)
    with replacing(path / "confusion.csv") as temporary:
        frame.to_csv(temporary, index_label="true \\ predicted")


def _save(file, array):
    with replacing(file) as temporary:
        np.save(temporary, array)


# --- the machine ---------------------------------------------------------------------------------


def best_precision():
    """ "mixed_bfloat16" where the processor multiplies bfloat16 (AVX-512 BF16, AMX), else float32."""
    flags = ""
    if sys.platform == "linux":
        flags = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


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
