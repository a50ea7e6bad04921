"""Bases of keras.applications: preprocessing, weights from files, freezing, cached features."""

import sys
import urllib.error

import keras
import numpy as np
import pytest
from keras import layers

from doodle_core import transfer
from doodle_core.config import RunConfig, TransferConfig

BASE = "MobileNet"  # among the quickest to make


@pytest.fixture(autouse=True)
def float32_and_no_features(monkeypatch, tmp_path):
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    monkeypatch.setattr(transfer, "FEATURES", tmp_path / "features")
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
    model = getattr(keras.applications, BASE)(include_top=False, weights=None)
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


@pytest.mark.parametrize("base", ["VGG19", "MobileNetV2", "ResNet152V2", "DenseNet121", "EfficientNetB0"])
def test_each_base_gets_its_own_preprocessing(base):
    preprocess = sys.modules[getattr(keras.applications, base).__module__].preprocess_input
    grey = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 1)).astype("float32")
    three = np.repeat(grey, 3, axis=-1)
    scale, offset = transfer.preprocessing(base)
    ours = layers.Rescaling(scale, offset)(three)
    assert np.allclose(ours, preprocess(three.copy()), atol=1e-4)


def test_the_base_sees_the_enlarged_preprocessed_drawing(drawings):
    """What our flat network computes is what Keras's own base does on a picture made by hand."""
    model = transfer.build(config(pooling="max"), 3)
    preprocess = keras.applications.mobilenet.preprocess_input
    picture = keras.ops.image.resize(drawings.astype("float32"), (32, 32), "bilinear")
    picture = preprocess(np.repeat(picture, 3, axis=-1))
    base = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.set_weights(model.get_weights()[: len(base.weights)])
    expected = base.predict(picture, verbose=0).max(axis=(1, 2))
    assert np.abs(expected).max() > 0
    assert np.allclose(transfer.features(model, drawings), expected, rtol=1e-3, atol=1e-5)


def test_the_reports_parameters():
    for base, trainable, frozen in (("VGG19", 3_591, 20_024_384), ("MobileNetV2", 8_967, 2_257_984)):
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
    own = getattr(keras.applications, BASE)(include_top=False, weights=None)
    own.load_weights(file)
    for ours, theirs in zip(model.get_weights(), own.get_weights()):
        assert np.array_equal(ours, theirs)
    assert model.weights_from == {
        "weights": file.name, "weights_sha256": hashlib.sha256(file.read_bytes()).hexdigest()
    }  # fmt: skip
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
        transfer.build(config(weights="imagenet"), 3)
    text = str(told.value)
    assert "could not be downloaded" in text and "random weights" in text and "\n" not in text


# --- stages --------------------------------------------------------------------------------------


def test_unfreezing_takes_the_last_layers_but_never_batch_norm():
    model = transfer.build(config(), 3)
    assert [layer.name for layer in model.layers if layer.trainable_weights] == ["logits"]
    last = transfer.base_layers(model)[-12:]
    transfer.unfreeze(model, 12)
    changing = {layer.name for layer in model.layers if layer.trainable_weights} - {"logits"}
    expected = {
        layer.name for layer in last
        if layer.weights and not isinstance(layer, layers.BatchNormalization)
    }  # fmt: skip
    assert changing == expected and len(expected) >= 3
    transfer.unfreeze(model, 0)
    assert transfer.counts(model)["trainable"] == sum(w.size for w in model.get_layer("logits").get_weights())


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
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.beta.assign(layer.beta + 0.5)  # a random base's features fade away otherwise
    transfer.unfreeze(model, 12)
    assert np.allclose(model(drawings, training=True), model(drawings, training=False), atol=1e-5)
    norms = [layer.get_weights() for layer in model.layers if "_bn" in layer.name]
    same = _step(model, drawings)
    assert not all(same[:-2])
    after = [layer.get_weights() for layer in model.layers if "_bn" in layer.name]
    assert all(np.array_equal(a, b) for x, y in zip(norms, after) for a, b in zip(x, y))


def test_what_can_be_cached():
    for settings, can in (({}, True), ({"batch_norm": "batch"}, False), ({"rotation": 5}, False)):
        asked = config(**settings)
        assert transfer.can_cache(asked, transfer.build(asked, 3)) is can
    asked = config("VGG16", batch_norm="batch")  # it has no batch norm
    assert transfer.can_cache(asked, transfer.build(asked, 3))


def test_the_head_on_features_is_the_networks_own(drawings):
    model = transfer.build(config(dropout=0.5), 3)
    head = transfer.head_of(model)
    found = transfer.features(model, drawings)
    assert np.allclose(head.predict(found, verbose=0), model.predict(drawings, verbose=0), atol=1e-5)
    head.get_layer("logits").set_weights([w + 1 for w in head.get_layer("logits").get_weights()])
    assert model.get_layer("logits").get_weights()[1].max() == 1


def test_features_are_computed_once_for_what_they_depend_on(drawings, monkeypatch):
    asked = config()
    model = transfer.build(asked, 3)
    looks = []
    monkeypatch.setattr(
        keras.Model, "predict", _counting(looks, keras.Model.predict)
    )
    first = np.array(transfer.features(model, drawings))
    assert np.array_equal(transfer.features(model, drawings), first) and len(looks) == 1
    model.get_layer("logits").set_weights([w + 1 for w in model.get_layer("logits").get_weights()])
    transfer.features(model, drawings)
    assert len(looks) == 1  # the head is not among what they depend on
    others = [  # drawings, weights, size, pooling
        (model, drawings[::-1]),
        (transfer.build(asked, 3), drawings),
        (_with_weights(transfer.build(config(input_size=40), 3), model), drawings),
        (_with_weights(transfer.build(config(pooling="max"), 3), model), drawings),
    ]
    for count, (network, x) in enumerate(others, 2):
        transfer.features(network, x)
        assert len(looks) == count
    keras.config.set_dtype_policy("mixed_bfloat16")
    transfer.features(_with_weights(transfer.build(asked, 3), model), drawings)
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
    found = np.array(transfer.features(model, drawings))
    (file,) = transfer.FEATURES.glob("*.npy")
    file.write_bytes(file.read_bytes()[:200])
    assert np.array_equal(transfer.features(model, drawings), found)
    assert not list(transfer.FEATURES.glob(".*"))
    monkeypatch.setattr(transfer, "KEPT", file.stat().st_size * 1.5)
    transfer.features(model, drawings[::-1])
    assert len(list(transfer.FEATURES.glob("*.npy"))) == 1 and not file.exists()


def test_a_stop_while_features_are_computed_leaves_nothing(drawings):
    def stop(done, text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer.features(transfer.build(config(), 3), drawings, stop)
    assert not list(transfer.FEATURES.glob("**/*"))
