"""How a network is fitted: its optimizer, loss and schedule, and the batches that it is shown.

Nothing here knows of run folders: `training` and the sweeps both fit by `fit`.
"""

import math
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from doodle_core import distribution

STEPS_PER_CALL = 16  # batches per call into TensorFlow: saves the way back to Python in between
VALIDATION_BATCH = 1024
TRANSFER_BATCH = 64  # drawings a base is shown at once: feature maps of large pictures need memory


def begin(config):
    """Seed everything and set the precision of a RunConfig. Returns the precision."""
    keras.utils.set_random_seed(config.seed)
    precision = best_precision() if config.precision == "auto" else config.precision
    keras.config.set_dtype_policy(precision)
    return precision


def best_precision():
    """ "mixed_bfloat16" where the processor multiplies bfloat16 (AVX-512 BF16, AMX), else float32."""
    flags = ""
    if sys.platform == "linux":
        flags = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def compiled(model, config, learning_rate=None):
    """Compile a classifier as its RunConfig says. Returns the same model.

    Targets are one-hot, so that every loss and both accuracies are computed from the same ones:
    `accuracy` is top-1, `binary_accuracy` what the report's table 1 printed under that name.

    Args:
        learning_rate: float, instead of the configuration's.
    """
    losses = {
        "softmax": keras.losses.CategoricalCrossentropy,
        "sigmoid": keras.losses.BinaryCrossentropy,
    }
    with distribution.strategy(config.devices).scope():
        model.compile(
            optimizer(config, learning_rate or config.learning_rate),
            losses[config.loss](label_smoothing=config.label_smoothing),
            metrics=[
                keras.metrics.CategoricalAccuracy("accuracy"),
                keras.metrics.BinaryAccuracy("binary_accuracy"),
            ],
            steps_per_execution=STEPS_PER_CALL,
        )
    return distribution.distribute(model, config.devices)


def optimizer(config, learning_rate):
    """Adam or RMSprop; weight decay spares biases and batch norm's scales."""
    kinds = {"adam": FusedAdam, "rmsprop": keras.optimizers.RMSprop}
    made = kinds[config.optimizer](learning_rate, weight_decay=config.weight_decay or None)
    if config.weight_decay:
        made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


class FusedAdam(keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015) by TensorFlow's one fused kernel instead of Keras's ten operations.

    The same update to rounding; with small batches Adam's passes over the weights are a fifth of a
    step on a CPU. Args as `keras.optimizers.Adam`, without amsgrad.
    """

    def update_step(self, gradient, variable, learning_rate):
        place = self._get_variable_index(variable)
        step = tf.cast(self.iterations.value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].value.handle,
            v=self._velocities[place].value.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )


@keras.saving.register_keras_serializable("doodle_core")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Batch norm by TensorFlow's one fused kernel in training; Keras's takes a pass for each sum.

    The same figures to rounding, a compact network's step on a CPU 1.5 times faster. Only for
    feature maps (batch, height, width, channels) without masks; args as the layer it comes from.
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable) or self.synchronized:
            return super().call(inputs, training=training)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, self.compute_dtype),
            scale=tf.cast(self.gamma, tf.float32),
            offset=tf.cast(self.beta, tf.float32),
            mean=tf.zeros([0]),
            variance=tf.zeros([0]),
            epsilon=self.epsilon,
            is_training=True,
        )
        for average, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            average.assign(average * self.momentum + now * (1 - self.momentum))
        return outputs


def fused(model):
    """A copy of a network, with its weights, whose batch norms are fused: for training only.

    Stored networks have Keras's own layers, so that they load without this program.
    """

    def copy(layer):
        kind = type(layer)
        if kind is keras.layers.BatchNormalization and len(layer.output.shape) == 4:
            kind = FusedBatchNormalization
        return kind.from_config(layer.get_config())

    faster = keras.models.clone_model(model, clone_function=copy)
    faster.set_weights(model.get_weights())
    return faster


def monitors(config):
    """Keras's own callbacks for the learning rate and for stopping early, as configured."""
    found = []
    if config.schedule == "cosine":
        found.append(keras.callbacks.LearningRateScheduler(lambda epoch: cosine(config, epoch)))
    if config.plateau:
        found.append(
            keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=config.plateau, min_lr=1e-5)
        )
    if config.early_stopping:
        found.append(keras.callbacks.EarlyStopping(patience=config.early_stopping))
    return found


