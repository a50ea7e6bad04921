"""Real trainings of the report's base network, on a handful of drawings."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from support.drawings import CATEGORIES, make_drawings

from doodle_core import data, runs
from doodle_core.classifier import networks
from doodle_core.classifier import score as classifier_score
from doodle_core.classifier.fit import compiled, fit_epochs
from doodle_core.classifier.predict import predict
from doodle_core.classifier.trial import validate
from doodle_core.files import read_json
from doodle_core.lab.train import train_run
from doodle_core.settings import PRESETS, DataConfig, RunConfig
from doodle_core.training import kernels, stored
from doodle_core.training.backup import mend_backup
from doodle_core.training.batches import batches, changed, class_weights
from doodle_core.training.callbacks import Progress, Replay, cosine
from doodle_core.training.parts import load_parts, open_parts
from doodle_core.training.precision import begin


def start(*arguments):
    """The command line in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "doodle_core", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition, seconds=90):
    """Wait until the condition holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


def test_the_base_network_is_the_reports_layer_by_layer():
    model = networks.build(RunConfig("x"), 7)
    counts = [row["parameters"] for row in stored.table(model) if row["parameters"]]
    assert counts == [160, 4_640, 18_496, 332_352, 73_856, 903]
    assert model.count_params() == 430_407
    outputs = {row["layer"]: row["output"] for row in stored.table(model)}
    assert outputs["conv1"] == "28 x 28 x 16" and outputs["flatten"] == "576"


def test_the_network_scales_its_input_to_the_reports_range():
    model = networks.build(RunConfig("x"), 7)
    scale = model.get_layer("scale")
    assert np.allclose(scale(np.array([0, 255], np.uint8)), [-1, 1])


@pytest.fixture(scope="module")
def trained(drawings_folder):
    """One finished run; its folder is kept for this module's tests."""
    import shutil

    from doodle_core.files import HOME, MODELS

    source = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    path = runs.create(RunConfig("trained", source, epochs=8, batch_size=16))
    assert train_run(path)
    kept = HOME / "kept"
    shutil.copytree(path, kept)
    shutil.rmtree(MODELS)
    return kept


def test_a_run_leaves_what_the_pages_need(trained):
    run = runs.load(trained)
    assert run.state == "finished" and run.progress == {}
    found = runs.results(trained, 3)
    assert found.probabilities.shape == (run.metrics["n"], 3)
    assert found.probabilities.dtype == np.float32 and found.embeddings.shape[1] == 128
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert len(runs.history(trained)) == 8
    assert not (trained / "backup").exists() and not (trained / "candidate.keras").exists()
    environment = runs.read_environment(trained)
    assert environment["seed"] == 0 and environment["precision"] in ("float32", "mixed_bfloat16")


def test_the_figures_are_of_the_stored_predictions(trained):
    found, metrics = runs.results(trained, 3), runs.load(trained).metrics
    right = np.mean(found.probabilities.argmax(axis=1) == found.labels)
    assert metrics["top1"] == pytest.approx(right)
    assert metrics["top1"] > 0.9  # bars at three heights: easy
    matrix = pd.read_csv(trained / "confusion.csv", index_col=0)
    assert matrix.to_numpy().sum() == metrics["n"]
    assert metrics["best_epoch"] == runs.best_epoch(runs.history(trained))["epoch"]


def test_the_stored_network_gives_the_stored_predictions(trained, drawings_folder):
    import keras

    model = keras.models.load_model(trained / "best.keras")  # safe mode is the default
    assert all(layer.dtype_policy.name == "float32" for layer in model.layers if layer.weights)
    run, found = runs.load(trained), runs.results(trained, 3)
    pixels = data.scored_pixels(
        run.config.data, found.labels, found.rows, run.metrics["test_pixels"]
    )
    again = model.predict(pixels[..., None], verbose=0)
    assert np.allclose(again, found.probabilities, atol=1e-4)


