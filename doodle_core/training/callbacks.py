"""Keras's callbacks around a training, in the order that makes a kill at any moment harmless."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from doodle_core import runs
from doodle_core.settings import RunConfig, VaeConfig

if TYPE_CHECKING:
    import pandas as pd  # `runs` imports it where it is needed: it takes long

Logs = Any
"""An epoch's or a batch's figures so far by name, as Keras gives them; None where it has none."""


def monitors_of(config: RunConfig | VaeConfig) -> list[keras.callbacks.Callback]:
    """Keras's own callbacks for the learning rate and for stopping early, as configured."""
    found = []
    if config.schedule == "cosine":
        found.append(keras.callbacks.LearningRateScheduler(lambda epoch: cosine(config, epoch)))
    if config.plateau:
        found.append(
            keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=config.plateau, min_lr=1e-5)
        )
    if config.early_stopping:
        found.append(keras.callbacks.EarlyStopping(patience=config.early_stopping))
    return found


def cosine(config: RunConfig | VaeConfig, epoch: int) -> float:
    """The learning rate of an epoch (from 0): half the top one first, then half a cosine."""
    if epoch == 0:
        return config.learning_rate / 2
    return config.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / config.epochs)) / 2


HEAD = "backup/head.weights.h5"  # a frozen base's head at its best epoch
log = logging.getLogger("doodle_core")


class Stopped(Exception):
    """The run was asked to stop; it can be resumed."""


class Finish(Exception):
    """No further epoch: the best one so far is to be scored."""


class Over(Finish):
    """Early stopping had ended this stage before the run was killed."""


# --- callbacks and resuming ----------------------------------------------------------------------


def callbacks(
    path: Path,
    config: RunConfig | VaeConfig,
    progress: Progress,
    backup: Path | None = None,
    since: int = 0,
    head: keras.Model | None = None,
    keep: keras.callbacks.Callback | None = None,
) -> list[keras.callbacks.Callback]:
    """Keras's own callbacks, in the order that makes a kill at any moment harmless.

    The history's row comes before the backup: an epoch that is not backed up is trained again, and
    its row forgotten first (`forget_from`).

    Args:
        backup: the stage's folder; `backup/` by default.
        since: epochs of the stages before.
        head: keras.Model, where its weights are to be kept alone: the rest does not change.
        keep: the callback that keeps weights, instead of KeepBest.
    """
    monitors = monitors_of(config)
    backup = backup or path / "backup"
    backup.mkdir(parents=True, exist_ok=True)
    past = runs.history(path)
    best = runs.best_epoch(past).get("val_loss")
    return [
        keras.callbacks.LambdaCallback(on_epoch_end=lambda number, logs: progress.note(logs)),
        *monitors,
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda number, logs: runs.append_epoch(path, number, logs)
        ),
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

    def __init__(self, path: Path, best: float | None, head: keras.Model | None = None) -> None:
        self.head, self.place = head, path / (HEAD if head else "best.keras")
        candidate = self.place.with_name(f"candidate.{self.place.name.partition('.')[2]}")
        super().__init__(
            candidate,
            save_best_only=True,
            save_weights_only=bool(head),
            initial_value_threshold=best,
        )

    def set_model(self, model: keras.Model) -> None:
        super().set_model(self.head or model)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        super().on_epoch_end(epoch, logs)
        promote(self.place.parent, *([self.place.name] if self.head else []))


def promote(folder: Path, name: str = "best.keras") -> None:
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

    def __init__(self, monitors: Sequence[keras.callbacks.Callback], past: pd.DataFrame) -> None:
        super().__init__()
        self.monitors = monitors
        self.past = past

    def on_train_begin(self, logs: Logs = None) -> None:
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

    def __init__(
        self,
        path: Path,
        config: RunConfig | VaeConfig,
        steps: int,
        drawings: int,
        switch: int | None = None,
        figures: Sequence[str] = ("loss", "accuracy"),
    ) -> None:
        super().__init__()
        self.switch, self.figures = switch, figures
        self.path, self.config, self.steps, self.drawings = path, config, steps, drawings
        self.epoch = self.step = self.steps_done = 0
        self.written = self.began = self.epoch_began = time.monotonic()

    def on_train_begin(self, logs: Logs = None) -> None:
        self.began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.epoch, self.step, self.epoch_began = epoch, 0, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        step = min(batch + 1, self.steps)  # an epoch's last call may count beyond its end
        self.steps_done += step - self.step
        self.step = step
        if time.monotonic() - self.written > 0.5 or self.step == self.steps:
            self._write(logs)
            obey(self.path)

    def note(self, logs: dict[str, float]) -> None:
        """Add to an epoch's figures what the history is to hold beside them."""
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        logs["seconds"] = time.monotonic() - self.epoch_began
        logs["stage"] = 1 + (self.switch is not None and self.epoch >= self.switch)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        log.info(
            "epoch %d/%d  %s",
            epoch + 1,
            self.config.epochs,
            "  ".join(f"{key} {value:.4g}" for key, value in sorted(logs.items())),
        )

    def _write(self, logs: Mapping[str, float]) -> None:
        self.written = time.monotonic()
        passed = self.written - self.began
        left = (self.config.epochs - self.epoch) * self.steps - self.step
        runs.write_progress(
            self.path,
            "training",
            epoch=self.epoch + 1,
            epochs=self.config.epochs,
            step=self.step,
            steps=self.steps,
            images_per_second=self.drawings * self.steps_done / self.steps / passed,
            seconds_left=passed / self.steps_done * left,
            **{key: float(value) for key, value in logs.items()},
        )
        figures = {name: logs[name] for name in self.figures}
        runs.append_step(self.path, self.epoch + self.step / self.steps, figures)


def obey(path: Path) -> None:
    """Act on a request to stop or to finish, if there is one.

    Raises:
        Stopped, Finish: as asked.
    """
    if wish := runs.take_request(path):
        raise Finish if wish == "finish" else Stopped
