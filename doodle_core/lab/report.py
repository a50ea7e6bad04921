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
    if run.config.transfer.weights == "random":
        return run.weights_note
    note = run.weights_note.removeprefix(f"{run.config.transfer.base}, ")
    return ", ".join(filter(None, ("ImageNet" if is_imagenet else name or "a file", note)))


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
    rows, labels = [], None
    for run in found:
        result = runs.results(run.path, len(run.config.data.categories))
        labels = result.labels if labels is None else labels
        if not np.array_equal(labels, result.labels):
            raise ValueError("The runs were not scored on the same drawings.")
        rows.append(result.probabilities.argmax(axis=1) == labels)
    return np.stack(rows)


def both_ways(found: Sequence[Run], batch_norm: bool | None = None) -> tuple[Run, Run] | None:
    """Two runs on one base, as the report did and properly, on the same test drawings.

    Of several pairs that with the most test drawings, then that on a base of the report's, then the
    newest.

    Args:
        found: list of `runs.Run`s, the newest first. batch_norm: True: a base that has batch norm
            (all but VGG); False: one that has none.

    Returns:
        (Run, Run), or None where no base has both.
    """
    pairs = [
        (one, other)
        for one in found
        for other in found
        if (way(one), way(other)) == ("report", "tuned")
        and model_name(one) == model_name(other)
        and other.config.transfer.fine_tune_epochs
        and one.metrics.get("test_pixels", "") == other.metrics.get("test_pixels")
        and batch_norm in (None, not model_name(one).startswith("VGG"))
    ]
    places = {base: place for place, base in enumerate(BASES)}
    return min(
        pairs,
        key=lambda pair: (-pair[0].metrics["n"], places.get(model_name(pair[0]), len(BASES))),
        default=None,
    )
