"""The classifiers, as Keras functional models over raw pixels.

Every network takes uint8 drawings (batch, 28, 28, 1), 0 the ground, 255 the line, and scales them
itself, so that no caller can hand it the wrong range; it returns probabilities in float32. The
layer before the last Dense, named "embedding", is what the latent pages show.
"""

import keras
from keras import layers


def build(name, classes):
    """Make a network with fresh weights (seed Keras first).

    Args:
        name: a key of `config.NETWORKS`.
        classes: int, number of categories.

    Returns:
        keras.Model, uint8 (batch, 28, 28, 1) -> float32 (batch, classes), rows add up to 1.
    """
    return {"report-base": report_base}[name](classes)


def report_base(classes):
    """The report's base network (section 2.2, figure 4): 430,407 parameters for 7 categories."""
    x = inputs = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(x)  # [-1, 1], section 1.1
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{filters}")(x)
        x = layers.MaxPooling2D(name=f"pool{filters}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(576, activation="relu", name="dense576")(x)
    x = layers.Dense(128, activation="relu", name="embedding")(x)
    return keras.Model(inputs, _head(x, classes), name="report_base")


def _head(x, classes):
    """Logits and softmax, in float32 whatever the policy: bfloat16 has 3 significant digits."""
    x = layers.Dense(classes, dtype="float32", name="logits")(x)
    return layers.Softmax(dtype="float32", name="probabilities")(x)


def table(model):
    """The network layer by layer: list of dicts `layer`, `kind`, `output`, `parameters`."""
    return [
        {
            "layer": layer.name,
            "kind": type(layer).__name__,
            "output": " x ".join(str(side) for side in layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]
