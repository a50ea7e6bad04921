"""Training on several GPUs or machines at once, by TensorFlow's tf.distribute.

All GPUs of this machine (MirroredStrategy):

    python -m doodle_core train --name first --devices gpus

Two machines with all their GPUs (MultiWorkerMirroredStrategy), here 10.0.0.1 and 10.0.0.2. Both
need this program, the same drawings, and port 2222 open to each other. On 10.0.0.1:

    export TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]},
                       "task": {"type": "worker", "index": 0}}'
    python -m doodle_core train --name first --devices workers

and on 10.0.0.2 the same two commands with "index": 1. Worker 0, the chief, keeps the run's folder;
the others work in temporary copies of it, which it sends them. Each waits for all the others; when
one ends, all do, and the same commands with --resume first (for --name first) go on. TensorFlow
neither encrypts nor authenticates what the workers say: only where every machine is trusted.

A batch stays as large as configured. Its drawings are dealt out in equal shares, their gradients
are added up, and batch norm takes its figures over all of them: so a run's losses are, to rounding,
the same on any number of devices. Only dropout's masks differ.
"""

import contextlib
import functools
import io
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)
log = logging.getLogger("doodle_core")


@functools.cache
def strategy(devices: str) -> tf.distribute.Strategy:
    """The tf.distribute.Strategy of one of `settings.shared.DEVICES`; build and compile in its `scope()`.

    With several workers it waits for all of them, and must come before anything is computed.

    Raises:
        ValueError: TF_CONFIG does not say who the workers are.
    """
    index, workers = place(devices)
    if workers > 1:
        log.info("Worker %d of %d: waiting for the others.", index + 1, workers)
        return tf.distribute.MultiWorkerMirroredStrategy()
    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if devices == "one" or len(found) == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy([device.name for device in found])


