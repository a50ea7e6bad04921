"""A real training of a small autoencoder, judged by a small classifier: its figures."""

import shutil

import keras
import numpy as np
import pandas as pd
import pytest

from doodle_core import data, evaluation, runs
from doodle_core.files import HOME, MODELS
from doodle_core.lab.train import train_run
from doodle_core.runs import latents
from doodle_core.settings import DataConfig, RunConfig, VaeConfig
from doodle_core.vae import score as vae_score
from doodle_core.vae.generator import load_generator
from doodle_core.vae.model import build_vae
from support.drawings import CATEGORIES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(drawings_folder):
    """A finished VAE and its judge; their folders are kept for this module's tests."""
    source = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    assert train_run(runs.create(RunConfig("judge", source, epochs=6, batch_size=16)))
    config = VaeConfig(
        "trained",
        source,
        filters=(8, 16),
        latent=3,
        epochs=3,
        batch_size=16,
        target="grey",
        learning_rate=5e-3,
        classifier=5.0,
        projection="tsne",
    )
    path = runs.create(config)
    assert train_run(path)
    shutil.copytree(MODELS / "judge", HOME / "kept judge")
    kept = HOME / "kept vae"
    shutil.copytree(path, kept)
    shutil.rmtree(MODELS)
    return kept


def test_a_run_leaves_what_the_pages_need(trained):
    run = runs.load(trained)
    assert run.state == "finished" and run.kind == "vae" and run.progress == {}, run.error
    n = run.metrics["n"]
    for which in latents.SETS:
        found = latents.points(trained, which, 3, 3)
        assert found.means.shape == (len(found), 3) and found.probabilities.shape[1] == 3
        assert found.projection.shape == (len(found), 2)
    assert len(latents.points(trained, "test", 3, 3)) == n
    assert latents.points(trained, "test", 3, 3).reconstructions.shape == (n, 28, 28)
    assert latents.snapshots(trained) == [1, 2, 3]
    assert not (trained / "backup").exists() and not (trained / "best.keras").exists()
    history = runs.history(trained)
    assert history[["val_kl", "val_reconstruction", "val_loss", "accuracy"]].notna().all().all()
    assert (np.diff(runs.steps(trained)["epoch"]) > 0).all()


def test_the_loss_is_split_and_its_tighter_bound_is_lower(trained):
    metrics = runs.load(trained).metrics
    assert metrics["loss"] == pytest.approx(metrics["reconstruction"] + metrics["kl"], rel=1e-4)
    assert metrics["iwae"] < metrics["loss"]
    rows = pd.read_csv(trained / "dimensions.csv")
    assert rows["kl"].sum() == pytest.approx(metrics["kl"], rel=1e-3)
    assert rows["active"].sum() == metrics["active"]
    losses = latents.points(trained, "test", 3, 3).losses
    assert losses.sum(axis=1).mean() == pytest.approx(metrics["loss"], rel=1e-3)


def test_the_judge_is_named_and_was_not_shown_the_test_part(trained):
    metrics = runs.load(trained).metrics
    assert metrics["judge"] == "judge" and metrics["judge_saw"] == 0
    found = latents.points(trained, "test", 3, 3)
    labels, rows = runs.test_part(trained, 3)
    pixels = data.scored_pixels(
        runs.load(trained).config.data, labels, rows, metrics["test_pixels"]
    )
    again = found.reconstructions
    judge = keras.models.load_model(trained.parent / "kept judge" / "best.keras")
    for name, shown in (
        ("judge_top1", pixels),
        ("binarised_top1", np.where(pixels > 191, 255, 0)),
        ("reconstructed_top1", again),
        ("reconstructed01_top1", 128 + again // 2),
    ):
        said = judge.predict(shown.astype(np.uint8)[..., None], verbose=0).argmax(axis=1)
        assert metrics[name] == (said == labels).mean(), name
        low, high = evaluation.wilson(int((said == labels).sum()), len(labels))
        assert (metrics[f"{name}_low"], metrics[f"{name}_high"]) == pytest.approx((low, high))
    assert metrics["frechet"] > metrics["frechet_floor"] >= 0
    assert "samples_top1" not in metrics and "region_top1" in metrics  # not conditional


def test_the_stored_parts_give_the_stored_points(trained, drawings_folder):
    run, found = runs.load(trained), latents.points(trained, "test", 3, 3)
    labels, rows = runs.test_part(trained, 3)
    pixels = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
    generator = load_generator(trained, run.config)
    means, _ = generator.encode(pixels)
    np.testing.assert_allclose(means, found.means, atol=0.01)  # kept in half precision
    again = generator.decode(means).astype(int)
    assert np.abs(again - found.reconstructions).max() <= 2


def test_one_importance_sample_is_the_elbo_and_more_are_tighter(trained, drawings_folder):
    run = runs.load(trained)
    model = build_vae(run.config, 3)
    for name in ("encoder", "decoder"):
        weights = keras.models.load_model(trained / f"{name}.keras", compile=False).get_weights()
        getattr(model, name).set_weights(weights)
    drawings = data.stored_drawings(run.config.data.source, CATEGORIES)
    x = np.concatenate([one[:20] for one in drawings]).reshape(-1, 28, 28, 1)
    y = np.repeat(np.arange(3), 20)
    bounds = [vae_score.importance_weighted(model, x, y, run.config, k) for k in (1, 10, 100)]
    elbo = vae_score.drawing_losses(model, x, y, run.config).sum(axis=1).mean()
    assert bounds[0] == pytest.approx(elbo, rel=0.02)
    assert bounds[0] > bounds[1] > bounds[2]