def test_steps_are_within_their_epochs(trained):
    steps = runs.steps(trained)
    assert (np.diff(steps["epoch"]) > 0).all() and steps["epoch"].max() <= 8
    assert len(steps) >= 8


def test_each_epoch_sees_every_drawing_once_in_an_order_of_its_own():
    import tensorflow as tf

    x = np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1)
    y = np.arange(50, dtype=np.int32)

    def order(seed, number):
        epoch.assign(number)
        dataset = batches(x, y, 50, RunConfig("x", batch_size=16, seed=seed), epoch)
        assert len(dataset) == 4
        return np.concatenate([labels.numpy().argmax(axis=1) for _, labels in dataset]).tolist()

    epoch = tf.Variable(0, dtype=tf.int64)
    orders = [order(5, number) for number in range(3)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert order(5, 2) == orders[2]  # a resumed run sees the order that it would have seen
    assert order(6, 2) != orders[2]


def test_drawings_are_changed_by_seed_and_epoch_and_within_bounds():
    import tensorflow as tf

    drawing = np.zeros((64, 28, 28, 1), np.uint8)
    drawing[:, 10:18, 10:18] = 255
    labels = np.zeros(64, np.int32)
    config = RunConfig("x", batch_size=64, rotation=20, shift=3.0, zoom=0.2)
    epoch = tf.Variable(0, dtype=tf.int64)

    def seen(number):
        epoch.assign(number)
        return next(iter(batches(drawing, labels, 2, config, epoch)))[0].numpy()

    first = seen(0)
    assert (seen(0) == first).all() and (seen(1) != first).any()
    assert len(np.unique(first.reshape(64, -1), axis=0)) == 64
    rows = np.arange(28)[None, :, None]
    ink = first[..., 0].astype(float)
    middles = (ink * rows).sum((1, 2)) / ink.sum((1, 2))
    assert np.abs(middles - 13.5).max() < 3.1 and middles.std() > 1
    sizes = ink.sum((1, 2)) / (64 * 255)
    assert 1 / 1.5 < sizes.min() < 0.85 and 1.15 < sizes.max() < 1.5  # 1.2 squared, either way


def test_unchanged_drawings_are_not_touched():
    drawing = np.random.default_rng(0).integers(0, 256, (8, 28, 28, 1), dtype=np.uint8)
    still = changed(drawing, RunConfig("x"), np.zeros(2, np.int64)).numpy()
    assert (still == drawing).all()
    moved = changed(drawing, RunConfig("x", rotation=30), np.zeros(2, np.int64)).numpy()
    assert (moved != drawing).any()


def test_the_cosine_falls_from_the_top_to_nearly_nothing():
    config = RunConfig("x", schedule="cosine", epochs=10, learning_rate=0.1)
    rates = [cosine(config, epoch) for epoch in range(10)]
    assert rates[0] == 0.05 and rates[1] == 0.1 and 0 < rates[-1] < 0.01
    assert rates[1:] == sorted(rates[1:], reverse=True)


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (
            {"network": "report-flat", "filters": 16, "blocks": 2},
            160 + 2_320 + 452_160 + 73_856 + 903,
        ),
        (
            {"network": "report-flat", "filters": 64, "blocks": 4},
            640 + 3 * 36_928 + 37_440 + 73_856 + 903,
        ),
        ({"dropout": 0.5, "init": "he"}, 430_407),
    ],
)
def test_the_reports_other_networks(settings, parameters):
    model = networks.build(RunConfig("x", **settings), 7)
    assert model.count_params() == parameters


def test_the_compact_network_has_at_most_half_the_parameters():
    model = networks.build(RunConfig("x", **PRESETS["compact"][1]), 7)
    assert model.count_params() <= 430_407 // 2


