"""What a resume finds: a backup made consistent, and tables without what was not backed up."""

import shutil

import h5py

from doodle_core.files import replacing, write_json
from doodle_core.training.callbacks import log


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
