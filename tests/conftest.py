"""Every test works in a folder of its own: no network, no drawings but those made here."""

import os
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="doodle-tests-"))
os.environ["DOODLE_HOME"] = str(HOME)  # before doodle_core.files is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import shutil

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.config import DataConfig, RunConfig
from doodle_core.files import MODELS

CATEGORIES = ("apple", "moon", "cup")


def pytest_sessionfinish():
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_runs():
    """Each test begins without runs."""
    yield
    shutil.rmtree(MODELS, ignore_errors=True)


@pytest.fixture
def no_worker(monkeypatch):
    """Runs are queued, but nothing trains them."""
    from doodle_core import worker

    monkeypatch.setattr(worker, "ensure", lambda: None)


def make_drawings(folder, n=60, categories=CATEGORIES):
    """Easy stand-ins for drawings: a bar at a height of its own for each category, and noise."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(categories):
        rng = np.random.default_rng(place)
        pixels = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
        pixels[:, 3 + 4 * place : 6 + 4 * place, 4:24] = 255
        np.save(folder / f"{name}.npy", pixels.reshape(n, 784))
    return folder


@pytest.fixture(scope="session")
def drawings_folder(tmp_path_factory):
    return make_drawings(tmp_path_factory.mktemp("drawings") / "drawings")


@pytest.fixture
def make_config(drawings_folder):
    """A small run's configuration; keyword arguments change it."""

    def make(name="small", folder=drawings_folder, **settings):
        source = DataConfig(f"folder:{folder}", CATEGORIES, 0)
        return RunConfig(
            **{"name": name, "data": source, "epochs": 2, "batch_size": 16, "seed": 3} | settings
        )

    return make


@pytest.fixture
def finished_run(make_config):
    """A run's folder as a training leaves it, made without one: probabilities from a seed."""

    def make(name="done", n_wrong=5, **settings):
        from doodle_core import data, evaluation
        from doodle_core.files import write_json

        config = make_config(name, **settings)
        path = runs.create(config)
        drawings = data.stored_drawings(config.data.source, config.data.categories)
        _, _, test = data.split(drawings, config.data.categories)
        rng = np.random.default_rng(0)
        logits = rng.normal(size=(len(test), 3)) + 6 * np.eye(3)[test.labels]
        logits[:n_wrong] = np.roll(logits[:n_wrong], 1, axis=1)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.save(path / "test_labels.npy", test.labels)
        np.save(path / "test_rows.npy", test.rows)
        np.save(path / "test_probabilities.npy", probabilities.astype(np.float32))
        np.save(path / "test_embeddings.npy", rng.normal(size=(len(test), 8)).astype(np.float16))
        write_json(
            path / "metrics.json",
            evaluation.metrics(test.labels, probabilities)
            | {"best_epoch": 2, "parameters": 430_407, "seconds": 3.0, "train_n": 126}
            | {"test_pixels": data.fingerprint(test.pixels(drawings))},
        )
        (path / "history.csv").write_text(
            "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss\n"
            "0,0.5,0.001,1.0,0.6,0.9\n1,0.8,0.001,0.5,0.8,0.4\n2,0.9,0.001,0.3,0.8,0.6\n"
        )
        runs.set_state(path, "finished")
        return path

    return make
