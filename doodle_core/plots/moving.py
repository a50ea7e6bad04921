"""Charts of a run that trains, as Vega-Lite specifications: they change in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from doodle_core.plots.epochs import AXES
from doodle_core.plots.style import RIGHT, WRONG, category_colors

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def live(
    history: pd.DataFrame, steps: pd.DataFrame, metric: str = "loss", note: str = ""
) -> dict[str, Any]:
    """The curves of a run that trains, as a Vega-Lite specification for `st.vega_lite_chart`.

    Streamlit builds a Plotly chart anew whenever its figure changes, which flickers every second;
    a Vega chart is updated in place.

    Args:
        history: epochs as of `runs.history`. steps: within the epochs, as of `runs.steps`.
        metric: "loss" or "accuracy". note: text over the chart.

    Returns:
        dict, its data inside.
    """
    thin = steps.iloc[:: len(steps) // 1000 + 1]
    rows = [
        {"epochs done": float(at), "value": float(value), "part": "training"}
        for at, value in zip(thin["epoch"], thin[metric])
    ]
    rows += [
        {"epochs done": float(at), "value": float(value), "part": "validation"}
        for at, value in zip(history["epoch"], history[f"val_{metric}"])
        if value == value  # not NaN
    ]
    at = {"field": "epochs done", "type": "quantitative", "axis": {"tickMinStep": 1}}
    value = {
        "field": "value",
        "type": "quantitative",
        "title": AXES.get(metric, metric),
        "scale": {"zero": False},
    }
    part = {
        "field": "part",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "top", "offset": 4, "padding": 0},
    }
    colors = {"domain": ["training", "validation"], "range": [WRONG, RIGHT]}
    return {
        "data": {"values": rows},
        "title": {"text": note, "anchor": "start", "fontSize": 11, "fontWeight": "normal"},
        "height": 360,
        "encoding": {"x": at, "y": value, "color": part | {"scale": colors}},
        "layer": [
            {"mark": "line"},
            {
                "transform": [{"filter": "datum.part == 'validation'"}],
                "mark": {"type": "point", "filled": True, "size": 60, "tooltip": True},
            },
        ],
    }


def live_plane(
    means: NDArray[np.floating],
    labels: NDArray[np.integer],
    names: Sequence[str],
    reach: float,
    axes: tuple[str, str] = ("latent 1", "latent 2"),
    note: str = "",
) -> dict[str, Any]:
    """A latent plane as a Vega-Lite specification: it moves in place from epoch to epoch.

    Args:
        means: (N, 2) float. labels: (N,) int. names: the categories.
        reach: float, how far the axes go either way.
        axes: their titles. note: text over the chart.

    Returns:
        dict, its data inside.
    """
    colors = category_colors(names)
    rows = [
        {"x": round(float(x), 3), "y": round(float(y), 3), "category": names[label]}
        for (x, y), label in zip(means, labels)
    ]
    places = {
        key: {
            "field": key,
            "type": "quantitative",
            "title": title,
            "scale": {"domain": [-reach, reach]},
        }
        for key, title in zip("xy", axes)
    }
    scale = {"domain": list(names), "range": [colors[name] for name in names]}
    color = {"field": "category", "type": "nominal", "title": None, "scale": scale}
    return {
        "data": {"values": rows},
        "title": {"text": note, "anchor": "start", "fontSize": 11, "fontWeight": "normal"},
        "height": 400,
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.8, "clip": True},
        "encoding": places
        | {
            "color": color | {"legend": {"orient": "top", "columns": 4}},
            "tooltip": {"field": "category"},
        },
    }
