"""What is measured of a finished training, each measure on its own."""

import contextlib
import errno
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from doodle_core import runs
from doodle_core.files import explain
from doodle_core.training.callbacks import log


def of_the_training(path: Path, is_last: bool = False) -> dict[str, float]:
    """What a run's history says of its training, and whether practice data had a part.

    Args:
        path: the run's folder. is_last: whether the last epoch was kept, not the one of the lowest
            validation loss.
    """
    frame = runs.history(path)
    diverged = runs.diverged_at(frame)
    return {
        "best_epoch": int(runs.best_epoch(frame, is_last)["epoch"]),
        "epochs": len(frame),
        "seconds": float(frame["seconds"].sum()),
        "practice": int(runs.load(path).is_practice),
    } | ({"diverged": diverged} if diverged else {})


class Measured:
    """The figures of a finished training, and why others could not be had.

    A training must not be lost for one measure of many, which may want more drawings, more memory,
    a library that does not work here, or a network whose answers are numbers.

    Attributes:
        figures: numbers and texts by name, for `runs.write_metrics`.
        reasons: what was not measured, for `runs.write_unmeasured`.
    """

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    @contextlib.contextmanager
    def apart(self, what: str) -> Iterator[None]:
        """Around one measure: if it fails, its reason is noted, and whatever follows goes on.

        Args:
            what: the measure's key, or what it is in words.

        Raises:
            OSError: the disk is full: once there is room, a resume measures everything.
        """
        try:
            yield
        except Exception as error:  # from whatever library the measure is made with
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.reasons[what] = explain(error)
            is_plain = isinstance(error, (ValueError, OSError, MemoryError))
            log.info("%s: not measured: %s", what, explain(error), exc_info=not is_plain)

    def add(self, figures: Mapping[str, Any]) -> None:
        """Add figures.

        Raises:
            ValueError: one is not a finite number; then none is added.
        """
        for one in figures.values():
            if not isinstance(one, str) and not np.isfinite(one):
                raise ValueError(f"It came out as {one}, which is not a finite number.")
        self.figures |= figures
