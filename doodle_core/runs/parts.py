"""The drawings of a run as arrays: its parts, none of which has a test drawing of it."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from doodle_core import data
from doodle_core.runs.facts import read_fingerprints
from doodle_core.runs.run import Run
from doodle_core.settings import DataConfig

Report = Callable[[float, str], None]
"""Called with (share done, sentence)."""
Labelled = tuple[NDArray[np.uint8], NDArray[np.int32]]
"""(x, y): drawings, (N, 28, 28, 1) uint8, and their categories' places, (N,)."""
PARTS = ("train", "validation", "test")
log = logging.getLogger("doodle_core")


def all_parts(
    config: DataConfig, report: Report | None = None, fetch: bool = True
) -> tuple[list[Labelled], data.Part]:
    """The (x, y) of train, validation and test, and the test `data.Part`.

    Args:
        config: the run's DataConfig. fetch: whether what is not on this disk is fetched; practice
            drawings are drawn in any case.

    Raises:
        ValueError, OSError: as `data.open_drawings` and `data.split`.
    """

    def opened(
        source: str,
    ) -> tuple[list[NDArray[np.uint8]], tuple[data.Part, data.Part, data.Part]]:
        wanted = source, config.categories, config.per_category
        if fetch or data.is_practice(source):
            drawings = data.open_drawings(*wanted, report)
        else:
            drawings = data.stored_drawings(*wanted)
        for remark in data.remarks(*wanted):
            log.warning(remark)
        return drawings, data.split(drawings, config.categories, config.seed, config.shares)

    drawings, (train, validation, test) = opened(config.source)
    arrays = [_arrays(part, drawings) for part in (train, validation)]
    if config.train_limit:
        arrays[0] = _first_of_each(*arrays[0], config.train_limit)
    if config.practice_added:
        arrays[0] = _with_practice(arrays[0], config, report)
    if not data.is_same(config.scored_on, config.source):
        drawings, (_, _, test) = opened(config.scored_on)
    x_test, y_test = _arrays(test, drawings)
    for place, (x, y) in enumerate(arrays):
        new = data.without(x, x_test)
        if not new.all():
            log.info("%d drawings left out: they are in the test part too.", (~new).sum())
            arrays[place] = x[new], y[new]
    return [*arrays, (x_test, y_test)], test


def _arrays(part: data.Part, drawings: Sequence[NDArray[np.uint8]]) -> Labelled:
    return part.pixels(drawings)[..., None], part.labels.astype(np.int32)


def _first_of_each(x: NDArray[np.uint8], y: NDArray[np.int32], n: int) -> Labelled:
    """At most `n` drawings of each category, in their order."""
    places = [np.flatnonzero(y == label)[:n] for label in np.unique(y)]
    chosen = np.sort(np.concatenate(places))
    return x[chosen], y[chosen]


def _with_practice(train: Labelled, config: DataConfig, report: Report | None) -> Labelled:
    """The training part with practice drawings after it: never in validation or test."""
    extra = data.open_drawings("practice", config.categories, config.practice_added, report)
    x, y = train
    labels = np.repeat(np.arange(len(extra), dtype=np.int32), [len(array) for array in extra])
    more = np.concatenate(extra).reshape(-1, 28, 28, 1)
    return np.concatenate([x, more]), np.concatenate([y, labels])


# --- what a run has seen -------------------------------------------------------------------------


def learned(run: Run, elsewhere: str = "", report: Report | None = None) -> list[NDArray[np.uint8]]:
    """The drawings that a run was trained and validated on, as they are on this disk.

    Args:
        run: of any state. elsewhere: a source that may hold its drawings too, if its own is gone.

    Returns:
        [(N, 28, 28, 1) uint8, (M, 28, 28, 1) uint8].

    Raises:
        OSError: they are not here, or the run is no longer.
        ValueError: what is here are not the drawings that it began with.
    """
    if not run.config:
        raise FileNotFoundError(f"{run.name} is no longer here.")
    try:
        return _learned(run, run.config.data, report)
    except (OSError, ValueError):
        if elsewhere and not run.config.data.test_source:
            with contextlib.suppress(OSError, ValueError):
                return _learned(run, replace(run.config.data, source=elsewhere), report)
        raise


def _learned(run: Run, config: DataConfig, report: Report | None) -> list[NDArray[np.uint8]]:
    """As `learned`, from the drawings of `config`."""
    arrays, _ = all_parts(config, report, fetch=False)
    now = {part: data.fingerprint(x) for part, (x, _) in zip(PARTS, arrays)}
    then = read_fingerprints(run.path)
    if not then and data.is_same(config.scored_on, config.source):
        then = {"test": run.metrics.get("test_pixels", "")}  # of one split with the others
    if not then or any(now.get(part) != one for part, one in then.items()):
        raise ValueError(f"The drawings that {run.name} began with have changed since.")
    return [x for x, _ in arrays[:2]]
