"""Keras's callbacks around a training, in the order that makes a kill at any moment harmless."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from doodle_core import runs
from doodle_core.settings import RunConfig, VaeConfig
from doodle_core.training import distribution
from doodle_core.training.backup import Backup, is_whole, write_network

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


log = logging.getLogger("doodle_core")


class Stopped(Exception):
    """The run was asked to stop; it can be resumed."""


class Finish(Exception):
    """No further epoch: the best one so far is to be scored."""


class Over(Finish):
    """Early stopping had ended this stage before the run was killed."""


class Gone(Exception):
    """The run's folder was renamed, deleted or given to another run while it trained."""


# --- callbacks and resuming ----------------------------------------------------------------------


def callbacks(
    path: Path, config: RunConfig | VaeConfig, progress: Progress, record: Record
) -> list[keras.callbacks.Callback]:
    """What is called around the epochs of a training, or of one of its stages, in this order."""
    monitors = monitors_of(config)
    past = runs.history(path)
    # several workers must end at the same batch, and the first figures of each are its own
    is_alone = distribution.place(config.devices)[1] == 1
    return [
        *([keras.callbacks.TerminateOnNaN()] if is_alone else []),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda number, logs: progress.note(logs)),
        *monitors,
        record,
        Replay(monitors, past[past["epoch"] > record.backup.start]),
        progress,
    ]


class Record(keras.callbacks.Callback):
    """What an epoch leaves behind, in the order that makes a kill at any moment harmless.

    First the backup, in which the history is; then `history.csv`; then the weights, where the epoch
    is the one to keep. What a kill leaves undone is done from the backup when the run is resumed:
    an epoch that stands in the history is never lost, and one that does not is trained again.

    An epoch that leaves a loss or a weight that is not finite has its row, without a validation
    loss, and is the last one: nothing of it is kept, and whatever follows could not be better.

    Args:
        path: the run's folder. place: where the weights are kept. backup: the stage's.
        model: whose weights are kept, where that is not the model that is fitted.
        is_last: whether the last epoch is kept, not the one of the lowest validation loss.
    """

    def __init__(
        self,
        path: Path,
        place: Path,
        backup: Backup,
        model: keras.Model | None = None,
        is_last: bool = False,
    ) -> None:
        super().__init__()
        self.path, self.place, self.backup = path, place, backup
        self.part, self.is_last = model, is_last

    def begin(self) -> int:
        """Bring history, steps and what is kept in line with the backup, before `fit`.

        Returns:
            int: epochs finished. The weights of the last one are loaded when `fit` begins.
        """
        backup = self.backup
        if not runs.is_fitted(self.path):  # else there may be the row of an epoch that diverged
            if backup.history:
                runs.write_history(self.path, backup.history)
            runs.forget_from(self.path / "history.csv", backup.epoch)
        if not (self._is_newest() or is_whole(self.place)):
            if not backup.is_empty:
                log.info("%s is damaged: its epochs are trained again.", self.place.name)
            backup.forget()
            runs.set_fitted(self.path, False)
            runs.forget_from(self.path / "history.csv", backup.epoch)
        runs.forget_from(self.path / "steps.csv", backup.epoch)
        if backup.epoch:
            log.info("Resuming after epoch %d.", backup.epoch)
        return backup.epoch

    def _best(self) -> dict[str, Any]:
        return runs.best_epoch(runs.history(self.path), self.is_last)

    def _is_newest(self) -> bool:
        """Whether the epoch to keep is the one that was backed up."""
        return not self.backup.is_empty and self._best().get("epoch") == self.backup.epoch

    def on_train_begin(self, logs: Logs = None) -> None:
        self.text = runs.history_text(self.path)
        self.best = self._best().get("val_loss", math.inf)
        if not self.backup.is_empty:
            self.backup.load(self.model)
        if self._is_newest():  # it may have been killed before it was kept
            write_network(self.place, self.part or self.model)
        if runs.is_fitted(self.path):
            raise Finish  # what was kept had been damaged, no more

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        check_ours(self.path)
        is_sound = self._is_sound(logs)
        if not is_sound:
            logs["val_loss"] = math.nan
            self.model.stop_training = True
            log.info(runs.diverged_words(epoch + 1))
        self.text = runs.with_epoch(self.text, epoch, logs)
        if is_sound:
            self.backup.save(self.model, epoch + 1, self.text)
        runs.write_history(self.path, self.text)
        if self._is_to_keep(logs["val_loss"]):
            self.best = logs["val_loss"]
            write_network(self.place, self.part or self.model)

    def _is_sound(self, logs: Logs) -> bool:
        """Whether loss and weights are numbers: infinite weights may leave the loss as it is."""
        weights = (keras.ops.convert_to_numpy(one) for one in (self.part or self.model).weights)
        return math.isfinite(logs["loss"]) and all(np.isfinite(one).all() for one in weights)

    def _is_to_keep(self, loss: float) -> bool:
        return math.isfinite(loss) and (self.is_last or loss < self.best)


class Replay(keras.callbacks.Callback):
    """Show past epochs to callbacks whose counters no backup keeps.

    EarlyStopping and ReduceLROnPlateau begin every `fit` anew; seeing the history again brings
    their counters to where they were. It stands behind them and behind Record.

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
        check_ours(self.path)
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


def check_ours(path: Path) -> None:
    """See to it that a run's folder is still the one that is being trained.

    Raises:
        Gone: it is not: nothing must be written to it.
    """
    if runs.load(path).status.get("state") != "running":
        raise Gone(f"The folder of {path.name} was renamed or deleted while it trained.")


def obey(path: Path) -> None:
    """Act on a request to stop or to finish, if there is one.

    Raises:
        Stopped, Finish: as asked.
    """
    if wish := runs.take_request(path):
        raise Finish if wish == "finish" else Stopped
