"""Which categories are taken for which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from doodle_core.data.categories import CATEGORIES
from doodle_core.plots.style import (
    INK,
    RIGHT,
    WRONG,
    alpha,
    bars_of,
    category_colors,
    chance_down,
    finish,
    font,
    frame_cell,
)

if TYPE_CHECKING:
    import pandas as pd


def confusion(
    matrix: ArrayLike,
    categories: Sequence[str],
    by: str = "count",
    selected: tuple[int, int] | None = None,
    note: str = "",
    axes: tuple[str, str] = ("predicted category", "true category"),
) -> go.Figure:
    """A confusion matrix: rows are the true categories, columns the predicted ones.

    Right answers (the diagonal) and errors have a colour scale each, since on one scale a good
    network's errors would all look white. Over the cells lie unseen squares, because a click on a
    heat map never reaches Streamlit: `points[0]["customdata"] == [true index, predicted index]`.
    A square shows itself when clicked, so a page need not draw the figure anew for it.

    Args:
        matrix: (C, C) int counts.
        categories: C names.
        by: "count", or "row" for the share of each true category in %.
        selected: (true index, predicted index) of a cell to outline from the start, or None.
        axes: the titles of columns and rows.
    """
    counts, n = np.asarray(matrix), len(categories)
    if counts.shape != (n, n) or by not in ("count", "row"):
        raise ValueError(
            f"Got a {counts.shape} matrix for {n} categories and by={by!r}; expected "
            'one row and column a category and by "count" or "row".'
        )
    names = [escape(name) for name in categories]
    shares = 100 * counts / counts.sum(axis=1, keepdims=True).clip(1)
    shown, unit = (counts.astype(float), "drawings") if by == "count" else (shares, "% of the row")
    fig, diagonal = go.Figure(), np.eye(n, dtype=bool)
    scales = ("right", diagonal, RIGHT, 0.22), ("wrong", ~diagonal, WRONG, 0.78)
    is_large = n > 40  # its cells are of a pixel or two: no gaps between them, no names beside them
    for part, mask, color, place in scales:
        top = float(shown[mask].max(initial=0)) or 1.0
        z = np.where(mask, shown, np.nan)
        fig.add_heatmap(
            z=z.astype(np.float32) if is_large else z.tolist(),
            zmin=0,
            zmax=top,
            hoverinfo="skip",
            colorscale=[[0, alpha(color, 0)], [1, alpha(color, 1 if is_large else 0.62)]],
            xgap=0 if is_large else 1,
            ygap=0 if is_large else 1,
            colorbar={
                "title": {"text": f"{part} ({unit})", "side": "top", "font": font(11)},
                "orientation": "h",
                "x": place,
                "y": 1,
                "yanchor": "bottom",
                "len": 0.44,
                "thickness": 8,
                "nticks": 4,
                "outlinewidth": 0,
                "tickfont": font(11),
                **({"dtick": 1} if by == "count" and top <= 3 else {}),
            },  # no half drawings
        )
    cells = np.argwhere(counts >= 0)
    if is_large:  # tens of thousands of squares would stall the browser: the fullest cells only
        cells = np.argwhere(counts > 0)
        cells = cells[np.argsort(-counts[tuple(cells.T)], kind="stable")[:3000]]
    said = [
        f"<b>{names[j]}</b> " + ("named right" if j == k else f"taken for {names[k]}")
        for j, k in cells
    ]
    said = [
        f"{text}<br>{counts[j, k]:,} drawings, {shares[j, k]:.1f} % of the row"
        for text, (j, k) in zip(said, cells)
    ]
    fig.add_scatter(
        x=cells[:, 1].tolist(),
        y=cells[:, 0].tolist(),
        customdata=cells.tolist(),
        hovertext=said,
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
        mode="markers",
        marker={
            "symbol": "square",
            "size": float(np.clip(270 / max(n, 1), 5, 34)),
            "opacity": 0,
            "color": "rgba(0, 0, 0, 0)",
            "line": {"width": 2, "color": INK},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
    )
    if n <= 12:  # as annotations: the text of a scatter would fade when a cell is chosen
        digits = "{:,.0f}" if by == "count" else "{:.1f}"
        fig.update_layout(
            annotations=[
                {
                    "x": int(k),
                    "y": int(j),
                    "text": digits.format(shown[j, k]),
                    "showarrow": False,
                    "font": font(12),
                }
                for j, k in np.argwhere(counts > 0)
            ]
        )
    if selected is not None:
        j, k = selected
        frame_cell(fig, j, k, RIGHT if j == k else WRONG)
    ticks = {
        "tickvals": list(range(n)),
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "constrain": "domain",
    }
    height = int(np.clip(150 + 46 * n, 320, 760))
    if n > 12:
        ticks |= {"tickfont": font(10), "showticklabels": not is_large}
    if is_large:
        ticks |= {"tickvals": [], "ticktext": []}
        height = 600  # about square: without names the cells take the whole width
    fig.update_xaxes(
        range=[-0.5, n - 0.5], autotickangles=[0, 60, 90], ticklabeloverflow="allow", **ticks
    )
    fig.update_yaxes(range=[n - 0.5, -0.5], **ticks)
    fig.update_layout(
        hoverdistance=20 if is_large else -1, clickmode="event+select", dragmode=False
    )
    return finish(fig, *axes, note=note, above=58, height=height)


def per_class(
    table: pd.DataFrame | Iterable[Mapping[str, Any]], chance: float | None = None, note: str = ""
) -> go.Figure:
    """Recall of each category with its Wilson interval, and chance as a dashed line.

    Args:
        table: rows as of `evaluation.per_category`: `category`, `n`, `recall`, `recall_low`,
            `recall_high`, shares in [0, 1].
        chance: float; by default one in the number of rows.
    """
    rows = list(table.to_dict("records") if hasattr(table, "to_dict") else table)[::-1]
    names, recall = [row["category"] for row in rows], [float(row["recall"]) for row in rows]
    fig = go.Figure(
        go.Bar(
            x=recall,
            y=[escape(name) for name in names],
            orientation="h",
            showlegend=False,
            marker={
                "color": list(category_colors(names).values())
                if set(names) <= set(CATEGORIES)
                else RIGHT,
                "opacity": 0.65,
            },  # what is no category has none of their colours
            error_x=bars_of(rows, "recall", thickness=2, width=5, color=INK),
            customdata=[
                [int(row["n"]), float(row["recall_low"]), float(row["recall_high"])] for row in rows
            ],
            hovertemplate="<b>%{y}</b><br>recall %{x:.3f} (95 % interval %{customdata[1]:.3f} to "
            "%{customdata[2]:.3f})<br>%{customdata[0]:,} drawings<extra></extra>",
        )
    )
    if rows:
        chance = chance or 1 / len(rows)
        chance_down(fig, chance)
    fig.update_xaxes(range=[0, 1.005])
    return finish(
        fig, "recall (share named right)", "", height=110 + 30 * len(rows), note=note, above=24
    )
