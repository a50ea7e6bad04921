"""Runs that stand beside the report's table 1 (section 2.1)."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from doodle_core import runs
from doodle_core.evaluation.given import BASES
from doodle_core.runs import Run


def way(run: Run) -> str:
    """How a run was trained: a key of WAYS, or "" for a network from scratch."""
    if run.config.network != "transfer":
        return ""
    return "report" if run.config.loss == "sigmoid" else "tuned"


def model_name(run: Run) -> str:
    """The base of a transferred network, else the network's own name."""
    name: str = run.config.transfer.base if run.config.transfer else run.config.network
    return name


def weights(run: Run) -> str:
    """Where a network's first weights came from, in words, as its `environment.json` says."""
    if not run.config.transfer:
        return "from scratch"
    try:
        name = str(runs.read_environment(run.path).get("weights", ""))
    except (OSError, ValueError):
        name = ""
    is_imagenet = run.config.transfer.weights == "imagenet" or "imagenet" in name
    return run.weights_note or ("ImageNet" if is_imagenet else name or "a file")


def groups(everything: Iterable[Run]) -> dict[tuple[tuple[str, ...], str], list[Run]]:
    """Finished runs that may stand in one table, the largest table first.

    Args:
        everything: list of `runs.Run`.

    Returns:
        {(categories, what they were trained and scored on): [Run]}.
    """
    found: dict[tuple[tuple[str, ...], str], list[Run]] = {}
    for run in runs.finished("classifier", everything):
        found.setdefault((run.config.data.categories, run.data_label), []).append(run)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def same_drawings(found: Iterable[Run]) -> list[Run]:
    """The largest set of runs that were scored on the very same test drawings."""
    sets: dict[str, list[Run]] = {}
    for run in found:
        if run.metrics.get("test_pixels"):
            sets.setdefault(run.metrics["test_pixels"], []).append(run)
    return max(sets.values(), key=len, default=[])


def right_answers(found: Iterable[Run]) -> NDArray[np.bool]:
    """Which test drawings each run named rightly. list of R `Run`s -> (R, N) bool.

    Raises:
        ValueError: a run's arrays are damaged, or of other drawings than the first one's.
    """
    rows = []
    for run in found:
        result = runs.results(run.path, len(run.config.data.categories))
        rows.append(result.probabilities.argmax(axis=1) == result.labels)
    if len({len(row) for row in rows}) != 1:
        raise ValueError("The runs were not scored on the same drawings.")
    return np.stack(rows)


def both_ways(found: Sequence[Run], batch_norm: bool | None = None) -> tuple[Run, Run] | None:
    """The newest two runs on one base, as the report did and properly; the report's bases first.

    Args:
        found: list of `runs.Run`s. batch_norm: True: a base that has batch norm (all but VGG);
            False: one that has none.

    Returns:
        (Run, Run), or None where no base has both.
    """
    names = dict.fromkeys([*BASES, *(model_name(run) for run in found)])
    for base in names:
        if batch_norm is not None and batch_norm == base.startswith("VGG"):
            continue
        mine = [run for run in found if way(run) and model_name(run) == base]
        theirs = [run for run in mine if way(run) == "report"]
        ours = [run for run in mine if way(run) == "tuned" and run.config.transfer.fine_tune_epochs]
        if theirs and ours:
            return theirs[0], ours[0]
    return None
