"""The practice drawings that stand in where a run came without its test drawings."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from doodle_core.data.practice.drawing import PRACTICE_CATEGORIES, draw

PRACTICE_SEED = 99  # of the practice set: another one than of practice data that is trained on
PRACTICE_EACH = 150


def practice_set(names: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    """The drawings of the practice set, made anew: (drawings, labels).

    Args:
        names: a run's categories; those that the program cannot draw are left out.

    Returns:
        (N, 28, 28) uint8, (N,) int, PRACTICE_EACH of each category.
    """
    able = [(label, name) for label, name in enumerate(names) if name in PRACTICE_CATEGORIES]
    drawings = [draw(name, PRACTICE_EACH, PRACTICE_SEED) for _, name in able]
    labels = np.repeat([label for label, _ in able], PRACTICE_EACH).astype(int)
    return np.concatenate([np.empty((0, 784), np.uint8), *drawings]).reshape(-1, 28, 28), labels
