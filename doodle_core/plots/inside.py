"""Figures of what a network does: its answers, maps and filters, calibration, two runs compared.

Made as in `plots`: clear grounds, the page's ink, the note inside the figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from doodle_core.plots.style import RIGHT, WRONG, alpha, bars_of, finish, font, note_box

_GROUND = "rgba(128, 128, 128, 0.13)"
_GREY = "#808080"
LIKELY = [[0, _GROUND], [1, RIGHT]]  # from nothing up
SIGNED = [[0, WRONG], [0.5, _GROUND], [1, RIGHT]]  # against, nothing, for
_BAR = {
    "thickness": 8,
    "outlinewidth": 0,
    "tickfont": font(11),
    "nticks": 4,
    "exponentformat": "power",
}
_TWO = (RIGHT, "circle"), (WRONG, "diamond")  # two series side by side


def answers(
    names: Sequence[str],
    probabilities: NDArray[np.floating],
    scaled: NDArray[np.floating] | None = None,
    k: int = 5,
    note: str = "",
) -> go.Figure:
    """The k likeliest categories of a drawing as bars, and the probabilities after scaling.

    Args:
        names: C names. probabilities, scaled: (C,) float in [0, 1]; scaled may be None.
    """
    order = np.argsort(-np.asarray(probabilities), kind="stable")[:k][::-1]
    labels = [escape(names[place]) for place in order]
    fig = go.Figure()
    parts = [("as the network says", probabilities, RIGHT)]
    if scaled is not None:  # bars are drawn from below
        parts.insert(0, ("temperature scaled", scaled, alpha(_GREY, 0.55)))
    for name, values, color in parts:
        shares = [float(values[place]) for place in order]
        fig.add_bar(
            x=shares,
            y=labels,
            orientation="h",
            name=name,
            marker={"color": color},
            text=[f"{share:.1%}" for share in shares],
            textposition="outside",
            cliponaxis=False,
            textfont=font(12),
            hovertemplate=f"<b>%{{y}}</b>, {name}<br>%{{x:.4f}}<extra></extra>",
        )
    fig.update_layout(showlegend=scaled is not None, barmode="group", bargap=0.25)
    fig.update_xaxes(range=[0, 1.14], tickvals=[0, 0.25, 0.5, 0.75, 1])
    fig = finish(fig, "probability", "", height=110 + 42 * len(labels), note=note, above=None)
    fig.update_layout(legend={"traceorder": "reversed"})
    return fig


def montage(
    maps: ArrayLike,
    columns: int = 8,
    scale: list[list[Any]] = LIKELY,
    first: int = 0,
    note: str = "",
) -> go.Figure:
    """Small pictures side by side on one colour scale: a layer's maps, or its filters.

    Args:
        maps: (N, height, width) float. columns: int, pictures a row.
        scale: LIKELY, from 0 to the largest value, or SIGNED, around 0.
        first: int, the number of the first picture, for the words under the pointer.
    """
    maps = np.asarray(maps, np.float32)
    n, height, width = maps.shape
    columns = min(columns, n)
    rows = -(-n // columns)
    gap = max(1, round(width / 14))
    shape = rows * (height + gap) - gap, columns * (width + gap) - gap
    z, number = np.full(shape, np.nan, np.float32), np.zeros(shape, np.int16)
    for place, one in enumerate(maps):
        y, x = (height + gap) * (place // columns), (width + gap) * (place % columns)
        z[y : y + height, x : x + width] = one
        number[y : y + height, x : x + width] = first + place + 1
    top = float(np.abs(maps).max(initial=0)) or 1.0
    low = -top if scale is SIGNED else min(0.0, float(maps.min(initial=0)))
    heat = go.Heatmap(
        z=z,
        customdata=number,
        zmin=low,
        zmax=top,
        colorscale=scale,
        hoverongaps=False,
        hovertemplate="number %{customdata}: %{z:.3g}<extra></extra>",
        colorbar=_BAR,
    )
    tall = 50 + 400 * shape[0] / shape[1]  # a page's half is about 400 pixels wide
    return _picture([heat], shape, int(np.clip(tall, 120, 640)), note)


def overlay(
    drawing: ArrayLike, heat: NDArray[np.floating], signed: bool = False, note: str = ""
) -> go.Figure:
    """A drawing in grey and over it what a network made of its pixels.

    Args:
        drawing: (28, 28) uint8. heat: (side, side) float: in [0, 1], or, if `signed`, around 0.
    """
    side = len(heat)
    top = float(np.abs(heat).max(initial=0)) or 1.0
    scale = [[0, alpha(RIGHT, 0)], [1, alpha(RIGHT, 0.85)]]
    if signed:
        scale = [[0, WRONG], [0.5, alpha(RIGHT, 0)], [1, RIGHT]]
    return _picture(
        [
            go.Heatmap(
                z=np.asarray(drawing, np.float32),
                zmin=0,
                zmax=255,
                showscale=False,
                hoverinfo="skip",
                colorscale=[[0, _GROUND], [1, alpha(_GREY, 0.75)]],
            ),
            go.Heatmap(
                z=np.asarray(heat, np.float32),
                zmin=-top if signed else 0,
                zmax=top,
                x0=14 / side - 0.5,
                dx=28 / side,
                y0=14 / side - 0.5,
                dy=28 / side,
                colorscale=scale,
                hovertemplate="%{z:.3g}<extra></extra>",
                colorbar=_BAR,
            ),
        ],
        (28, 28),
        360,
        note,
    )


def _picture(traces: list[go.Heatmap], shape: tuple[int, int], tall: int, note: str) -> go.Figure:
    """Square pixels, row 0 above, nothing beside them but the note.

    The layout is made in one piece: a page holds a dozen of these, and each of the updates that
    `plots.finish` makes costs milliseconds.
    """
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "constrain": "domain",
    }
    words, more = note_box(note, x=0, xanchor="left", y=1, yanchor="bottom", yshift=4)
    return go.Figure(
        traces,
        {
            "height": tall + more,
            "dragmode": False,
            "annotations": [words] if note else [],
            "xaxis": axis | {"range": [-0.5, shape[1] - 0.5]},
            "yaxis": axis | {"range": [shape[0] - 0.5, -0.5], "scaleanchor": "x"},
            "paper_bgcolor": "rgba(0, 0, 0, 0)",
            "plot_bgcolor": "rgba(0, 0, 0, 0)",
            "margin": {"l": 8, "r": 8, "t": 38 + more if note else 12, "b": 8},
            "modebar": {"bgcolor": "rgba(0, 0, 0, 0)", "color": _GREY, "activecolor": RIGHT},
        },
    )


def reliability(series: Mapping[str, Sequence[Mapping[str, Any]]], note: str = "") -> go.Figure:
    """How often a network is right against how sure it is; the dashed line is perfect calibration.

    Args:
        series: {name: rows as of `evaluation.reliability`}.
    """
    fig = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            name="perfect",
            hoverinfo="skip",
            line={"dash": "dash", "width": 1.5, "color": _GREY},
        )
    )
    for (name, rows), (color, symbol) in zip(series.items(), _TWO):
        fig.add_scatter(
            x=[row["confidence"] for row in rows],
            y=[row["accuracy"] for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            marker={"size": 8, "symbol": symbol},
            error_y=bars_of(rows, "accuracy", thickness=1.2, width=4),
            customdata=[[row["n"], row["accuracy_low"], row["accuracy_high"]] for row in rows],
            hovertemplate=f"<b>{escape(name)}</b><br>%{{x:.3f}} sure, %{{y:.3f}} right "
            "(95 % interval %{customdata[1]:.3f} to %{customdata[2]:.3f})"
            "<br>%{customdata[0]:,} drawings<extra></extra>",
        )
    fig.update_xaxes(range=[0, 1.02])
    fig.update_yaxes(range=[0, 1.02])
    return finish(
        fig,
        "top probability (mean of the bin)",
        "top-1 accuracy",
        height=400,
        note=note,
        above=None,
    )


def recalls(
    categories: Sequence[str], parts: Mapping[str, Sequence[Mapping[str, Any]]], note: str = ""
) -> go.Figure:
    """The recalls of two runs side by side, with Wilson intervals.

    Args:
        categories: C names. parts: {run name: rows as of `evaluation.per_category`}, two of them.
    """
    at, fig = np.arange(len(categories))[::-1], go.Figure()
    for (name, rows), (color, symbol), move in zip(parts.items(), _TWO, (1, -1)):
        fig.add_scatter(
            x=[row["recall"] for row in rows],
            y=at + 0.16 * move,
            mode="markers",
            name=escape(name),
            marker={"color": color, "symbol": symbol, "size": 9},
            error_x=bars_of(rows, "recall", thickness=1.5, width=4),
            customdata=[
                [escape(row["category"]), int(row["n"]), row["recall_low"], row["recall_high"]]
                for row in rows
            ],
            cliponaxis=False,
            hovertemplate=f"<b>%{{customdata[0]}}</b>, {escape(name)}<br>recall %{{x:.3f}} (95 % "
            "interval %{customdata[2]:.3f} to %{customdata[3]:.3f})"
            "<br>%{customdata[1]:,} drawings<extra></extra>",
        )
    fig.update_yaxes(
        tickvals=at,
        ticktext=[escape(name) for name in categories],
        range=[-0.6, len(categories) - 0.4],
    )
    low = min(row["recall_low"] for rows in parts.values() for row in rows)
    fig.update_xaxes(range=[max(0.0, min(low, 0.9) - 0.03), 1.005])
    return finish(
        fig,
        "recall (share named right)",
        "",
        height=130 + 34 * len(categories),
        note=note,
        above=None,
    )
