"""Keras networks as portable files: refused where they answer otherwise."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from doodle_core.training import portable


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(drawing))
    return keras.Model(drawing, layers.Dense(40)(layers.Dense(50)(x)))


def written(model, file):
    portable.write(file, {"answer": portable.graph(model, ["out"])}, [model])
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


def test_what_litert_does_not_know_is_refused(model, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.uint8, "drawing")])
    def answer(drawing):
        return {"out": tf.raw_ops.Digamma(x=tf.cast(drawing, tf.float32))}

    with pytest.raises(ValueError, match="could not be converted"):
        portable.write(tmp_path / "a.tflite", {"answer": answer}, [model])
    assert not list(tmp_path.iterdir())
