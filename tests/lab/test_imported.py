"""A network of one's own becomes a run; hostile files get one sentence and leave nothing."""

import subprocess
import zipfile

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.data import practice
from doodle_core.files import MODELS
from doodle_core.inference.classifier import load_classifier
from doodle_core.inference.imported import Imported, prepared
from doodle_core.lab import export, imported, queue
from doodle_core.lab.imported import asked_for, bring, trial
from doodle_core.settings import Contract, DataConfig
from support.apps import check_apart
from support.elsewhere import NAMES, drawn, make, write

DARK = Contract(28, "rgb", "signed", "dark")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of one network, which wants dark lines on light, three channels, and [-1, 1]."""
    folder = tmp_path_factory.mktemp("theirs")
    model = make(DARK, activation=None)
    for name in ("theirs.tflite", "theirs.keras"):
        write(folder / name, model)
    return folder


@pytest.fixture(scope="module")
def drawings(tmp_path_factory):
    """A folder of practice drawings, as a person's own."""
    folder = tmp_path_factory.mktemp("own")
    for name in NAMES:
        np.save(folder / f"{name}.npy", practice.draw(name, 60, seed=9))
    return f"folder:{folder}"


@pytest.fixture
def config(drawings):
    return asked_for("theirs", DataConfig(drawings, NAMES, 0))


def left():
    """What is in models/, hidden folders too."""
    return sorted(path.name for path in MODELS.iterdir()) if MODELS.is_dir() else []


def test_a_tflite_file_becomes_a_run_with_figures(folder, config):
    (figure,) = bring(folder / "theirs.tflite", config, DARK)
    run = runs.load(runs.folder("theirs"))
    known = run.metrics
    assert (run.state, run.kind, run.error, left()) == ("finished", "classifier", "", ["theirs"])
    assert run.is_imported and run.has_weights and run.has_portable
    assert run.data_label.startswith("imported, scored on folder") and "train_n" not in known
    found = runs.results(run.path, 3)
    right = found.probabilities.argmax(axis=1) == found.labels
    assert known["top1"] == right.mean() and known["n"] == len(right) == 42  # 22.5 % of 3 x 60
    assert figure.startswith(f"Top-1 {100 * right.mean():.1f}\u00a0% (")
    assert any("may have learned from these very" in one for one in runs.unmeasured_words(run.path))
    assert runs.read_environment(run.path)["imported"] == "theirs.tflite"
    pixels, labels = drawn(seed=7)
    classifier = load_classifier(run.path, run.config)
    said = classifier.probabilities(pixels)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    assert (said.argmax(axis=1) == labels).mean() > 0.6
    with pytest.raises(ValueError, match="has no embeddings"):
        classifier.embeddings(pixels[0])
    assert classifier.occlusion(pixels[0], 0).shape == (28, 28) and not classifier.convolutions
    assert "imported" in export.html(run)
    assert "dark lines on a light ground, numbers from -1 to 1" in (text := export.card(run))
    assert "(N, 28, 28, 3)" in text and "Learned from" not in text and "logits" in text
    assert export.packed(run, "tflite") == (folder / "theirs.tflite").read_bytes()
    assert "the .tflite file alone" in export.lacking(run, "keras")
    summary = runs.summary(run)
    assert summary["network"] == "imported" and "learning_rate" not in summary
    with pytest.raises(FileExistsError, match="a run named 'theirs' already"):
        bring(folder / "theirs.tflite", config, DARK)


def test_importing_needs_no_tensorflow_where_it_is_asked_for(folder, drawings):
    check_apart(
        "from pathlib import Path",
        "from doodle_core.lab import imported",
        "from doodle_core.settings import Contract, DataConfig",
        f"config = imported.asked_for('theirs', DataConfig({drawings!r}, {NAMES}, 0))",
        f"file = Path({str(folder / 'theirs.tflite')!r})",
        "imported.bring(file, config, Contract(28, 'rgb', 'signed', 'dark'))",
    )


@pytest.mark.slow
def test_a_keras_file_answers_as_its_tflite_does(folder, config):
    bring(folder / "theirs.keras", config, DARK)
    pixels, _ = drawn(seed=7)
    found = load_classifier(runs.folder("theirs"), config).logits(pixels)
    expected = Imported(folder / "theirs.tflite", DARK, 3).raw(prepared(pixels, DARK))
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["keras", "tflite"])
def test_what_was_saved_here_comes_back(run_with_weights, tmp_path, form, drawings):
    run = runs.load(run_with_weights())
    (file := tmp_path / f"ours.{form}").write_bytes(export.packed(run, form))
    bring(file, asked_for("back", DataConfig(drawings, NAMES, 0)), Contract())
    pixels, _ = drawn(seed=7)
    back = load_classifier(runs.folder("back"), runs.load(runs.folder("back")).config)
    expected = load_classifier(run.path, run.config).probabilities(pixels)
    np.testing.assert_allclose(back.probabilities(pixels), expected, atol=1e-4)


# --- the trial -----------------------------------------------------------------------------------


