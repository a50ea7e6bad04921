"""Figures of a sweep. `table` is everywhere what `sweeps.rows` gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import optuna
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from doodle_core.plots.epochs import AXES
from doodle_core.plots.style import (
    INK,
    RIGHT,
    WRONG,
    epoch_ticks,
    error_bars,
    finish,
    font,
    frame_cell,
    run_colors,
)
from doodle_core.settings.sweep import Dimension, plain, shown, words

METRICS = {"val_loss": ("loss", 1), "val_accuracy": ("accuracy", -1)}
"""Key of `plots`' axis titles, and the sign that makes small good."""
_GOOD_TO_POOR = [[0, RIGHT], [0.5, "#A0A0A0"], [1, WRONG]]
FEW = 10  # so many curves have a colour and a name each


def curves(
    table: Sequence[Mapping[str, Any]],
    metric: str = "val_loss",
    best: Mapping[str, Any] | None = None,
    note: str = "",
) -> go.Figure:
    """A validation curve for each trial (the report's figure 5 shows them for batch sizes).

    Up to FEW trials have a colour each. Of more, the three best have one and the rest are grey.

    Args:
        metric: "val_loss" or "val_accuracy".
        best: the best row, drawn thick, or None.
    """
    fig = go.Figure()
    key, sign = METRICS[metric]
    begun = [row for row in table if row["epochs"]]
    named = begun
    if len(begun) > FEW:
        rated = [row for row in begun if row[metric] is not None]
        named = sorted(rated, key=lambda row: sign * row[metric])[:3]
    colors = run_colors([row["trial"] for row in named])
    for row in sorted(begun, key=lambda row: row["trial"] in colors):
        is_named, is_best = row["trial"] in colors, bool(best and row["trial"] == best["trial"])
        values = row["history"][metric]
        label = escape(words(row["values"]))
        end = {"pruned": ", given up", "running": ", training", "failed": ", failed"}
        fig.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=values,
            name=label,
            mode="lines" if len(values) > 1 else "markers",
            showlegend=is_named,
            line={
                "color": colors.get(row["trial"], "rgba(128, 128, 128, 0.45)"),
                "width": 3.5 if is_best else 2 if is_named else 1,
                "dash": "dot" if row["state"] == "pruned" else "solid",
            },
            hovertemplate=f"<b>{label}</b>{end.get(row['state'], '')}<br>epoch %{{x}}: %{{y:.4f}}"
            "<extra></extra>",
        )
    epoch_ticks(fig, [np.arange(1, row["epochs"] + 1) for row in begun])
    return finish(fig, "epoch", f"validation {AXES[key]}", note=note, above=None, height=400)


def by_value(
    table: Sequence[Mapping[str, Any]],
    setting: Dimension,
    metric: str = "val_accuracy",
    chance: float | None = None,
    note: str = "",
) -> go.Figure:
    """Each trial's figure over one setting's value, top-1 with its Wilson interval.

    Args:
        setting: a `sweeps.Dimension`. metric: "val_loss" or "val_accuracy".
        chance: float, drawn where it is near enough not to flatten the rest; or None.
    """
    name = setting.name
    rows = [row for row in table if row[metric] is not None and name in row["values"]]
    rows.sort(key=lambda row: row["values"][name])
    values = [row["values"][name] for row in rows]
    bars = {}
    if metric == "val_accuracy" and all(row["low"] is not None for row in rows):
        bars = {
            "error_y": error_bars(
                *([row[key] for row in rows] for key in (metric, "low", "high")),
                thickness=1.5,
                width=4,
            )
        }
    fig = go.Figure(
        go.Scatter(
            x=[shown(value) for value in values] if setting.values else values,
            y=[row[metric] for row in rows],
            mode="markers",
            showlegend=False,
            marker={
                "color": RIGHT,
                "size": 9,
                "symbol": ["circle" if row["state"] == "done" else "circle-open" for row in rows],
            },
            customdata=[
                [
                    escape(words(row["values"])),
                    row["best_epoch"],
                    row["state"],
                    "" if row["low"] is None else f" ({row['low']:.4f} to {row['high']:.4f})",
                ]
                for row in rows
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{y:.4f}"
            + ("%{customdata[3]}" if bars else "")
            + "<br>best epoch %{customdata[1]}, %{customdata[2]}<extra></extra>",
            **bars,
        )
    )
    lowest = min((row[metric] for row in rows), default=1)
    if chance is not None and metric == "val_accuracy" and lowest < chance + 0.25:
        fig.add_hline(y=chance, line={"dash": "dash", "width": 1.5, "color": INK})
        fig.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=chance,
            yanchor="bottom",
            showarrow=False,
            text=f"chance {chance:.3f}",
            font=font(11),
        )
    if setting.values:
        fig.update_xaxes(type="category")
    elif setting.log:
        fig.update_xaxes(type="log", dtick="D2", exponentformat="none")
    title = {"val_loss": "validation loss (nats)", "val_accuracy": "validation top-1"}[metric]
    return finish(fig, plain(name), title, note=note, above=None, height=380)


