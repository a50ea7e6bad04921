"""Train a variational autoencoder: `lab.train` comes here for a run of this family.

    python -m doodle_core train-vae --name plane --preset vae-2d --source practice

After each epoch a fixed set of validation drawings is reconstructed and placed in the latent space
(`snapshots/`), so that the training can be watched and played back.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core import runs
from doodle_core.runs import latents
from doodle_core.settings import VaeConfig
from doodle_core.training import distribution, kernels, stored
from doodle_core.training.backup import Backup, is_whole
from doodle_core.training.batches import STEPS_PER_CALL, Labelled, steps_per_epoch
from doodle_core.training.callbacks import Finish, Logs, Progress, Record, Stopped, callbacks, log
from doodle_core.training.epochs import fit_epochs
from doodle_core.training.stored import one_or_list
from doodle_core.vae.model import VAE, build_vae

FIGURES = ("loss", "reconstruction", "kl")
BATCH = 512  # validation drawings at once
REDRAWN = 28  # drawings of the fixed set that are reconstructed after each epoch
PLACED = 420  # and placed in the latent space
WEIGHTS = "backup/kept.weights.h5"  # of the epoch that is kept


def fit(path: Path, config: VaeConfig, parts: Sequence[Labelled], precision: str) -> None:
    """Train epoch by epoch, from the backup where there is one, until the last or a request.

    Args:
        path: the run's folder. config: VaeConfig. precision: a Keras policy's name, for the log.
        parts: as of `parts.load_parts`.

    Nothing is done where that is over already, and the kept weights whole.
    """
    if runs.is_fitted(path) and is_whole(path / WEIGHTS):
        return
    train, validation, _ = parts
    classes = len(config.data.categories)
    steps = steps_per_epoch(train, config)
    with distribution.strategy(config.devices).scope():
        model = compiled(build_vae(config, classes, fused=True), config, steps)
    distribution.distribute(model, config.devices)
    runs.write_layers(path, table(model))
    parameters = model.encoder.count_params() + model.decoder.count_params()
    log.info("%s: %s parameters, %s", config.network, f"{parameters:,}", precision)
    backup = Backup(path / "backup", steps)
    record = Record(path, path / WEIGHTS, backup, is_last=config.adversarial > 0)
    first = record.begin()
    progress = Progress(path, config, steps, len(train[0]), figures=FIGURES)
    # before the record: an epoch that is over has its snapshot
    told = [Snapshots(path, *_fixed_set(validation, classes), classes)]
    told += callbacks(path, config, progress, record)
    try:
        fit_epochs(model, config, train, validation, told, first, BATCH, reads_labels=True)
    except Finish:
        if runs.history(path).empty:
            raise Stopped from None  # no epoch ended: there is nothing to score
        log.info("No further epoch.")


def compiled(model: VAE, config: VaeConfig, steps: int) -> VAE:
    """Compile a VAE as its VaeConfig says. Returns the same model.

    Args:
        steps: int, batches an epoch.
    """
    kind = keras.optimizers.Adam if config.amsgrad else kernels.FusedAdam
    more: dict[str, Any] = {"amsgrad": True} if config.amsgrad else {}
    optimizer = kind(config.learning_rate, clipnorm=config.clipnorm or None, **more)
    model.warm_up_steps = config.warm_up * steps
    model.compile(optimizer, steps_per_execution=STEPS_PER_CALL)
    return model


def table(model: VAE) -> list[runs.Layer]:
    """Encoder and decoder layer by layer, as `stored.table`."""
    return [
        row | {"layer": f"{part.name}: {row['layer']}"}
        for part in (model.encoder, model.decoder)
        for row in stored.table(part)
    ]


def _fixed_set(validation: Labelled, classes: int) -> Labelled:
    """The same number of drawings of each category, by turns: (x, y), at most PLACED."""
    x, y = validation
    each = max(1, PLACED // classes)
    places = [np.flatnonzero(y == label)[:each] for label in range(classes)]
    turns = sorted((turn, place) for rows in places for turn, place in enumerate(rows))
    chosen = [place for _, place in turns][:PLACED]
    return x[chosen], y[chosen]


class Snapshots(keras.callbacks.Callback):
    """After each epoch, what the VAE makes of a fixed set of drawings, as a `latents.Snapshot`.

    Args:
        path: the run's folder.
        x: (N, 28, 28, 1) uint8. y: (N,) int. classes: int.
    """

    def __init__(
        self, path: Path, x: NDArray[np.uint8], y: NDArray[np.int32], classes: int
    ) -> None:
        super().__init__()
        self.path, self.x, self.y, self.classes = path, x, y, classes
        self.categories = tf.one_hot(y, classes)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        found = self.model((self.x, self.categories), training=False)
        m = min(REDRAWN, len(self.x))
        given = [found["mean"][:m]]
        given += [self.categories[:m]] if self.model.config.conditional else []
        ink = self.model.decoder(one_or_list(given), training=False)
        with np.errstate(invalid="ignore"):  # what is no number is refused below
            redrawn = np.rint(255 * np.asarray(ink)).astype(np.uint8)
        shown = latents.Snapshot(
            labels=self.y.astype(np.uint16),
            means=np.asarray(found["mean"]),
            drawings=self.x[:m],
            reconstructions=redrawn,
        )
        try:
            latents.write_snapshot(self.path, epoch + 1, shown, self.classes)
        except ValueError as error:  # the training may have diverged; it says so itself
            log.info("%s", error)
