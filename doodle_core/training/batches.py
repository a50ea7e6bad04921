"""The batches that a network is shown: order and changes depend on (seed, epoch) alone."""

import math
from collections.abc import Sized
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core.settings import RunConfig, VaeConfig
from doodle_core.training import distribution

Labelled = tuple[NDArray[Any], NDArray[np.int32]]
"""(x, y): drawings, (N, 28, 28, 1) uint8, or a base's features of them, (N, D) float32; and their
categories' places, (N,)."""
STEPS_PER_CALL = 16  # batches per call into TensorFlow: saves the way back to Python in between
VALIDATION_BATCH = 1024
TRANSFER_BATCH = 64  # drawings a base is shown at once: feature maps of large pictures need memory


def steps_per_epoch(train: tuple[Sized, Sized], config: RunConfig | VaeConfig) -> int:
    """Batches an epoch; the last one may be smaller."""
    return -(-len(train[0]) // config.batch_size)


def batches(
    x: NDArray[Any],
    y: NDArray[np.int32],
    classes: int,
    config: RunConfig | VaeConfig,
    epoch: tf.Variable,
) -> tf.data.Dataset:
    """Shuffled batches of one epoch: order and changes depend on (seed, epoch) alone.

    So a resumed run sees what it would have seen. The drawings stay uint8 in one tensor and are
    gathered by index: no float copy of the data set is made.

    Args:
        x: (N, 28, 28, 1) uint8. y: (N,) int32.
        classes: int.
        config: RunConfig: batch_size, seed, rotation, shift, zoom.
        epoch: int64 tf.Variable, read whenever the dataset is iterated anew.

    Returns:
        tf.data.Dataset of (batch, one-hot batch labels).
    """
    x, y = tf.constant(x), tf.constant(y)
    seed = tf.constant(config.seed, tf.int64)
    index, workers = distribution.place(config.devices)
    again = distribution.padding(len(y), config.batch_size, config.devices)

    def order(_: tf.Tensor) -> tf.data.Dataset:
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(len(y)), seed=tf.stack([seed, epoch.read_value()])
        )
        shuffled = tf.concat([shuffled, shuffled[:again]], 0)
        found = tf.data.Dataset.from_tensor_slices(shuffled).batch(config.batch_size)
        return found.enumerate(epoch.read_value() * 2**32)

    def gather(number: tf.Tensor, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        at = at[index::workers]
        drawings = tf.gather(x, at)
        if config.augments:
            drawings = changed(drawings, config, tf.stack([seed, number]), index, workers)
        return drawings, tf.one_hot(tf.gather(y, at), classes)

    # fit's steps_per_epoch would be simpler, but with steps_per_execution it runs past the end
    found = tf.data.Dataset.from_tensors(0).flat_map(order).map(gather, num_parallel_calls=2)
    steps = steps_per_epoch((x, y), config)
    return found.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(STEPS_PER_CALL)


def changed(
    drawings: tf.Tensor,
    config: RunConfig | VaeConfig,
    seed: tf.Tensor,
    index: int = 0,
    workers: int = 1,
) -> tf.Tensor:
    """Each drawing turned, moved and scaled at random, in one bilinear sampling.

    Args:
        drawings: (B, 28, 28, 1) uint8.
        config: RunConfig: rotation (degrees), shift (pixels), zoom (share).
        seed: (2,) int64.

    Returns:
        (B, 28, 28, 1) uint8; what comes in from outside is ground.
    """
    whole = tf.shape(drawings)[0] * workers  # so that each drawing is changed as by one worker
    random = tf.random.stateless_uniform([4, whole], seed, -1.0, 1.0)[:, index::workers]
    turn = random[0] * (config.rotation * math.pi / 180)
    scale = tf.exp(random[1] * math.log1p(config.zoom))
    return transformed(drawings, turn, scale, config.shift * random[2], config.shift * random[3])


def transformed(
    drawings: tf.Tensor | NDArray[np.uint8],
    turn: tf.Tensor,
    scale: tf.Tensor,
    right: tf.Tensor | float = 0.0,
    down: tf.Tensor | float = 0.0,
) -> tf.Tensor:
    """Drawings turned (radians), made smaller by `scale`, moved (pixels): (B,) floats each."""
    cos, sin, zero = scale * tf.cos(turn), scale * tf.sin(turn), tf.zeros_like(turn)
    # what comes to (x, y) is read from the turned and scaled (x - column, y - row)
    middle = 13.5
    column, row = middle + right, middle + down
    transform = tf.stack(
        [
            cos,
            -sin,
            middle - cos * column + sin * row,
            sin,
            cos,
            middle - sin * column - cos * row,
            zero,
            zero,
        ],
        axis=1,
    )
    moved = keras.ops.image.affine_transform(
        tf.cast(drawings, tf.float32), transform, fill_mode="constant", fill_value=0
    )
    return tf.cast(tf.round(moved), tf.uint8)


def class_weights(y: NDArray[np.int32], classes: int, balance: bool) -> dict[int, float] | None:
    """Weights that make every category count the same, mean 1 over the drawings; or None."""
    if not balance:
        return None
    counts = np.bincount(y, minlength=classes)
    return {label: len(y) / (classes * count) for label, count in enumerate(counts.tolist())}
