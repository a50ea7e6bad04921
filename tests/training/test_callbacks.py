"""Learning rates, progress, and counters that go on after a resume."""

import h5py
import keras
import numpy as np
import pandas as pd
import pytest

from doodle_core import runs
from doodle_core.classifier import networks
from doodle_core.settings import RunConfig
from doodle_core.training import callbacks
from doodle_core.training.backup import Backup
from doodle_core.training.callbacks import Gone, Progress, Record, Replay, cosine


def test_the_cosine_falls_from_the_top_to_nearly_nothing():
    config = RunConfig("x", schedule="cosine", epochs=10, learning_rate=0.1)
    rates = [cosine(config, epoch) for epoch in range(10)]
    assert rates[0] == 0.05 and rates[1] == 0.1 and 0 < rates[-1] < 0.01
    assert rates[1:] == sorted(rates[1:], reverse=True)


def test_a_diverging_run_is_shown_while_it_trains(make_config):
    path = runs.create(make_config())
    runs.set_state(path, "running")
    progress = Progress(path, make_config(), 10, 100)
    progress.on_train_batch_end(9, {"loss": float("nan"), "accuracy": 0.5})
    run = runs.load(path)
    assert run.progress["accuracy"] == 0.5 and "loss" not in run.progress


def test_early_stopping_and_the_plateau_go_on_counting_after_a_resume():
    """Five epochs without a better loss, resumed after the third, must end as if never stopped."""
    rows = [
        {"epoch": e + 1, "val_loss": loss, "learning_rate": 1e-3}
        for e, loss in enumerate([0.5, 0.6, 0.7])
    ]
    model = networks.build(RunConfig("x"), 3)
    model.compile("adam", "sparse_categorical_crossentropy")
    early = keras.callbacks.EarlyStopping(patience=3)
    plateau = keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=2, min_lr=1e-9)
    monitors = [plateau, early]
    replay = Replay(monitors, pd.DataFrame(rows))
    for callback in (*monitors, replay):
        callback.set_model(model)
    model.optimizer.learning_rate = 1e-4  # as restored: the plateau had been reached once
    for callback in (*monitors, replay):
        callback.on_train_begin()
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert not model.stop_training and early.wait == 2 and early.best == 0.5
    plateau.on_epoch_end(3, {"val_loss": 0.8})
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    early.on_epoch_end(3, {"val_loss": 0.8})
    assert model.stop_training


# --- what an epoch leaves behind -----------------------------------------------------------------

STEPS = 4
X = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")
Y = X @ np.float32([[1.0], [2.0]])


@pytest.fixture
def running(make_config):
    """Make a run's folder that says it trains, as `train_run` leaves it to a family."""

    def make(name="x"):
        path = runs.create(make_config(name))
        runs.set_state(path, "running")
        return path

    return make


