"""The strided VAE against the report's model 1: time per epoch, and the loss after equal time.

    python benchmarks/vae_speed.py --source folder:data/quickdraw --categories stand-in-seven \
        --per-category 4300 --seconds 300

Both have 14 latent dimensions, learn the same binarised drawings in one process, one after the
other, each for so many seconds of training, and are compared by the validation loss (negative ELBO,
nats per drawing). Each keeps its own recipe: the report's batches of 16 with Adam, ours as preset.
The cosine of ours is stretched over the epochs that fit into the time, measured on the first two.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from doodle_core.settings import DataConfig

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> int:
    from doodle_core.__main__ import SETS

    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--source", default="practice")
    options.add_argument("--categories", default="report-seven", choices=SETS)
    options.add_argument("--per-category", type=int, default=3000)
    options.add_argument("--seconds", type=float, default=300)
    chosen = options.parse_args()

    from doodle_core.settings import DataConfig
    from doodle_core.training.parts import open_parts

    data = DataConfig(chosen.source, SETS[chosen.categories], chosen.per_category)
    parts = open_parts(data)
    print(f"{len(parts[0][1]):,} training drawings, {chosen.seconds:.0f} s each, {chosen.source}")
    theirs = fit("report-vae-1", data, parts, chosen.seconds, epochs=10_000)
    trial = fit("vae", data, parts, 1e9, epochs=2)
    epochs = max(4, int(chosen.seconds / statistics.median(trial["epoch_seconds"][1:])))
    ours = fit("vae", data, parts, chosen.seconds, epochs)
    for name, found in (("report's model 1", theirs), ("ours", ours)):
        print(
            f"  {name:18} {statistics.median(found['epoch_seconds']):7.1f} s an epoch, "
            f"{len(found['losses']):3} epochs, best validation loss {min(found['losses']):.2f}"
        )
    ratio = statistics.median(theirs["epoch_seconds"]) / statistics.median(ours["epoch_seconds"])
    passed = next(
        (t for t, loss in zip(ours["at"], ours["losses"]) if loss < min(theirs["losses"])), None
    )
    print(f"  ratio of the times of an epoch: {ratio:.1f}")
    if passed:
        print(f"  ours was below the report's best after {passed / chosen.seconds:.0%} of the time")
    is_better = ratio > 1 and min(ours["losses"]) < min(theirs["losses"])
    return 0 if is_better else 1


def fit(
    preset: str,
    data: DataConfig,
    parts: Sequence[tuple[NDArray[np.uint8], NDArray[np.int32]]],
    seconds: float,
    epochs: int,
) -> dict[str, list[float]]:
    """Train for so long; returns dict of lists: `epoch_seconds`, `at` (since the start), `losses`."""
    import keras

    from doodle_core.settings import VAE_PRESETS, VaeConfig
    from doodle_core.training.batches import steps_per_epoch
    from doodle_core.training.callbacks import monitors_of
    from doodle_core.training.epochs import fit_epochs
    from doodle_core.training.precision import begin
    from doodle_core.vae import fit as vae_fit
    from doodle_core.vae.model import build_vae

    config = VaeConfig("bench", data, **VAE_PRESETS[preset].settings)
    config = replace(config, epochs=epochs)
    keras.backend.clear_session()
    begin(config)
    steps = steps_per_epoch(parts[0], config)
    model = vae_fit.compiled(build_vae(config, len(data.categories), fused=True), config, steps)
    found: dict[str, list[float]] = {"epoch_seconds": [], "at": [], "losses": []}
    began = time.perf_counter()

    def note(number: int, logs: Mapping[str, float]) -> None:
        now = time.perf_counter() - began
        found["epoch_seconds"].append(now - (found["at"] or [0])[-1])
        found["at"].append(now)
        found["losses"].append(float(logs["val_loss"]))
        if now + found["epoch_seconds"][-1] > seconds:
            model.stop_training = True

    told = [*monitors_of(config), keras.callbacks.LambdaCallback(on_epoch_end=note)]
    fit_epochs(model, config, *parts[:2], told, at_once=vae_fit.BATCH, reads_labels=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
