"""The plots of the page on the report's table 1; ground, inks and notes as in `plots`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from doodle_core.plots.epochs import mark_switch
from doodle_core.plots.style import (
    INK,
    RIGHT,
    WRONG,
    alpha,
    bars_of,
    chance_down,
    epoch_ticks,
    finish,
    font,
    line_across,
    line_down,
)

if TYPE_CHECKING:
    import pandas as pd

RANGES = {
    "grey": "grey in [-1, 1], as it learned",
    "binary": "binarised, in [-1, 1]",
    "grey01": "grey in [0, 1]",
    "binary01": "binarised, in [0, 1]",
}


def measures(frame: pd.DataFrame, classes: int, note: str = "") -> go.Figure:
    """Top-1 and binary accuracy of the validation part over the epochs, with chance for both.

    Args:
        frame: DataFrame as of `runs.history`. classes: int.
    """
    fig = go.Figure()
    for column, name, color, chance in (
        (
            "val_binary_accuracy",
            "binary accuracy, which the report printed",
            WRONG,
            1 - 1 / classes,
        ),
        ("val_accuracy", "top-1 accuracy", RIGHT, 1 / classes),
    ):
        fig.add_scatter(
            x=frame["epoch"],
            y=frame[column],
            name=name,
            line={"color": color, "width": 2},
            mode="lines" if len(frame) > 1 else "markers",
            hovertemplate=f"{name}<br>epoch %{{x}}: %{{y:.4f}}<extra></extra>",
        )
        look = {"dash": "dash", "width": 1.5, "color": color}
        line_across(fig, chance, f"chance {chance:.3f}", "right", "top", **look)
    mark_switch(fig, [frame])
    fig.update_yaxes(range=[0, 1.02])
    epoch_ticks(fig, [frame["epoch"]])
    return finish(fig, "epoch", "share (validation part)", note=note, above=None)


def ranges(figures: Mapping[str, Mapping[str, float]], classes: int, note: str = "") -> go.Figure:
    """Top-1 of one network on the same drawings in several pixel ranges, with intervals.

    Args:
        figures: {a key of RANGES: dict with `n`, `top1`, `top1_low`, `top1_high`}. classes: int.
    """
    names = [name for name in RANGES if name in figures][::-1]
    top1 = [figures[name]["top1"] for name in names]
    fig = go.Figure(
        go.Bar(
            x=top1,
            y=[RANGES[name] for name in names],
            orientation="h",
            showlegend=False,
            marker={
                "color": [RIGHT if name == "grey" else WRONG for name in names],
                "opacity": 0.65,
            },
            error_x=bars_of(
                [figures[name] for name in names], "top1", thickness=2, width=5, color=INK
            ),
            customdata=[
                [figures[name][key] for key in ("n", "top1_low", "top1_high")] for name in names
            ],
            hovertemplate="<b>%{y}</b><br>top-1 %{x:.4f} (95 % interval %{customdata[1]:.4f} to "
            "%{customdata[2]:.4f})<br>%{customdata[0]:,} drawings<extra></extra>",
        )
    )
    chance_down(fig, 1 / classes)
    fig.update_xaxes(range=[0, 1.005])
    return finish(fig, "top-1 accuracy (share of drawings)", "", height=260, note=note, above=24)


def decoder(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Parameters by layer of a decoder, the layer that nothing reads marked.

    Args:
        rows: as of `report.decoder_layers`.
    """
    rows = rows[::-1]
    fig = go.Figure(
        go.Bar(
            x=[row["parameters"] for row in rows],
            y=[row["layer"] for row in rows],
            orientation="h",
            marker={
                "color": [alpha(RIGHT if row["used"] else WRONG, 0.65) for row in rows],
                "pattern": {"shape": ["" if row["used"] else "/" for row in rows]},
            },
            text=[
                f"{row['parameters']:,}" + ("" if row["used"] else ", never used") for row in rows
            ],
            textposition="outside",
            textfont=font(12),
            cliponaxis=False,
            showlegend=False,
            hovertemplate="<b>%{y}</b><br>%{x:,} parameters<extra></extra>",
        )
    )
    fig.update_xaxes(range=[0, 1.3 * max(row["parameters"] for row in rows)])
    return finish(fig, "parameters", "", height=280)


def choice(chosen: ArrayLike, other: ArrayLike, note: str = "") -> go.Figure:
    """How much better the chosen run looks on the half that chose it than on the other half.

    Args:
        chosen, other: (times,) float, as of `report.choose_by_half`.
    """
    gain = 100 * (np.asarray(chosen) - np.asarray(other))
    fig = go.Figure(
        go.Histogram(
            x=gain,
            nbinsx=41,
            marker={"color": alpha(RIGHT, 0.6)},
            showlegend=False,
            hovertemplate="%{x} points<br>%{y} of the halvings<extra></extra>",
        )
    )
    for at, text, anchor, dash in (
        (0, "no gain ", "right", "dash"),
        (gain.mean(), f" mean {gain.mean():+.2f}", "left", "solid"),
    ):
        line_down(fig, at, text, anchor, dash=dash, width=1.5, color=INK)
    words = "gain by choosing (percentage points of top-1)"
    return finish(fig, words, "halvings", height=300, note=note, above=24)
