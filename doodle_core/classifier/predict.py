"""What a classifier answers to drawings, by one view or five."""

import math

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core.inference.views import VIEWS
from doodle_core.settings import RunConfig
from doodle_core.training.batches import TRANSFER_BATCH, VALIDATION_BATCH, transformed


def predict(
    model: keras.Model, drawings: NDArray[np.uint8], config: RunConfig
) -> NDArray[np.float32]:
    """What a network answers to drawings; with `test_views` the mean over each one's five views.

    Args:
        model: keras.Model as `networks.build` makes it.
        drawings: (N, 28, 28, 1) uint8.

    Returns:
        (N, C) float32.
    """
    seen = [drawings]
    if config.test_views:
        ones = tf.ones(len(drawings))
        seen += [
            transformed(drawings, math.radians(turn) * ones, scale * ones) for turn, scale in VIEWS
        ]
    x = np.concatenate(seen)
    if len(x) <= TRANSFER_BATCH:  # predict would take longer to begin than to answer
        answers = keras.ops.convert_to_numpy(model(x, training=False))
    else:
        batch = TRANSFER_BATCH if config.transfer else VALIDATION_BATCH
        answers = model.predict(x, batch_size=batch, verbose=0)
    mean: NDArray[np.float32] = answers.reshape(len(seen), len(drawings), -1).mean(axis=0)
    return mean
