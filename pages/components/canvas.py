"""The canvas of the Draw page, and what networks say of the drawing.

The canvas sends its strokes, one request at a time, to the address that the page offers and, when
the pen rests, to the page: see web/shared/asking.js. `reading`, which must come last on the page,
tells it what was answered.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.data import sketch
from pages.components.assets import component
from pages.components.wire import encoded, pixels

SIDE = 1000  # the canvas, in the units of its strokes

Strokes = list[list[list[int]]]  # of a drawing; a stroke is [xs, ys]

_pad = component("pad")
_reading = component("reading")


def pad(
    strokes: Strokes, sheet: int, hint: str, key: str, address: str = ""
) -> tuple[Strokes, int]:
    """A canvas to draw on, with undo, redo and clear.

    Args:
        strokes: what is on it when it appears, as it is returned.
        sheet: another number takes the drawing away, for a new one.
        hint: shown while nothing is drawn.
        key: of the element.
        address: where `{"strokes": ...}` is answered with {"reading": as `read` makes it, and what
            else stands beside it}, see `pages.shared.answering`; "": the page's script answers all.

    Returns:
        (strokes, n): list of `[xs, ys]`, whole numbers from 0 to SIDE, x to the right, y down; and
        the number of this request, which `reading` must be given. `n` is 0 at first.

    Raises:
        ValueError: what the browser sent is no drawing.
    """
    found = _pad(
        data={
            "strokes": strokes,
            "sheet": sheet,
            "hint": hint,
            "side": SIDE,
            "strokesMost": sketch.MOST_STROKES,
            "pointsMost": sketch.MOST_POINTS,
            "address": address,
        },
        key=key,
        default={"sketch": None},
        on_sketch_change=lambda: None,
    )
    return sketched(found.sketch, strokes, sheet)


def sketched(sent: object, strokes: Strokes, sheet: int) -> tuple[Strokes, int]:
    """(strokes, n) from what the browser sent, if it belongs to this sheet; else those given, 0.

    Args:
        sent: {"strokes": ..., "sheet": int, "n": int} if it is ours.
        strokes, sheet: as of `pad`.

    Raises:
        ValueError: it belongs to this sheet, and is no drawing.
    """
    if not isinstance(sent, dict) or sent.get("sheet") != sheet:
        return strokes, 0
    n = sent.get("n")
    if not isinstance(n, int) or not 0 <= n < 2**53:
        raise ValueError("The canvas sent something else than a drawing.")
    sketch.checked(sent.get("strokes"))
    return sent["strokes"], n


def read(
    pictures: Sequence[tuple[str, str, NDArray[np.uint8] | None, ArrayLike | None]],
    networks: Sequence[dict[str, Any]],
    words: str,
) -> dict[str, Any]:
    """What `reading` shows: what the networks make of the drawing.

    Args:
        pictures: list of (title, words, drawing, heat): (28, 28) uint8, (28, 28) float in [0, 1];
            either may be None.
        networks: list of dicts: `name`, `figures`, `note`, `others`, texts; `bars`, list of
            (category, probability), where the probability is None before anything is drawn.
        words: the one answer that the canvas shows.
    """
    shown = [
        [
            title,
            sub,
            "" if drawing is None else encoded(pixels(drawing[None])),
            "" if heat is None else encoded((255 * np.asarray(heat)).astype(np.uint8)),
        ]
        for title, sub, drawing, heat in pictures
    ]
    blocks = [
        one | {"bars": [[str(name), float(share or 0)] for name, share in one["bars"]]}
        for one in networks
    ]
    is_empty = all(share is None for one in networks for _, share in one["bars"])
    return {"pictures": shown, "networks": blocks, "words": words, "isEmpty": is_empty}


def reading(found: dict[str, Any], n: int, key: str) -> None:
    """What the networks make of the drawing; changes in place.

    Args:
        found: as `read` makes it. n: the request of `pad` answered. key: of the element.
    """
    _reading(data=found | {"n": n}, key=key)
