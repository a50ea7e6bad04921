"""Small sweeps in a storage of their own, and a stand-in that trains their trials at once."""

import numpy as np
import pytest

from doodle_core.lab import sweeps
from doodle_core.lab.sweeps import Dimension, Sweep

PARTS = (None, np.zeros(70)), (None, np.zeros(100))


class Trainer:
    """In the place of `training`: no network, but the figures that one could have."""

    def __init__(self, before=None):
        self.trained = []
        self.before = before or (lambda config, epoch: None)

    def open_parts(self, data):
        return PARTS

    def validate(self, config, parts, on_epoch):
        self.trained.append(config)
        for epoch in range(1, config.epochs + 1):
            self.before(config, epoch)
            loss = config.batch_size / 1000 + 1 / epoch
            logs = {"loss": loss, "val_loss": loss, "accuracy": 0.5, "val_accuracy": 1 - loss / 10}
            on_epoch(epoch, logs)
        return logs | {"epoch": epoch, "parameters": 7}


@pytest.fixture
def storage(monkeypatch):
    monkeypatch.setenv("DOODLE_HEARTBEAT", "1")
    monkeypatch.delenv("DOODLE_STORAGE", raising=False)
    opened = sweeps.open_storage()
    yield opened
    opened.remove_session()
    opened.engine.dispose()


@pytest.fixture
def make_sweep(make_config, storage):
    """A small sweep in the storage; keyword arguments change it. Gives (study, Sweep)."""

    batches = (Dimension("batch_size", (8, 16, 32)),)

    def make(name="s", space=batches, epochs=3, **settings):
        sweeps.create(storage, Sweep(name, make_config(epochs=epochs), space, **settings))
        return sweeps.load(storage, name)

    return make
