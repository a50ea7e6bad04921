"""Real trainings of small autoencoders, judged by a small classifier."""

import shutil

import keras
import numpy as np
import pandas as pd
import pytest
from support.drawings import CATEGORIES

from doodle_core import data, runs
from doodle_core.files import HOME, MODELS
from doodle_core.lab.train import train_run
from doodle_core.runs import latents
from doodle_core.settings import DataConfig, RunConfig, VaeConfig
from doodle_core.vae import fit as vae_fit
from doodle_core.vae import score as vae_score
from doodle_core.vae.generator import load_generator

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
    for name in ("judge_top1", "binarised_top1", "reconstructed_top1", "reconstructed01_top1"):
        assert 0 <= metrics[f"{name}_low"] <= metrics[name] <= metrics[f"{name}_high"] <= 1
    found = latents.points(trained, "test", 3, 3)
    right = (found.redrawn.argmax(axis=1) == found.labels).mean()
    assert metrics["reconstructed_top1"] == pytest.approx(right)
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
    from doodle_core.vae.model import build_vae

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


def small(make_vae_config, name, **settings):
    return runs.create(make_vae_config(name, epochs=4, latent=2, **settings))


def test_a_resumed_training_has_the_history_of_one_that_was_not_stopped(
    make_vae_config, monkeypatch
):
    monkeypatch.setattr(vae_score, "score", lambda *_: None)
    whole = small(make_vae_config, "whole", warm_up=3)
    train_run(whole)
    broken = small(make_vae_config, "broken", warm_up=3)
    show = vae_fit.Snapshots.on_epoch_end

    def killed(self, epoch, logs=None):
        if epoch == 2:
            raise RuntimeError("killed")
        show(self, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(vae_fit.Snapshots, "on_epoch_end", killed)
        assert not train_run(broken)
    assert runs.load(broken).error == "killed"
    train_run(broken)
    columns = ["epoch", "loss", "kl", "objective", "val_loss", "learning_rate"]
    one, other = runs.history(whole)[columns], runs.history(broken)[columns]
    pd.testing.assert_frame_equal(one, other, rtol=1e-3)


def test_a_vae_gan_keeps_its_last_epoch_and_is_scored(make_vae_config):
    path = small(make_vae_config, "gan", adversarial=5.0, target="grey", conditional=True)
    assert train_run(path), runs.load(path).error
    run = runs.load(path)
    assert run.metrics["best_epoch"] == 4
    assert runs.history(path)["discriminator"].notna().all()
    assert "judge" not in run.metrics  # there is no classifier
    found = latents.points(path, "samples", 3, 2)
    assert set(found.labels) == {0, 1, 2} and found.probabilities is None


def test_a_judge_that_learned_from_the_test_part_is_marked(make_config, make_vae_config):
    """Another split: some of the VAE's test drawings are among the judge's training ones."""
    from dataclasses import replace

    config = make_config("judge", epochs=1)
    config = replace(config, data=replace(config.data, seed=5))
    assert train_run(runs.create(config))
    path = small(make_vae_config, "judged")
    train_run(path)
    assert runs.load(path).metrics["judge_saw"] == 1


def test_a_stop_is_obeyed_and_finish_scores_what_there_is(make_vae_config, monkeypatch):
    path = small(make_vae_config, "asked")
    show = vae_fit.Snapshots.on_epoch_end

    def ask(self, epoch, logs=None):
        show(self, epoch, logs)
        runs.request(path, "finish")

    monkeypatch.setattr(vae_fit.Snapshots, "on_epoch_end", ask)
    assert train_run(path)
    assert 1 <= runs.load(path).metrics["epochs"] < 4
