"""Run folders as trainings leave them, made without one."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray

from doodle_core import data, evaluation, runs
from doodle_core.data import practice
from doodle_core.runs import latents
from doodle_core.settings import PRESETS, DataConfig, RunConfig, TransferConfig, VaeConfig
from support.drawings import CATEGORIES, make_drawings


@pytest.fixture(scope="session")
def drawings_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_drawings(tmp_path_factory.mktemp("drawings") / "drawings")


@pytest.fixture
def make_config(drawings_folder: Path) -> Callable[..., RunConfig]:
    """A small run's configuration; keyword arguments change it."""

    def make(name: str = "small", folder: Path = drawings_folder, **settings: Any) -> RunConfig:
        source = DataConfig(f"folder:{folder}", CATEGORIES, 0)
        return RunConfig(
            **{"name": name, "data": source, "epochs": 2, "batch_size": 16, "seed": 3} | settings
        )

    return make


def write_scored(
    path: Path, labels: ArrayLike, rows: ArrayLike, probabilities: NDArray, embeddings: NDArray
) -> None:
    """What a classifier says of its test part; and of a validation part of one drawing."""
    classes = probabilities.shape[1]
    labels, rows = np.asarray(labels, np.uint16), np.asarray(rows, np.int32)
    runs.write_test_part(path, labels, rows, classes)
    runs.write_results(path, probabilities, embeddings, (labels[:1], probabilities[:1]))


@pytest.fixture
def finished_run(make_config: Callable[..., RunConfig]) -> Callable[..., Path]:
    """A run's folder as a training leaves it, made without one: probabilities from a seed."""

    def make(name: str = "done", n_wrong: int = 5, **settings: Any) -> Path:
        config = make_config(name, **settings)
        path = runs.create(config)
        drawings = data.stored_drawings(config.data.source, config.data.categories)
        _, _, test = data.split(drawings, config.data.categories)
        rng = np.random.default_rng(0)

        logits = rng.normal(size=(len(test), 3)) + 6 * np.eye(3)[test.labels]
        logits[:n_wrong] = np.roll(logits[:n_wrong], 1, axis=1)
        probabilities = evaluation.scale(np.exp(logits), 1)
        embeddings = rng.normal(size=(len(test), 8))
        write_scored(path, test.labels, test.rows, probabilities, embeddings)
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
def make_vae_config(drawings_folder: Path) -> Callable[..., VaeConfig]:
    """A small VAE's configuration; keyword arguments change it."""

    def make(name: str = "small-vae", folder: Path = drawings_folder, **settings: Any) -> VaeConfig:
        source = DataConfig(f"folder:{folder}", CATEGORIES, 0)
        small = {"epochs": 2, "batch_size": 16, "seed": 3, "filters": (4, 8), "latent": 4}
        return VaeConfig(**{"name": name, "data": source, "projection": "none"} | small | settings)

    return make


@pytest.fixture
def finished_vae(make_vae_config: Callable[..., VaeConfig]) -> Callable[..., Path]:
    """A VAE run's folder as a training leaves it, but for its networks, made without one."""

    def make(name: str = "vae", with_practice: bool = True, **settings: Any) -> Path:
        config = make_vae_config(name, **settings)
        path = runs.create(config)
        names = config.data.categories
        drawings = data.stored_drawings(config.data.source, names)
        _, _, test = data.split(drawings, names)
        pixels = test.pixels(drawings)
        rng = np.random.default_rng(0)
        n, d, c = len(test), config.latent, len(names)
        centres = rng.normal(size=(c, d))

        def points(labels: NDArray[np.integer], **more: NDArray) -> latents.Points:
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
        runs.set_state(path, "finished")
        return path

    return make


@pytest.fixture
def transferred(finished_run: Callable[..., Path]) -> Callable[..., Path]:
    """A finished run on a base, made without training."""

    def make(name: str, way: str, base: str, weights: str = "imagenet", n_wrong: int = 5) -> Path:
        settings = dict(PRESETS[f"{way}-{base}"].settings)
        settings["transfer"] = TransferConfig(**settings["transfer"] | {"weights": weights})
        path = finished_run(name, n_wrong=n_wrong, **settings)
        (path / "history.csv").unlink()
        for epoch in range(4):
            row = {"accuracy": epoch / 10 + 0.5, "val_accuracy": epoch / 10 + 0.4, "loss": 1.0}
            row |= {"binary_accuracy": 0.9, "val_binary_accuracy": 0.85, "learning_rate": 0.001}
            row |= {"val_loss": 0.9 - epoch / 10, "stage": 1 + epoch // 2}
            runs.append_epoch(path, epoch, row)
        figure = {"n": 50, "top1": 0.9, "top1_low": 0.8, "top1_high": 0.95}
        runs.write_ranges(path, {"grey": figure, "grey01": figure})
        return path

    return make


def add_calibration(path: Path, temperature: float = 1.7) -> None:
    """The temperature that a run's validation part asks for."""
    run = runs.load(path)
    runs.write_metrics(path, run.config, run.metrics | {"temperature": temperature})


def write_suspects(path: Path, rows: Iterable[tuple]) -> None:
    """A run's suspected labels: (place, quality, suggested) each."""
    frame = pd.DataFrame(rows, columns=["place", "quality", "suggested"])
    runs.write_suspects(path, frame)


def wrong(path: Path) -> NDArray[np.bool_]:
    """Which test drawings a run names wrongly: (N,)."""
    found = runs.results(path, 3)
    return found.probabilities.argmax(axis=1) != found.labels


@pytest.fixture
def pair(finished_run: Callable[..., Path]) -> tuple[Path, Path]:
    """Two runs on the same drawings that err differently: the second on five, the first on none."""
    return finished_run("first", n_wrong=0), finished_run("second", n_wrong=5)


@pytest.fixture
def large_run(make_config: Callable[..., RunConfig]) -> Callable[..., Path]:
    """Two runs of the report's size: 15,750 test drawings of seven categories."""

    def make(name: str, seed: int) -> Path:
        config = make_config(name, data=DataConfig("practice"))
        path = runs.create(config)
        rng = np.random.default_rng(seed)
        labels = np.arange(15_750) % 7
        logits = rng.normal(size=(15_750, 7)) + 6 * np.eye(7)[labels]
        probabilities = evaluation.scale(np.exp(logits), 1)
        embeddings = rng.normal(size=(15_750, 128))
        write_scored(path, labels, labels, probabilities, embeddings)
        facts = {"train_n": 49_000, "parameters": 430_407, "seconds": 1.0, "temperature": 1.3}
        figures = evaluation.metrics(labels, probabilities) | facts | {"test_pixels": "same"}
        runs.write_metrics(path, config, figures)
        write_suspects(path, [(place, 0.01, 1) for place in range(300)])
        runs.set_state(path, "finished")
        return path

    return make