def test_dropout_stands_before_both_dense_layers():
    names = [layer.name for layer in networks.build(RunConfig("x", dropout=0.2), 7).layers]
    assert names.index("dropout576") + 1 == names.index("dense576")
    assert names.index("dropout128") + 1 == names.index("embedding")


def test_five_views_are_averaged():
    drawing = np.zeros((20, 28, 28, 1), np.uint8)
    drawing[10:, 4:12, 4:24] = 255  # the first ten are blank: every view of them is the same
    plain, views = RunConfig("x"), RunConfig("x", test_views=True)
    model = networks.build(plain, 3)
    one, five = predict(model, drawing, plain), predict(model, drawing, views)
    assert np.allclose(one[:10], five[:10], atol=1e-6)
    apart = np.abs(one[10:] - five[10:]).max()
    assert 1e-5 < apart < 0.2 and np.allclose(five.sum(axis=1), 1, atol=1e-5)
    many = predict(model, np.repeat(drawing, 10, axis=0), views)  # by another way
    assert np.allclose(many[::10], five, atol=1e-5)


@pytest.mark.slow
def test_sigmoid_runs_are_scored_by_both_accuracies(make_config):
    """The report's way: outputs that are no distribution, binary accuracy beside top-1."""
    path = runs.create(make_config("sigmoid", loss="sigmoid", optimizer="rmsprop", epochs=1))
    assert train_run(path)
    run, found = runs.load(path), runs.results(path, 3)
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert 0 <= run.metrics["binary_accuracy"] <= 1
    history = runs.history(path)
    assert history["val_binary_accuracy"].between(0, 1).all()
    assert (history["stage"] == 1).all()


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
    import keras

    return keras.models.load_model(file, compile=False)


def test_a_run_cannot_begin_with_an_unfinished_one(make_config):
    runs.create(make_config("waiting"))
    path = runs.create(make_config("second", start_from="waiting"))
    assert not train_run(path) and "no finished run" in runs.load(path).error


@pytest.mark.slow
def test_validate_takes_no_drawing_of_the_test_part(make_config, tmp_path):
    config = make_config(epochs=3)
    parts = open_parts(config.data)
    assert len(parts) == 2
    x_test, _ = load_parts(tmp_path, config.data)[2]
    assert all(data.without(x, x_test).all() for x, _ in parts)
    seen = []
    best = validate(config, parts, lambda epoch, logs: seen.append((epoch, logs)))
    assert [epoch for epoch, _ in seen] == [1, 2, 3]
    assert best["val_loss"] == min(logs["val_loss"] for _, logs in seen)
    assert best["parameters"] == networks.build(config, 3).count_params()

    class Enough(Exception):
        pass

    def stop(epoch, logs):
        raise Enough

    with pytest.raises(Enough):
        validate(config, parts, stop)


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


def test_fused_adam_steps_as_adam_does():
    import keras

    begin(RunConfig("x", precision="float32"))
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    y = rng.integers(0, 3, 64)
    weights = []
    for optimizer in (keras.optimizers.Adam, kernels.FusedAdam):
        keras.utils.set_random_seed(1)
        model = networks.build(RunConfig("x"), 3)
        model.compile(optimizer(1e-3), "sparse_categorical_crossentropy")
        before = model.get_weights()
        model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    moved = max(np.abs(a - b).max() for a, b in zip(before, weights[0]))
    apart = max(np.abs(a - b).max() for a, b in zip(*weights))
    assert apart < 0.02 * moved


@pytest.mark.slow
def test_fused_batch_norm_does_what_keras_does():
    import keras

    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    config = RunConfig("x", network="compact", precision="float32", learning_rate=1e-3)
    begin(config)
    plain = networks.build(config, 3)
    faster = kernels.fused(plain)
    targets = keras.utils.to_categorical(rng.integers(0, 3, 64), 3)
    before = plain.get_weights()
    for model in (plain, faster):
        compiled(model, config).fit(x, targets, batch_size=64, epochs=2, shuffle=False, verbose=0)
    assert sum(isinstance(layer, kernels.FusedBatchNormalization) for layer in faster.layers) == 8
    outputs = [model.predict(x, verbose=0) for model in (plain, faster)]
    moved = np.abs(outputs[0] - keras_predict(plain, before, x)).max()
    assert np.abs(outputs[0] - outputs[1]).max() < 0.02 * moved


