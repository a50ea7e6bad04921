"""Every test works in a folder of its own: no network, no drawings but those made here."""

import os
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="doodle-tests-"))
os.environ["DOODLE_HOME"] = str(HOME)  # before doodle_core.files is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import shutil
import sys

import numpy as np
import pytest
from support.drawings import CATEGORIES, make_drawings

from doodle_core import runs
from doodle_core.files import MODELS
from doodle_core.settings import DataConfig, RunConfig

pytest_plugins = ["support.autoencoders", "support.sweeps"]


def pytest_sessionfinish():
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_runs():
    """Each test begins without runs, and not with the precision of another's training."""
    yield
    if keras := sys.modules.get("keras"):
        keras.config.set_dtype_policy("float32")
    shutil.rmtree(MODELS, ignore_errors=True)


@pytest.fixture
def no_worker(monkeypatch):
    """Runs are queued, but nothing trains them."""
    from doodle_core.lab import queue

    monkeypatch.setattr(queue, "ensure", lambda: None)


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

        config = make_config(name, **settings)
        path = runs.create(config)
        names = config.data.categories
        drawings = data.stored_drawings(config.data.source, names)
        _, validation, test = data.split(drawings, names)
        rng = np.random.default_rng(0)

        def said(labels):
            logits = rng.normal(size=(len(labels), 3)) + 6 * np.eye(3)[labels]
            logits[:n_wrong] = np.roll(logits[:n_wrong], 1, axis=1)
            return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

        probabilities = said(test.labels)
        embeddings = rng.normal(size=(len(test), 8))
        runs.write_test_part(path, test.labels, test.rows, len(names))
        of_validation = validation.labels, said(validation.labels)
        runs.write_results(path, probabilities, embeddings, of_validation)
        runs.write_metrics(
            path,
            config,
            evaluation.metrics(test.labels, probabilities)
            | {"best_epoch": 2, "parameters": 430_407, "seconds": 3.0, "train_n": 126}
            | {"test_pixels": data.fingerprint(test.pixels(drawings))},
        )
        epochs = ((0.5, 1.0, 0.6, 0.9), (0.8, 0.5, 0.8, 0.4), (0.9, 0.3, 0.8, 0.6))
        for epoch, (accuracy, loss, val_accuracy, val_loss) in enumerate(epochs):
            row = {"accuracy": accuracy, "val_accuracy": val_accuracy, "learning_rate": 0.001}
            runs.append_epoch(path, epoch, row | {"loss": loss, "val_loss": val_loss})
        runs.set_state(path, "finished")
        return path

    return make


@pytest.fixture
def make_vae_config(drawings_folder):
    """A small VAE's configuration; keyword arguments change it."""

    def make(name="small-vae", folder=drawings_folder, **settings):
        from doodle_core.settings import VaeConfig

        source = DataConfig(f"folder:{folder}", CATEGORIES, 0)
        small = {"epochs": 2, "batch_size": 16, "seed": 3, "filters": (4, 8), "latent": 4}
        return VaeConfig(**{"name": name, "data": source, "projection": "none"} | small | settings)

    return make


@pytest.fixture
def finished_vae(make_vae_config):
    """A VAE run's folder as a training leaves it, made without one; with fresh weights if asked."""

    def make(name="vae", weights=False, with_practice=True, **settings):
        from doodle_core import data, evaluation
        from doodle_core.data import practice
        from doodle_core.runs import latents

        config = make_vae_config(name, **settings)
        path = runs.create(config)
        names = config.data.categories
        drawings = data.stored_drawings(config.data.source, names)
        _, _, test = data.split(drawings, names)
        pixels = test.pixels(drawings)
        rng = np.random.default_rng(0)
        n, d, c = len(test), config.latent, len(names)
        centres = rng.normal(size=(c, d))

        def points(labels, **more):
            k = len(labels)
            said = rng.dirichlet(np.ones(c), k)
            means = centres[labels] + 0.3 * rng.normal(size=(k, d))
            losses = rng.gamma(9, 15, (k, 2))
            return latents.Points(labels, means, losses, probabilities=said, **more)

        runs.write_test_part(path, test.labels, test.rows, c)
        found = points(test.labels, redrawn=np.roll(np.eye(c)[test.labels], 1))
        found.reconstructions = pixels // 2
        latents.write_points(path, "test", found, c)
        latents.write_directions(path, evaluation.principal(np.float16(found.means)))
        latents.write_categories(path, centres, np.tile(0.3 * np.eye(d), (c, 1, 1)))
        if with_practice:
            shown, labels = practice.practice_set(names)
            latents.write_points(path, "practice", points(labels, reconstructions=shown // 2), c)
        made = rng.integers(0, 255, (40, 28, 28), dtype=np.uint8)
        latents.write_points(path, "samples", points(np.arange(40) % c, drawings=made), c)
        for epoch in (1, 2, 3):
            shown = latents.Snapshot(
                test.labels[:20], found.means[:20] * epoch / 3, pixels[:6], made[:6]
            )
            latents.write_snapshot(path, epoch, shown, c)
        columns = {"spread": lambda i: 1 - i / 4, "kl": lambda i: 2.0 - i / 2}
        rows = [{name: make(i) for name, make in columns.items()} for i in range(d)]
        rows = [row | {"dimension": i + 1, "noise": 0.5, "active": 1} for i, row in enumerate(rows)]
        latents.write_dimensions(path, rows)
        share = {"": 0.9, "_low": 0.85, "_high": 0.94}
        shares = ("probe", "knn", "judge_top1", "binarised_top1", "reconstructed_top1")
        shares += ("reconstructed01_top1", "samples_sure", "region_top1")
        figures = {f"{one}{part}": value for one in shares for part, value in share.items()}
        runs.write_metrics(
            path,
            config,
            {"n": n, "train_n": 126, "loss": 130.0, "reconstruction": 110.0, "kl": 20.0}
            | {"iwae": 126.0, "iwae_n": n, "iwae_k": 100, "active": d, "silhouette": 0.2}
            | {"chance": 1 / c, "best_epoch": 2, "epochs": 3, "parameters": 9000, "seconds": 3.0}
            | {"test_pixels": data.fingerprint(pixels), "practice": 0}
            | {"judge": "done", "judge_saw": 0, "frechet": 12.0, "frechet_floor": 0.5}
            | {"precision": 0.7, "recall": 0.6, "region_frechet": 8.0, "region_precision": 0.8}
            | {"region_recall": 0.7}
            | figures,
        )
        for epoch, kl, first, last in ((0, 12, 178, 157), (1, 15, 145, 115), (2, 16, 134, 122)):
            row = {"kl": kl, "reconstruction": first, "loss": kl + first, "objective": kl + first}
            row |= {"val_kl": kl + 1, "val_reconstruction": last, "val_loss": kl + 1 + last}
            row |= {"val_objective": kl + 1 + last, "learning_rate": 0.001, "seconds": 2}
            runs.append_epoch(path, epoch, row)
        if weights:
            import keras

            from doodle_core.vae.model import build_vae

            keras.utils.set_random_seed(0)
            model = build_vae(config, c)
            model.encoder.save(path / "encoder.keras")
            model.decoder.save(path / "decoder.keras")
        runs.set_state(path, "finished")
        return path

    return make
