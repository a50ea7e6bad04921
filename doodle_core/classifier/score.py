"""The end of a classifier's run: its measures on the test part, and what the pages need."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.classifier import networks, transfer
from doodle_core.classifier.predict import predict
from doodle_core.settings import RunConfig
from doodle_core.training.backup import write_network
from doodle_core.training.batches import TRANSFER_BATCH, VALIDATION_BATCH, Labelled
from doodle_core.training.callbacks import log
from doodle_core.training.measured import Measured, of_the_training

RANGES = 2000  # test drawings shown in other pixel ranges


# --- the end of a run ----------------------------------------------------------------------------


def score(path: Path, config: RunConfig, parts: Sequence[Labelled]) -> None:
    """Judge the best epoch's weights on the test part, once, and write what the pages need.

    Whatever but its answers cannot be measured is left out, with its reason (`Measured`).

    Raises:
        ValueError: its answers are not all numbers.
    """
    runs.write_progress(path, "scoring")
    model = _keep_plain(path, config)
    (_, y), (x_val, y_val), (x_test, y_test) = parts
    outputs = predict(model, x_test, config)
    probabilities = evaluation.distribution(outputs)
    val_probabilities = evaluation.distribution(predict(model, x_val, config))
    found, embeddings = Measured(), None
    with found.apart("embeddings"):
        embed = keras.Model(model.inputs, model.get_layer("embedding").output)
        batch = TRANSFER_BATCH if config.transfer else VALIDATION_BATCH
        embeddings = embed.predict(x_test, batch_size=batch, verbose=0)
    runs.write_results(path, probabilities, embeddings, (y_val, val_probabilities))
    runs.write_tables(path, config.data.categories, y_test, probabilities)
    with found.apart("suspected labels"):
        runs.write_suspects(path, evaluation.suspects(y_test, probabilities))

    frame = runs.history(path)
    fine: Any = config.transfer  # not None where there is a second stage
    if (frame["stage"] == 2).any() and fine.recompile:
        transfer.unfreeze(model, fine.fine_tune_layers)
    found.add(evaluation.metrics(y_test, probabilities, outputs))
    validation = evaluation.metrics(y_val, val_probabilities)
    found.add({f"val_{one}": validation[one] for one in ("n", "top1", "top1_low", "top1_high")})
    found.add(
        {
            "train_n": len(y),
            "parameters": model.count_params(),
            **transfer.counts(model),
            "test_pixels": data.fingerprint(x_test),
        }
    )
    found.add(of_the_training(path))
    with found.apart("drawings in other ranges"):
        runs.write_ranges(path, ranges(model, x_test[:RANGES], y_test[:RANGES], config))
    with found.apart("ece"):
        found.add(_calibration(y_val, val_probabilities, y_test, probabilities))
    with found.apart("milliseconds a drawing"):
        found.add({"ms_per_drawing": _time_a_drawing(model, x_val, config)})
    runs.write_unmeasured(path, found.reasons)
    runs.write_metrics(path, config, found.figures)
    log.info(
        "test top-1 %.4f (%.4f to %.4f) on %d drawings",
        *(found.figures[name] for name in ("top1", "top1_low", "top1_high", "n")),
    )


def _keep_plain(path: Path, config: RunConfig) -> keras.Model:
    """Put the best network's plain copy in its place; returns it.

    It is scored and kept in float32, with Keras's own layers and without its optimizer, so that it
    gives the same figures on any machine.
    """
    trained = keras.models.load_model(path / "best.keras", compile=False)
    keras.config.set_dtype_policy("float32")
    model = networks.build(transfer.blank(config), len(config.data.categories))
    model.set_weights(trained.get_weights())
    write_network(path / "best.keras", model)
    return model


def _calibration(
    y_val: NDArray[np.int32],
    val_probabilities: NDArray[np.floating],
    y_test: NDArray[np.int32],
    probabilities: NDArray[np.floating],
) -> dict[str, float]:
    """The temperature that the validation part asks for, and what it does to the test part."""
    temperature = evaluation.fit_temperature(y_val, val_probabilities)
    scaled = evaluation.scale(probabilities, temperature)
    return {
        "temperature": temperature,
        "ece": evaluation.ece(y_test, probabilities),
        "ece_scaled": evaluation.ece(y_test, scaled),
    }


def ranges(
    model: keras.Model, x: NDArray[np.uint8], y: NDArray[np.int32], config: RunConfig
) -> dict[str, dict[str, float]]:
    """What a network makes of drawings in other ranges than it learned: the report's mistake 4.

    A network that learned [-1, 1] takes a grey of [0, 1] for pixel 127.5 + pixel / 2: as uint8, that
    is what it is shown here. Binarised is at 0.5 of [-1, 1] (section 1.1).

    Args:
        model: keras.Model. x: (N, 28, 28, 1) uint8. y: (N,) int.

    Returns:
        dict: "grey", "binary", "grey01", "binary01" -> `n`, `top1`, `top1_low`, `top1_high`.
    """
    binary = np.where(x > 191, 255, 0).astype(np.uint8)
    shown = {"grey": x, "binary": binary}
    shown |= {f"{name}01": 128 + pixels // 2 for name, pixels in list(shown.items())}
    figures = {}
    for name, pixels in shown.items():
        outputs = predict(model, pixels, config)
        result = evaluation.metrics(y, evaluation.distribution(outputs))
        figures[name] = {key: result[key] for key in ("n", "top1", "top1_low", "top1_high")}
    return figures


def _time_a_drawing(model: keras.Model, x: NDArray[np.uint8], config: RunConfig) -> float:
    """Milliseconds per drawing, of 512 at once, the best of three, on this machine."""
    x = np.resize(x, (512, *x.shape[1:]))
    times = []
    for _ in range(4):  # the first one compiles
        began = time.perf_counter()
        predict(model, x, config)
        times.append(time.perf_counter() - began)
    return 1000 * min(times[1:]) / len(x)