def keras_predict(model, weights, x):
    """What a network with these weights answers."""
    model.set_weights(weights)
    return model.predict(x, verbose=0)


def test_weights_balance_the_categories():
    y = np.array([0] * 90 + [1] * 10)
    weights = class_weights(y, 2, True)
    assert weights[0] * 90 == pytest.approx(weights[1] * 10)
    assert np.mean([weights[label] for label in y]) == pytest.approx(1)
    assert class_weights(y, 2, False) is None


def test_practice_drawings_are_added_to_training_only(drawings_folder, tmp_path):
    plain = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    mixed = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0, practice_added=5)
    folders = [tmp_path / "plain", tmp_path / "mixed"]
    [folder.mkdir() for folder in folders]
    before, after = map(load_parts, folders, (plain, mixed))
    assert len(after[0][0]) == len(before[0][0]) + 15
    for (x, y), (x_mixed, y_mixed) in zip(before[1:], after[1:]):
        assert (x == x_mixed).all() and (y == y_mixed).all()


def test_no_test_drawing_is_in_the_other_parts_wherever_they_come_from(tmp_path):
    folder = make_drawings(tmp_path / "d", n=90)
    other = make_drawings(tmp_path / "e", n=90)
    for name in CATEGORIES:  # half of the other source's drawings are the first source's
        mixed = np.load(other / f"{name}.npy")
        mixed[::2] = np.load(folder / f"{name}.npy")[:45]
        np.save(other / f"{name}.npy", mixed[::-1])
    crossed = DataConfig(f"folder:{folder}", CATEGORIES, 0, test_source=f"folder:{other}")
    parts = load_parts(tmp_path, crossed)
    train, validation, test = ({row.tobytes() for row in x} for x, _ in parts)
    assert not test & train and not test & validation
    assert len(parts[0][0]) < 189  # some were indeed left out
    assert all(len(x) == len(y) for x, y in parts)


def test_a_resume_refuses_other_drawings(make_config, tmp_path):
    folder = make_drawings(tmp_path / "d")
    path = runs.create(make_config("x", folder))
    load_parts(path, runs.load(path).config.data)
    make_drawings(folder, n=50)
    assert not train_run(path)
    assert "drawings have changed since this run began" in runs.load(path).error


@pytest.mark.slow
def test_a_run_killed_after_it_was_scored_is_not_trained_again(make_config, monkeypatch):
    path = runs.create(make_config())

    def killed(at, state, **facts):
        if state == "finished":
            raise KeyboardInterrupt
        true(at, state, **facts)

    true = runs.set_state
    with monkeypatch.context() as patch:
        patch.setattr(runs, "set_state", killed)
        assert not train_run(path)
    history, metrics = (path / "history.csv").read_text(), read_json(path / "metrics.json")
    assert train_run(path)
    assert (path / "history.csv").read_text() == history
    timed = {"ms_per_drawing": 0}
    assert read_json(path / "metrics.json") | timed == metrics | timed
    with pytest.raises(RuntimeError, match="is finished"):
        train_run(path)


def test_a_run_taken_out_of_the_queue_is_not_trained(make_config):
    path = runs.create(make_config())
    runs.request(path, "stop")
    assert not train_run(path, only_queued=True)
    assert runs.load(path).state == "stopped" and not (path / "history.csv").exists()


def test_a_candidate_torn_by_a_kill_does_not_become_the_best(make_config):
    path = runs.create(make_config(epochs=1))
    (path / "candidate.keras").write_bytes(b"torn")
    assert train_run(path)


