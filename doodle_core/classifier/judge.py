"""A finished classifier that names what autoencoders draw."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core import runs
from doodle_core.classifier.network import load_network
from doodle_core.settings import VaeConfig, check_name
from doodle_core.training.batches import VALIDATION_BATCH
from doodle_core.training.callbacks import log
from doodle_core.training.compiled import Compiled
from doodle_core.training.parts import check_unseen

# --- the judge -----------------------------------------------------------------------------------


class Judge:
    """A finished classifier that names reconstructions and samples in this run's categories.

    It sees each drawing once, as it is: the turned views that its own run may have been scored
    with (`test_views`) would take five times as long.

    Args:
        run: runs.Run. categories: the VAE's, in its order.
    """

    def __init__(self, run: runs.Run, categories: Sequence[str]) -> None:
        self.run = run
        self.network = load_network(run.path, replace(run.config, test_views=False))
        theirs = run.config.data.categories
        self.order = [theirs.index(name) for name in categories]
        model = self.network.model
        self.embed = keras.Model(model.inputs, model.get_layer("embedding").output)

    def probabilities(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, in the VAE's order of categories."""
        return self.network.probabilities(drawings)[:, self.order]

    def embeddings(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, E) float32, what the classifier's last Dense layer is given."""
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        found: NDArray[np.float32] = self.embed.predict(x, batch_size=VALIDATION_BATCH, verbose=0)
        return found


def choose_judge(
    config: VaeConfig, x_test: NDArray[np.uint8]
) -> tuple[Judge | None, dict[str, Any]]:
    """The classifier that judges, and what is to be known of it.

    Args:
        config: VaeConfig. x_test: (N, 28, 28, 1) uint8.

    Returns:
        (Judge or None, figures): `judge` its name; `judge_saw` 1 where it learned from test
        drawings of this run, 0 where not, absent where its own drawings, or those of a run
        that it began with, are not here.
    """
    if config.judge:
        candidates = [runs.load(runs.folder(check_name(config.judge)))]
    else:
        candidates = runs.finished("classifier")
    fitting = [
        run
        for run in candidates
        if (run.state, run.kind) == ("finished", "classifier")
        and run.has_weights
        and set(run.config.data.categories) == set(config.data.categories)
    ]
    fitting.sort(key=lambda run: run.metrics.get("val_top1", 0), reverse=True)
    if not fitting:
        log.info("No finished classifier knows these categories: nothing is judged by one.")
        return None, {}
    figures: dict[str, Any] = {"judge": fitting[0].name}
    try:
        for run in (fitting[0], *runs.ancestors(fitting[0].config)):
            if not run.config:
                raise FileNotFoundError(f"{run.name} is no longer here.")
            check_unseen(x_test, run)
        figures["judge_saw"] = 0
    except FileNotFoundError:
        pass  # its drawings are not here: nothing can be said
    except ValueError as error:
        log.info("%s", error)
        figures["judge_saw"] = 1
    return Judge(fitting[0], config.data.categories), figures


def load_judge(run: runs.Run, categories: Sequence[str]) -> Judge:
    """A finished classifier as a Judge that is as quick.

    Raises:
        FileNotFoundError, ValueError: as `load_network`.
    """

    judge = Judge(run, categories)
    judge.network.model = Compiled(judge.network.model)
    return judge
