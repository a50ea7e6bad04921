"""Real trainings of small autoencoders: broken off, resumed, finished early."""

import pandas as pd
import pytest

from doodle_core import runs
from doodle_core.lab.train import train_run
from doodle_core.runs import latents
from doodle_core.vae import fit as vae_fit
from doodle_core.vae import score as vae_score

pytestmark = pytest.mark.slow


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
