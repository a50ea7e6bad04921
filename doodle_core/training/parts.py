"""A run's drawings: its parts, checked to hold no test drawing twice."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doodle_core import data, runs
from doodle_core.settings import DataConfig
from doodle_core.training.batches import Labelled
from doodle_core.training.callbacks import log, obey

Report = Callable[[float, str], None]
"""Called with (share done, sentence)."""


def load_parts(path: Path, config: DataConfig) -> list[Labelled]:
    """The drawings of a run: ((x, y) of train, of validation, of test).

    x: (N, 28, 28, 1) uint8; y: (N,) int32. No test drawing is in the other parts, wherever they
    come from. The test part's rows and labels are written at once, so that pages can show which
    drawings they were.

    Raises:
        ValueError: the run is resumed and the drawings are no longer those that it began with.
    """

    def report(done: float, text: str) -> None:
        runs.write_progress(path, "data", done=done, text=text)
        obey(path)

    arrays, test = _open(config, report)
    _check_drawings(path, arrays)
    runs.write_test_part(path, test.labels, test.rows, len(config.categories))
    log.info("%d train, %d validation, %d test drawings", *(len(y) for _, y in arrays))
    return arrays


def open_parts(config: DataConfig, report: Report | None = None) -> list[Labelled]:
    """The training and validation parts of a DataConfig, for a training without a folder.

    Returns:
        ((x, y), (x, y)): x (N, 28, 28, 1) uint8, y (N,) int32.
    """
    return _open(config, report)[0][:2]


def _open(config: DataConfig, report: Report | None) -> tuple[list[Labelled], data.Part]:
    """The (x, y) of train, validation and test, and the test `data.Part`."""

    def opened(
        source: str,
    ) -> tuple[list[NDArray[np.uint8]], tuple[data.Part, data.Part, data.Part]]:
        drawings = data.open_drawings(source, config.categories, config.per_category, report)
        for remark in data.remarks(source, config.categories, config.per_category):
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


def check_unseen(x_test: NDArray[np.uint8], run: runs.Run) -> None:
    """Refuse test drawings that a run was trained or validated on."""
    for x, _ in open_parts(run.config.data):
        known = int((~data.without(x_test, x)).sum())
        if known:
            raise ValueError(
                f"{run.name} learned from {known:,} of the drawings that this run would be judged "
                "by, so the test would be no test: begin with a run on other categories."
            )


def _check_drawings(path: Path, arrays: Sequence[Labelled]) -> None:
    """Note what the parts hold when a run begins; refuse others when it is resumed."""
    names = ("train", "validation", "test")
    now = {name: data.fingerprint(x) for name, (x, _) in zip(names, arrays)}
    if (runs.read_fingerprints(path) or now) != now:
        raise ValueError("The drawings have changed since this run began: start a new one.")
    runs.write_fingerprints(path, now)


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
