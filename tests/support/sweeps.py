"""Small sweeps in a storage of their own, and a stand-in that trains their trials at once."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optuna
import pytest

from doodle_core.files import MODELS, is_inside
from doodle_core.lab import sweeps
from doodle_core.lab.sweeps import Dimension, Sweep
from doodle_core.settings import DataConfig, RunConfig

SPACE = (Dimension("batch_size", (8, 16, 32)),)
PARTS = (None, np.zeros(70)), (None, np.zeros(100))


class Trainer:
    """In the place of `training`: no network, but the figures that one could have."""

    def __init__(self, before: Callable[[RunConfig, int], Any] | None = None):
        self.trained = []
        self.before = before or (lambda config, epoch: None)

    def open_parts(self, data: DataConfig) -> tuple:
        return PARTS

    def validate(
        self, config: RunConfig, parts: tuple, on_epoch: Callable[[int, dict], None]
    ) -> dict[str, float]:
        self.trained.append(config)
        for epoch in range(1, config.epochs + 1):
            self.before(config, epoch)
            loss = config.batch_size / 1000 + 1 / epoch
            logs = {"loss": loss, "val_loss": loss, "accuracy": 0.5, "val_accuracy": 1 - loss / 10}
            on_epoch(epoch, logs)
        return logs | {"epoch": epoch, "parameters": 7}


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[optuna.storages.RDBStorage]:
    """The sweeps' file, empty; a dead worker is noticed after a second."""
    monkeypatch.setenv("DOODLE_HEARTBEAT", "1")
    monkeypatch.delenv("DOODLE_STORAGE", raising=False)
    opened = sweeps.open_storage()
    yield opened
    opened.remove_session()
    opened.engine.dispose()


@pytest.fixture
def make_sweep(
    make_config: Callable[..., RunConfig], storage: optuna.storages.RDBStorage
) -> Callable[..., tuple[optuna.Study, Sweep]]:
    """A small sweep in the storage; keyword arguments change it. Gives (study, Sweep)."""

    def make(
        name: str = "s", space: tuple[Dimension, ...] = SPACE, epochs: int = 3, **settings: Any
    ) -> tuple[optuna.Study, Sweep]:
        sweeps.create(storage, Sweep(name, make_config(epochs=epochs), space, **settings))
        return sweeps.load(storage, name)

    return make


def table(storage: optuna.storages.RDBStorage, name: str = "s") -> list[dict[str, Any]]:
    """A sweep's trials as rows."""
    return sweeps.rows(*sweeps.load(storage, name))


def states(storage: optuna.storages.RDBStorage, name: str = "s") -> list[str]:
    return [row["state"] for row in table(storage, name)]


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on this account may not write to `models/`, as far as it asks."""

    def forbid() -> None:
        can = os.access

        def access(path: Any, mode: int) -> bool:
            return can(path, mode) and not (mode & os.W_OK and is_inside(path, MODELS))

        monkeypatch.setattr(os, "access", access)

    return forbid


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """While another program writes to the sweeps' file."""
    connection = sqlite3.connect(sweeps.FILE)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.close()