def place(devices: str) -> tuple[int, int]:
    """Which worker this is (0 is the chief, which keeps the run), and of how many: (int, int)."""
    if devices != "workers":
        return 0, 1
    try:
        config = json.loads(os.environ["TF_CONFIG"])
        workers, task = config["cluster"]["worker"], config["task"]
        sound = list(config["cluster"]) == [task["type"]] == ["worker"]
        sound &= all(address.rpartition(":")[2].isdigit() for address in workers)
        sound &= task["index"] in range(len(set(workers)))
    except (KeyError, ValueError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise ValueError(
            'The environment variable TF_CONFIG must be like {"cluster": {"worker": '
            '["10.0.0.1:2222", "10.0.0.2:2222"]}, "task": {"type": "worker", "index": 0}}; '
            f"received {os.environ.get('TF_CONFIG')!r:.200}."
        )
    return task["index"], len(workers)


# --- the network and its batches -----------------------------------------------------------------


def distribute(model: keras.Model, devices: str) -> keras.Model:
    """Make a compiled network's `fit` use all devices; its batches are this worker's alone.

    Keras 3.15's own way fails with several workers, where it reduces scalars over an axis, and with
    several steps per execution. So Keras is told of no strategy, and given steps that bring theirs.

    Args:
        model: keras.Model. A loss that it computes itself must be `scaled`.

    Returns:
        The same model.
    """
    found = strategy(devices)
    if found.num_replicas_in_sync == 1:
        return model
    for layer in _layers(model):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True
    optimizer = model.optimizer
    with found.scope():
        optimizer.build(model.trainable_variables)  # within a step it would be too late
    if optimizer.clipnorm or optimizer.global_clipnorm or optimizer.clipvalue:
        optimizer._clip_gradients = functools.partial(_clip_sum, optimizer._clip_gradients)
    model._distribute_strategy = None
    model.train_step = _on_all(found, functools.partial(type(model).train_step, model))
    model.test_step = _on_all(found, functools.partial(type(model).test_step, model))
    model.steps_per_execution, model.jit_compile = 1, False
    return model


def _layers(layer: keras.Layer) -> Iterator[keras.Layer]:
    """A layer and all that are in it."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from _layers(inner)


def _clip_sum(
    clip: Callable[[Any], Sequence[tf.Tensor]], gradients: Sequence[tf.Tensor]
) -> list[tf.Tensor]:
    """Clip the whole batch's gradients: Keras would clip each share's, then add them up."""
    context = tf.distribute.get_replica_context()
    whole = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
    return [gradient / context.num_replicas_in_sync for gradient in clip(whole)]


def _on_all(
    found: tf.distribute.Strategy, step: Callable[[Any], dict[str, Any]]
) -> Callable[[Any], dict[str, Any]]:
    """A step that deals its batch out to this worker's devices.

    It answers with the first one's figures, good enough to watch an epoch. At the epoch's end Keras
    reads the metrics themselves, which are then added up over all devices of all workers.
    """
    n = len(found.extended.worker_devices)

    def on_all(batch: Any) -> dict[str, Any]:
        def share(context: tf.distribute.experimental.ValueContext) -> Any:
            first = context.replica_id_in_sync_group % n
            return keras.tree.map_structure(lambda values: values[first::n], batch)

        shares = found.experimental_distribute_values_from_function(share)
        figures = found.run(step, (shares,))
        return {name: found.experimental_local_results(value)[0] for name, value in figures.items()}

    return on_all


def scaled(loss: tf.Tensor | float) -> tf.Tensor | float:
    """The mean loss of a share, so that the shares' sum is the batch's mean; Keras's losses are."""
    return loss / tf.distribute.get_strategy().num_replicas_in_sync


def noise(like: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Standard normal numbers: a device's share of those that one device draws for a whole batch.

    Args:
        like: (B, D), gives the shape. seed: (2,) int.
    """
    context = tf.distribute.get_replica_context()
    n, (rows, columns) = context.num_replicas_in_sync, tf.unstack(tf.shape(like))
    drawn = tf.random.stateless_normal([n * rows, columns], seed)
    if n == 1:
        return drawn
    here = len(context.strategy.extended.worker_devices)
    replica = context.replica_id_in_sync_group
    return drawn[replica // here + n // here * (replica % here) :: n]  # dealt out as drawings are


def padding(n: int, batch_size: int, devices: str) -> int:
    """How many of an epoch's `n` drawings come twice, for a last batch of equal shares.

    Raises:
        ValueError: the other batches have none.
    """
    shares: int = strategy(devices).num_replicas_in_sync
    if batch_size % shares:
        raise ValueError(
            f"batch_size must be a multiple of {shares}, the devices; received {batch_size}."
        )
    return -n % shares


def validation(arrays: Any, at_once: int, devices: str) -> tf.data.Dataset:
    """This worker's batches of a part of which every drawing counts once.

    Args:
        arrays: nested arrays (N, ...): N at least the number of devices.
        at_once: int, drawings a batch of all workers at most; all are about as large, since a small
            last one might leave a device without any.

    Returns:
        tf.data.Dataset.
    """
    index, workers = place(devices)
    with tf.device("CPU:0"):
        arrays = keras.tree.map_structure(tf.constant, arrays)
    n = len(keras.tree.flatten(arrays)[0])
    edges = np.linspace(0, n, -(-n // at_once) + 1).astype(int)

    def batch(start: tf.Tensor, end: tf.Tensor) -> Any:
        return keras.tree.map_structure(lambda array: array[start + index : end : workers], arrays)

    return tf.data.Dataset.from_tensor_slices((edges[:-1], edges[1:])).map(batch)


# --- the run's folder ----------------------------------------------------------------------------


@contextlib.contextmanager
def run_folder(path: Any, devices: str) -> Iterator[Path]:
    """The folder to work in: the chief's is `path`, the others' a temporary copy of the chief's.

    Args:
        path: Path of the run's folder; anything on workers that are not the chief.

    Raises:
        RuntimeError: from within the block, when another worker has ended.
    """
    index, workers = place(devices)
    if workers == 1:
        yield path
        return
    try:
        with tempfile.TemporaryDirectory() as copy:
            sent = from_chief(b"" if index else _zipped(path), devices)
            if index:
                zipfile.ZipFile(io.BytesIO(sent)).extractall(copy)
            yield Path(copy) if index else path
        with contextlib.suppress(*LOST):  # at once: an earlier end looks like a crash
            from_chief(b"the end", devices)
    except LOST as error:
        raise RuntimeError("Another worker has ended or is out of reach.") from error


def _zipped(path: Path) -> bytes:
    """All files of a folder, as the bytes of a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in path.rglob("*"):
            archive.write(file, file.relative_to(path))
    return content.getvalue()


def from_chief(content: bytes, devices: str) -> bytes:
    """The chief's `content` (bytes), on every worker; each must call it at the same place."""
    found = strategy(devices)
    if place(devices)[1] == 1:
        return content
    numbers = np.frombuffer(content, np.uint8).astype(np.float32)  # bytes cannot be gathered

    def given(context: tf.distribute.experimental.ValueContext) -> tf.Tensor:
        return tf.constant(numbers if context.replica_id_in_sync_group == 0 else numbers[:0])

    values = found.experimental_distribute_values_from_function(given)
    sent: bytes = found.gather(values, axis=0).numpy().astype(np.uint8).tobytes()
    return sent
