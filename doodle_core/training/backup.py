"""What a resume finds: a backup made consistent, and tables without what was not backed up."""

import shutil
from pathlib import Path

import h5py

from doodle_core import runs
from doodle_core.files import write_json
from doodle_core.training.callbacks import log


def mend_backup(folder: Path, steps_per_epoch: int, start: int = 0) -> int:
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


def go_back_to(path: Path, epoch: int) -> None:
    """Forget what the tables say of epochs (from 0) that were not backed up."""
    for table in ("history.csv", "steps.csv"):
        runs.forget_from(path / table, epoch)
    if epoch:
        log.info("Resuming after epoch %d.", epoch)
