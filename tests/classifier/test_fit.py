"""Real trainings: steps, stages, and how they go on after a stop."""

import shutil
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from doodle_core import data, runs
from doodle_core.classifier import features as cache
from doodle_core.classifier.fit import compiled, fit_epochs, optimizer
from doodle_core.files import HOME
from doodle_core.lab.train import train_run
from doodle_core.settings import DataConfig, RunConfig, TransferConfig
from doodle_core.training.callbacks import Finish, Progress, Stopped, monitors_of
from support.bases import BASE
from support.browser import ROOT
from support.drawings import CATEGORIES, make_drawings

pytestmark = pytest.mark.usefixtures("tiny_base", "no_features")


def transfer_run(make_config, name="moved", **settings):
    """A run on a base with random weights, 2 + 2 epochs of few drawings."""
    return runs.create(make_config(name, **recipe_of(**settings)))


def recipe_of(**settings):
    asked = TransferConfig(
        **{
            "base": BASE,
            "weights": "random",
            "input_size": 32,
            "fine_tune_epochs": 2,
            "fine_tune_layers": 6,
            "fine_tune_rate": 1e-3,
        }
        | settings
    )
    return {"network": "transfer", "transfer": asked, "precision": "float32", "learning_rate": 0.01}


@pytest.fixture(scope="module")
def whole(drawings_folder):
    """The folder of a run of `transfer_run` that nothing interrupted, kept for this module."""
    data = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    asked = RunConfig("whole", data, epochs=2, batch_size=16, seed=3, **recipe_of())
    path = runs.create(asked)
    assert train_run(path), runs.load(path).error
    return shutil.move(path, HOME / "whole transfer")


def check_same(path, whole):
    """A run that was interrupted ended as the one that was not."""
    ours, theirs = runs.history(path), runs.history(whole)
    for column in ("epoch", "stage", "loss", "val_loss", "learning_rate"):
        assert ours[column].tolist() == pytest.approx(theirs[column].tolist(), rel=1e-3), column
    probabilities = [runs.results(run, 3).probabilities for run in (path, whole)]
    assert np.allclose(*probabilities, atol=1e-3)


def base_weights(path):
    """The stored network's weights but its head's."""
    return keras.models.load_model(path / "best.keras").get_weights()[:-2]


def test_two_stages_in_one_history_and_the_best_epoch_of_both_is_kept(whole):
    path = whole
    run, frame = runs.load(path), runs.history(path)
    assert frame["stage"].tolist() == [1, 1, 2, 2] and frame["epoch"].tolist() == [1, 2, 3, 4]
    assert frame["learning_rate"].tolist() == pytest.approx([0.01, 0.01, 1e-3, 1e-3])
    metrics = run.metrics
    assert metrics["best_epoch"] == runs.best_epoch(frame)["epoch"]
    assert metrics["trainable"] + metrics["frozen"] == metrics["parameters"]
    assert metrics["trainable"] > 3 * 17  # more than the head
    environment = runs.read_environment(path)
    assert environment["weights"] == "random"
    ranges = runs.read_ranges(path)
    assert set(ranges) == {"grey", "binary", "grey01", "binary01"}
    assert ranges["grey"]["top1"] == pytest.approx(metrics["top1"], abs=1e-6)
    found = runs.results(path, 3)
    pixels = data.scored_pixels(run.config.data, found.labels, found.rows, metrics["test_pixels"])
    again = keras.models.load_model(path / "best.keras").predict(pixels[..., None], verbose=0)
    assert np.allclose(again, found.probabilities, atol=1e-4)
    assert not (path / "backup").exists()


@pytest.mark.slow
def test_without_recompiling_nothing_but_the_head_ever_changes(make_config):
    frozen = transfer_run(make_config, "frozen", fine_tune_epochs=0)
    theirs = transfer_run(make_config, "theirs", recompile=False)
    assert train_run(frozen) and train_run(theirs)
    for a, b in zip(base_weights(frozen), base_weights(theirs)):
        assert np.array_equal(a, b)
    frame = runs.history(theirs)
    assert frame["stage"].tolist() == [1, 1, 2, 2] and frame["learning_rate"].nunique() == 1
    assert frame["loss"][:2].tolist() == runs.history(frozen)["loss"].tolist()
    assert runs.load(theirs).metrics["trainable"] == 3 * 17


