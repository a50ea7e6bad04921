"""Every figure of the dashboard, as Plotly figures, and its one palette.

The grounds are transparent and no ink has a fixed colour, so that a figure sits on a light and on
a dark page alike (`st.plotly_chart` puts the theme's fonts and inks in). A `note`, for example
PRACTICE, is written into the figure itself, so that a saved picture carries it too.
"""

from colorsys import hls_to_rgb
from html import escape
from textwrap import wrap
from zlib import crc32

import numpy as np
import plotly.graph_objects as go

from doodle_core.categories import CATEGORIES, NINETEEN

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
AXES = {
    "loss": "loss (nats per drawing)",
    "accuracy": "top-1 accuracy (share of drawings)",
    "learning_rate": "learning rate (per step, log scale)",
    "reconstruction": "reconstruction (nats per drawing)",
    "kl": "KL divergence (nats per drawing)",
}
# Streamlit's stand-in for its strongest text colour (GRAY_90 of its Plotly theme): its pages put
# light or dark ink in its place; anywhere else it is what it says, a near black.
INK = "#000037"
_FAINT = "rgba(128, 128, 128, 0.25)"


def category_colors(categories):
    """{name: "#rrggbb"}. A category has the same colour in every figure, whatever stands beside it.

    The report seven and the stand-in seven have CORE's colours, which colour-blind people can tell
    apart; the other official names take theirs by golden-angle steps around the hues, at three
    lightnesses (345 colours cannot all be told apart, so no figure relies on colour alone).
    """
    return {
        name: CORE.get(name) or _spread(_PLACE.get(name, crc32(name.encode()) % 997))
        for name in categories
    }


def _spread(place):
    rgb = hls_to_rgb(0.07 + place * 0.618034 % 1, (0.40, 0.62, 0.51)[place % 3], 0.62)
    return "#" + "".join(f"{round(255 * part):02X}" for part in rgb)


def run_colors(names):
    """{run name: "#rrggbb"} by order; after ten runs the colours come round again."""
    colors = list(CORE.values())
    return {name: colors[place % len(colors)] for place, name in enumerate(names)}


def smooth(values, weight):
    """Exponential moving average without the pull to zero at its start, as TensorBoard's slider.

    Args:
        values: (N,) float; NaN stays where it is and counts for nothing.
        weight: float in [0, 1); 0 leaves the values as they are.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"Smoothing is {weight}; it must be at least 0 and below 1.")
    values = np.asarray(values, float)
    out, average, seen = values.copy(), 0.0, 0
    for place in np.flatnonzero(~np.isnan(values)):
        seen += 1
        average = weight * average + (1 - weight) * values[place]
        out[place] = average / (1 - weight**seen)
    return out


def curves(histories, metric="loss", smoothing=0.0, best=None, note=""):
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


def mark_switch(fig, frames):
    """A dotted line where the fine-tuning of a transferred base begins (figure 3, section 2.1)."""
    second = [frame["epoch"][frame["stage"] == 2] for frame in frames if "stage" in frame]
    for first in sorted({int(epochs.min()) for epochs in second if len(epochs)}):
        fig.add_vline(x=first - 0.5, line={"dash": "dot", "width": 1.5, "color": INK})
        fig.add_annotation(
            x=first - 0.5,
            y=1,
            yref="paper",
            yanchor="top",
            xanchor="left",
            showarrow=False,
            text=" fine-tuning begins",
            font=font(11),
        )


def _mark_best(fig, frame, metric, epoch, label, color):
    """A ring on the best epoch, on the validation curve where there is one."""
    column = "val_" + metric if "val_" + metric in frame else metric
    at = frame[frame["epoch"] == epoch] if column in frame else ()
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


def live(history, steps, metric="loss", note=""):
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


def live_plane(means, labels, names, reach, axes=("latent 1", "latent 2"), note=""):
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


def confusion(
    matrix,
    categories,
    by="count",
    selected=None,
    note="",
    axes=("predicted category", "true category"),
):
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
        fig.add_shape(
            type="rect",
            x0=k - 0.5,
            x1=k + 0.5,
            y0=j - 0.5,
            y1=j + 0.5,
            line={"width": 3, "color": RIGHT if j == k else WRONG},
        )
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


def per_class(table, chance=None, note=""):
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
            error_x={
                "type": "data",
                "symmetric": False,
                "thickness": 2,
                "width": 5,
                "color": INK,
                "array": [float(row["recall_high"]) - row["recall"] for row in rows],
                "arrayminus": [float(row["recall"]) - row["recall_low"] for row in rows],
            },
            customdata=[
                [int(row["n"]), float(row["recall_low"]), float(row["recall_high"])] for row in rows
            ],
            hovertemplate="<b>%{y}</b><br>recall %{x:.3f} (95 % interval %{customdata[1]:.3f} to "
            "%{customdata[2]:.3f})<br>%{customdata[0]:,} drawings<extra></extra>",
        )
    )
    if rows:
        chance = chance or 1 / len(rows)
        fig.add_vline(x=chance, line={"dash": "dash", "width": 1.5, "color": INK})
        fig.add_annotation(
            x=chance,
            y=1,
            yref="paper",
            yanchor="bottom",
            xanchor="left",
            showarrow=False,
            text=f" chance {chance:.3f}",
            font=font(11),
        )
    fig.update_xaxes(range=[0, 1.005])
    return finish(
        fig, "recall (share named right)", "", height=110 + 30 * len(rows), note=note, above=24
    )


def alpha(color, opacity):
    """ "#rrggbb" as an rgba color with an opacity in [0, 1]."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def epoch_ticks(fig, epochs):
    """Whole numbers on the axis of epochs, however few there are."""
    last = max((int(one.max()) for one in epochs if len(one)), default=0)
    if last <= 12:
        fig.update_xaxes(dtick=1, range=[0.8, max(last, 2) + 0.2])


def font(size):
    """A font of so many pixels in the page's ink, as Plotly takes it."""
    return {"size": size, "color": INK}


def note_box(note, **place):
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


def finish(fig, x, y, height=360, note="", above=6):
    """What all figures share: clear grounds, faint grid, axis titles, legend above, the note.

    Returns the figure. The note stands `above` pixels over the plot's left end, or, with None, below the x
    axis title: for figures whose legend may fill the room above.
    """
    place = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "yshift": above}
    if above is None:
        place = {"x": 1, "xanchor": "right", "y": 0, "yanchor": "top", "yshift": -44}
    box, more = note_box(note, **place)
    below, top = (more, 0) if above is None else (0, more)
    axis = {"gridcolor": _FAINT, "zerolinecolor": _FAINT, "automargin": True}
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


def learning_curve(lines, person=None, note=""):
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
            error_y={
                "type": "data",
                "symmetric": False,
                "color": color,
                "thickness": 1.5,
                "array": frame["high"] - frame["top1"],
                "arrayminus": frame["top1"] - frame["low"],
            },
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
        fig.add_hline(y=person, line={"dash": "dot", "width": 1.5, "color": INK})
        fig.add_annotation(
            x=0,
            y=person,
            xref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            text=f"a person: {person:.2f}",
            font=font(11),
        )
    fig.update_xaxes(type="log", dtick=1, tickformat=",d")
    return finish(
        fig,
        "training drawings a category (log scale)",
        "top-1 accuracy (share of drawings)",
        note=note,
        above=None,
        height=420,
    )
