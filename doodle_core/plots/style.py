"""Every figure of the dashboard, as Plotly figures, and its one palette.

The grounds are transparent and no ink has a fixed colour, so that a figure sits on a light and on
a dark page alike (`st.plotly_chart` puts the theme's fonts and inks in). A `note`, for example
PRACTICE, is written into the figure itself, so that a saved picture carries it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from colorsys import hls_to_rgb
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from zlib import crc32

from doodle_core.data.categories import CATEGORIES, NINETEEN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go
    from numpy.typing import NDArray

PRACTICE = "practice data"
RIGHT, WRONG = "#0072B2", "#D55E00"  # Okabe and Ito's blue and vermillion

# Ten colours of Okabe-Ito and of Paul Tol's bright, vibrant and muted sets, chosen so that any two
# stay apart in normal sight and under protanopia, deuteranopia and tritanopia (0.055 in OKLab).
CORE = {
    "penguin": "#0072B2",
    "cup": "#EE7733",
    "eyeglasses": "#009E73",
    "lollipop": "#CC79A7",
    "moon": "#56B4E9",
    "clock": "#AA3377",
    "banana": "#CCBB44",
    "apple": "#CC3311",
    "canoe": "#117733",
    "bowtie": "#BBBBBB",
}
_OTHERS = [name for name in NINETEEN + CATEGORIES if name not in CORE]
_PLACE = {name: place for place, name in reversed(list(enumerate(_OTHERS)))}
# Streamlit's stand-in for its strongest text colour (GRAY_90 of its Plotly theme): its pages put
# light or dark ink in its place; anywhere else it is what it says, a near black.
INK = "#000037"
FAINT = "rgba(128, 128, 128, 0.25)"


def category_colors(categories: Iterable[str]) -> dict[str, str]:
    """{name: "#rrggbb"}. A category has the same colour in every figure, whatever stands beside it.

    The report seven and the stand-in seven have CORE's colours, which colour-blind people can tell
    apart; the other official names take theirs by golden-angle steps around the hues, at three
    lightnesses (345 colours cannot all be told apart, so no figure relies on colour alone).
    """
    return {
        name: CORE.get(name) or _spread(_PLACE.get(name, crc32(name.encode()) % 997))
        for name in categories
    }


def _spread(place: int) -> str:
    rgb = hls_to_rgb(0.07 + place * 0.618034 % 1, (0.40, 0.62, 0.51)[place % 3], 0.62)
    return "#" + "".join(f"{round(255 * part):02X}" for part in rgb)


def run_colors(names: Iterable[Any]) -> dict[Any, str]:
    """{run name: "#rrggbb"} by order; after ten runs the colours come round again."""
    colors = list(CORE.values())
    return {name: colors[place % len(colors)] for place, name in enumerate(names)}


def alpha(color: str, opacity: float) -> str:
    """ "#rrggbb" as an rgba color with an opacity in [0, 1]."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def epoch_ticks(fig: go.Figure, epochs: Iterable[pd.Series[int] | NDArray[np.integer]]) -> None:
    """Whole numbers on the axis of epochs, however few there are."""
    last = max((int(one.max()) for one in epochs if len(one)), default=0)
    if last <= 12:
        fig.update_xaxes(dtick=1, range=[0.8, max(last, 2) + 0.2])


def font(size: int) -> dict[str, Any]:
    """A font of so many pixels in the page's ink, as Plotly takes it."""
    return {"size": size, "color": INK}


def error_bars(
    values: Iterable[float], lows: Iterable[float], highs: Iterable[float], **look: Any
) -> dict[str, Any]:
    """Intervals around values, as Plotly's `error_x` or `error_y`.

    Args:
        values, lows, highs: as many of each. look: `thickness`, `width`, `color`.
    """
    bounds = [*zip(values, lows, highs, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        **look,
        "array": [high - value for value, _, high in bounds],
        "arrayminus": [value - low for value, low, _ in bounds],
    }


def bars_of(rows: Sequence[Mapping[str, Any]], key: str, **look: Any) -> dict[str, Any]:
    """`error_bars` of rows that have a value as `key` and its bounds as `key`_low and `key`_high."""
    columns = ([float(row[key + part]) for row in rows] for part in ("", "_low", "_high"))
    return error_bars(*columns, **look)


def line_down(
    fig: go.Figure,
    x: float,
    text: str,
    xanchor: str = "left",
    yanchor: str = "bottom",
    size: int = 11,
    **line: Any,
) -> None:
    """A line down a figure, with its name at the top.

    Args:
        size: of the name, pixels. line: `width`, `dash`, `color`.
    """
    fig.add_vline(x=x, line=line)
    fig.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yanchor=yanchor,
        xanchor=xanchor,
        showarrow=False,
        text=text,
        font=font(size),
    )


