"""Encoders, decoders and the discriminator, as Keras functional models.

The encoder takes uint8 drawings (batch, 28, 28, 1) and gives the mean and log-variance of a normal
posterior; the decoder takes points of the latent space and gives each pixel's probability of ink.
Both are stored with Keras's own layers alone. A conditional one is given one-hot categories too.

A network is one function here, which makes both, and one entry in `settings.vae.NETWORKS`.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from doodle_core.settings import VaeConfig

Body = Callable[[Any, VaeConfig], Any]
"""Layers on drawings (an encoder's) or on points of the latent space (a decoder's)."""
INK = 191  # pixels above are ink: 0.5 on the report's scale of [-1, 1] (section 1.1)


def build(config: VaeConfig, classes: int) -> tuple[keras.Model, keras.Model]:
    """The encoder and decoder that were asked for, with fresh weights (seed Keras first)."""
    encoder, decoder = config.networks[config.network].load()(config, classes)
    return encoder, decoder


def encoder_of(body: Body, config: VaeConfig, classes: int) -> keras.Model:
    """uint8 (batch, 28, 28, 1) -> mean and log-variance, float32 (batch, latent) each."""
    drawing = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x, inputs = body(drawing, config), drawing
    if config.conditional:
        category = keras.Input((classes,), name="category")
        x, inputs = layers.Concatenate(name="with_category")([x, category]), [drawing, category]
    kinds = ("mean", "log_var")  # float32: bfloat16 has 3 significant digits
    found = [layers.Dense(config.latent, dtype="float32", name=kind)(x) for kind in kinds]
    return keras.Model(inputs, found, name="encoder")


def decoder_of(body: Body, config: VaeConfig, classes: int) -> keras.Model:
    """(batch, latent) -> float32 (batch, 28, 28, 1), the probability of ink of each pixel."""
    latent = keras.Input((config.latent,), name="latent")
    x, inputs = latent, latent
    if config.conditional:
        category = keras.Input((classes,), name="category")
        x, inputs = layers.Concatenate(name="with_category")([x, category]), [latent, category]
    x = body(x, config)
    x = layers.Activation("linear", dtype="float32", name="logits")(x)
    ink = layers.Activation("sigmoid", dtype="float32", name="ink")(x)
    return keras.Model(inputs, ink, name="decoder")


# --- the report's (section 2.4) ------------------------------------------------------------------


def report_vae(config: VaeConfig, classes: int) -> tuple[keras.Model, keras.Model]:
    """The report's encoder and decoder."""
    return encoder_of(report_encoder, config, classes), decoder_of(report_decoder, config, classes)


def report_encoder(drawing: Any, config: VaeConfig) -> Any:
    """Two 5x5 convolutions at full size, each with batch norm, and 20 units."""
    x = ops.cast(ops.greater(drawing, INK), "float32")
    for place, n in enumerate(config.filters, 1):
        x = layers.Conv2D(n, 5, padding="same", activation="relu", name=f"conv{place}")(x)
        x = layers.BatchNormalization(name=f"conv{place}_norm")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(20, activation="relu", name="dense20")(x)
    return layers.BatchNormalization(name="dense20_norm")(x)


def report_decoder(x: Any, config: VaeConfig) -> Any:
    """784 x b units with batch norm, then transposed convolutions of b, a and 1 filters.

    With `skip_widest` the one of b filters is left out: in the report's model 2 it was made, and
    nothing read it.
    """
    a, b = config.filters
    x = layers.Dense(784 * b, activation="relu", name="dense")(x)
    x = layers.BatchNormalization(name="dense_norm")(x)
    x = layers.Reshape((28, 28, b), name="maps")(x)
    for place, n in enumerate((a,) if config.skip_widest else (b, a), 1):
        x = _transposed(n, config.decoder_kernel, f"transposed{place}", activation="relu")(x)
    return _transposed(1, config.decoder_kernel, "pixels")(x)


def _transposed(filters: int, side: int, name: str, **settings: Any) -> Any:
    return layers.Conv2DTranspose(filters, side, padding="same", name=name, **settings)


# --- ours ----------------------------------------------------------------------------------------


def strided(config: VaeConfig, classes: int) -> tuple[keras.Model, keras.Model]:
    """An encoder that halves the side twice, and a decoder that doubles it twice."""
    encoder = encoder_of(strided_encoder, config, classes)
    return encoder, decoder_of(strided_decoder, config, classes)


def strided_encoder(drawing: Any, config: VaeConfig) -> Any:
    """28 -> 14 -> 7 by strides, residual blocks, then 128 units."""
    a, b = config.filters
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(drawing)
    x = _norm(layers.Conv2D(a, 4, 2, "same", use_bias=False, name="conv1")(x), "conv1")
    x = _norm(layers.Conv2D(b, 4, 2, "same", use_bias=False, name="conv2")(x), "conv2")
    for place in range(1, config.blocks + 1):
        x = _residual(x, b, f"block{place}")
    x = layers.Flatten(name="flatten")(x)
    return _norm(layers.Dense(128, use_bias=False, name="dense")(x), "dense")


def strided_decoder(x: Any, config: VaeConfig) -> Any:
    """The encoder backwards: 128 units, 7 -> 14 -> 28."""
    a, b = config.filters
    x = _norm(layers.Dense(128, use_bias=False, name="dense1")(x), "dense1")
    x = _norm(layers.Dense(49 * b, use_bias=False, name="dense2")(x), "dense2")
    x = layers.Reshape((7, 7, b), name="maps")(x)
    for place in range(1, config.blocks + 1):
        x = _residual(x, b, f"block{place}")
    x = _norm(_transposed(a, 4, "transposed1", strides=2, use_bias=False)(x), "transposed1")
    return _transposed(1, 4, "pixels", strides=2)(x)


def _residual(x: Any, filters: int, name: str) -> Any:
    """Two 3x3 convolutions around which their input is added (He et al. 2016)."""
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv1")(x)
    y = _norm(y, f"{name}_conv1")
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_conv2")(y)
    y = layers.BatchNormalization(momentum=0.9, name=f"{name}_conv2_norm")(y)
    return layers.Activation("relu", name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _norm(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def discriminator_of(classes: int) -> keras.Model:
    """(B, 28, 28, 1) in [0, 1] -> a logit (B, 1) that it is real, a middle layer's features, and
    the categories' logits (B, C); all float32, whatever the policy: losses are made of them.

    Spectral norms (Miyato et al. 2018) keep it from winning at once.
    """
    drawing = x = keras.Input((28, 28, 1), name="drawing")
    for place, n in enumerate((16, 32), 1):
        x = layers.SpectralNormalization(
            layers.Conv2D(n, 4, 2, padding="same"), name=f"conv{place}"
        )(x)
        x = features = layers.LeakyReLU(0.2, name=f"conv{place}_relu")(x)
    x = layers.SpectralNormalization(layers.Conv2D(64, 3, 2, padding="same"), name="conv3")(x)
    x = layers.Flatten(name="flatten")(layers.LeakyReLU(0.2, name="conv3_relu")(x))
    features = layers.Activation("linear", dtype="float32", name="features")(features)
    real = layers.Dense(1, dtype="float32")
    is_real = layers.SpectralNormalization(real, dtype="float32", name="real")(x)
    names = layers.Dense(classes, dtype="float32", name="category")(x)
    return keras.Model(drawing, [is_real, features, names], name="discriminator")