@pytest.mark.slow
def test_batch_statistics_train_through_the_base_and_leave_it_as_it_was(make_config):
    path = transfer_run(make_config, batch_norm="batch", recompile=False)
    assert train_run(path), runs.load(path).error
    assert not list(cache.FEATURES.glob("*"))
    fresh = transfer_run(make_config, "fresh", fine_tune_epochs=0)
    assert train_run(fresh)
    assert all(np.array_equal(a, b) for a, b in zip(base_weights(path), base_weights(fresh)))


@pytest.mark.slow
def test_interrupted_in_each_epoch_it_ends_as_if_it_had_not_been(make_config, monkeypatch, whole):
    """Stopped in the middle of each epoch of either stage, and resumed each time."""
    path = transfer_run(make_config, "parted")
    true = Progress.on_train_batch_end

    def stop(self, batch, logs=None):
        true(self, batch, logs)
        if self.epoch not in stopped:
            stopped.append(self.epoch)
            raise Stopped

    stopped = []
    monkeypatch.setattr(Progress, "on_train_batch_end", stop)
    for epoch in range(4):
        assert not train_run(path) and runs.load(path).state == "stopped"
        assert len(runs.history(path)) == epoch and stopped == list(range(epoch + 1))
    assert train_run(path)
    check_same(path, whole)


@pytest.mark.slow
def test_killed_while_it_was_fine_tuned_it_ends_as_if_it_had_not_been(make_config, whole):
    """Before the third epoch, the first of the second stage, is backed up."""
    path = transfer_run(make_config, "killed")
    code = """
import os, signal, sys
sys.path.insert(0, "tests")
import keras
from support.bases import tiny
from doodle_core import runs
from doodle_core.lab.train import train_run
keras.applications.Tiny = tiny
from doodle_core.training.backup import Backup
true = Backup.save
def kill(self, model, epoch, history):
    if epoch == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    true(self, model, epoch, history)
Backup.save = kill
train_run(runs.folder("killed"))
"""
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=120)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()[-2000:]
    assert runs.load(path).state == "interrupted"
    assert runs.history(path)["stage"].tolist() == [1, 1]
    assert train_run(path), runs.load(path).error
    check_same(path, whole)


def test_finish_in_the_first_stage_scores_its_best_head(make_config, monkeypatch):
    path = transfer_run(make_config)
    true = Progress.on_epoch_end

    def finish(self, epoch, logs=None):
        true(self, epoch, logs)
        raise Finish

    monkeypatch.setattr(Progress, "on_epoch_end", finish)
    assert train_run(path), runs.load(path).error
    assert (
        runs.history(path)["stage"].tolist() == [1] and runs.load(path).metrics["trainable"] == 51
    )


