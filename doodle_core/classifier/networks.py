"""The classifiers, as Keras functional models over raw pixels.

Every network takes uint8 drawings (batch, 28, 28, 1), 0 the ground, 255 the line, and scales them
itself, so that no caller can hand it the wrong range; it returns probabilities in float32. The
layer before the last Dense, named "embedding", is what the latent pages show.

A network is one function here and one entry in `settings.classifier.NETWORKS`.
"""

from typing import Any

import keras
from keras import layers

from doodle_core.settings import RunConfig
from doodle_core.settings.imported import IMPORTED


def build(config: RunConfig, classes: int) -> keras.Model:
    """Make the network that was asked for, with fresh weights (seed Keras first).

    Args:
        config: its settings.
        classes: number of categories.

    Returns:
        keras.Model, uint8 (batch, 28, 28, 1) -> float32 (batch, classes). With the loss "softmax"
        the rows add up to 1; with "sigmoid" each output is a probability of its own.

    Raises:
        ValueError: it was imported: what it is made of is not known here.
    """
    if config.network == IMPORTED:
        raise ValueError("An imported network is not trained here: choose another one.")
    return config.networks[config.network].load()(config, classes)


def scaled() -> tuple[Any, Any]:
    """The drawings, uint8 (batch, 28, 28, 1), and the same in [-1, 1] (section 1.1)."""
    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    return drawing, layers.Rescaling(1 / 127.5, offset=-1, name="scale")(drawing)


def finished(drawing: Any, x: Any, config: RunConfig, classes: int) -> keras.Model:
    """The network from `drawing` to the answers on the embedding `x`."""
    answers = head(x, classes, config)
    return keras.Model(drawing, answers, name=config.network.replace("-", "_"))


def report_base(config: RunConfig, classes: int) -> keras.Model:
    """The report's base network (section 2.2, figure 4): 430,407 parameters for 7 categories."""
    return _report((16, 32, 64), config, classes)


def report_flat(config: RunConfig, classes: int) -> keras.Model:
    """The report's flat networks (section 2.2): the same number of filters in every block.

    The report speaks of 1, 2 and 3 blocks; its notebook built 2, 3 and 4, which `blocks` counts.
    """
    return _report((config.filters,) * config.blocks, config, classes)


def _report(filters: tuple[int, ...], config: RunConfig, classes: int) -> keras.Model:
    """Blocks of convolution and pooling, then the report's two dense layers."""
    drawing, x = scaled()
    init = INITIALISERS[config.init]
    for place, n in enumerate(filters, 1):
        x = layers.Conv2D(
            n, 3, padding="same", activation="relu", kernel_initializer=init, name=f"conv{place}"
        )(x)
        x = layers.MaxPooling2D(name=f"pool{place}")(x)
    x = layers.Flatten(name="flatten")(x)
    for units, name in ((576, "dense576"), (128, "embedding")):
        if config.dropout:
            x = layers.Dropout(config.dropout, name=f"dropout{units}")(x)
        x = layers.Dense(units, activation="relu", kernel_initializer=init, name=name)(x)
    return finished(drawing, x, config, classes)


INITIALISERS = {"glorot": "glorot_uniform", "he": "he_normal"}


def compact(config: RunConfig, classes: int) -> keras.Model:
    """Ours: 3x3 convolutions with batch norm and two residual blocks (He et al. 2016).

    A global mean over places takes the place of the report's 332,352-parameter dense layer; what
    is spared there goes into convolutions. 191,703 parameters for 7 categories.
    """
    drawing, x = scaled()
    init = INITIALISERS[config.init]
    x = _convolve(x, 16, "conv1", init, pool=True)  # pooled first: the norm has a quarter to do
    x = _convolve(x, 32, "conv2", init)
    x = _residual(x, 32, ("conv3", "conv4"), init)
    x = layers.MaxPooling2D(name="pool2")(x)
    x = _convolve(x, 64, "conv5", init)
    x = _residual(x, 64, ("conv6", "conv7"), init)
    x = layers.MaxPooling2D(name="pool3")(x)
    x = _convolve(x, 128, "conv8", init)
    x = layers.GlobalAveragePooling2D(name="embedding")(x)
    if config.dropout:
        x = layers.Dropout(config.dropout, name="dropout")(x)
    return finished(drawing, x, config, classes)


def _residual(x: Any, filters: int, names: tuple[str, str], init: str) -> Any:
    """Two convolutions around which their input is added."""
    y = _convolve(x, filters, names[0], init)
    y = _convolve(y, filters, names[1], init, activation=False)
    return layers.Activation("relu", name=f"{names[1]}_relu")(
        layers.Add(name=f"{names[1]}_add")([x, y])
    )


def _convolve(
    x: Any, filters: int, name: str, init: str, activation: bool = True, pool: bool = False
) -> Any:
    """A 3x3 convolution with batch norm (Ioffe & Szegedy 2015) and ReLU."""
    x = layers.Conv2D(
        filters, 3, padding="same", use_bias=False, kernel_initializer=init, name=name
    )(x)
    if pool:
        x = layers.MaxPooling2D(name=f"{name}_pool")(x)
    # 0.9: the averages follow within an epoch of few batches
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x) if activation else x


def head(x: Any, classes: int, config: RunConfig) -> Any:
    """Logits and probabilities, in float32 whatever the policy: bfloat16 has 3 significant digits."""
    x = layers.Dense(classes, dtype="float32", name="logits")(x)
    return layers.Activation(config.loss, dtype="float32", name="probabilities")(x)
