"""Torn backups are mended, and epochs that must be trained again forgotten."""

import keras
import numpy as np
import pytest

from doodle_core.classifier import networks
from doodle_core.settings import RunConfig
from doodle_core.training.backup import mend_backup


@pytest.mark.parametrize("torn", ["weights", "metadata", "newer weights", "everything"])
def test_a_torn_backup_is_mended(tmp_path, torn):
    folder = tmp_path / "backup"
    model = networks.build(RunConfig("x"), 3)
    model.compile("adam", "sparse_categorical_crossentropy")
    backup = keras.callbacks.BackupAndRestore(folder, double_checkpoint=True)
    backup.set_model(model)
    model.optimizer.build(model.trainable_variables)
    for epoch in range(3):
        model.optimizer.iterations.assign((epoch + 1) * 10)
        backup.on_epoch_end(epoch)
    weights, metadata = folder / "latest.weights.h5", folder / "training_metadata.json"
    expected = 3
    if torn == "weights":
        weights.write_bytes(weights.read_bytes()[:5000])
        expected = 2
    elif torn == "metadata":
        metadata.write_text("")
    elif torn == "newer weights":  # killed between the two files
        metadata.write_text('{"epoch": 2, "batch": 0}')
    else:
        for file in folder.iterdir():
            file.write_bytes(b"torn")
        expected = 0
    assert mend_backup(folder, 10) == expected
    fresh = networks.build(RunConfig("x"), 3)
    fresh.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    steps = []
    told = [
        keras.callbacks.BackupAndRestore(folder, double_checkpoint=True),
        keras.callbacks.LambdaCallback(
            on_train_begin=lambda logs: steps.append(int(fresh.optimizer.iterations))
        ),
    ]
    drawing, label = np.zeros((1, 28, 28, 1), np.uint8), np.zeros(1, np.int32)
    history = fresh.fit(drawing, label, epochs=4, callbacks=told, verbose=0)
    assert history.epoch == list(range(expected, 4)) and steps == [expected * 10]
