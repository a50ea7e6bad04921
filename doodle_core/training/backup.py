"""What a resume goes on from: weights, optimizer and history of one moment, in one file."""

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from doodle_core import runs
from doodle_core.files import replacing


class Backup:
    """The backup of a training, or of one of its stages.

    Weights and history lie in one file, so that they cannot disagree. It takes the last one's place
    at once, and that one stays beside it: should a file be torn, an epoch is trained again.

    Args:
        folder: the stage's; made where there is none, but not the one that it is in.
        steps_per_epoch: batches an epoch.
        start: epochs of the stages before, each with an optimizer of its own.

    Attributes:
        epoch: epochs finished in all, `start` where there is no usable backup.
        history: `history.csv` as of then; None where the backup, of an earlier version, lacks it.
    """

    def __init__(self, folder: Path, steps_per_epoch: int, start: int = 0) -> None:
        self.folder, self.steps, self.start = folder, steps_per_epoch, start
        self.file = folder / "latest.weights.h5"
        self.before = folder / "latest.weights.h5.bkp"
        self.epoch: int = start
        self.history: str | None = ""
        is_there = is_whole(self.file)
        if not is_there and is_whole(self.before):
            os.replace(self.before, self.file)
            is_there = True
        if is_there:
            self._read()

    def _read(self) -> None:
        """The epochs and the history; Keras's BackupAndRestore, used before, kept neither."""
        with h5py.File(self.file) as file:
            if "history" in file:
                kept = file["history"]
                self.history = kept[()].tobytes().decode()
                self.epoch, self.start = int(kept.attrs["epoch"]), int(kept.attrs["start"])
            elif "optimizer/vars/0" in file:  # its step counter
                self.history = None
                self.epoch = self.start + int(file["optimizer/vars/0"][()]) // self.steps

    @property
    def is_empty(self) -> bool:
        return self.epoch == self.start

    def save(self, model: keras.Model, epoch: int, history: str) -> None:
        """Take the place of the last one.

        Args:
            model: compiled. epoch: epochs finished. history: `history.csv` as it is to be.
        """
        self.folder.mkdir(exist_ok=True)
        with replacing(self.file) as temporary:
            model.save_weights(temporary)
            with h5py.File(temporary, "a") as file:
                kept = file.create_dataset("history", data=np.frombuffer(history.encode(), "u1"))
                kept.attrs.update({"epoch": epoch, "start": self.start})
            if self.file.exists():
                os.replace(self.file, self.before)
        self.epoch, self.history = epoch, history

    def load(self, model: keras.Model) -> None:
        """Give a compiled model the weights, and its optimizer the state, of then."""
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        model.load_weights(self.file)

    def forget(self) -> None:
        """Begin anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.epoch, self.history = self.start, ""


def mend_history(path: Path) -> None:
    """Put a history back that begins otherwise than the newest backup's: it was damaged."""
    folders = {file.parent for file in (path / "backup").rglob("latest.weights.h5*")}
    kept = max((Backup(folder, 1).history or "" for folder in folders), key=len, default="")
    if not runs.history_text(path).startswith(kept):
        runs.write_history(path, kept)


def is_whole(file: Path) -> bool:
    """Whether a stored network (`.keras`) or its weights (`.h5`) can be read to the end."""
    try:
        if file.suffix == ".keras":
            with zipfile.ZipFile(file) as archive:
                return archive.testzip() is None
        with h5py.File(file) as found:
            found.visititems(_read_through)
        return True
    except Exception:  # a damaged file raises whatever its reader meets
        return False


def _read_through(name: str, item: Any) -> None:
    if isinstance(item, h5py.Dataset):
        item[()]


def write_network(file: Path, model: keras.Model) -> None:
    """Write a network (`.keras`), or its weights alone (`.weights.h5`), atomically."""
    with replacing(file) as temporary:
        if file.suffix == ".keras":
            model.save(temporary, include_optimizer=False)
        else:
            model.save_weights(temporary)