def cosine(config, epoch):
    """The learning rate of an epoch (from 0): half the top one first, then half a cosine."""
    if epoch == 0:
        return config.learning_rate / 2
    return config.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / config.epochs)) / 2


def steps_per_epoch(train, config):
    """Batches an epoch; the last one may be smaller."""
    return -(-len(train[0]) // config.batch_size)


def fit(model, config, train, validation, callbacks, first=0, at_once=VALIDATION_BATCH):
    """Fit a compiled model from epoch `first` (from 0) on.

    Args:
        train, validation: (x, y): x (N, 28, 28, 1) uint8, y (N,) int32.
        callbacks: list of Keras callbacks.
        at_once: drawings a batch in validation.
    """
    classes = model.output.shape[-1]
    epoch = tf.Variable(first, dtype=tf.int64)
    follow = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda number, logs: epoch.assign(number)
    )
    x, y = validation
    targets = keras.utils.to_categorical(y, classes)
    model.fit(
        batches(*train, classes, config, epoch),
        epochs=config.epochs,
        initial_epoch=first,
        validation_data=distribution.validation((x, targets), at_once, config.devices),
        class_weight=class_weights(train[1], classes, config.balance),
        callbacks=[follow, *callbacks],
        shuffle=False,  # `batches` does
        verbose=0,
    )


def batches(x, y, classes, config, epoch):
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

    def order(_):
        shuffled = tf.random.experimental.stateless_shuffle(
            tf.range(len(y)), seed=tf.stack([seed, epoch.read_value()])
        )
        shuffled = tf.concat([shuffled, shuffled[:again]], 0)
        found = tf.data.Dataset.from_tensor_slices(shuffled).batch(config.batch_size)
        return found.enumerate(epoch.read_value() * 2**32)

    def gather(number, at):
        at = at[index::workers]
        drawings = tf.gather(x, at)
        if config.augments:
            drawings = changed(drawings, config, tf.stack([seed, number]), index, workers)
        return drawings, tf.one_hot(tf.gather(y, at), classes)

    # fit's steps_per_epoch would be simpler, but with steps_per_execution it runs past the end
    found = tf.data.Dataset.from_tensors(0).flat_map(order).map(gather, num_parallel_calls=2)
    steps = steps_per_epoch((x, y), config)
    return found.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(STEPS_PER_CALL)


def changed(drawings, config, seed, index=0, workers=1):
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
    return _moved(drawings, turn, scale, config.shift * random[2], config.shift * random[3])


def _moved(drawings, turn, scale, right=0.0, down=0.0):
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


VIEWS = ((6, 1.0), (-6, 1.0), (0, 1.08), (0, 0.92))
"""Beside the drawing itself: turned by degrees, made smaller by a factor."""


def outputs(model, drawings, config):
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
        seen += [_moved(drawings, math.radians(turn) * ones, scale * ones) for turn, scale in VIEWS]
    x = np.concatenate(seen)
    if len(x) <= TRANSFER_BATCH:  # predict would take longer to begin than to answer
        answers = keras.ops.convert_to_numpy(model(x, training=False))
    else:
        batch = TRANSFER_BATCH if config.transfer else VALIDATION_BATCH
        answers = model.predict(x, batch_size=batch, verbose=0)
    return answers.reshape(len(seen), len(drawings), -1).mean(axis=0)


def class_weights(y, classes, balance):
    """Weights that make every category count the same, mean 1 over the drawings; or None."""
    if not balance:
        return None
    counts = np.bincount(y, minlength=classes)
    return {label: len(y) / (classes * count) for label, count in enumerate(counts.tolist())}
