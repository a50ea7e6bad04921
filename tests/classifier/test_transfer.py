"""Bases of keras.applications: preprocessing, weights from files, freezing."""

import os
import sys
import urllib.error

import keras
import numpy as np
import pytest
from keras import layers

from doodle_core.classifier import transfer
from doodle_core.classifier.features import features
from doodle_core.settings import TransferConfig
from support.bases import BASE, config, tiny

pytestmark = pytest.mark.usefixtures("tiny_base", "no_features")


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


def test_what_is_to_be_said_of_weights_stands_beside_them(weights_folder, tmp_path):
    file = tmp_path / f"{BASE}_imagenet_notop.weights.h5"
    file.write_bytes((weights_folder / file.name).read_bytes())
    (tmp_path / f"{BASE}_imagenet_notop.weights.txt").write_text("blocks 4 and 5\nrounded\n")
    made = transfer.build(config(weights=str(tmp_path)), 3)
    assert made.weights_from["weights_note"] == "blocks 4 and 5 rounded"


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


def test_weights_that_keras_once_downloaded_for_the_account_are_found(monkeypatch, tmp_path):
    """Keras's home is the program's, so that no keras.json of the account counts."""
    from keras.src.utils import file_utils

    kept = tmp_path / ".keras" / "models" / "mobilenet_1_0_224_tf_no_top.h5"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"weights")
    opened = []
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "ours"))
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path / "ours"))
    monkeypatch.setattr(keras.Model, "load_weights", lambda self, file: opened.append(file))
    transfer.build(config("MobileNet", weights="imagenet"), 3)
    assert [os.path.realpath(file) for file in opened] == [str(kept)]


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
