"""One run from its settings to its figures: killed, stopped, resumed, refused."""

import os
import shutil
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from doodle_core import data, runs
from doodle_core.classifier import score as classifier_score
from doodle_core.files import HOME, MODELS, read_json
from doodle_core.lab import export
from doodle_core.lab.train import train_run
from doodle_core.settings import DataConfig, RunConfig
from doodle_core.training import callbacks
from doodle_core.training.backup import Backup
from doodle_core.training.parts import load_parts
from support.drawings import CATEGORIES, make_drawings


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


@pytest.fixture(scope="module")
def trained(drawings_folder):
    """One finished run; its folder is kept for this module's tests."""
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
    assert not (trained / "backup").exists() and not list(trained.rglob("*.tmp*"))
    environment = runs.read_environment(trained)
    assert environment["seed"] == 0 and environment["precision"] in ("float32", "mixed_bfloat16")


def test_the_figures_are_of_the_stored_predictions(trained):
    found, metrics = runs.results(trained, 3), runs.load(trained).metrics
    right = np.mean(found.probabilities.argmax(axis=1) == found.labels)
    assert metrics["top1"] == pytest.approx(right)
    assert metrics["top1"] > 0.9  # bars at three heights: easy
    matrix = pd.read_csv(trained / "confusion.csv", index_col=0)
    predicted = found.probabilities.argmax(axis=1)
    assert matrix.to_numpy().tolist() == confusion_matrix(found.labels, predicted).tolist()
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


def test_what_a_kill_left_is_removed(make_config):
    path = runs.create(make_config(epochs=1))
    (path / "backup").mkdir()
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = [
        path / "candidate.keras",  # of an earlier version
        path / f".best.keras.{dead.pid}-1.tmp.keras",
        path / "backup" / f".latest.weights.h5.{dead.pid}-1.tmp.weights.h5",
    ]
    for file in left:
        file.write_bytes(b"torn")
    other = path / f".notes.json.{os.getppid()}-1.tmp.json"  # a dashboard may be writing it
    other.write_text("{}")
    assert train_run(path)
    assert not any(file.exists() for file in left) and other.exists()


class Spoiled(keras.callbacks.Callback):
    """A network whose weights are lost in an epoch (from 0)."""

    def __init__(self, epoch):
        super().__init__()
        self.lost = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.lost:
            self.model.set_weights([one * np.nan for one in self.model.get_weights()])


@pytest.fixture
def spoil(monkeypatch):
    """Have every training lose its weights at the end of an epoch (from 0)."""
    true = callbacks.monitors_of

    def spoil(epoch):
        monkeypatch.setattr(
            callbacks, "monitors_of", lambda config: [*true(config), Spoiled(epoch)]
        )

    return spoil


SAID = "The loss is not a number from epoch {} on: the run diverged; choose a lower learning rate."


def test_a_run_that_never_had_a_loss_gets_a_sentence(make_config, spoil):
    path = runs.create(make_config(epochs=3))
    spoil(0)
    assert not train_run(path)
    run = runs.load(path)
    assert run.state == "failed" and run.error == SAID.format(1)
    assert len(runs.history(path)) == 1  # no epoch more is spent on it


def test_a_run_that_diverges_is_scored_by_what_was_kept_and_says_so(make_config, spoil):
    path = runs.create(make_config("lost", epochs=4))
    spoil(1)
    assert train_run(path), runs.load(path).error
    run = runs.load(path)
    assert run.metrics["diverged"] == 2 and run.metrics["best_epoch"] == 1
    assert runs.practice_note(run) == "diverged from epoch 2 on"
    spoil(9)
    good = runs.create(make_config("good", epochs=1))
    assert train_run(good) and runs.practice_note(runs.load(good)) == ""
    scores = [runs.results(one, 3).probabilities for one in (path, good)]
    assert np.allclose(*scores, atol=1e-5)
    assert SAID.format(2) in export.html(run)


