"""Slight changes of a drawing, whose answers are averaged."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

VIEWS = ((6, 1.0), (-6, 1.0), (0, 1.08), (0, 0.92))
"""Beside the drawing itself: turned by degrees, made smaller by a factor."""
MIDDLE = 13.5, 13.5


def five_views(drawings: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(N, 28, 28) uint8 -> (5, N, 28, 28) uint8, the drawings themselves first."""
    return np.stack([drawings, *(_changed(drawings, turn, scale) for turn, scale in VIEWS)])


def _changed(drawings: NDArray[np.uint8], turn: float, scale: float) -> NDArray[np.uint8]:
    """Turned by `turn` degrees and made smaller by `scale`, bilinear; the ground comes in."""
    angle = math.radians(turn)
    matrix = scale * np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    offset = MIDDLE - matrix @ MIDDLE
    moved = [
        ndimage.affine_transform(one, matrix, offset, order=1, mode="grid-constant")
        for one in drawings.astype(np.float32)
    ]
    return np.rint(moved).astype(np.uint8)
