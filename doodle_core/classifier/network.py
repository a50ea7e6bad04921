"""What a trained network does with one drawing: activations, filters, and where it looked.

    network = load_network(runs.folder("first"), config)
    network.probabilities(drawings)
    network.grad_cam(drawing, label=3, name="conv3")

TensorFlow is imported here. Networks take uint8 drawings, which have no gradients: all gradients
are taken from the first float tensor on, which is the drawing scaled to [-1, 1].
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from doodle_core import evaluation
from doodle_core.classifier.predict import predict
from doodle_core.settings import RunConfig
from doodle_core.training import stored

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
AFTER = (layers.BatchNormalization, layers.Activation, layers.ReLU)
STEPS = 64, 16  # of the path of integrated gradients: ours, and through a large base
CHUNK = 64  # of these at once

Answer = Callable[[ArrayLike], tuple[NDArray[np.float32], NDArray[np.float32] | None]]
"""What `Network.answering` gives: of a drawing to probabilities and heat."""


def load_network(path: Path | str, config: RunConfig) -> "Network":
    """The network of a finished run.

    Args:
        path: the run's folder. config: its RunConfig.

    Returns:
        Network.

    Raises:
        FileNotFoundError: the run has no weights here.
        ValueError: the file is damaged, would run code, or is not this run's network.
    """
    file = Path(path) / "best.keras"
    if config.network == "transfer":
        from doodle_core.classifier import transfer  # noqa: F401  registers its layers
    model = stored.load(file)
    if not _fits(model, len(config.data.categories)):
        raise ValueError(f"{file.name} is not the network that this run's settings describe.")
    return Network(model, config)


def _fits(model: Any, classes: int) -> bool:
    """Whether a model takes drawings and names so many categories, as `networks.build` makes it."""
    return (
        isinstance(model, keras.Model)
        and getattr(model, "input_shape", None) == (None, 28, 28, 1)
        and model.output_shape == (None, classes)
        and {"embedding", "logits"} <= {layer.name for layer in model.layers}
    )


class Network:
    """A trained network that can be looked into.

    Args:
        model: keras.Model as `networks.build` makes it. config: its RunConfig.

    Attributes:
        convolutions: {layer name: symbolic tensor}, from the drawing on: each convolution's output
            after its own batch norm and activation (and a pooling before these).
    """

    def __init__(self, model: keras.Model, config: RunConfig) -> None:
        self.model, self.config = model, config
        self._start = next(
            op.output
            for op in model.operations
            if not isinstance(op, layers.InputLayer) and "float" in str(op.output.dtype)
        )
        self._scaled = keras.Model(model.input, self._start)
        self._logits = model.get_layer("logits").output
        self._slices: dict[tuple[str, ...], keras.Model] = {}
        follows = {id(layer.input): layer for layer in model.layers if isinstance(layer, AFTER)}
        pools = (layer for layer in model.layers if isinstance(layer, layers.MaxPooling2D))
        follows |= {id(pool.input): pool for pool in pools if id(pool.output) in follows}
        found = (layer for layer in model.layers if isinstance(layer, CONVOLUTIONS))
        self._layers = {layer.name: layer for layer in found}
        self.convolutions = {
            name: _followed(layer.output, follows) for name, layer in self._layers.items()
        }

    def probabilities(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, as the run was scored: rows add up to 1."""
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        return evaluation.distribution(predict(self.model, x, self.config)).astype(np.float32)

    def activations(
        self, drawing: ArrayLike, names: Sequence[str] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """What convolutions make of a drawing.

        Args:
            drawing: (28, 28) uint8. names: keys of `convolutions`; None for all.

        Returns:
            {name: (height, width, channels) float32}.
        """
        names = tuple(self.convolutions if names is None else names)
        if not names:
            return {}
        *found, _ = self._slice(names)(self._floats(drawing))
        return {name: array[0].numpy() for name, array in zip(names, found)}

    def filters(self, name: str) -> NDArray[np.float32]:
        """A convolution's kernels, (height, width, inputs, outputs) float32.

        A depthwise convolution has one input for each of its outputs.
        """
        kernels = np.asarray(self._layers[name].weights[0], np.float32)
        is_depthwise = not isinstance(self._layers[name], layers.Conv2D)
        return kernels.reshape(*kernels.shape[:2], 1, -1) if is_depthwise else kernels

    def grad_cam(self, drawing: ArrayLike, label: int, name: str) -> NDArray[np.float32]:
        """Where a convolution saw what speaks for a category: Grad-CAM (Selvaraju et al. 2017).

        The maps are added up, each weighed by the mean gradient of the category's logit in it, and
        what speaks against the category is left out.

        Args:
            drawing: (28, 28) uint8. label: int, the category. name: key of `convolutions`.

        Returns:
            (28, 28) float32 in [0, 1], bilinearly enlarged; all 0 where nothing speaks for it.
        """
        x, run = self._floats(drawing), self._slice((name,))
        with tf.GradientTape() as tape:
            tape.watch(x)  # else nothing is recorded through a frozen base
            maps, logits = run(x)
            logit = logits[0, label]
        return _enlarged(_heat(maps, tape.gradient(logit, maps)))

    def answering(self, name: str | None = None) -> Answer:
        """What it says of a drawing and where it looked, as one compiled graph.

        For a page that asks while somebody draws: called layer after layer, Grad-CAM alone takes
        a quarter of a second.

        Args:
            name: key of `convolutions`; None: no Grad-CAM.

        Returns:
            A function of a drawing, (28, 28) uint8, that returns (probabilities, heat): (C,)
            float32 of one view, and `grad_cam`'s map for the likeliest category, or None.
        """
        maps = [self.convolutions[name]] if name else []
        model = keras.Model(self.model.input, [*maps, self._logits, self.model.output])

        @tf.function(input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.uint8)])  # type: ignore[untyped-decorator]  # without annotations
        def run(x: tf.Tensor) -> tuple[tf.Tensor, Any]:
            with tf.GradientTape() as tape:
                *maps, logits, said = model(x, training=False)
                logit = tf.reduce_max(logits[0])
            return said[0], _heat(maps[0], tape.gradient(logit, maps[0])) if maps else ()

        def answer(drawing: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
            said, heat = run(np.asarray(drawing, np.uint8).reshape(1, 28, 28, 1))
            said = evaluation.distribution(said.numpy()[None])[0].astype(np.float32)
            return said, _enlarged(heat) if name else None

        return answer

    def integrated_gradients(
        self, drawing: ArrayLike, label: int, steps: int = 0
    ) -> NDArray[np.float32]:
        """What each pixel adds to a category's logit (Sundararajan et al. 2017).

        The gradients are averaged along the straight path from the empty ground to the drawing
        (midpoints). They add up to what the logit gains on that path, to the error of the steps.

        Args:
            drawing: (28, 28) uint8. label: int, the category.
            steps: int, points of the path; 0: as many as STEPS says.

        Returns:
            (28, 28) float32, logits a pixel.
        """
        x, run = self._floats(drawing), self._slice(())
        steps = steps or STEPS[self.config.network == "transfer"]
        ground = self._floats(np.zeros((28, 28), np.uint8))
        at = (tf.range(steps, dtype=tf.float32) + 0.5) / steps
        total = tf.zeros_like(x)
        for part in tf.split(at, [len(piece) for piece in _pieces(steps)]):
            path = ground + part[:, None, None, None] * (x - ground)
            with tf.GradientTape() as tape:
                tape.watch(path)
                (logits,) = run(path)
                logit = tf.reduce_sum(logits[:, label])
            total += tf.reduce_sum(tape.gradient(logit, path), axis=0, keepdims=True)
        added: NDArray[np.float32]
        added = tf.reduce_sum((x - ground) * total / steps, axis=-1)[0].numpy()
        return added

    def logits(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, of the drawings as they are, not of their views."""
        found: NDArray[np.float32] = self._slice(())(self._floats(drawings))[0].numpy()
        return found

    def _floats(self, drawings: ArrayLike) -> tf.Tensor:
        """As the first float tensor of the network, one row a drawing."""
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        return tf.cast(self._scaled(x, training=False), tf.float32)

    def _slice(self, names: tuple[str, ...]) -> Callable[[tf.Tensor], list[tf.Tensor]]:
        """A function of the first float tensor: these convolutions' outputs, then the logits."""
        if names not in self._slices:
            wanted = [self.convolutions[name] for name in names]
            self._slices[names] = keras.Model(self._start, [*wanted, self._logits])
        return lambda x: _listed(self._slices[names](x, training=False))


def _followed(tensor: keras.KerasTensor, follows: Mapping[int, keras.Layer]) -> keras.KerasTensor:
    """A convolution's output after the batch norm and the activation that belong to it."""
    while layer := follows.get(id(tensor)):
        tensor = layer.output
    return tensor


def _heat(maps: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
    """Grad-CAM of one drawing at the size of its maps, (height, width) of a tensor."""
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))[0]


def _enlarged(heat: tf.Tensor) -> NDArray[np.float32]:
    """A heat map as (28, 28) float32 in [0, 1]."""
    picture = Image.fromarray(heat.numpy()).resize((28, 28), Image.Resampling.BILINEAR)
    enlarged: NDArray[np.float32] = np.asarray(picture)
    return enlarged / (enlarged.max() or 1)


def _listed(found: Any) -> list[tf.Tensor]:
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _pieces(steps: int) -> list[range]:
    return [range(at, min(at + CHUNK, steps)) for at in range(0, steps, CHUNK)]
