"""Figures of a latent space: what its dimensions carry, and a drawing's place among the losses.

Made as in `plots`: clear grounds, the page's ink, the note inside the figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from doodle_core.plots.style import (
    RIGHT,
    WRONG,
    category_colors,
    epoch_ticks,
    finish,
    font,
    line_across,
    line_down,
    note_box,
)

if TYPE_CHECKING:
    import pandas as pd

_GREY = "#808080"
PARTS = {"loss": "loss", "reconstruction": "reconstruction", "kl": "KL divergence"}
"""The loss and its two parts, by their columns in `history.csv`."""


def dimensions(found: Mapping[str, NDArray[np.floating]], note: str = "") -> go.Figure:
    """Each dimension's KL divergence, the largest first; dead ones hatched.

    Args:
        found: dict of (D,) arrays as of `latents.dimensions`.
    """
    order = np.argsort(-found["kl"], kind="stable")
    fig, at = go.Figure(), np.arange(len(order))
    for name, is_active, color, pattern in (("in use", 1, RIGHT, ""), ("dead", 0, WRONG, "/")):
        mine = found["active"][order] == is_active
        if not mine.any():
            continue
        rows = order[mine]
        fig.add_bar(
            x=at[mine],
            y=found["kl"][rows],
            name=name,
            showlegend=True,
            marker={"color": color, "pattern": {"shape": pattern}},
            customdata=np.stack([found[key][rows] for key in ("dimension", "spread", "noise")], 1),
            hovertemplate="<b>dimension %{customdata[0]:.0f}</b>, " + name + "<br>KL %{y:.3f} nats"
            "<br>standard deviation of the means %{customdata[1]:.3f}"
            "<br>of the posterior %{customdata[2]:.3f}<extra></extra>",
        )
    fig.update_xaxes(tickvals=at, ticktext=[f"{one:.0f}" for one in found["dimension"][order]])
    if len(order) > 40:
        fig.update_xaxes(tickvals=[], ticktext=[])
    fig.update_layout(bargap=0.25, barmode="overlay")
    return finish(
        fig,
        "latent dimension, the most used first",
        "KL divergence (nats per drawing)",
        height=340,
        note=note,
        above=None,
    )


def variance(shares: NDArray[np.floating], note: str = "") -> go.Figure:
    """The variance along each principal direction of the latent means, and added up.

    Args:
        shares: (D,) float, as of `latents.Directions`.
    """
    at = np.arange(1, len(shares) + 1)
    shown = np.where(at <= 3, RIGHT, _GREY)
    fig = go.Figure(
        go.Bar(
            x=at,
            y=shares,
            marker={"color": shown},
            showlegend=False,
            hovertemplate="<b>direction %{x}</b><br>%{y:.1%} of the variance<extra></extra>",
        )
    )
    fig.add_scatter(
        x=at,
        y=np.cumsum(shares),
        mode="lines+markers",
        name="added up",
        showlegend=False,
        line={"color": WRONG, "width": 2},
        marker={"size": 6},
        hovertemplate="the first %{x} together<br>%{y:.1%} of the variance<extra></extra>",
    )
    fig.update_yaxes(range=[0, 1.04], tickformat=".0%")
    fig.update_xaxes(dtick=1 if len(at) <= 20 else None)
    return finish(
        fig,
        "principal direction (blue: axes of the cloud)",
        "share of the variance",
        height=340,
        note=note,
        above=None,
    )


def curves(
    history: pd.DataFrame,
    part: str,
    level: float | None = None,
    best: float | None = None,
    note: str = "",
) -> go.Figure:
    """A run's loss, or a part of it, over the epochs, and a drawing's own as a level.

    Args:
        history: DataFrame as of `runs.history`. part: one of PARTS.
        level: float, nats, or None. best: int, the epoch whose weights were kept, or None.
    """
    fig = go.Figure()
    lines = ("val_", "validation", "solid", 2), ("", "training", "dash", 1.5)
    for prefix, name, dash, width in lines:
        if prefix + part not in history:
            continue
        fig.add_scatter(
            x=history["epoch"],
            y=history[prefix + part],
            name=name,
            mode="lines" if len(history) > 1 else "markers",
            line={"color": RIGHT, "dash": dash, "width": width},
            hovertemplate=f"{name}<br>epoch %{{x}}: %{{y:.2f}} nats<extra></extra>",
        )
    if best is not None:
        look = {"dash": "dot", "width": 1.5, "color": _GREY}
        line_down(fig, best, "weights kept ", "right", "top", **look)
    if level is not None:
        line_across(fig, level, f" this drawing: {level:.1f}", size=12, width=2, color=WRONG)
    epoch_ticks(fig, [history["epoch"]])
    return finish(
        fig, "epoch", f"{PARTS[part]} (nats per drawing)", height=320, note=note, above=None
    )


def place(values: NDArray[np.floating], level: float, part: str, note: str = "") -> go.Figure:
    """Where a drawing stands among the others: a histogram, and the drawing as a line.

    Args:
        values: (N,) float, nats, of all drawings. level: float, of this one. part: one of PARTS.
    """
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, (0, 0.995)) if len(values) else (0.0, 1.0)
    high = max(high, level, low + 1e-6)  # a few drawings far out would squeeze all others
    counts, edges = np.histogram(values, bins=40, range=(min(low, level), high))
    fig = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.92,
            showlegend=False,
            marker={"color": RIGHT, "opacity": 0.65},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.1f} to %{customdata[1]:.1f} nats<br>%{y:,} drawings"
            "<extra></extra>",
        )
    )
    side = "right" if level > (edges[0] + edges[-1]) / 2 else "left"
    line_down(fig, level, f" this drawing: {level:.1f} ", side, size=12, width=2, color=WRONG)
    return finish(
        fig, f"{PARTS[part]} (nats per drawing)", "drawings", height=320, note=note, above=None
    )


def cloud(
    places: NDArray[np.floating],
    labels: NDArray[np.integer],
    names: Sequence[str],
    axes: Sequence[str],
    note: str = "",
    most: int = 3000,
) -> go.Figure:
    """Drawings as points on a plane or in space, a colour a category.

    Args:
        places: (N, 2 or 3) float. labels: (N,) int. names: the categories. axes: their titles.
        most: int, so many points are shown, of more a random part (always the same).
    """
    kept = np.sort(np.random.default_rng(0).permutation(len(places))[:most])
    places, labels = np.asarray(places, np.float32)[kept], np.asarray(labels)[kept]
    is_flat = places.shape[1] == 2
    fig, colors = go.Figure(), category_colors(names)
    for label in np.unique(labels):
        name, mine = names[label], places[labels == label]
        fig.add_trace(
            (go.Scatter if is_flat else go.Scatter3d)(
                **dict(zip("xyz", mine.T)),
                mode="markers",
                name=escape(name),
                marker={
                    "color": colors[name],
                    "size": 4 if is_flat else 2.5,
                    "opacity": 0.75,
                    "line": {"width": 0},
                },
                hovertemplate=f"<b>{escape(name)}</b><extra></extra>",
            )
        )
    fig.update_layout(legend={"itemsizing": "constant"})
    if is_flat:
        fig.update_yaxes(scaleanchor="x")
        return finish(fig, axes[0], axes[1], height=480, note=note, above=None)
    axis = {
        "showbackground": False,
        "gridcolor": "rgba(128, 128, 128, 0.35)",
        "nticks": 5,
        "zerolinecolor": "rgba(128, 128, 128, 0.35)",
        "tickfont": font(10),
    }
    titles = ({"title": {"text": text, "font": font(12)}} for text in axes)
    fig.update_layout(scene={f"{one}axis": axis | title for one, title in zip("xyz", titles)})
    fig = finish(fig, "", "", height=520, above=None)
    camera = {"eye": {"x": 1.3, "y": 1.3, "z": 0.85}, "center": {"x": 0, "y": 0, "z": -0.15}}
    fig.update_layout(scene={"aspectmode": "data", "camera": camera})
    if note:
        fig.add_annotation(note_box(note, x=0, xanchor="left", y=0, yanchor="bottom")[0])
    return fig
