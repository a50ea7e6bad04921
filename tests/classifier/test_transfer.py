"""Bases of keras.applications: preprocessing, weights from files, freezing, cached features."""

import shutil
import signal
import subprocess
import sys
import urllib.error

import keras
import numpy as np
import pytest
from keras import layers
from support.bases import BASE, tiny
from support.browser import ROOT
from support.drawings import CATEGORIES

from doodle_core import data, runs
from doodle_core.classifier import features as cache
from doodle_core.classifier import transfer
from doodle_core.classifier.features import can_cache, features, head_of
from doodle_core.files import HOME
from doodle_core.lab.train import train_run
from doodle_core.settings import DataConfig, RunConfig, TransferConfig
from doodle_core.training.callbacks import Finish, Progress, Stopped


@pytest.fixture(scope="module", autouse=True)
def tiny_base():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, BASE, tiny, raising=False)
        yield


@pytest.fixture(autouse=True)
def no_features(monkeypatch, tmp_path):
    keras.utils.set_random_seed(0)
    monkeypatch.setattr("doodle_core.classifier.features.FEATURES", tmp_path / "features")
    monkeypatch.delenv("DOODLE_WEIGHTS", raising=False)


def config(base=BASE, weights="random", epochs=2, **settings):
    names = {"loss", "dropout", "rotation"}
    own = {name: settings.pop(name) for name in names & set(settings)}
    asked = TransferConfig(**{"base": base, "weights": weights, "input_size": 32} | settings)
    return RunConfig("t", network="transfer", epochs=epochs, transfer=asked, **own)


@pytest.fixture
def drawings():
    return np.random.default_rng(1).integers(0, 256, (20, 28, 28, 1), dtype=np.uint8)


@pytest.fixture(scope="module")
def weights_folder(tmp_path_factory):
    """A folder with a weights file of BASE, as a user would save one."""
    folder = tmp_path_factory.mktemp("weights")
    keras.utils.set_random_seed(5)
    model = tiny(include_top=False, weights=None)
    model.save_weights(folder / f"{BASE}_imagenet_notop.weights.h5")
    return folder


def test_an_unknown_base_gets_a_sentence():
    with pytest.raises(ValueError, match="no 'VGG20' in keras.applications: choose one of .*VGG19"):
        transfer.build(config("VGG20"), 3)


def test_sizes_are_the_reports():
    sizes = {base: transfer.input_size(TransferConfig(base=base)) for base in transfer.bases()}
    assert (sizes["VGG19"], sizes["ResNet152V2"], sizes["MobileNetV2"]) == (32, 32, 96)
    least = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
    assert all(sizes[base] >= least.get(base, 32) for base in sizes)
    assert transfer.input_size(TransferConfig(base="VGG19", input_size=64)) == 64


def test_a_size_that_a_base_cannot_take_gets_a_sentence():
    with pytest.raises(ValueError, match="Xception cannot be made for 32 x 32 pixels"):
        transfer.build(config("Xception"), 3)


@pytest.mark.parametrize(
    "base", ["VGG19", "MobileNetV2", "ResNet152V2", "DenseNet121", "EfficientNetB0"]
)
def test_each_base_gets_its_own_preprocessing(base):
    preprocess = sys.modules[getattr(keras.applications, base).__module__].preprocess_input
    grey = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 1)).astype("float32")
    three = np.repeat(grey, 3, axis=-1)
    scale, offset = transfer.preprocessing(base)
    ours = layers.Rescaling(scale, offset)(three)
    assert np.allclose(ours, preprocess(three.copy()), atol=1e-4)


def test_the_base_sees_the_enlarged_preprocessed_drawing(drawings):
    """What our flat network computes is what Keras's own base does on a picture made by hand."""
    model = transfer.build(config("MobileNet", pooling="max"), 3)
    preprocess = keras.applications.mobilenet.preprocess_input
    picture = keras.ops.image.resize(drawings.astype("float32"), (32, 32), "bilinear")
    picture = preprocess(np.repeat(picture, 3, axis=-1))
    base = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.set_weights(model.get_weights()[: len(base.weights)])
    expected = base.predict(picture, verbose=0).max(axis=(1, 2))
    assert np.abs(expected).max() > 0
    assert np.allclose(features(model, drawings), expected, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_an_efficientnet_scales_its_channels_as_keras_does_with_imagenets_weights(
    drawings, monkeypatch
):
    """Keras adds a layer for that where it is asked for these weights, and only there."""
    from keras.src.applications import efficientnet

    monkeypatch.setattr(efficientnet.file_utils, "get_file", lambda *_, **__: "not fetched")
    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "load_weights", lambda *_: None)
        theirs = efficientnet.EfficientNetB0(include_top=False, input_shape=(32, 32, 3))
    theirs.get_layer("normalization").set_weights(
        [np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225]), np.int64(0)]
    )
    monkeypatch.setattr(transfer, "load_base", lambda _: (theirs, {}))
    model = transfer.build(config("EfficientNetB0", weights="imagenet", pooling="max"), 3)
    picture = keras.ops.image.resize(drawings[:4].astype("float32"), (32, 32), "bilinear")
    expected = theirs(np.repeat(picture, 3, axis=-1)).numpy().max(axis=(1, 2))
    gap = np.abs(features(model, drawings[:4]) - expected).max()
    assert gap < 1e-3 * np.ptp(expected)  # the features of random kernels are small


