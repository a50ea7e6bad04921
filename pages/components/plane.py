"""The decoded latent plane with its pointer, and beside it what is under the pointer.

The plane sends where its pointer is, one request at a time, to the address that the page offers and,
where it rests, to the page: see web/shared/asking.js. `answer`, which stands beside it, tells it
what has been answered.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pages.components.assets import component
from pages.components.wire import encoded, pixels, stamp

_plane = component("plane")
_answer = component("answer")


def plane(
    drawings: ArrayLike,
    reach: float,
    key: str,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    colors: Mapping[str, str] | None = None,
    address: str = "",
) -> tuple[float, float, int]:
    """A decoded 2-D latent plane with a pointer.

    Args:
        drawings: (side * side, 28, 28) uint8, as `Generator.plane` decodes them.
        reach: the plane's furthest coordinate.
        key: of the element.
        points: (M, 2) float, shown as dots, or None.
        labels: (M,) int, their categories.
        colors: {category: "#rrggbb"}, in the order of the labels.
        address: where `{"x": ..., "y": ...}` is answered with {"answer": as `told` makes it}, see
            `pages.shared.answering`; "": the page's script answers all.

    Returns:
        (x, y, n): where the pointer is, and the number of this request, which `answer` must be
        given. (0, 0, 0) at first.
    """
    shown = pixels(drawings)
    side = math.isqrt(len(shown))
    has_points = points is not None
    found = _plane(
        data={
            "pixels": encoded(shown),
            "side": side,
            "reach": float(reach),
            "stamp": stamp(shown),
            "points": encoded(np.asarray(points, "<f4")) if has_points else None,
            "labels": encoded(np.asarray(labels, "<u2")) if has_points else None,
            "names": [[str(name), color] for name, color in (colors or {}).items()]
            if has_points
            else [],
            "address": address,
        },
        key=key,
        default={"at": None},
        on_at_change=lambda: None,
    )
    return place(found.at, edge_of(reach, side))


def edge_of(reach: float, side: int) -> float:
    """The furthest coordinate on a plane of side x side drawings: half a drawing beyond its reach."""
    return reach * side / (side - 1)


def place(at: object, edge: float) -> tuple[float, float, int]:
    """(x, y, n) from what the browser sent, within the plane; (0, 0, 0) from anything else.

    Args:
        at: {"x": float, "y": float, "n": int} if it is ours.
        edge: the furthest coordinate.
    """
    sent = [at.get(name) for name in ("x", "y", "n")] if isinstance(at, dict) else []
    numbers = [one for one in sent if isinstance(one, (int, float)) and math.isfinite(one)]
    if len(numbers) != 3:
        return 0.0, 0.0, 0
    x, y = (float(min(max(one, -edge), edge)) for one in numbers[:2])
    return x, y, int(numbers[2])


def told(
    drawing: ArrayLike, title: str, sub: str, bars: Sequence[tuple[str, float]]
) -> dict[str, Any]:
    """What `answer` shows: one generated drawing, large, with a verdict.

    Args:
        drawing: (28, 28) uint8.
        title, sub: what is said of it.
        bars: [(category, probability), ...].
    """
    return {
        "pixels": encoded(pixels(np.asarray(drawing).reshape(1, -1))),
        "title": str(title),
        "sub": str(sub),
        "bars": [[str(name), float(share)] for name, share in bars],
    }


def answer(found: dict[str, Any], key: str, n: int = 0) -> None:
    """A generated drawing with a verdict; changes in place.

    Args:
        found: as `told` makes it. key: of the element. n: the request of `plane` answered.
    """
    _answer(data=found | {"n": n}, key=key)