def test_a_diverging_run_is_shown_while_it_trains(make_config):
    path = runs.create(make_config())
    progress = Progress(path, make_config(), 10, 100)
    progress.step = progress.steps_done = 5
    progress._write({"loss": float("nan"), "accuracy": 0.5})
    run = runs.load(path)
    assert run.state == "queued" and run.progress["accuracy"] == 0.5 and "loss" not in run.progress


def test_a_loss_that_is_no_number_gets_a_sentence(make_config, monkeypatch):
    path = runs.create(make_config(epochs=1))
    monkeypatch.setattr(runs, "best_epoch", lambda frame: {})
    assert not train_run(path)
    assert "choose a lower learning rate" in runs.load(path).error


def test_a_limit_cuts_the_training_part_alone(drawings_folder):
    source = f"folder:{drawings_folder}"
    (x, y), validation = open_parts(DataConfig(source, CATEGORIES, 0))
    (few, labels), same = open_parts(DataConfig(source, CATEGORIES, 0, train_limit=7))
    assert np.bincount(labels).tolist() == [7, 7, 7] and (same[0] == validation[0]).all()
    (more, _), _ = open_parts(DataConfig(source, CATEGORIES, 0, train_limit=9))
    assert data.without(few, more).sum() == 0  # a larger limit holds the smaller one's drawings


def test_another_sources_test_part_is_the_one_its_own_runs_have(drawings_folder, tmp_path):
    other = f"folder:{make_drawings(tmp_path / 'other', n=80)}"
    folders = [tmp_path / "own", tmp_path / "crossed"]
    [folder.mkdir() for folder in folders]
    own = load_parts(folders[0], DataConfig(other, CATEGORIES, 0))
    crossed = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0, test_source=other)
    x, y = load_parts(folders[1], crossed)[2]
    assert (x == own[2][0]).all() and (y == own[2][1]).all()


def test_early_stopping_and_the_plateau_go_on_counting_after_a_resume():
    """Five epochs without a better loss, resumed after the third, must end as if never stopped."""
    import keras

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


@pytest.mark.slow
def test_a_run_killed_after_early_stopping_is_scored_without_another_epoch(
    make_config, monkeypatch
):
    path = runs.create(make_config("early", epochs=30, early_stopping=2, learning_rate=0.9))
    true = classifier_score.score

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(classifier_score, "score", killed)
        assert not train_run(path)
    before = (path / "history.csv").read_text()
    assert runs.load(path).state == "stopped" and 3 <= epochs_done(path) < 30
    monkeypatch.setattr(classifier_score, "score", true)
    assert train_run(path)
    assert (path / "history.csv").read_text() == before


@pytest.fixture
def long_run(make_config, tmp_path):
    """Create a run named "long" of so many epochs of about half a second; not started."""

    def create(epochs):
        folder = make_drawings(tmp_path / "many", n=1000)
        settings = {"epochs": epochs, "batch_size": 4, "early_stopping": 1000}
        return runs.create(make_config("long", folder, **settings))

    return create


def epochs_done(path):
    return len(runs.history(path))


def backed_up(path):
    """Epochs that a resume need not train again."""
    try:
        return read_json(path / "backup/training_metadata.json", {}).get("epoch", 0)
    except ValueError:
        return 0  # it is being written


@pytest.mark.slow
def test_a_killed_training_is_interrupted_and_resumes_with_its_history(long_run):
    long_run = long_run(5)
    process = start("train", "--resume", "long")
    wait_for(lambda: backed_up(long_run) >= 2)
    time.sleep(0.1)  # into the next epoch
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert runs.load(long_run).state == "interrupted"
    before = runs.history(long_run)
    done = start("train", "--resume", "long")
    output = done.communicate()[0]
    assert done.returncode == 0, output
    assert "Resuming after epoch" in output
    after = runs.history(long_run)
    assert after["epoch"].tolist() == list(range(1, 6))
    pd.testing.assert_frame_equal(before.iloc[:2], after.iloc[:2])
    assert (np.diff(runs.steps(long_run)["epoch"]) > 0).all()
    assert runs.load(long_run).state == "finished"