def test_the_reports_parameters():
    for base, trainable, frozen in (
        ("VGG19", 3_591, 20_024_384),
        ("MobileNetV2", 8_967, 2_257_984),
    ):
        counts = transfer.counts(transfer.build(config(base), 7))
        assert counts == {"trainable": trainable, "frozen": frozen}


def test_the_stored_network_loads_in_safe_mode(tmp_path, drawings):
    model = transfer.build(config(loss="sigmoid", dropout=0.2), 3)
    model.save(tmp_path / "a.keras")
    again = keras.models.load_model(tmp_path / "a.keras", safe_mode=True)
    assert np.allclose(again.predict(drawings, verbose=0), model.predict(drawings, verbose=0))
    assert again.get_layer("probabilities").activation is keras.activations.sigmoid


# --- weights -------------------------------------------------------------------------------------


def test_weights_come_from_a_file_a_folder_the_environment_or_data(
    weights_folder, monkeypatch, tmp_path
):
    file = weights_folder / f"{BASE}_imagenet_notop.weights.h5"
    for weights in (str(file), str(weights_folder)):
        assert transfer.weights_file(TransferConfig(base=BASE, weights=weights)) == file
    monkeypatch.setattr(transfer, "DATA", tmp_path)
    asked = TransferConfig(base=BASE)
    assert transfer.weights_file(asked) is None
    (tmp_path / "weights").mkdir()
    kept = tmp_path / "weights" / file.name
    kept.write_bytes(file.read_bytes())
    assert transfer.weights_file(asked) == kept
    monkeypatch.setenv("DOODLE_WEIGHTS", str(weights_folder))
    assert transfer.weights_file(asked) == file


