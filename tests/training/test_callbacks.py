"""Learning rates, progress, and counters that go on after a resume."""

import keras
import pandas as pd
import pytest

from doodle_core import runs
from doodle_core.classifier import networks
from doodle_core.settings import RunConfig
from doodle_core.training.callbacks import Progress, Replay, cosine


def test_the_cosine_falls_from_the_top_to_nearly_nothing():
    config = RunConfig("x", schedule="cosine", epochs=10, learning_rate=0.1)
    rates = [cosine(config, epoch) for epoch in range(10)]
    assert rates[0] == 0.05 and rates[1] == 0.1 and 0 < rates[-1] < 0.01
    assert rates[1:] == sorted(rates[1:], reverse=True)


def test_a_diverging_run_is_shown_while_it_trains(make_config):
    path = runs.create(make_config())
    progress = Progress(path, make_config(), 10, 100)
    progress.on_train_batch_end(9, {"loss": float("nan"), "accuracy": 0.5})
    run = runs.load(path)
    assert run.state == "queued" and run.progress["accuracy"] == 0.5 and "loss" not in run.progress


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
