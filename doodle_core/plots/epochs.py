"""Figures over epochs and over training drawings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from doodle_core.plots.style import (
    INK,
    epoch_ticks,
    error_bars,
    finish,
    line_across,
    line_down,
    run_colors,
)

if TYPE_CHECKING:
    import pandas as pd

AXES = {
    "loss": "loss (nats per drawing)",
    "accuracy": "top-1 accuracy (share of drawings)",
    "learning_rate": "learning rate (per step, log scale)",
    "reconstruction": "reconstruction (nats per drawing)",
    "kl": "KL divergence (nats per drawing)",
}


def smooth(values: ArrayLike, weight: float) -> NDArray[np.float64]:
    """Exponential moving average without the pull to zero at its start, as TensorBoard's slider.

    Args:
        values: (N,) float; NaN stays where it is and counts for nothing.
        weight: float in [0, 1); 0 leaves the values as they are.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"Smoothing is {weight}; it must be at least 0 and below 1.")
    values = np.asarray(values, float)
    out, average = values.copy(), 0.0
    for seen, place in enumerate(np.flatnonzero(~np.isnan(values)), 1):
        average = weight * average + (1 - weight) * values[place]
        out[place] = average / (1 - weight**seen)
    return out


def curves(
    histories: Mapping[str, pd.DataFrame],
    metric: str = "loss",
    smoothing: float = 0.0,
    best: Mapping[str, float | None] | None = None,
    note: str = "",
) -> go.Figure:
    """One metric over the epochs, a colour a run: validation solid, training dashed.

    Args:
        histories: {run name: DataFrame} with `epoch` (from 1) and any of `loss`, `accuracy`,
            `val_loss`, `val_accuracy`, `learning_rate`; missing columns are left out.
        metric: "loss", "accuracy" or "learning_rate".
        smoothing: float in [0, 1), see smooth; the raw curve then stays, faintly, behind.
        best: {run name: epoch} to mark, or None.
    """
    fig, colors, single = go.Figure(), run_colors(histories), len(histories) == 1
    parts = (
        [("", "learning rate", "solid")]
        if metric == "learning_rate"
        else [("val_", "validation", "solid"), ("", "training", "dash")]
    )
    for run, frame in histories.items():
        label, named = escape(run), False
        for prefix, part, dash in parts:
            if prefix + metric not in frame:
                continue
            values = frame[prefix + metric].to_numpy(float)
            line = {
                "color": colors[run],
                "dash": dash,
                "width": 2 if dash == "solid" else 1.5,
                "shape": "hv" if metric == "learning_rate" else "linear",
            }
            mode = "lines" if len(values) > 1 else "markers"
            common = {
                "x": frame["epoch"].to_numpy(),
                "mode": mode,
                "legendgroup": run,
                "marker": {"color": colors[run], "size": 6},
            }
            if smoothing:
                fig.add_scatter(
                    y=values,
                    line={**line, "width": 1},
                    opacity=0.3,
                    hoverinfo="skip",
                    showlegend=False,
                    **common,
                )
            digits = ".2e" if metric == "learning_rate" else ".4f"
            fig.add_scatter(
                y=smooth(values, smoothing),
                line=line,
                name=part if single else label,
                showlegend=single or not named,
                customdata=values,
                **common,
                hovertemplate=f"<b>{label}</b>, {part}<br>epoch %{{x}}: %{{customdata:{digits}}}"
                "<extra></extra>",
            )
            named = True
        _mark_best(fig, frame, metric, (best or {}).get(run), label, colors[run])
    if not single and metric != "learning_rate":
        for _, part, dash in parts:  # what the two kinds of line mean
            fig.add_scatter(
                x=[None],
                y=[None],
                mode="lines",
                name=part,
                line={"color": "#888888", "dash": dash},
                hoverinfo="skip",
            )
    mark_switch(fig, histories.values())
    if metric == "learning_rate":
        fig.update_yaxes(type="log", tickformat=".0e", dtick=1)
    epoch_ticks(fig, [frame["epoch"] for frame in histories.values()])
    return finish(fig, "epoch", AXES.get(metric, metric), note=note, above=None)


def mark_switch(fig: go.Figure, frames: Iterable[pd.DataFrame]) -> None:
    """A dotted line where the fine-tuning of a transferred base begins (figure 3, section 2.1)."""
    second = [frame["epoch"][frame["stage"] == 2] for frame in frames if "stage" in frame]
    for first in sorted({int(epochs.min()) for epochs in second if len(epochs)}):
        look = {"dash": "dot", "width": 1.5, "color": INK}
        line_down(fig, first - 0.5, " fine-tuning begins", yanchor="top", **look)


def _mark_best(
    fig: go.Figure, frame: pd.DataFrame, metric: str, epoch: float | None, label: str, color: str
) -> None:
    """A ring on the best epoch, on the validation curve where there is one."""
    column = "val_" + metric if "val_" + metric in frame else metric
    at: Any = frame[frame["epoch"] == epoch] if column in frame else ()
    if len(at):
        value = float(at[column].iloc[0])
        fig.add_scatter(
            x=[epoch],
            y=[value],
            mode="markers",
            showlegend=False,
            legendgroup=label,
            marker={"symbol": "circle-open", "size": 12, "color": color, "line": {"width": 2.5}},
            hovertemplate=f"<b>{label}</b>, best epoch<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
        )


def learning_curve(
    lines: Mapping[str, pd.DataFrame], person: float | None = None, note: str = ""
) -> go.Figure:
    """Top-1 against drawings trained on, with Wilson intervals and a power law through each line.

    Args:
        lines: {label: DataFrame} with `n` (training drawings a category), `top1`, `low`, `high`,
            and, optionally, `law`: (a, b) as of `evaluation.power_law` in `frame.attrs`.
        person: a person's top-1 to draw as a level, or None.
        note: as everywhere.
    """
    fig, colors = go.Figure(), run_colors(lines)
    for label, frame in lines.items():
        name, color = escape(label), colors[label]
        fig.add_scatter(
            x=frame["n"],
            y=frame["top1"],
            mode="markers",
            name=name,
            legendgroup=label,
            marker={"size": 9, "color": color},
            error_y=error_bars(
                frame["top1"], frame["low"], frame["high"], color=color, thickness=1.5
            ),
            customdata=frame[["low", "high"]],
            hovertemplate=f"<b>{name}</b><br>%{{x:,.0f}} drawings a category: %{{y:.4f}} "
            "(%{customdata[0]:.4f} to %{customdata[1]:.4f})<extra></extra>",
        )
        if "law" in frame.attrs:
            a, b = frame.attrs["law"]
            x = np.geomspace(frame["n"].min(), 10 * frame["n"].max(), 60)
            fig.add_scatter(
                x=x,
                y=1 - a * x**-b,
                mode="lines",
                legendgroup=label,
                showlegend=False,
                line={"color": color, "dash": "dash", "width": 1.5},
                hoverinfo="skip",
            )
    if person is not None:
        look = {"dash": "dot", "width": 1.5, "color": INK}
        line_across(fig, person, f"a person: {person:.2f}", **look)
    fig.update_xaxes(type="log", dtick=1, tickformat=",d")
    return finish(
        fig,
        "training drawings a category (log scale)",
        "top-1 accuracy (share of drawings)",
        note=note,
        above=None,
        height=420,
    )
