"""Keras networks as portable files: refused where they answer otherwise, rounded when asked."""

import gzip

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from doodle_core.inference.portable import Portable
from doodle_core.training import portable


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(drawing))
    return keras.Model(drawing, layers.Dense(40)(layers.Dense(50)(x)))


def written(model, file, half=False):
    portable.write(file, {"answer": portable.graph(model, ["out"])}, [model], half)
    return portable.in_keras(model, ["out"])


def test_the_largest_difference_is_found(model, tmp_path):
    drawing = portable.drawings()
    assert drawing.shape == (portable.CHECKED, 28, 28, 1) and drawing.dtype == np.uint8
    answer = written(model, tmp_path / "a.tflite")
    assert portable.difference(tmp_path / "a.tflite", answer, drawing=drawing) < 1e-5

    def off_by(much):
        def other(signature, **inputs):
            found = answer(signature, **inputs)["out"].copy()
            found[200, 30] += much
            return {"out": found}

        return portable.difference(tmp_path / "a.tflite", other, drawing=drawing)

    assert off_by(0.0009) == pytest.approx(0.0009, abs=1e-5)
    for much in (0.002, np.nan):
        with pytest.raises(ValueError, match="a.tflite answers otherwise"):
            off_by(much)


def test_rounded_weights_are_those_of_half_precision(model, tmp_path):
    plain, half = tmp_path / "plain.tflite", tmp_path / "half.tflite"
    written(model, plain)
    answer, drawing = written(model, half, half=True), portable.drawings()
    packed = [len(gzip.compress(file.read_bytes())) for file in (plain, half)]
    assert packed[1] < 0.65 * packed[0]
    assert 1e-5 < portable.difference(half, answer, half=True, drawing=drawing) < 1e-2
    for layer in model.layers:
        layer.set_weights(
            [
                w.astype(np.float16).astype(np.float32) if w.ndim > 1 else w
                for w in layer.get_weights()
            ]
        )
    expected = model.predict(drawing, verbose=0)
    assert np.allclose(Portable(half)("answer", drawing=drawing)["out"], expected, atol=1e-5)


def test_what_litert_does_not_know_is_refused(model, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.uint8, "drawing")])
    def answer(drawing):
        return {"out": tf.raw_ops.Digamma(x=tf.cast(drawing, tf.float32))}

    with pytest.raises(ValueError, match="could not be converted"):
        portable.write(tmp_path / "a.tflite", {"answer": answer}, [model])
    assert not list(tmp_path.iterdir())
