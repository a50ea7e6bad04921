"""A trained classifier as a portable network: its answers, and their gradients.

Pages ask it, where TensorFlow never is (`inference.classifier`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from doodle_core.inference.classifier import FILE
from doodle_core.inference.imported import prepared
from doodle_core.settings import RunConfig
from doodle_core.settings.imported import Contract
from doodle_core.training import portable, stored

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
AFTER = (layers.BatchNormalization, layers.Activation, layers.ReLU)
SHOWN = 2  # convolutions, from the drawing on, whose kernels are shown


def export(path: Path, config: RunConfig) -> float:
    """Write a run's portable network, and make sure that it answers as Keras does.

    A base of `keras.applications` goes without gradients: LiteRT does not know those of its
    depthwise convolutions, poolings and enlargements.

    Args:
        path: the run's folder, with its `best.keras`.

    Returns:
        float, the largest difference of a probability.

    Raises:
        FileNotFoundError, ValueError: as `stored.load` and `portable.write`; it answers otherwise.
    """
    ((model, outputs),) = networks(path, config).values()
    file = path / FILE
    answer, whole = _answer(model)
    signatures, models = {"answer": answer}, [whole]
    if not config.transfer:
        signatures["gradient"], smooth = _gradient(model)
        models.append(smooth)
    portable.write(file, signatures, models)
    in_keras = portable.in_keras(model, outputs)
    return portable.difference(file, in_keras, drawing=portable.drawings())


def networks(path: Path, config: RunConfig) -> portable.Networks:
    """A run's network, from its `best.keras`.

    Raises:
        FileNotFoundError, ValueError: as `stored.load`; it is another network.
    """
    if config.network == "transfer":
        from doodle_core.classifier import transfer  # noqa: F401  registers its layers
    model = stored.load(path / "best.keras")
    if not _fits(model, len(config.data.categories)):
        raise ValueError("best.keras is not the network that this run's settings describe.")
    return {"network": (model, ("probabilities",))}


def from_keras(file: Path, target: Path, contract: Contract, classes: int) -> None:
    """Make a `.tflite` of somebody's `.keras` file, and make sure that it answers as Keras does.

    Args:
        file: read in Keras's safe mode. target: the `.tflite`. contract: what goes in.
        classes: int, the categories that come out.

    Raises:
        FileNotFoundError, ValueError: as `stored.load` and `portable.write`; it takes or gives
            something else; it answers otherwise.
    """
    from doodle_core.classifier import transfer  # noqa: F401  a base of ours has layers of its own

    model = stored.load(file)
    shapes = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if shapes != ((None, *contract.shape), (None, classes)):
        raise ValueError(
            f"It takes {shapes[0]} and gives {shapes[1]}, and {(None, *contract.shape)} and "
            f"{(None, classes)} were declared."
        )
    outputs = ("probabilities",)
    portable.write(target, {"answer": portable.graph(model, outputs)}, [model])
    (given,) = model.inputs
    shown = prepared(portable.drawings(), contract).astype(given.dtype)
    portable.difference(target, portable.in_keras(model, outputs), **{given.name: shown})


def _fits(model: Any, classes: int) -> bool:
    """Whether a model takes drawings and names so many categories, as `networks.build` makes it."""
    return (
        isinstance(model, keras.Model)
        and getattr(model, "input_shape", None) == (None, 28, 28, 1)
        and model.output_shape == (None, classes)
        and {"embedding", "logits"} <= {layer.name for layer in model.layers}
    )


def convolutions(model: keras.Model) -> dict[str, str]:
    """{convolution: the layer whose output is shown for it}, from the drawing on: that of its own
    batch norm and activation (and of a pooling before these)."""
    follows = {id(layer.input): layer for layer in model.layers if isinstance(layer, AFTER)}
    pools = (layer for layer in model.layers if isinstance(layer, layers.MaxPooling2D))
    follows |= {id(pool.input): pool for pool in pools if id(pool.output) in follows}

    def last(layer: keras.Layer) -> keras.Layer:
        return last(follows[id(layer.output)]) if id(layer.output) in follows else layer

    found = (layer for layer in model.layers if isinstance(layer, CONVOLUTIONS))
    return {layer.name: last(layer).name for layer in found}


def _answer(model: keras.Model) -> tuple[Callable[..., Any], keras.Model]:
    """Drawings, (N, 28, 28, 1) uint8, to logits, probabilities, embedding and maps."""
    maps = convolutions(model)
    outputs = {
        "probabilities": model.output,
        "logits": model.get_layer("logits").output,
        "embedding": model.get_layer("embedding").output,
        "scaled": _first_floats(model),
    } | {
        _key(place, name): model.get_layer(shown).output
        for place, (name, shown) in enumerate(maps.items())
    }
    whole = keras.Model(model.input, outputs)
    kernels = {f"filters_{name}": _kernel(model.get_layer(name)) for name in list(maps)[:SHOWN]}

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.uint8, "drawing")])
    def answer(drawing: tf.Tensor) -> dict[str, tf.Tensor]:
        constants = {name: tf.constant(kernel) for name, kernel in kernels.items()}
        return whole(drawing, training=False) | constants

    return answer, whole


def _kernel(layer: keras.Layer) -> NDArray[np.float32]:
    """(height, width, inputs, outputs) float32; a depthwise one has one input for each output."""
    kernel = np.asarray(layer.weights[0], np.float32)
    is_depthwise = not isinstance(layer, layers.Conv2D)
    return kernel.reshape(*kernel.shape[:2], 1, -1) if is_depthwise else kernel


def _gradient(model: keras.Model) -> tuple[Callable[..., Any], keras.Model]:
    """The gradient of a category's logit: in the scaled pixels, and in each convolution's channels
    (the mean over their places, which Grad-CAM weighs maps with)."""
    smooth = keras.models.clone_model(model, clone_function=_convertible)
    smooth.set_weights(model.get_weights())
    start, maps = _first_floats(smooth), convolutions(model)
    wanted = [smooth.get_layer(name).output for name in (*maps.values(), "logits")]
    inner = keras.Model(start, wanted)
    classes = model.output.shape[-1]

    @tf.function(
        input_signature=[
            tf.TensorSpec((1, *start.shape[1:]), tf.float32, "scaled"),
            tf.TensorSpec((1, classes), tf.float32, "category"),
        ]
    )
    def gradient(scaled: tf.Tensor, category: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(scaled)
            *found, logits = inner(scaled, training=False)
            logit = tf.reduce_sum(logits * category)
        pixels, *slopes = tape.gradient(logit, [scaled, *found])
        return {"pixels": pixels} | {
            _key(place, name): tf.reduce_mean(slope, axis=(1, 2))
            for place, (name, slope) in enumerate(zip(maps, slopes))
        }

    return gradient, smooth


def _first_floats(model: keras.Model) -> keras.KerasTensor:
    """The drawing as the network scales it: uint8 pixels have no gradient."""
    return next(
        op.output
        for op in model.operations
        if not isinstance(op, layers.InputLayer) and "float" in str(op.output.dtype)
    )


def _key(place: int, name: str) -> str:
    """A convolution's output by name; the place keeps their order, which LiteRT does not."""
    return f"map{place:03}_{name}"


