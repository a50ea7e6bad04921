"""A cloud of drawings in 3-D or 2-D, each seen under the pointer and chosen with a click.

Streamlit's Plotly element tells nothing of the points of a 3-D scatter, hence a component around
Plotly's own JavaScript, the file that its Python package carries. The script, the places of the
points and the drawings are handed out as files by this server under names made from their contents:
a browser gets each once, however often the page runs, and a change of colours sends none of them.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import plotly
import streamlit as st
from numpy.typing import ArrayLike
from streamlit.runtime import get_instance

from doodle_core.plots import RIGHT, WRONG
from pages.components.assets import component
from pages.components.wire import clicked, pixels

MODES = ("true", "predicted", "right", "confidence")
PLOTLY = Path(plotly.__file__).parent / "package_data/plotly.min.js"

_scatter = component("scatter", isolate_styles=False)  # Plotly puts its styles into the document


def pack_drawings(drawings: ArrayLike) -> bytes:
    """(N, 28, 28) uint8 -> 16 greys, two pixels a byte, deflated."""
    grey = pixels(drawings) >> 4
    return zlib.compress((grey[:, 0::2] << 4 | grey[:, 1::2]).tobytes(), 6)


def pack_places(places: ArrayLike) -> bytes:
    """(N, 2 or 3) float -> float32, deflated."""
    return zlib.compress(np.ascontiguousarray(places, "<f4").tobytes(), 1)


def pack_points(labels: ArrayLike, said: ArrayLike, sure: ArrayLike) -> bytes:
    """Categories and judgements -> int16, int16 and uint8 after each other, deflated.

    Args:
        labels, said: (N,) int, the true and the predicted category; -1 for none.
        sure: (N,) float in [0, 1], the top probability; kept in 255ths.
    """
    bytes_of_sure = np.round(255 * np.clip(np.nan_to_num(sure), 0, 1)).astype(np.uint8)
    parts = (np.asarray(labels, "<i2"), np.asarray(said, "<i2"), bytes_of_sure)
    return zlib.compress(b"".join(part.tobytes() for part in parts), 6)


def scatter(
    packed: tuple[bytes | None, bytes, bytes],
    shape: tuple[int, int],
    real: int,
    names: Sequence[str],
    colors: Sequence[str],
    axes: Sequence[str],
    mode: str,
    *,
    pictures: bool = True,
    near: Iterable[int] = (),
    pinned: int | None = None,
    owner: str = "",
    note: str = "",
    key: str,
    on_click: Callable[[], None],
) -> None:
    """Show a cloud of drawings.

    Args:
        packed: (drawings or None, places, points), as of the functions above.
        shape: (N, 2 or 3), of the places.
        real: the first so many are drawings, the others generated.
        names, colors: C categories and their "#rrggbb".
        axes: titles of the axes.
        mode: what colours the points, one of MODES.
        pictures: False where the drawings are only those of the generated ones.
        near, pinned: indices to draw a ring around.
        owner: as long as it stays, so does what the legend hides; and, while the axes stay,
            the camera.
        note: text inside the figure.
        key: of the element.
        on_click: called when a point was clicked; `clicked_in(key, ...)` says which.
    """
    drawings, places, points = packed
    n, dims = shape
    _scatter(
        data={
            "plotly": _serve(PLOTLY, key),
            "drawings": _serve(drawings, f"{key} drawings") if drawings else None,
            "places": _serve(places, f"{key} places"),
            "points": _serve(points, f"{key} points"),
            "n": int(n),
            "dims": int(dims),
            "real": int(real),
            "pictures": bool(pictures),
            "names": [str(name) for name in names],
            "colors": list(colors),
            "axes": list(axes),
            "mode": mode,
            "note": note,
            "owner": owner,
            "stamp": _stamp(owner, n),
            "view": f"{owner} {axes}",
            "right": RIGHT,
            "wrong": WRONG,
            "format": st.session_state.get("plot format", "png"),
            "pinned": -1 if pinned is None else int(pinned),
            "near": [int(one) for one in near],
            "revision": f"{mode} {dims} {n} {-1 if pinned is None else pinned}",
        },
        key=key,
        on_clicked_change=on_click,
    )


def clicked_in(key: str, owner: str, n: int) -> int | None:
    """Within `on_click`: the index that was clicked, or None where it is of another cloud."""
    return clicked(st.session_state.get(key, {}).get("clicked"), _stamp(owner, n), n)


def _stamp(owner: str, n: int) -> int:
    return zlib.crc32(f"{owner} {n}".encode())


def _serve(content: Path | bytes, place: str) -> str:
    """The address at which this server hands out a file or bytes, while a session shows them.

    It is relative, as are those of Streamlit's own scripts: a page is at ROOT/PAGE and the file at
    ROOT/media/NAME, whatever ROOT is for a browser behind `server.baseUrlPath` or a proxy.
    """
    is_script = isinstance(content, Path)
    kind = "text/javascript" if is_script else "application/octet-stream"
    given = content if isinstance(content, bytes) else str(content)
    url: str = get_instance().media_file_mgr.add(given, kind, f"doodle scatter {place}")
    return url.lstrip("/")
