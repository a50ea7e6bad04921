"""A trained network as a `.tflite` file, which answers without TensorFlow (`inference.portable`)."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core.data import practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.files import replacing
from doodle_core.inference.portable import Answer, Portable
from doodle_core.training.batches import VALIDATION_BATCH
from doodle_core.training.stored import one_or_list

Networks = Mapping[str, tuple[keras.Model, Sequence[str]]]
"""A run's networks by the names of their files, without ending; each with names for what it gives."""
CHECKED = 256  # drawings that both must answer alike
TOLERANCE = 1e-3  # of any output: float32 in another order of summing gives some 1e-6


def write(
    file: Path, signatures: Mapping[str, Callable[..., Any]], models: Iterable[keras.Model]
) -> None:
    """Convert functions of Keras networks, with LiteRT's built-in operations alone, in float32.

    Args:
        file: a `.tflite`.
        signatures: {name: `tf.function` with an input signature, which returns a dict}.
        models: the networks whose weights they read.

    Raises:
        ValueError: an operation of theirs has no counterpart.
    """
    module = tf.Module()
    module.weights = [variable.value for model in models for variable in model.variables]
    for name, function in signatures.items():
        setattr(module, name, function)
    with tempfile.TemporaryDirectory() as folder:
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # where the folder is
        tf.saved_model.save(module, folder, signatures=dict(signatures))
        try:
            content = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
        except Exception as error:  # what the converter raises is its own
            reason = str(error).strip().splitlines()[0]
            raise ValueError(f"The network could not be converted: {reason}") from None
    with replacing(file) as temporary:
        temporary.write_bytes(content)


def difference(file: Path, answer: Answer, **inputs: NDArray[Any]) -> float:
    """The largest difference between what a portable file answers and what Keras does.

    Args:
        answer: of `in_keras`.

    Raises:
        ValueError: it is larger than TOLERANCE, or not a number.
    """
    return _largest(file, Portable(file)("answer", **inputs), answer("answer", **inputs))


def _largest(
    file: Path, found: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]]
) -> float:
    largest = max(
        float(np.abs(found[name].astype(float) - one).max()) for name, one in expected.items()
    )
    if not largest <= TOLERANCE:
        raise ValueError(f"{file.name} answers otherwise than the network: by up to {largest:.2g}.")
    return largest


def write_onnx(file: Path, model: keras.Model, outputs: Sequence[str]) -> float:
    """Convert a Keras network to ONNX, and make sure that it answers as Keras does.

    The packages tf2onnx and onnxruntime are needed, which are an extra.

    Args:
        file: an `.onnx`. outputs: names for what it gives, in its order.

    Returns:
        float, the largest difference of an output.

    Raises:
        ValueError: an operation has no counterpart; it answers otherwise than the network.
    """
    import onnxruntime
    import tf2onnx

    asked = graph(model, outputs)
    try:
        made, _ = tf2onnx.convert.from_function(asked, input_signature=asked.input_signature)
        content = made.SerializeToString()
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except Exception as error:  # what these raise is their own
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(f"The network could not be converted: {reason}") from None
    inputs = {one.name: _example(one) for one in model.inputs}
    found = dict(zip((one.name for one in session.get_outputs()), session.run(None, inputs)))
    largest = _largest(file, found, in_keras(model, outputs)("answer", **inputs))
    with replacing(file) as temporary:
        temporary.write_bytes(content)
    return largest


def _example(tensor: keras.KerasTensor) -> NDArray[Any]:
    """CHECKED inputs of this name: drawings, categories, or points of a latent space."""
    if tensor.name == "drawing":
        return drawings()
    width = tensor.shape[-1]
    if tensor.name == "category":
        return np.eye(width, dtype=np.float32)[np.arange(CHECKED) % width]
    return np.random.default_rng(0).normal(size=(CHECKED, width)).astype(np.float32)


def graph(model: keras.Model, outputs: Sequence[str]) -> Callable[..., Any]:
    """A Keras network as a `tf.function` of its named inputs, for any number of rows.

    Args:
        outputs: names for what it gives, in its order.
    """
    given = [tf.TensorSpec(one.shape, one.dtype, one.name) for one in model.inputs]

    @tf.function(input_signature=given)
    def answer(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return dict(zip(outputs, _listed(model(one_or_list(list(inputs)), training=False))))

    return answer


def in_keras(model: keras.Model, outputs: Sequence[str]) -> Answer:
    """A Keras network that is asked as a `Portable` is."""

    def answer(signature: str, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        given = one_or_list([inputs[one.name] for one in model.inputs])
        found = model.predict(given, batch_size=VALIDATION_BATCH // 2, verbose=0)
        return dict(zip(outputs, _listed(found)))

    return answer


def drawings() -> NDArray[np.uint8]:
    """What both are shown: (CHECKED, 28, 28, 1) uint8, practice drawings of the report's seven."""
    each = -(-CHECKED // len(REPORT_SEVEN))
    found = [practice.draw(name, each, seed=0) for name in REPORT_SEVEN]
    return np.concatenate(found)[:CHECKED].reshape(-1, 28, 28, 1)


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, (list, tuple)) else [found]
