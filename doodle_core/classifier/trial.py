"""A training without a run's folder, judged by the validation part alone: a sweep's trial."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from doodle_core.classifier import networks
from doodle_core.classifier.fit import compiled, fit_epochs
from doodle_core.classifier.predict import predict
from doodle_core.settings import RunConfig
from doodle_core.training import kernels, stored
from doodle_core.training.batches import Labelled
from doodle_core.training.callbacks import monitors_of
from doodle_core.training.parts import open_parts  # noqa: F401  the other half of a trainer
from doodle_core.training.precision import begin


def validate(
    config: RunConfig,
    parts: Sequence[Labelled],
    on_epoch: Callable[[int, dict[str, Any]], object] | None = None,
) -> dict[str, Any]:
    """Train without a run's folder and judge by the validation part alone: a sweep's trial.

    Args:
        config: RunConfig; its name is not used.
        parts: ((x, y) of train, (x, y) of validation), as `open_parts` gives them.
        on_epoch: called after each epoch with its number (from 1) and its figures; an exception
            that it raises ends the training and comes through.

    Returns:
        dict: the figures of the best epoch by validation loss, with `epoch` and `parameters`.

    Raises:
        ValueError: the loss is not a number in any epoch.
    """
    keras.backend.clear_session()
    begin(config)
    model = networks.build(config, len(config.data.categories))
    if config.start_from:
        stored.copy_weights(model, stored.started(config, parts[1][0]))
    model = compiled(kernels.fused(model), config)
    rows: list[dict[str, Any]] = []
    best: list[Any] = []

    def note(number: int, logs: Any) -> None:
        past = [row["val_loss"] for row in rows if np.isfinite(row["val_loss"])]
        if config.test_views and logs["val_loss"] < min(past, default=np.inf):
            best[:] = model.get_weights()
        rows.append({"epoch": number + 1, **{key: float(value) for key, value in logs.items()}})
        if on_epoch:
            on_epoch(number + 1, rows[-1])

    train, validation = parts
    told = [keras.callbacks.TerminateOnNaN(), *monitors_of(config)]
    told.append(keras.callbacks.LambdaCallback(on_epoch_end=note))
    fit_epochs(model, config, train, validation, told)
    rows = [row for row in rows if np.isfinite(row["val_loss"])]
    if not rows:
        raise ValueError("The loss is not a number in any epoch: choose a lower learning rate.")
    found = min(rows, key=lambda row: row["val_loss"]) | {"parameters": model.count_params()}
    if config.test_views:
        x, y = validation
        model.set_weights(best)
        found["val_accuracy"] = float((predict(model, x, config).argmax(1) == y).mean())
    return found
