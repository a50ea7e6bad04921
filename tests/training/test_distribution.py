"""Two workers, and two devices of one worker, must train as one device does.

    python tests/training/test_distribution.py DEVICES FILE FOLDER

is one of the processes that the tests start: it trains, and leaves its figures in FILE.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest
import tensorflow as tf

from doodle_core.training import distribution

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 300  # seconds, for a busy machine; they take about 10
N, BATCH = 44, 16  # the last batch is smaller


class Autoencoder(keras.Model):
    """One whose loss, metric and noise are its own."""

    def __init__(self):
        super().__init__()
        drawing, code = keras.Input((6, 6, 1)), keras.Input((2,))
        flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(drawing))
        self.encoder = keras.Model(drawing, keras.layers.Dense(2)(flat))
        self.decoder = keras.Model(code, keras.layers.Dense(36)(code))
        self.error = keras.metrics.Mean("error")

    def call(self, inputs, training=False):
        code = self.encoder(inputs, training=training)
        return {"drawn": self.decoder(code + distribution.noise(code, (1, 2)), training=training)}

    def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
        target = tf.reshape(tf.cast(x, tf.float32) / 255, (-1, 36))
        errors = tf.reduce_sum((y_pred["drawn"] - target) ** 2, axis=1)
        self.error.update_state(errors)
        return distribution.scaled(tf.reduce_mean(errors))


def classifier():
    drawing = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(4, 3, use_bias=False)(keras.layers.Rescaling(1 / 255)(drawing))
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x))
    return keras.Model(drawing, x)


def fit(build, devices, epochs, *callbacks):
    """Losses and figures by epoch: {name: [float]}."""
    keras.utils.set_random_seed(0)
    with distribution.strategy(devices).scope():
        model = build()
        is_own = isinstance(model, Autoencoder)
        loss = None if is_own else keras.losses.CategoricalCrossentropy()
        metrics = [] if is_own else [keras.metrics.CategoricalAccuracy("accuracy")]
        adam = keras.optimizers.Adam(0.01, clipnorm=0.1)
        model.compile(adam, loss, metrics=metrics, steps_per_execution=16)
    distribution.distribute(model, devices)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (N, 6, 6, 1)).astype(np.uint8)
    y = np.eye(3, dtype=np.float32)[rng.integers(0, 3, N)]
    index, workers = distribution.place(devices)
    batches = (
        tf.data.Dataset.range(N)
        .batch(BATCH)
        .map(lambda at: (tf.gather(x, at[index::workers]), tf.gather(y, at[index::workers])))
    )
    found = model.fit(
        batches,
        epochs=epochs,
        validation_data=distribution.validation((x, y), 20, devices),
        class_weight=None if is_own else {0: 1.0, 1: 2.0, 2: 0.5},
        callbacks=list(callbacks),
        shuffle=False,
        verbose=0,
    )
    return found.history


def losses(devices, path):
    """An autoencoder's figures, and those of a classifier's third epoch, from a backup on."""
    found = {"autoencoder": fit(Autoencoder, devices, 2)}
    with distribution.run_folder(path, devices) as folder:
        return found | {"classifier": fit(classifier, devices, 3, keeper(folder))}


def keeper(folder):
    return keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A run's folder with a backup of two epochs on one device."""
    folder = tmp_path_factory.mktemp("run")
    with tf.device("CPU:0"):
        fit(classifier, "one", 2, keeper(folder))
    return folder


@pytest.fixture(scope="module")
def expected(begun, tmp_path_factory):
    """What one device goes on to."""
    folder = tmp_path_factory.mktemp("one") / "run"
    shutil.copytree(begun, folder)
    with tf.device("CPU:0"):
        return losses("one", folder)