@pytest.mark.slow
def test_two_trainings_of_one_run_are_refused_and_a_stop_can_be_resumed(long_run):
    long_run = long_run(200)
    process = start("train", "--resume", "long")
    wait_for(lambda: runs.load(long_run).progress.get("phase") == "training")
    second = start("train", "--resume", "long")
    output = second.communicate()[0]
    assert second.returncode == 1 and "being trained already" in output
    assert "Traceback" not in output
    runs.request(long_run, "stop")
    process.communicate(timeout=60)
    assert runs.load(long_run).state == "stopped"
    third = start("train", "--resume", "long")
    wait_for(lambda: runs.load(long_run).state == "running" and epochs_done(long_run) >= 1)
    runs.request(long_run, "finish")
    third.communicate(timeout=60)
    run = runs.load(long_run)
    assert run.state == "finished" and 1 <= run.metrics["epochs"] < 200


@pytest.mark.parametrize("torn", ["weights", "metadata", "newer weights", "everything"])
def test_a_torn_backup_is_mended(tmp_path, torn):
    import keras

    folder = tmp_path / "backup"
    model = networks.build(RunConfig("x"), 3)
    model.compile("adam", "sparse_categorical_crossentropy")
    backup = keras.callbacks.BackupAndRestore(folder, double_checkpoint=True)
    backup.set_model(model)
    model.optimizer.build(model.trainable_variables)
    for epoch in range(3):
        model.optimizer.iterations.assign((epoch + 1) * 10)
        backup.on_epoch_end(epoch)
    weights, metadata = folder / "latest.weights.h5", folder / "training_metadata.json"
    expected = 3
    if torn == "weights":
        weights.write_bytes(weights.read_bytes()[:5000])
        expected = 2
    elif torn == "metadata":
        metadata.write_text("")
    elif torn == "newer weights":  # killed between the two files
        metadata.write_text('{"epoch": 2, "batch": 0}')
    else:
        for file in folder.iterdir():
            file.write_bytes(b"torn")
        expected = 0
    assert mend_backup(folder, 10) == expected
    fresh = networks.build(RunConfig("x"), 3)
    fresh.compile("adam", "sparse_categorical_crossentropy")
    restore = keras.callbacks.BackupAndRestore(folder, double_checkpoint=True)
    restore.set_model(fresh)
    restore.on_train_begin()
    assert (fresh._initial_epoch or 0) == expected
    if expected:
        assert int(fresh.optimizer.iterations) == expected * 10


def test_a_bad_file_fails_the_run_with_one_sentence(make_config, tmp_path, capsys):
    folder = make_drawings(tmp_path / "bad")
    (folder / "moon.npy").write_bytes(b"\x93NUMPY rubbish")
    path = runs.create(make_config("bad", folder))
    assert not train_run(path)
    run = runs.load(path)
    assert run.state == "failed" and run.error.startswith("moon.npy is refused")


@pytest.mark.slow
def test_a_full_disk_in_training_loses_nothing_that_was_there(make_config, monkeypatch):
    path = runs.create(make_config("full", epochs=3))

    def full(path):
        if epochs_done(path) == 2:
            raise OSError(28, "No space left on device", str(path))
        if (path / "candidate.keras").exists():
            os.replace(path / "candidate.keras", path / "best.keras")

    with monkeypatch.context() as patch:
        patch.setattr("doodle_core.training.callbacks.promote", full)
        assert not train_run(path)
    run = runs.load(path)
    assert run.state == "failed" and "The disk is full" in run.error
    assert (path / "best.keras").exists()
    assert train_run(path)
    assert runs.history(path)["epoch"].tolist() == [1, 2, 3]
