"""A frozen base's features: computed once for what they depend on."""

import keras
import numpy as np
import pytest

from doodle_core.classifier import features as cache
from doodle_core.classifier import transfer
from doodle_core.classifier.features import can_cache, features, head_of
from support.bases import config

pytestmark = pytest.mark.usefixtures("tiny_base", "no_features")


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
