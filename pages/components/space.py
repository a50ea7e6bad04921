"""Where a drawing is in a latent space, and the drawings most like it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pages.components.assets import component
from pages.components.wire import clicked, encoded, pixels, stamp

_space = component("space")


def placed(
    at: Sequence[float] | None,
    near: Sequence[Sequence[float]],
    alike: ArrayLike,
    captions: Sequence[str],
    titles: Sequence[Sequence[str]],
) -> dict[str, Any]:
    """What changes in a `space` with the drawing.

    Args:
        at: (1, 2 or 3) float, the drawing's place, or None.
        near: (K, ...) float, tied to it.
        alike: (M, 28, 28) uint8, the drawings.
        captions: M texts.
        titles: two pairs (title, words), of the points and of the drawings.
    """
    shown = pixels(alike)

    def padded(one: Sequence[float]) -> list[float]:
        return [*map(float, one), 0.0, 0.0][:3]

    return {
        "titles": titles,
        "alike": encoded(shown),
        "alikeStamp": stamp(shown),
        "captions": [str(one) for one in captions],
        "at": None if at is None else padded(at),
        "near": [padded(one) for one in near],
    }


def space(
    points: NDArray[np.floating],
    labels: ArrayLike,
    colors: Mapping[str, str],
    axes: Sequence[str],
    found: Mapping[str, Any],
    n: int,
    key: str,
    note: str = "",
) -> int | None:
    """Points of a latent space, where the drawing is among them, and the drawings most like it.

    Args:
        points: (N, 1, 2 or 3) float.
        labels: (N,) int, their categories.
        colors: {category: "#rrggbb"}, in the order of the labels.
        axes: their titles.
        found: as `placed` makes it.
        n: the request of `pad` answered.
        key: of the element.
        note: shown inside.

    Returns:
        The index of the similar drawing that was clicked in this run, or None.
    """
    dims = points.shape[1]
    whole = np.zeros((len(points), 3), "<f4")
    whole[:, :dims] = points
    result = _space(
        data={
            "points": encoded(whole),
            "labels": encoded(np.asarray(labels, "<u2")),
            "dims": dims,
            "names": [[str(name), color] for name, color in colors.items()],
            "axes": [str(title) for title in axes],
            "reach": float(np.quantile(np.linalg.norm(whole, axis=1), 0.99)) or 1.0,
            "stamp": stamp(whole),
            "note": note,
            "n": n,
        }
        | dict(found),
        key=key,
        on_clicked_change=lambda: None,
    )
    return clicked(result.clicked, found["alikeStamp"], len(found["captions"]))
