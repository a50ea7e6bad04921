"""Backups: whole or the one before, and the epochs and the history that they hold."""

import os

import h5py
import keras
import numpy as np
import pytest

from doodle_core import runs
from doodle_core.training.backup import Backup, is_whole, mend_history, write_network

HISTORY = "epoch,loss\r\n" + "".join(f"{epoch},0.{epoch}\r\n" for epoch in range(3))


def compiled():
    layers = [keras.Input((2,)), keras.layers.Dense(3, name="logits")]
    model = keras.Sequential(layers)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def bias(model):
    """A weight that the tests set to the number of the epoch."""
    return model.get_layer("logits").bias


def backed_up(folder, epochs=3):
    """A Backup of so many epochs of ten steps, without training."""
    model, backup = compiled(), Backup(folder, 10)
    for epoch in range(1, epochs + 1):
        model.optimizer.iterations.assign(epoch * 10)
        bias(model).assign([epoch] * 3)
        backup.save(model, epoch, HISTORY[: HISTORY.index(f"{epoch - 1},") + 7])
    return backup


def half(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize("torn", ["", "newest", "newest gone", "both"])
def test_the_newest_whole_backup_is_found(tmp_path, torn):
    folder = tmp_path / "backup"
    made = backed_up(folder)
    if torn == "newest gone":  # killed between the two renames
        made.file.unlink()
    elif torn:
        half(made.file)
    if torn == "both":
        half(made.before)
    expected = {"": 3, "both": 0}.get(torn, 2)
    found = Backup(folder, 10)
    assert found.epoch == expected and found.is_empty == (torn == "both")
    assert (found.history or "").count("\r\n") == (expected + 1 if expected else 0)
    if expected:
        model = compiled()
        found.load(model)
        assert int(model.optimizer.iterations) == expected * 10
        assert np.array_equal(bias(model), [expected] * 3)


def test_a_write_that_fails_leaves_a_backup(tmp_path, monkeypatch):
    made = backed_up(tmp_path / "backup", 2)
    true = os.replace

    def full(source, target):
        if str(target) == str(made.file):
            raise OSError(28, "No space left on device")
        true(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError):
        made.save(compiled(), 3, HISTORY)
    monkeypatch.undo()
    assert Backup(tmp_path / "backup", 10).epoch == 2


def test_a_second_stage_counts_on(tmp_path):
    model = compiled()
    Backup(tmp_path / "tuned", 10, 4).save(model, 5, HISTORY)
    found = Backup(tmp_path / "tuned", 10, 0)  # the first stage's backup may be gone
    assert (found.start, found.epoch) == (4, 5)


def test_a_backup_of_an_earlier_version_is_gone_on_from(tmp_path):
    """Keras's BackupAndRestore: weights in the same file, the epoch by the optimizer's counter."""
    folder = tmp_path / "backup"
    folder.mkdir()
    model = compiled()
    model.optimizer.iterations.assign(30)
    model.save_weights(folder / "latest.weights.h5")
    found = Backup(folder, 10)
    assert found.epoch == 3 and found.history is None


def test_a_folder_that_is_gone_is_not_made_again(tmp_path):
    with pytest.raises(FileNotFoundError):
        Backup(tmp_path / "gone" / "backup", 10).save(compiled(), 1, HISTORY)
    assert not list(tmp_path.iterdir())


def test_torn_networks_are_told_from_whole_ones(tmp_path):
    model = compiled()
    for name in ("best.keras", "kept.weights.h5"):
        file = tmp_path / name
        assert not is_whole(file)
        write_network(file, model)
        assert is_whole(file)
        content = bytearray(file.read_bytes())
        half(file)
        assert not is_whole(file)
        file.write_bytes(b"")
        assert not is_whole(file)
        if name == "best.keras":  # a zip has checksums
            content[len(content) // 2] ^= 255
            file.write_bytes(content)
            assert not is_whole(file)


@pytest.mark.parametrize(
    ("found", "mended"),
    [
        ("", HISTORY),
        (HISTORY[:20], HISTORY),
        (HISTORY.replace("0.1", "\ufffd.1"), HISTORY),
        (HISTORY, HISTORY),
        (HISTORY + "3,\r\n", HISTORY + "3,\r\n"),  # the epoch that diverged has no backup
    ],
)
def test_a_damaged_history_is_put_back(tmp_path, found, mended):
    backed_up(tmp_path / "backup")
    runs.write_history(tmp_path, found)
    mend_history(tmp_path)
    assert runs.history_text(tmp_path) == mended


def test_the_history_does_not_hinder_the_weights(tmp_path):
    made = backed_up(tmp_path / "backup", 1)
    with h5py.File(made.file) as file:
        assert file["history"][()].tobytes().decode() == made.history
    other = keras.models.clone_model(compiled())
    other.load_weights(made.file)
    assert np.array_equal(bias(other), [1] * 3)
