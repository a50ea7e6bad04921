"""Easy stand-ins for drawings, which a small network learns within seconds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

CATEGORIES = ("apple", "moon", "cup")


def make_drawings(
    folder: Path, n: int = 60, categories: Sequence[str] = CATEGORIES, edge: int | None = None
) -> Path:
    """Files of `n` drawings a category: a bar at a height of its own for each, and noise.

    `edge`: the lowest pixels' value: no drawing is one of another edge.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for place, name in enumerate(categories):
        rng = np.random.default_rng(place)
        pixels = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
        pixels[:, 3 + 4 * place : 6 + 4 * place, 4:24] = 255
        if edge is not None:
            pixels[:, 27] = edge
        np.save(folder / f"{name}.npy", pixels.reshape(n, 784))
    return folder