@pytest.mark.slow
def test_an_early_stop_of_the_first_stage_begins_the_second(make_config, monkeypatch):
    true = monitors_of

    class Once(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    monkeypatch.setattr(
        "doodle_core.training.callbacks.monitors_of", lambda config: [*true(config), Once()]
    )
    path = transfer_run(make_config)
    assert train_run(path), runs.load(path).error
    assert runs.history(path)["stage"].tolist() == [1, 2]


def test_a_missing_base_fails_with_a_sentence_and_scoring_needs_no_weights(make_config, tmp_path):
    path = transfer_run(make_config, weights=str(tmp_path / "no"))
    assert not train_run(path)
    assert "neither a file" in runs.load(path).error


@pytest.mark.slow
def test_a_run_can_begin_with_anothers_weights(make_config, monkeypatch, drawings_folder):
    first = make_config("first", epochs=1)
    other = DataConfig(first.data.source, ("moon", "cup"), 0, seed=1)  # other test drawings
    assert train_run(runs.create(RunConfig("first", other, epochs=1, batch_size=16)))
    trained = keras_load(runs.folder("first") / "best.keras")
    seen = []
    true = fit_epochs

    def look(model, *arguments):
        seen.append([layer.get_weights() for layer in model.layers])
        return true(model, *arguments)

    monkeypatch.setattr("doodle_core.classifier.fit.fit_epochs", look)
    path = runs.create(make_config("second", start_from="first"))
    assert not train_run(path) and "would be no test" in runs.load(path).error
    make_drawings(folder := drawings_folder.parent / "more", categories=("apple", "cat", "dog"))
    for file in folder.glob("*.npy"):  # else the same pixels under other names, which are refused
        np.save(file, np.load(file)[:, ::-1])
    config = RunConfig(
        "third",
        DataConfig(f"folder:{folder}", ("apple", "cat", "dog"), 0),
        epochs=1,
        batch_size=16,
        start_from="first",
    )
    assert train_run(runs.create(config))
    begun = dict(zip([layer.name for layer in trained.layers], seen[0]))
    for layer in trained.layers:
        same = [np.array_equal(a, b) for a, b in zip(begun[layer.name], layer.get_weights())]
        assert all(same) == (layer.name != "logits")


def keras_load(file):
    return keras.models.load_model(file, compile=False)


def test_a_run_cannot_begin_with_an_unfinished_one(make_config):
    runs.create(make_config("waiting"))
    path = runs.create(make_config("second", start_from="waiting"))
    assert not train_run(path) and "no finished run" in runs.load(path).error


@pytest.mark.slow
def test_fit_takes_each_epochs_batches_and_no_more(make_config, monkeypatch):
    """The optimizer's steps are epochs x batches: neither fewer nor, with several a call, more."""
    path = runs.create(make_config(epochs=3, batch_size=16))
    seen = []
    true = Progress.on_train_end

    def look(self, logs=None):
        seen.append((int(self.model.optimizer.iterations), self.steps, self.steps_done))
        true(self, logs)

    monkeypatch.setattr(Progress, "on_train_end", look)
    assert train_run(path)
    assert seen == [(3 * 8, 8, 3 * 8)]  # 126 drawings in batches of 16


def small_network():
    """A dense layer and batch norm: every kind of weight that decay may meet."""
    layers = [keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()]
    return keras.Sequential(layers)


@pytest.mark.parametrize(("kind", "decay"), [("adam", 0.01), ("rmsprop", 0.01), ("adam", 0.0)])
def test_weight_decay_shrinks_kernels_alone(kind, decay):
    """Without a gradient, a step takes (rate x decay) of a kernel off, and nothing of the rest."""
    model = small_network()
    weights = model.trainable_weights
    for weight in weights:
        weight.assign(np.full(weight.shape, 2.0, np.float32))
    made = optimizer(RunConfig("x", optimizer=kind, weight_decay=decay), learning_rate=0.5)
    made.apply([np.zeros(weight.shape, np.float32) for weight in weights], weights)
    left = {weight.name: float(np.asarray(weight).ravel()[0]) for weight in weights}
    kernel = 2 * (1 - 0.5 * decay)
    assert left == {"kernel": pytest.approx(kernel), "bias": 2, "gamma": 2, "beta": 2}
    assert float(made.learning_rate) == 0.5


@pytest.mark.parametrize("loss", ["softmax", "sigmoid"])
def test_label_smoothing_spreads_a_share_of_the_target(loss):
    model = compiled(small_network(), RunConfig("x", loss=loss, label_smoothing=0.3))
    true, said = np.array([[0.0, 1, 0]]), np.array([[0.2, 0.7, 0.1]])
    if loss == "softmax":
        target = np.array([[0.1, 0.8, 0.1]])  # 0.7 of the target, and a tenth for each of three
        expected = -(target * np.log(said)).sum()
    else:
        target = np.array([[0.15, 0.85, 0.15]])  # each output lies between two
        expected = -(target * np.log(said) + (1 - target) * np.log(1 - said)).mean()
    assert float(model.loss(true, said)) == pytest.approx(expected, rel=1e-5)
    plain = compiled(small_network(), RunConfig("x", loss=loss))
    assert float(plain.loss(true, said)) < expected


def test_the_rate_is_the_configurations_where_no_other_is_given():
    config = RunConfig("x", learning_rate=0.25)
    assert float(compiled(small_network(), config).optimizer.learning_rate) == 0.25
    assert float(compiled(small_network(), config, 0.125).optimizer.learning_rate) == 0.125


@pytest.mark.parametrize("balance", [True, False])
def test_balanced_categories_are_weighed_in_training(balance):
    class Asked:
        """In the place of a network: what its training is asked for."""

        output = np.zeros((1, 2))

        def fit(self, train, **settings):
            self.asked = settings

    model, x = Asked(), np.zeros((8, 28, 28, 1), np.uint8)
    y = np.array([0] * 6 + [1] * 2, np.int32)
    config = RunConfig("x", DataConfig("practice", ("moon", "cup")), balance=balance, epochs=7)
    fit_epochs(model, config, (x, y), (x[:3], y[:3]), ["told"], first=2)
    weights = model.asked["class_weight"]
    assert weights == ({0: pytest.approx(8 / 12), 1: pytest.approx(8 / 4)} if balance else None)
    assert (model.asked["initial_epoch"], model.asked["epochs"]) == (2, 7)
    assert model.asked["callbacks"][-1] == "told" and model.asked["shuffle"] is False