def grid(
    table: Sequence[Mapping[str, Any]], x: str, y: str, metric: str = "val_accuracy", note: str = ""
) -> go.Figure:
    """A heat map of two settings, the figure written into each cell; the best cell is outlined.

    Where several trials share a cell (a third setting varies) it shows their best.

    Args:
        x, y: names of settings; metric: "val_loss" or "val_accuracy".
    """
    _, sign = METRICS[metric]
    rows = [
        row
        for row in table
        if row[metric] is not None
        and {x, y} <= set(row["values"])
        and row["state"] in ("done", "pruned")
    ]
    across = _order(row["values"][x] for row in rows)
    down = _order(row["values"][y] for row in rows)
    z = np.full((len(down), len(across)), np.nan)
    for row in sorted(rows, key=lambda row: -sign * row[metric]):  # the best comes last
        z[down.index(row["values"][y]), across.index(row["values"][x])] = row[metric]
    scale: list[list[Any]] = [[0, "rgba(0, 114, 178, 0.04)"], [1, "rgba(0, 114, 178, 0.62)"]]
    if sign > 0:
        scale = [[1 - place, color] for place, color in reversed(scale)]
    fig = go.Figure(
        go.Heatmap(
            z=z.tolist(),
            colorscale=scale,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            colorbar={"thickness": 10, "outlinewidth": 0, "tickfont": font(11)},
            hovertemplate=f"{escape(x)} %{{x}}, {escape(y)} %{{y}}<br>%{{z:.4f}}<extra></extra>",
            x=[shown(value) for value in across],
            y=[shown(value) for value in down],
        )
    )
    if z.size <= 100:
        fig.update_layout(
            annotations=[
                {"x": k, "y": j, "text": f"{z[j, k]:.4f}", "showarrow": False, "font": font(13)}
                for j, k in np.argwhere(~np.isnan(z)).tolist()
            ]
        )
    if rows:
        j, k = np.unravel_index(np.nanargmin(sign * z), z.shape)
        frame_cell(fig, j, k, RIGHT)
    fig.update_xaxes(type="category", showgrid=False)
    fig.update_yaxes(type="category", showgrid=False)
    return finish(fig, x, y, note=note, height=160 + 62 * max(len(down), 2), above=6)


def _order(values: Iterable[Any]) -> list[Any]:
    """Distinct values, numbers by size, choices by first appearance."""
    values = list(dict.fromkeys(values))
    return sorted(values) if all(isinstance(one, (int, float)) for one in values) else values


def importance(study: optuna.Study, note: str = "") -> go.Figure:
    """How much each setting explains the figure (PED-ANOVA, Watanabe et al. 2023), by Optuna.

    Raises:
        ValueError: it takes more than one setting, and finished trials that differ.
    """
    try:
        fig = optuna.visualization.plot_param_importances(study)
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"The importance cannot be computed: {error}") from None
    fig.update_traces(marker={"color": RIGHT, "opacity": 0.65}, textfont=font(12), showlegend=False)
    fig.update_layout(title=None)
    rows = len(fig.data[0].y) if fig.data else 1
    return finish(
        fig, "importance (shares add up to 1)", "", note=note, above=6, height=130 + 40 * rows
    )


def parallel(study: optuna.Study, objective: str, note: str = "") -> go.Figure:
    """Parallel coordinates by Optuna: a line a finished trial, blue is good.

    Args:
        objective: the figure in words.
    """
    fig = optuna.visualization.plot_parallel_coordinate(study, target_name=objective)
    is_minimum = study.direction == optuna.study.StudyDirection.MINIMIZE
    lines = [trace for trace in fig.data if trace.mode == "lines"]
    heights = np.array([trace.y[0] for trace in lines], float)
    spread = float(np.ptp(heights)) if len(lines) else 0.0
    for trace, height in zip(lines, heights):
        place = (height - heights.min()) / spread if spread else 0.0
        color = sample_colorscale(_GOOD_TO_POOR, place if is_minimum else 1 - place)[0]
        trace.line.update(color=color, width=2)
        trace.opacity = 0.8
    fig.data = tuple(lines)  # without Optuna's colour bar: the first axis says the same
    fig.update_layout(title=None)
    fig.update_annotations(font=font(11), xanchor="right", xshift=-5)  # beside the axes
    fig = finish(fig, "", "", note=note, above=None, height=400)
    return fig.update_yaxes(showgrid=False)