def test_a_folder_that_was_renamed_or_deleted_does_not_come_back(make_config, monkeypatch):
    path = runs.create(make_config("first", epochs=3))
    true = callbacks.Progress.on_epoch_end

    def rename(self, epoch, logs=None):
        true(self, epoch, logs)
        if epoch == 0 and path.exists():
            path.rename(path.with_name("second"))

    monkeypatch.setattr(callbacks.Progress, "on_epoch_end", rename)
    assert not train_run(path)
    assert [run.name for run in runs.all_runs()] == ["second"]
    run = runs.load(path.with_name("second"))
    assert run.state == "interrupted" and "renamed or deleted" in runs.log_tail(run.path)
    assert "learning rate" not in runs.log_tail(run.path)
    assert train_run(run.path) and runs.history(run.path)["epoch"].tolist() == [1, 2, 3]
    with pytest.raises(FileNotFoundError, match="no run named 'first' any more"):
        train_run(path)
    assert not path.exists()


def half(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file):
    file.write_bytes(b"")


def byte(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] = 255
    file.write_bytes(content)


@pytest.fixture(scope="module")
def almost(drawings_folder):
    """A run that was killed when its epochs were over: (its folder, kept; what it is to become)."""
    source = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    path = runs.create(RunConfig("almost", source, epochs=4, batch_size=16))

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier_score, "score", killed)
        assert not train_run(path)
    kept, whole = HOME / "almost", HOME / "almost whole"
    shutil.copytree(path, kept)
    assert train_run(path)
    shutil.copytree(path, whole)
    shutil.rmtree(MODELS)
    return kept, whole


def without_times(path):
    return runs.history(path).drop(columns="seconds")


@pytest.mark.parametrize(
    ("name", "damage", "is_fitted"),
    [
        ("best.keras", half, True),
        ("history.csv", empty, True),
        ("history.csv", byte, True),
        pytest.param("best.keras", half, False, marks=pytest.mark.slow),
        pytest.param("history.csv", byte, False, marks=pytest.mark.slow),
        pytest.param("history.csv", half, False, marks=pytest.mark.slow),
        pytest.param("steps.csv", byte, False, marks=pytest.mark.slow),
        pytest.param("backup/latest.weights.h5", half, False, marks=pytest.mark.slow),
        pytest.param("best.keras", empty, True, marks=pytest.mark.slow),
    ],
)
def test_a_torn_file_ends_no_run(almost, name, damage, is_fitted):
    kept, whole = almost
    path = runs.folder("almost")
    shutil.copytree(kept, path)
    if not is_fitted:
        (path / "fitted").unlink()
    damage(path / name)
    assert train_run(path), runs.load(path).error
    pd.testing.assert_frame_equal(without_times(path), without_times(whole))
    found = [runs.results(one, 3).probabilities for one in (path, whole)]
    assert np.allclose(*found, atol=1e-5)
    assert (np.diff(runs.steps(path)["epoch"]) > 0).all()


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
        return Backup(path / "backup", 1).epoch
    except OSError:
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

    true = callbacks.write_network

    def full(file, model):
        if epochs_done(path) == 2:
            raise OSError(28, "No space left on device", str(file))
        true(file, model)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "write_network", full)
        assert not train_run(path)
    run = runs.load(path)
    assert run.state == "failed" and "The disk is full" in run.error
    assert (path / "best.keras").exists()
    assert train_run(path)
    assert runs.history(path)["epoch"].tolist() == [1, 2, 3]


def test_a_training_that_is_stopped_says_so_and_one_that_fails_says_why(make_config, monkeypatch):
    for error, state in ((KeyboardInterrupt(), "stopped"), (OSError(28, "full"), "failed")):
        path = runs.create(make_config(state))
        (path / "request").write_text("stop")
        (path / "candidate.keras").write_text("half")

        def broken(*_, error=error):
            raise error

        monkeypatch.setattr("doodle_core.lab.train.load_parts", broken)
        assert not train_run(path)
        assert runs.load(path).state == state
        assert not (path / "request").exists() and not (path / "candidate.keras").exists()
    assert "The disk is full" in runs.load(path).error
    assert "Traceback" in runs.log_tail(path)