def test_a_files_weights_are_those_of_the_network(weights_folder):
    import hashlib

    model = transfer.build(config(weights=str(weights_folder)), 3)
    file = weights_folder / f"{BASE}_imagenet_notop.weights.h5"
    own = tiny(include_top=False, weights=None)
    own.load_weights(file)
    for ours, theirs in zip(model.get_weights(), own.get_weights()):
        assert np.array_equal(ours, theirs)
    assert model.weights_from == {
        "weights": file.name,
        "weights_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    assert transfer.build(config(), 3).weights_from["weights"] == "random"


def test_a_missing_damaged_or_other_file_gets_a_sentence(weights_folder, tmp_path):
    with pytest.raises(ValueError, match="neither a file"):
        transfer.build(config(weights=str(tmp_path / "nowhere")), 3)
    whole = (weights_folder / f"{BASE}_imagenet_notop.weights.h5").read_bytes()
    for name, content in (("torn", whole[: len(whole) // 2]), ("text", b"no"), ("empty", b"")):
        file = tmp_path / f"{name}.weights.h5"
        file.write_bytes(content)
        with pytest.raises(ValueError, match="damaged or another network's"):
            transfer.build(config(weights=str(file)), 3)
    file = weights_folder / f"{BASE}_imagenet_notop.weights.h5"
    with pytest.raises(ValueError, match="it holds .* numbers"):
        transfer.build(config("MobileNetV2", weights=str(file)), 3)


def test_a_failing_download_says_how_to_get_the_weights(monkeypatch, tmp_path):
    from keras.src.utils import file_utils

    def refuse(*_, **__):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(file_utils, "urlretrieve", refuse)
    monkeypatch.setattr(keras.config, "keras_home", lambda: str(tmp_path), raising=False)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    with pytest.raises(ValueError, match="MobileNet_imagenet_notop.weights.h5") as told:
        transfer.build(config("MobileNet", weights="imagenet"), 3)
    text = str(told.value)
    assert "could not be downloaded" in text and "random weights" in text and "\n" not in text


# --- stages --------------------------------------------------------------------------------------


def test_unfreezing_takes_the_last_layers_but_never_batch_norm():
    model = transfer.build(config(), 3)
    assert [layer.name for layer in model.layers if layer.trainable_weights] == ["logits"]
    last = transfer.base_layers(model)[-5:]
    transfer.unfreeze(model, 5)
    changing = {layer.name for layer in model.layers if layer.trainable_weights} - {"logits"}
    expected = {
        layer.name
        for layer in last
        if layer.weights and not isinstance(layer, layers.BatchNormalization)
    }
    assert changing == expected and expected == {"conv3"}
    transfer.unfreeze(model, 0)
    assert transfer.counts(model)["trainable"] == sum(
        w.size for w in model.get_layer("logits").get_weights()
    )


def _step(model, drawings):
    """The base's weights before and after a step of training, and the outputs in training."""
    before = model.get_weights()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(drawings, np.arange(len(drawings)) % 3)
    return [np.array_equal(a, b) for a, b in zip(before, model.get_weights())]


def test_frozen_batch_norm_uses_imagenets_statistics_or_the_batchs(drawings):
    own = transfer.build(config(), 3)
    assert np.allclose(own(drawings, training=True), own(drawings, training=False), atol=1e-5)
    theirs = transfer.build(config(batch_norm="batch"), 3)
    gap = np.abs(theirs(drawings, training=True) - theirs(drawings, training=False)).max()
    assert gap > 1e-3  # the batch's statistics are others
    for model in (own, theirs):
        same = _step(model, drawings)
        assert all(same[:-2]) and not all(same[-2:])  # only the head's two arrays change
    assert transfer.counts(own) == transfer.counts(theirs)


def test_fine_tuning_keeps_batch_norm_in_inference_mode(drawings):
    model = transfer.build(config(batch_norm="batch"), 3)
    transfer.unfreeze(model, 6)
    assert np.allclose(model(drawings, training=True), model(drawings, training=False), atol=1e-5)
    norms = [layer.get_weights() for layer in model.layers if "_bn" in layer.name]
    same = _step(model, drawings)
    assert not all(same[:-2])
    after = [layer.get_weights() for layer in model.layers if "_bn" in layer.name]
    assert all(np.array_equal(a, b) for x, y in zip(norms, after) for a, b in zip(x, y))


def test_what_can_be_cached():
    for settings, can in (({}, True), ({"batch_norm": "batch"}, False), ({"rotation": 5}, False)):
        asked = config(**settings)
        assert can_cache(asked, transfer.build(asked, 3)) is can
    asked = config("VGG16", batch_norm="batch")  # it has no batch norm
    assert can_cache(asked, transfer.build(asked, 3))


def test_the_head_on_features_is_the_networks_own(drawings):
    model = transfer.build(config(dropout=0.5), 3)
    head = head_of(model)
    found = features(model, drawings)
    assert np.allclose(
        head.predict(found, verbose=0), model.predict(drawings, verbose=0), atol=1e-5
    )
    head.get_layer("logits").set_weights([w + 1 for w in head.get_layer("logits").get_weights()])
    assert model.get_layer("logits").get_weights()[1].max() == 1


def test_features_are_computed_once_for_what_they_depend_on(drawings, monkeypatch):
    asked = config()
    model = transfer.build(asked, 3)
    looks = []
    monkeypatch.setattr(keras.Model, "predict", _counting(looks, keras.Model.predict))
    first = np.array(features(model, drawings))
    assert np.array_equal(features(model, drawings), first) and len(looks) == 1
    model.get_layer("logits").set_weights([w + 1 for w in model.get_layer("logits").get_weights()])
    features(model, drawings)
    assert len(looks) == 1  # the head is not among what they depend on
    others = [  # drawings, weights, size, pooling
        (model, drawings[::-1]),
        (transfer.build(asked, 3), drawings),
        (_with_weights(transfer.build(config(input_size=40), 3), model), drawings),
        (_with_weights(transfer.build(config(pooling="max"), 3), model), drawings),
    ]
    for count, (network, x) in enumerate(others, 2):
        features(network, x)
        assert len(looks) == count
    keras.config.set_dtype_policy("mixed_bfloat16")
    features(_with_weights(transfer.build(asked, 3), model), drawings)
    assert len(looks) == len(others) + 2


def _counting(looks, true):
    def predict(self, *arguments, **settings):
        looks.append(self)
        return true(self, *arguments, **settings)

    return predict


def _with_weights(model, other):
    model.set_weights(other.get_weights())
    return model


def test_a_damaged_cache_is_computed_again_and_the_cache_is_bounded(drawings, monkeypatch):
    model = transfer.build(config(), 3)
    found = np.array(features(model, drawings))
    (file,) = cache.FEATURES.glob("*.npy")
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(features(model, drawings), found)
    assert not list(cache.FEATURES.glob(".*"))
    monkeypatch.setattr("doodle_core.classifier.features.KEPT", file.stat().st_size * 1.5)
    features(model, drawings[::-1])
    assert len(list(cache.FEATURES.glob("*.npy"))) == 1 and not file.exists()


def test_a_stop_while_features_are_computed_leaves_nothing(drawings):
    def stop(done, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        features(transfer.build(config(), 3), drawings, stop)
    assert not list(cache.FEATURES.glob("**/*"))


# --- whole runs ----------------------------------------------------------------------------------


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
    """At the worst moment: the third epoch has its row and its best weights, but no backup yet."""
    path = transfer_run(make_config, "killed")
    code = """
import os, signal, sys
sys.path.insert(0, "tests")
import keras
from support.bases import tiny
from doodle_core import runs
from doodle_core.lab.train import train_run
keras.applications.Tiny = tiny
true = keras.callbacks.BackupAndRestore.on_epoch_end
def kill(self, epoch, logs=None):
    if epoch == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    true(self, epoch, logs)
keras.callbacks.BackupAndRestore.on_epoch_end = kill
train_run(runs.folder("killed"))
"""
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=120)
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()[-2000:]
    assert runs.load(path).state == "interrupted"
    assert runs.history(path)["stage"].tolist() == [1, 1, 2]
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
    from doodle_core.training.callbacks import monitors_of

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