def test_the_trial_doubts_a_wrong_declaration_and_names_the_better_one(folder):
    pixels, labels = drawn(seed=7)
    right = Imported(folder / "theirs.tflite", DARK, 3)
    assert trial(right, pixels, labels, "drawings") == ""
    wrong = Imported(folder / "theirs.tflite", Contract(28, "rgb", "byte", "light"), 3)
    said = trial(wrong, pixels, labels, "drawings")
    named = (right.raw(prepared(pixels, DARK)).argmax(axis=1) == labels).mean()
    assert said.startswith(
        "What goes in may be declared wrongly: shown dark lines on a light ground, numbers from -1 "
        f"to 1, it names {100 * named:.1f}\u00a0% ("
    )
    assert "of 120 drawings rightly" in said and "points (+" in said


def test_the_trial_says_nothing_where_chance_could_be_it(folder):
    """Of a network whose answers do not depend on the drawing every declaration is as good."""

    class Fixed(Imported):
        def raw(self, x):
            return np.random.default_rng(int(x.sum()) % 1000).random((len(x), 3), np.float32)

    pixels, labels = drawn(seed=7)
    assert trial(Fixed(folder / "theirs.tflite", DARK, 3), pixels, labels, "drawings") == ""


def test_a_doubt_stays_with_the_run(folder, config):
    doubt, _ = bring(folder / "theirs.tflite", config, Contract(28, "rgb", "signed", "light"))
    run = runs.load(runs.folder("theirs"))
    assert run.error == doubt and "practice drawings rightly" in doubt
    assert "may be declared wrongly" in export.card(run)


# --- hostile files -------------------------------------------------------------------------------


def refused(file, config, contract=DARK):
    """The sentence that it is refused with; nothing is left of it."""
    with pytest.raises((ValueError, OSError)) as error:
        bring(file, config, contract)
    assert left() == []
    assert "\n" not in str(error.value) and "Traceback" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.h5", b"\x89HDF", "ends in .keras or .tflite; received a.h5"),
        ("a.keras", b"", "a.keras is damaged, or not a .keras file"),
        ("a.keras", b"\x1c\0\0\0TFL3", "a.keras is damaged, or not a .keras file"),
        ("a.tflite", b"PK\x03\x04", "a.tflite is damaged, or not a .tflite file"),
    ],
)
def test_what_is_no_such_file_is_refused_unread(
    tmp_path, config, monkeypatch, name, content, words
):
    monkeypatch.setattr(queue, "complete", None)  # no process is started for it
    (tmp_path / name).write_bytes(content)
    assert words in refused(tmp_path / name, config)


def test_what_is_too_large_or_not_there_is_refused(tmp_path, config, monkeypatch):
    assert "nobody.tflite" in refused(tmp_path / "nobody.tflite", config)
    monkeypatch.setattr(imported, "MOST", 100)
    (tmp_path / "a.tflite").write_bytes(b"\0\0\0\0TFL3" + bytes(100))
    assert "larger than 100 bytes" in refused(tmp_path / "a.tflite", config)


def test_half_a_file_and_a_spoilt_one_are_one_sentence(tmp_path, config, folder):
    whole = (folder / "theirs.tflite").read_bytes()
    (tmp_path / "half.tflite").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path / "half.tflite", config).startswith("half.tflite was not imported.")
    spoilt = bytearray(whole)
    spoilt[100:1000] = np.random.default_rng(0).bytes(900)
    (tmp_path / "spoilt.tflite").write_bytes(spoilt)
    assert refused(tmp_path / "spoilt.tflite", config).startswith("spoilt.tflite was not imported.")


def test_one_that_wants_all_memory_is_one_sentence(tmp_path, config):
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)])
    def vast(x):
        side = tf.cast(tf.reduce_sum(x) * 0, tf.int32) + 50_000  # 10 GB
        filled = tf.reduce_sum(tf.fill([side, side], 1.0)[:3, :3], axis=0)
        return tf.reshape(tf.tile(filled[None], [tf.shape(x)[0], 1]), (-1, 3))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([vast.get_concrete_function()])
    (tmp_path / "vast.tflite").write_bytes(converter.convert())
    said = refused(tmp_path / "vast.tflite", config, Contract())
    assert said.startswith("vast.tflite was not imported.") and "LiteRT could not run it" in said


@pytest.mark.slow
def test_code_and_what_unpacks_to_gigabytes_are_one_sentence(tmp_path, config):
    import keras

    drawing = keras.Input((28, 28, 3))
    x = keras.layers.Lambda(lambda y: y[:, 0, 0])(drawing)
    keras.Model(drawing, x).save(tmp_path / "code.keras")
    assert "it holds code, which could do harm" in refused(tmp_path / "code.keras", config)
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            archive.writestr(name, bytes(300_000_000))
    assert "bomb.keras was not imported." in refused(tmp_path / "bomb.keras", config)


def test_a_process_that_hangs_or_dies_is_ended_and_told_of(tmp_path, monkeypatch):
    def spawn(arguments, log):
        log.write_text("a word\n")
        return subprocess.Popen(["sh", "-c", arguments[0]])

    monkeypatch.setattr(queue, "spawn", spawn)
    with pytest.raises(ValueError, match="longer than 1 seconds, and was ended"):
        queue.complete(["sleep 60"], tmp_path / "log", 1)
    with pytest.raises(ValueError, match="It broke down, or asked for more memory"):
        queue.complete(["kill -SEGV $$"], tmp_path / "log")
    with pytest.raises(ValueError, match=r"^a word$"):
        queue.complete(["exit 3"], tmp_path / "log")