def trained(folder, begun, tasks):
    """Train in processes of their own, one a task. Returns the figures of each.

    Args:
        folder: for their files. begun: the first one's run.
        tasks: list of (devices, TF_CONFIG's value or None).
    """
    shutil.copytree(begun, folder / "0")
    files = [folder / f"{place}.json" for place in range(len(tasks))]
    processes = []
    try:
        for file, (devices, config) in zip(files, tasks):
            env = os.environ | {"PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
            env |= {"TF_CONFIG": json.dumps(config)} if config else {}
            command = [sys.executable, __file__, devices, str(file), str(file.with_suffix(""))]
            with open(file.with_suffix(".log"), "wb") as log:
                processes.append(subprocess.Popen(command, env=env, stdout=log, stderr=log))
        for process, file in zip(processes, files):
            code = process.wait(timeout=LIMIT)
            assert code == 0, file.with_suffix(".log").read_text("utf-8", "replace")[-2000:]
    finally:
        for process in processes:
            process.kill()  # TensorFlow's workers take no SIGTERM
            process.wait()
    return [json.loads(file.read_text("utf-8")) for file in files]


def check(found, expected):
    for name, figures in expected.items():
        for key, values in figures.items():
            assert found[name][key] == pytest.approx(values, rel=1e-4), (name, key)


@pytest.mark.slow
def test_two_workers_train_as_one(tmp_path, begun, expected):
    with socket.socket() as one, socket.socket() as two:
        for found in (one, two):
            found.bind(("127.0.0.1", 0))
        cluster = {"worker": [f"127.0.0.1:{found.getsockname()[1]}" for found in (one, two)]}
    tasks = [{"cluster": cluster, "task": {"type": "worker", "index": index}} for index in (0, 1)]
    for found in trained(tmp_path, begun, [("workers", task) for task in tasks]):
        check(found, expected)
    metadata = (tmp_path / "0" / "backup" / "training_metadata.json").read_text("utf-8")
    assert json.loads(metadata)["epoch"] == 3  # the chief went on in the run's folder,
    assert not (tmp_path / "1").exists()  # the other one in a copy


@pytest.mark.slow
def test_two_devices_train_as_one(tmp_path, begun, expected):
    check(*trained(tmp_path, begun, [("gpus", None)]), expected)


GOOD = {"cluster": {"worker": ["127.0.0.1:2222", "127.0.0.1:2223"]}}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "{not json",
        "[]",
        json.dumps(GOOD),
        json.dumps(GOOD | {"task": {"type": "worker", "index": 2}}),
        json.dumps(GOOD | {"task": {"type": "evaluator", "index": 0}}),
        json.dumps({"cluster": {"worker": ["nowhere"]}, "task": {"type": "worker", "index": 0}}),
        json.dumps({"cluster": {"worker": 3}, "task": {"type": "worker", "index": 0}}),
    ],
)
def test_a_bad_tf_config_gets_one_sentence(monkeypatch, value):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if value is not None:
        monkeypatch.setenv("TF_CONFIG", value)
    with pytest.raises(ValueError, match="TF_CONFIG must be like .* received") as error:
        distribution.strategy("workers")
    assert "\n" not in str(error.value)


def test_shares_are_equal(monkeypatch):
    monkeypatch.setattr(
        distribution, "strategy", lambda devices: type("", (), {"num_replicas_in_sync": 3})
    )
    assert distribution.padding(44, 6, "gpus") == 1
    with pytest.raises(ValueError, match="a multiple of 3"):
        distribution.padding(44, 16, "gpus")


def test_validation_counts_every_drawing_once(monkeypatch):
    seen = []
    for index in range(2):
        monkeypatch.setattr(distribution, "place", lambda devices, index=index: (index, 2))
        batches = list(distribution.validation(np.arange(41), 20, "workers").as_numpy_iterator())
        assert [len(batch) for batch in batches] == ([7, 7, 7] if index == 0 else [6, 7, 7])
        seen += np.concatenate(batches).tolist()
    assert sorted(seen) == list(range(41))


if __name__ == "__main__":
    kind, file, run = sys.argv[1:]
    if kind == "gpus":  # two logical processors stand for two GPUs
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
        )
    Path(file).write_text(json.dumps(losses(kind, Path(run))), "utf-8")