# --- layers whose gradients LiteRT can compute ---------------------------------------------------


class _Rectified(layers.Layer):
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.maximum(x, 0.0)


class _Pooled(layers.Layer):
    """Max pooling of 2 x 2, of one drawing; equal pixels share the gradient."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        _, height, width, channels = x.shape
        rows, columns = height // 2, width // 2
        if (height, width) != (2 * rows, 2 * columns):
            x = tf.slice(x, [0, 0, 0, 0], [-1, 2 * rows, 2 * columns, -1])
        return tf.reduce_max(tf.reshape(x, (1, rows, 2, columns, 2, channels)), axis=(2, 4))

    def compute_output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], shape[1] // 2, shape[2] // 2, shape[3])


def _convertible(layer: keras.Layer) -> keras.Layer:
    """A copy of a layer that computes the same, and whose gradient converts."""
    is_relu = layer.get_config().get("activation") == "relu"
    if isinstance(layer, layers.MaxPooling2D) and layer.pool_size == (2, 2):
        return _Pooled(name=layer.name)
    if isinstance(layer, layers.ReLU) or (isinstance(layer, layers.Activation) and is_relu):
        return _Rectified(name=layer.name)
    copy = type(layer).from_config(layer.get_config())
    if is_relu:
        copy.activation = lambda x: tf.maximum(x, 0.0)
    return copy
