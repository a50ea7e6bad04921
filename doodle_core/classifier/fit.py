"""Fit a classifier: from scratch in one stage, with a base of keras.applications in two."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from doodle_core import runs
from doodle_core.classifier import networks, transfer
from doodle_core.classifier.features import can_cache, features, head_of
from doodle_core.settings import RunConfig
from doodle_core.training import distribution, epochs, kernels, stored
from doodle_core.training.backup import Backup, is_whole, write_network
from doodle_core.training.batches import (
    STEPS_PER_CALL,
    TRANSFER_BATCH,
    VALIDATION_BATCH,
    Labelled,
    class_weights,
    steps_per_epoch,
)
from doodle_core.training.callbacks import (
    Finish,
    Over,
    Progress,
    Record,
    Stopped,
    callbacks,
    log,
    obey,
)

BEST = "best.keras"  # the network of the epoch that is kept
HEAD = "backup/head.weights.h5"  # a frozen base's head at its best epoch


def compiled(
    model: keras.Model, config: RunConfig, learning_rate: float | None = None
) -> keras.Model:
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


def optimizer(config: RunConfig, learning_rate: float) -> keras.optimizers.Optimizer:
    """Adam or RMSprop; weight decay spares biases and batch norm's scales."""
    kinds = {"adam": kernels.FusedAdam, "rmsprop": keras.optimizers.RMSprop}
    made = kinds[config.optimizer](learning_rate, weight_decay=config.weight_decay or None)
    if config.weight_decay:
        made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


def fit_epochs(
    model: keras.Model,
    config: RunConfig,
    train: Labelled,
    validation: Labelled,
    callbacks: Sequence[keras.callbacks.Callback],
    first: int = 0,
    at_once: int = VALIDATION_BATCH,
) -> None:
    """Fit a compiled classifier: `training.epochs.fit_epochs`, with its categories' weights."""
    weights = class_weights(train[1], len(config.data.categories), config.balance)
    epochs.fit_epochs(model, config, train, validation, callbacks, first, at_once, weights)


def fit(path: Path, config: RunConfig, parts: Sequence[Labelled], precision: str) -> None:
    """Train epoch by epoch, from the backup where there is one, until the last or a request.

    Nothing is done where that is over already, and `best.keras` whole.
    """
    if runs.is_fitted(path) and is_whole(path / BEST):
        return
    train, validation, _ = parts
    with distribution.strategy(config.devices).scope():
        model = networks.build(config, len(config.data.categories))
    runs.write_layers(path, stored.table(model))
    log.info("%s: %s parameters, %s", config.network, f"{model.count_params():,}", precision)
    if config.start_from and runs.history(path).empty:
        copied = stored.copy_weights(model, stored.started(config, parts[2][0]))
        log.info("%s parameters from %s", f"{copied:,}", config.start_from)
    fit = fit_transfer if config.transfer else _fit_all
    try:
        fit(path, config, model, train, validation)
    except Finish:
        if runs.history(path).empty:
            raise Stopped from None  # no epoch ended: there is nothing to score
        log.info("No further epoch.")


def _fit_all(
    path: Path, config: RunConfig, model: keras.Model, train: Labelled, validation: Labelled
) -> None:
    """One stage: every weight is trained."""
    steps = steps_per_epoch(train, config)
    record = Record(path, path / BEST, Backup(path / "backup", steps))
    first = record.begin()
    with distribution.strategy(config.devices).scope():
        faster = kernels.fused(model)
    model = compiled(faster, config)
    progress = Progress(path, config, steps, len(train[0]))
    told = callbacks(path, config, progress, record)
    fit_epochs(model, config, train, validation, told, first)


def fit_transfer(
    path: Path, config: RunConfig, model: keras.Model, train: Labelled, validation: Labelled
) -> None:
    """Two stages (section 2.1): the head on a frozen base, then the base's last layers with it.

    The second begins with the first one's best epoch, compiled anew at its own rate. In the report
    it was not compiled anew, and so was the first going on: that is what `recompile=False` does.
    """
    fine: Any = config.transfer  # not None: the network is "transfer"
    steps = steps_per_epoch(train, config)
    runs.write_environment(path, runs.read_environment(path) | model.weights_from)
    head = head_of(model)
    (path / "backup").mkdir(exist_ok=True)
    frozen, tuned = (path / "backup" / name for name in ("frozen", "tuned"))
    learn = Record(path, path / HEAD, Backup(frozen, steps), head)
    tune = Record(path, path / BEST, Backup(tuned, steps, learn.backup.epoch))
    is_second = fine.recompile and fine.fine_tune_epochs > 0
    if not tune.backup.is_empty:
        tune.begin()
    if tune.backup.is_empty:  # it has not begun, or what it kept is damaged
        first = learn.begin()
        stage = replace(config, epochs=config.epochs if is_second else config.all_epochs)
        whole = replace(config, epochs=config.all_epochs)
        progress = Progress(path, whole, steps, len(train[0]), switch=config.epochs)
        told = callbacks(path, config, progress, learn)
        try:
            _fit_head(path, stage, model, head, train, validation, told, first)
        except Over:
            pass  # on to the second stage
        finally:
            _put_together(path, model, head)
        if not is_second or runs.diverged_at(runs.history(path)):
            return
        tune = Record(path, path / BEST, Backup(tuned, steps, len(runs.history(path))))
    switch = tune.backup.start
    stage = replace(config, epochs=switch + fine.fine_tune_epochs)
    transfer.unfreeze(model, fine.fine_tune_layers)
    compiled(model, config, fine.fine_tune_rate)
    model.steps_per_execution = 1
    progress = Progress(path, stage, steps, len(train[0]), switch=switch)
    told = callbacks(path, config, progress, tune)
    fit_epochs(model, stage, train, validation, told, tune.backup.epoch, TRANSFER_BATCH)


def _fit_head(
    path: Path,
    config: RunConfig,
    model: keras.Model,
    head: keras.Model,
    train: Labelled,
    validation: Labelled,
    told: Sequence[keras.callbacks.Callback],
    first: int,
) -> None:
    """Train the head: on the base's features, computed once, where they stay the same."""

    def report(done: float, text: str) -> None:
        runs.write_progress(path, "data", done=done, text=text)
        obey(path)

    if can_cache(config, model):
        train, validation = ((features(model, x, report), y) for x, y in (train, validation))
        fit_epochs(compiled(head, config), config, train, validation, told, first)
    else:
        compiled(model, config).steps_per_execution = 1  # so that requests are heard
        fit_epochs(model, config, train, validation, told, first, TRANSFER_BATCH)


def _put_together(path: Path, model: keras.Model, head: keras.Model) -> None:
    """Write `best.keras`, the base with the head's best weights so far."""
    if (path / HEAD).exists():
        head.load_weights(path / HEAD)
        write_network(path / BEST, model)
