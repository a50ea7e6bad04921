"""A run's drawings: its parts, checked to hold no test drawing twice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doodle_core import data, runs
from doodle_core.runs.parts import PARTS, Labelled, Report, all_parts
from doodle_core.settings import DataConfig
from doodle_core.training.callbacks import log, obey


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

    arrays, test = all_parts(config, report)
    _check_drawings(path, arrays)
    runs.write_test_part(path, test.labels, test.rows, len(config.categories))
    log.info("%d train, %d validation, %d test drawings", *(len(y) for _, y in arrays))
    return arrays


def open_parts(config: DataConfig, report: Report | None = None) -> list[Labelled]:
    """The training and validation parts of a DataConfig, for a training without a folder.

    Returns:
        ((x, y), (x, y)): x (N, 28, 28, 1) uint8, y (N,) int32.
    """
    return all_parts(config, report)[0][:2]


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
    now = {name: data.fingerprint(x) for name, (x, _) in zip(PARTS, arrays)}
    if (runs.read_fingerprints(path) or now) != now:
        raise ValueError("The drawings have changed since this run began: start a new one.")
    runs.write_fingerprints(path, now)
