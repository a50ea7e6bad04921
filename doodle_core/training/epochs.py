"""The epochs of any family: what each one draws at random depends on (seed, epoch) alone."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from doodle_core.settings import RunConfig, VaeConfig
from doodle_core.training import distribution
from doodle_core.training.batches import VALIDATION_BATCH, Labelled, batches


def fit_epochs(
    model: keras.Model,
    config: RunConfig | VaeConfig,
    train: Labelled,
    validation: Labelled,
    callbacks: Sequence[keras.callbacks.Callback],
    first: int = 0,
    at_once: int = VALIDATION_BATCH,
    class_weight: Mapping[int, float] | None = None,
    reads_labels: bool = False,
) -> None:
    """Fit a compiled model from epoch `first` (from 0) on.

    Args:
        train, validation: (x, y): x (N, 28, 28, 1) uint8, y (N,) int32.
        callbacks: list of Keras callbacks.
        at_once: drawings a batch in validation.
        class_weight: by a category's place, as `batches.class_weights`; None: all 1.
        reads_labels: whether the model's input is (x, one-hot y) instead of x.
    """
    classes = len(config.data.categories)
    epoch = tf.Variable(first, dtype=tf.int64)
    drawn = batches(*train, classes, config, epoch)
    x, y = validation
    targets = keras.utils.to_categorical(y, classes)
    model.fit(
        drawn.map(lambda x, y: ((x, y), y)) if reads_labels else drawn,
        epochs=config.epochs,
        initial_epoch=first,
        validation_data=distribution.validation(
            ((x, targets) if reads_labels else x, targets), at_once, config.devices
        ),
        class_weight=class_weight,
        callbacks=[Follow(epoch, config.seed), *callbacks],
        shuffle=False,  # `batches` does
        verbose=0,
    )


class Follow(keras.callbacks.Callback):
    """Tell the batches, and layers that draw at random, which epoch it is.

    Keras's SeedGenerators (dropout's, for one) count calls, and a weights file does not hold where
    they are: a resumed run would see other masks. Set anew by (seed, epoch), it sees the same.

    Args:
        epoch: int64 tf.Variable, set to each epoch's number (from 0).
        seed: the run's.
    """

    def __init__(self, epoch: tf.Variable, seed: int) -> None:
        super().__init__()
        self.number, self.seed = epoch, seed

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self.number.assign(epoch)
        states = [v for v in self.model.variables if v.path.endswith("seed_generator_state")]
        for place, state in enumerate(states):
            drawn = np.random.SeedSequence((self.seed, epoch, place)).generate_state(2)
            state.assign(drawn.astype(state.dtype))
