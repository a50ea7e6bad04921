"""Which finished classifier names what an autoencoder draws."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core import runs
from doodle_core.classifier import portable
from doodle_core.inference.judge import Judge
from doodle_core.settings import VaeConfig, check_name
from doodle_core.training.callbacks import log
from doodle_core.training.parts import check_unseen


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
        and not run.is_imported  # it has no embeddings to compare sets of drawings by
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
    best = fitting[0]
    if not best.has_portable:  # a run of an older version
        portable.export(best.path, best.config)
    return Judge(best.path, best.config, config.data.categories), figures
