"""Generated drawings: in rows that do not wrap, and beside the drawings that they are of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pages.components.assets import component
from pages.components.wire import encoded, pixels

_strips = component("strips")
_pairs = component("pairs")


def strips(drawings: ArrayLike, names: Sequence[str], ticks: Sequence[object], key: str) -> None:
    """Rows of drawings that do not wrap.

    Args:
        drawings: (len(names) * len(ticks), 28, 28) uint8.
        names: of the rows.
        ticks: of the columns.
        key: of the element.
    """
    _strips(
        data={
            "pixels": encoded(pixels(drawings)),
            "names": [str(name) for name in names],
            "ticks": [str(tick) for tick in ticks],
        },
        key=key,
    )


def pairs(
    drawings: ArrayLike,
    reconstructions: ArrayLike,
    captions: Sequence[str],
    tones: Sequence[str],
    key: str,
) -> None:
    """Drawings and reconstructions side by side.

    Args:
        drawings, reconstructions: (N, 28, 28) uint8.
        captions, tones: 2 N texts, in turn of a drawing and of its reconstruction; tones as in
            `gallery`.
        key: of the element.
    """
    both = np.stack([pixels(drawings), pixels(reconstructions)], axis=1)
    _pairs(
        data={
            "pixels": encoded(both),
            "captions": [str(one) for one in captions],
            "tones": [str(one) for one in tones],
        },
        key=key,
    )