def line_across(
    fig: go.Figure,
    y: float,
    text: str,
    side: str = "left",
    yanchor: str = "bottom",
    size: int = 11,
    **line: Any,
) -> None:
    """A line across a figure, with its name at one side. Args as `line_down`."""
    fig.add_hline(y=y, line=line)
    fig.add_annotation(
        x=0 if side == "left" else 1,
        y=y,
        xref="paper",
        xanchor=side,
        yanchor=yanchor,
        showarrow=False,
        text=text,
        font=font(size),
    )


def chance_down(fig: go.Figure, chance: float) -> None:
    """A line down a figure where chance is on its horizontal axis, a share in [0, 1]."""
    line_down(fig, chance, f" chance {chance:.3f}", dash="dash", width=1.5, color=INK)


def frame_cell(fig: go.Figure, row: float, column: float, color: str) -> None:
    """A frame around one cell of a heatmap."""
    fig.add_shape(
        type="rect",
        x0=column - 0.5,
        x1=column + 0.5,
        y0=row - 0.5,
        y1=row + 0.5,
        line={"width": 3, "color": color},
    )


def note_box(note: str, **place: Any) -> tuple[dict[str, Any], int]:
    """A note in its box, as an annotation, and the pixels that its lines need beyond the first's.

    A phone has room for so many letters. The font is one that a saved picture has, too: the box
    must fit there.

    Args:
        note: str. place: where, as of a Plotly annotation; in parts of the plot's own area.
    """
    lines = wrap(note.replace(PRACTICE, PRACTICE.replace(" ", "\u00a0")), 40)  # never apart
    text = "<br>".join(map(escape, lines)).replace("\u00a0", " ")
    box = {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "align": "left",
        "font": font(11) | {"family": "Arial, sans-serif"},
        "borderpad": 3,
        "bordercolor": "#808080",
        "borderwidth": 1,
    }
    return box | place, 15 * max(len(lines) - 1, 0)


def finish(
    fig: go.Figure, x: str, y: str, height: int = 360, note: str = "", above: int | None = 6
) -> go.Figure:
    """What all figures share: clear grounds, faint grid, axis titles, legend above, the note.

    Returns the figure. The note stands `above` pixels over the plot's left end, or, with None, below the x
    axis title: for figures whose legend may fill the room above.
    """
    place = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "yshift": above}
    if above is None:
        place = {"x": 1, "xanchor": "right", "y": 0, "yanchor": "top", "yshift": -44}
    box, more = note_box(note, **place)
    below, top = (more, 0) if above is None else (0, more)
    axis = {"gridcolor": FAINT, "zerolinecolor": FAINT, "automargin": True}
    fig.update_xaxes(title={"text": x, "font": font(13), "standoff": 12}, **axis)
    fig.update_yaxes(title={"text": y, "font": font(13), "standoff": 10}, **axis)
    fig.for_each_xaxis(lambda one: one.tickfont.size or one.update(tickfont=font(12)))
    fig.for_each_yaxis(lambda one: one.tickfont.size or one.update(tickfont=font(12)))
    fig.update_layout(
        height=height + more,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        margin={
            "l": 8,
            "r": 8,
            "t": 34 + (above or 0) + top,
            "b": 84 + below if note and above is None else 8,
        },
        hoverlabel={"align": "left", "font": {"color": INK}},
        modebar={"bgcolor": "rgba(0, 0, 0, 0)", "color": "#808080", "activecolor": RIGHT},
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "traceorder": "normal",
            "font": font(12),
        },
    )
    if note:
        fig.add_annotation(box)
    return fig