def fit(path, epochs, *before, is_last=False):
    """Fit two weights, recorded in a run's folder; `before`: callbacks that come first."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.Adam(0.1), "mse", run_eagerly=True)
    record = Record(path, path / "kept.weights.h5", Backup(path / "backup", STEPS), is_last=is_last)
    model.fit(
        *(X, Y),
        batch_size=4,
        shuffle=False,
        validation_data=(X, Y),
        initial_epoch=record.begin(),
        epochs=epochs,
        callbacks=[*before, record],
        verbose=0,
    )
    return model


def kept(path):
    """The weights that were kept."""
    with h5py.File(path / "kept.weights.h5") as file:
        return file["layers/dense/vars/0"][()].ravel()


class At(keras.callbacks.Callback):
    """Do something to an epoch (from 1) before it is recorded."""

    def __init__(self, epoch, act):
        super().__init__()
        self.epoch, self.act = epoch, act

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epoch:
            self.act(self.model, logs)


@pytest.mark.parametrize(
    ("moment", "is_last"),
    [("backup", False), ("history", False), ("weights", False), ("weights", True)],
)
def test_killed_at_any_moment_it_goes_on_as_if_it_had_not_been(
    running, monkeypatch, moment, is_last
):
    whole, broken = running("whole"), running("broken")
    fit(whole, 4, is_last=is_last)
    owner, name = {
        "backup": (Backup, "save"),
        "history": (runs, "write_history"),
        "weights": (callbacks, "write_network"),
    }[moment]
    true, calls = getattr(owner, name), []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return true(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(KeyboardInterrupt):
            fit(broken, 4, is_last=is_last)
    stood = runs.history(broken)["epoch"].tolist()
    assert stood == ([1, 2, 3] if moment == "weights" else [1, 2])
    assert Backup(broken / "backup", STEPS).epoch == (2 if moment == "backup" else 3)
    if moment != "backup":  # the third epoch is over: nothing of it is trained again
        fit(broken, 3, is_last=is_last)
        assert runs.history(broken)["epoch"].tolist() == [1, 2, 3]
        at_three = kept(broken)
        fit(three := running("three"), 3, is_last=is_last)
        assert np.array_equal(at_three, kept(three))
    fit(broken, 4, is_last=is_last)
    assert runs.history_text(broken) == runs.history_text(whole)
    assert np.array_equal(kept(broken), kept(whole))


def lose_weight(model, logs):
    model.layers[0].kernel.assign([[np.inf], [1.0]])


def lose_loss(model, logs):
    logs["loss"] = float("nan")


@pytest.mark.parametrize(("lose", "is_last"), [(lose_weight, True), (lose_loss, False)])
def test_what_diverges_ends_and_overwrites_nothing(running, lose, is_last):
    path, good = running(), running("good")
    fit(good, 2, is_last=is_last)
    for _ in range(2):  # the second time it is resumed, and diverges again
        fit(path, 6, At(3, lose), is_last=is_last)
        frame = runs.history(path)
        assert frame["epoch"].tolist() == [1, 2, 3] and frame["val_loss"].notna().sum() == 2
        assert runs.diverged_at(frame) == 3
        assert runs.best_epoch(frame, is_last)["epoch"] == 2
        assert np.array_equal(kept(path), kept(good))
        assert Backup(path / "backup", STEPS).epoch == 2


def test_a_validation_that_fails_once_ends_nothing(running):
    path = running()

    def lose(model, logs):
        logs["val_loss"] = float("inf")

    fit(path, 4, At(2, lose), is_last=True)
    frame = runs.history(path)
    assert frame["epoch"].tolist() == [1, 2, 3, 4] and runs.diverged_at(frame) is None
    fit(path, 4, is_last=True)
    other = running("other")
    fit(other, 2, At(2, lose), is_last=True)
    assert runs.diverged_at(runs.history(other)) == 2
    fit(one := running("one"), 1, is_last=True)
    assert np.array_equal(kept(other), kept(one))


def test_torn_weights_are_had_again(running):
    whole = running("whole")
    fit(whole, 4)
    for epochs, torn in ((4, "kept.weights.h5"), (3, "kept.weights.h5"), (3, "history.csv")):
        path = running(f"torn-{epochs}-{torn[:4]}")
        worse = At(4, lambda model, logs: logs.update(val_loss=9.0))
        fit(path, epochs, *([worse] if epochs == 4 else []))
        (path / torn).write_bytes((path / torn).read_bytes()[:30])
        fit(path, 4)
        assert np.array_equal(kept(path), kept(whole))
        assert runs.history_text(path) == runs.history_text(whole)


def test_nothing_is_written_where_another_run_is(running):
    path = running()

    def swap(model, logs):
        path.rename(path.with_name("elsewhere"))

    with pytest.raises(Gone, match="renamed or deleted"):
        fit(path, 4, At(2, swap))
    assert not path.exists()
    path = running()
    with pytest.raises(Gone):
        fit(path, 4, At(2, lambda model, logs: runs.set_state(path, "queued")))
    assert runs.history(path)["epoch"].tolist() == [1]
