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
    line_across,
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

    Of a mean over several seeds, as of `sweeps.over_seeds`, the bar is the seeds' range.

    Args:
        setting: a `sweeps.Dimension`. metric: "val_loss" or "val_accuracy".
        chance: float, drawn where it is near enough not to flatten the rest; or None.
    """
    name = setting.name
    rows = [row for row in table if row[metric] is not None and name in row["values"]]
    rows.sort(key=lambda row: row["values"][name])
    values = [row["values"][name] for row in rows]
    ends = [_ends(row, metric) for row in rows]
    bars = {}
    if all(ends):
        low, high = zip(*ends) if ends else ((), ())
        middle = [row[metric] for row in rows]
        bars = {"error_y": error_bars(middle, low, high, thickness=1.5, width=4)}
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
                [escape(words(row["values"])), row["best_epoch"], row["state"], _told(row, at)]
                for row, at in zip(rows, ends)
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{y:.4f}"
            + ("%{customdata[3]}" if bars else "")
            + "<br>best epoch %{customdata[1]}, %{customdata[2]}<extra></extra>",
            **bars,
        )
    )
    lowest = min((row[metric] for row in rows), default=1)
    if chance is not None and metric == "val_accuracy" and lowest < chance + 0.25:
        look = {"dash": "dash", "width": 1.5, "color": INK}
        line_across(fig, chance, f"chance {chance:.3f}", "right", **look)
    if setting.values:
        fig.update_xaxes(type="category")
    elif setting.log:
        fig.update_xaxes(type="log", dtick="D2", exponentformat="none")
    title = {"val_loss": "validation loss (nats)", "val_accuracy": "validation top-1"}[metric]
    return finish(fig, plain(name), title, note=note, above=None, height=380)


def _ends(row: Mapping[str, Any], metric: str) -> tuple[float, float] | tuple[()]:
    """The ends of a row's bar: the seeds' range, or Wilson's interval; () where it has none."""
    if row.get("seeds", 1) > 1:
        low, high = row["ranges"][metric]
        return low, high
    if metric == "val_accuracy" and row["low"] is not None:
        return row["low"], row["high"]
    return ()


def _told(row: Mapping[str, Any], ends: tuple[float, float] | tuple[()]) -> str:
    """What stands on hover beside a figure: ' (0.9390 to 0.9520, 3 seeds)'."""
    if not ends:
        return ""
    seeds = f", {row['seeds']} seeds" if row.get("seeds", 1) > 1 else ""
    return f" ({ends[0]:.4f} to {ends[1]:.4f}{seeds})"


def grid(
    table: Sequence[Mapping[str, Any]], x: str, y: str, metric: str = "val_accuracy", note: str = ""
) -> go.Figure:
    """A heat map of two settings, the figure written into each cell; the best cell is outlined.

    Where several trials share a cell (a third setting varies) it shows their best; seeds come as
    their mean, as of `sweeps.over_seeds`.

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
    told = np.full(z.shape, "", object)
    for row in sorted(rows, key=lambda row: -sign * row[metric]):  # the best comes last
        cell = down.index(row["values"][y]), across.index(row["values"][x])
        z[cell], told[cell] = row[metric], _told(row, _ends(row, metric))
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
            hovertemplate=f"{escape(x)} %{{x}}, {escape(y)} %{{y}}<br>%{{z:.4f}}"
            "%{customdata}<extra></extra>",
            customdata=told.tolist(),
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


PARTS = {"together": "in combination", "seeds": "between seeds"}
"""What is no setting of its own among the shares of `importance`."""


def importance(shares: Mapping[str, float], note: str = "") -> go.Figure:
    """How much each setting explains of the trials' differences: a bar each, the first on top.

    Args:
        shares: as of `sweeps.importance`.
    """
    fig = go.Figure(
        go.Bar(
            x=list(shares.values())[::-1],
            y=[PARTS.get(name, plain(name)) for name in shares][::-1],
            orientation="h",
            text=[f"{share:.2f}" for share in shares.values()][::-1],
            textfont=font(12),
            textposition="outside",
            cliponaxis=False,
            showlegend=False,
            marker={"color": RIGHT, "opacity": 0.65},
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    height = 130 + 40 * len(shares)
    title = "share of the variance (they add up to 1)"
    return finish(fig, title, "", note=note, above=6, height=height)


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
