"""Networks as compiled graphs, for a page's few drawings at a time."""

import gc
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from doodle_core.training.stored import one_or_list

# --- answers in milliseconds ---------------------------------------------------------------------


class Compiled:
    """A network whose layers are compiled into one graph, for few drawings at a time.

    Keras calls layer after layer from Python, and its `predict` takes long to begin: a page would
    wait 70 ms for a verdict that takes 4.

    Args:
        model: keras.Model of one output, or several.
    """

    def __init__(self, model: keras.Model) -> None:
        given = [tf.TensorSpec(one.shape, one.dtype) for one in model.inputs]
        signature = [one_or_list(given)]
        self._graph = tf.function(lambda x: model(x, training=False), input_signature=signature)

    def __call__(self, x: Any, training: bool = False) -> Any:
        return self._graph(x)

    def predict(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """Arrays, as keras.Model's: so many drawings at once, that memory does not run out."""
        several = isinstance(x, list)
        n = len(x[0] if several else x)
        parts = []
        for at in range(0, n, batch_size):
            batch = [one[at : at + batch_size] for one in (x if several else [x])]
            parts.append(self(batch if several else batch[0]))
        if isinstance(parts[0], (list, tuple)):
            return [np.concatenate(one) for one in zip(*parts)]
        return np.concatenate(parts)


def keep_warm() -> None:
    """In a dashboard's process: keep Streamlit from tidying TensorFlow up after each script run.

    It clears Keras's session, and with it all that TensorFlow prepared to answer quickly, and has
    Python look for garbage among TensorFlow's 300,000 objects: 0.1 and 0.4 s before each answer.
    Nothing is trained in that process that would need either.
    """
    keras.backend.clear_session = lambda free_memory=True: None
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
