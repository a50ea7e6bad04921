"""A real training of a small autoencoder, judged by a small classifier: its figures."""

import html
import shutil

import keras
import numpy as np
import pandas as pd
import pytest

from doodle_core import data, evaluation, runs
from doodle_core.files import HOME, MODELS
from doodle_core.inference.autoencoder import Generator, load_generator
from doodle_core.lab import export
from doodle_core.lab.train import train_run
from doodle_core.runs import latents
from doodle_core.settings import DataConfig, RunConfig, VaeConfig
from doodle_core.vae import score as vae_score
from doodle_core.vae.model import build_vae
from support.drawings import CATEGORIES, make_drawings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawings_folder(tmp_path_factory):
    """More test drawings than the judge's embedding has numbers, which Frechet distances need."""
    return make_drawings(tmp_path_factory.mktemp("drawings") / "more", n=200)


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
    bounds = [
        vae_score.importance_weighted(model, x, y, run.config, k).mean() for k in (1, 10, 100)
    ]
    elbo = vae_score.drawing_losses(model, x, y, run.config).sum(axis=1).mean()
    assert bounds[0] == pytest.approx(elbo, rel=0.02)
    assert bounds[0] > bounds[1] > bounds[2]


# --- what may fail alone -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(drawings_folder):
    """A VAE whose epochs are over, of three dimensions: its folder, kept, for scoring alone."""
    source = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    assert train_run(runs.create(RunConfig("judge", source, epochs=1, batch_size=32)))
    small = {"filters": (4, 8), "latent": 3, "epochs": 1, "batch_size": 32, "projection": "tsne"}
    path = runs.create(VaeConfig("fitted", source, **small))

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vae_score, "score", killed)
        assert not train_run(path)
    kept = HOME / "fitted vae"
    shutil.copytree(MODELS, kept)
    shutil.rmtree(MODELS)
    return kept


def fail(*_, **__):
    raise RuntimeError("cannot cache function 'rdist': no locator available")


def fill(*_, **__):
    raise MemoryError


def no_numbers(self, latents, labels=None):
    raise ValueError("The decoder's answers are not all numbers: it must have diverged.")


SPACE = (
    (evaluation, "project", fail),
    (evaluation, "silhouettes", lambda *_: np.array([float("nan")])),
    (evaluation, "probe", fill),
    (evaluation, "knn", fill),
    (evaluation, "principal", fail),
    (evaluation, "dimensions", fail),
    (vae_score, "importance_weighted", fill),
)
SPACES = {"layout (tsne)", "silhouette", "probe", "knn", "principal directions", "active", "iwae"}
FAILING = {
    "the latent space": (SPACE, SPACES),
    "the judge": ([(vae_score, "choose_judge", fail)], {"judge"}),
    "the decoder": ([(Generator, "decode", no_numbers)], {"reconstructions", "generated drawings"}),
    "the points": ([(latents, "write_points", fail)], {f"points ({one})" for one in latents.SETS}),
}
OF_SPACE = ("active", "silhouette", "probe", "knn", "iwae")
OF_JUDGE = ("judge", "binarised", "reconstructed", "samples", "region", "frechet", "precision")
LACKING = {
    "the latent space": OF_SPACE,
    "the judge": (*OF_JUDGE, "recall"),
    "the decoder": ("reconstructed", "samples", "region", "frechet", "precision", "recall"),
    "the points": ("none",),
}
"""What the names of the figures begin with that are then not there."""


@pytest.fixture(scope="module")
def complete(fitted):
    """The figures where nothing fails."""
    shutil.copytree(fitted, MODELS)
    assert train_run(MODELS / "fitted")
    run = runs.load(MODELS / "fitted")
    assert runs.read_unmeasured(run.path) == {}
    shutil.rmtree(MODELS)
    return run.metrics


@pytest.mark.parametrize("case", FAILING)
def test_a_measure_that_fails_leaves_the_others_and_the_run_finished(
    fitted, complete, monkeypatch, case
):
    replaced, reasons = FAILING[case]
    shutil.copytree(fitted, MODELS)
    for owner, name, instead in replaced:
        monkeypatch.setattr(owner, name, instead)
    assert train_run(MODELS / "fitted"), runs.load(MODELS / "fitted").error
    run = runs.load(MODELS / "fitted")
    assert run.state == "finished" and set(runs.read_unmeasured(run.path)) == reasons
    lacking = set(complete) - set(run.metrics)
    assert lacking == {key for key in complete if key.startswith(LACKING[case])}
    for key, one in run.metrics.items():
        same = one if isinstance(one, str) else pytest.approx(one, rel=1e-4)
        assert complete[key] == same, key
    monkeypatch.undo()
    content = export.html(run)
    for words in runs.unmeasured_words(run.path):
        assert html.escape(words) in content
