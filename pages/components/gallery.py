"""Grids of drawings that can be clicked, and a closer look at one of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from pages.components.assets import component
from pages.components.wire import clicked, encoded, pixels, stamp

TONES = ("", "right", "wrong")

_gallery = component("gallery")
_closeup = component("closeup")


def gallery(
    drawings: ArrayLike,
    captions: Sequence[object] | None = None,
    tones: Sequence[str] | None = None,
    size: int = 56,
    key: str | None = None,
    across: int = 0,
) -> int | None:
    """Show drawings in a grid; each can be clicked, or chosen with Tab, arrow keys and Enter.

    Args:
        drawings: (N, 28, 28) or (N, 784) uint8, white (255) on black. With N = 0 nothing is shown.
        captions: N texts, or None; a line break is kept.
        tones: N of "right", "wrong", "" (border and mark), or None.
        size: width of a drawing in pixels; multiples of 28 look crispest.
        key: give one wherever the drawings change from run to run: the grid is then updated
            in place, else it is built anew.
        across: drawings a row on a phone, where they shrink for it; 0: as many as fit.

    Returns:
        The index of the drawing that was clicked in this run, or None. A click on drawings that
        are no longer those shown counts for nothing.

    Raises:
        ValueError: other shapes, dtypes, tones or lengths.
    """
    shown = pixels(drawings)
    captions = [str(text) for text in captions] if captions is not None else []
    tones = [str(tone) for tone in tones] if tones is not None else []
    for name, given in (("captions", captions), ("tones", tones)):
        if given and len(given) != len(shown):
            raise ValueError(f"Got {len(given)} {name} for {len(shown)} drawings.")
    if unknown := set(tones) - set(TONES):
        raise ValueError(f"Got the tones {sorted(unknown)}; expected some of {TONES}.")
    if not len(shown):
        return None
    result = _gallery(
        data={
            "pixels": encoded(shown),
            "captions": captions,
            "tones": tones,
            "size": int(size),
            "cell": max(int(size) + 18, 92 if captions else 0),
            "stamp": stamp(shown),
            "across": int(across),
        },
        key=key,
        on_clicked_change=lambda: None,
    )
    return clicked(result.clicked, stamp(shown), len(shown))


def enlarge(drawing: ArrayLike, title: str, facts: Mapping[str, object] | None = None) -> None:
    """Open a dialog with one drawing, large, and what is known of it.

    Args:
        drawing: (28, 28) or (784,) uint8, white (255) on black.
        title: for example the true category; shown as it is, never as Markdown.
        facts: {label: text or number}, or {label: [(name, share in [0, 1]), ...]} for small bars,
            as `evaluation.top` gives them.
    """
    shown = pixels(np.asarray(drawing).reshape(1, -1))
    told = [
        [
            str(label),
            [[str(name), float(np.clip(share, 0, 1))] for name, share in value]
            if isinstance(value, (list, tuple))
            else str(value),
        ]
        for label, value in (facts or {}).items()
    ]

    @st.dialog("Drawing", width="medium")  # a dialog's own title is Markdown: ours is inside
    def show() -> None:
        _closeup(
            data={"pixels": encoded(shown), "title": str(title), "facts": told},
            key="doodle_closeup",
        )

    show()
