"""Runs: a table of all runs; any of them side by side, with curves and the settings that differ."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from doodle_core import plots, runs
from doodle_core.evaluation import measures
from doodle_core.lab import queue
from doodle_core.settings.families import FAMILIES
from pages import registry
from pages.sections import import_network
from pages.shared import parts, terms

ROWS = 16  # of the table shown at once

st.title("Runs")
st.caption(
    "All trainings, however they were started: their settings, their curves, and their figures on "
    "the test part."
)
everything = runs.all_runs()
if not everything:
    parts.offer_training("There is no run yet.")
    import_network.offer()
    import_network.show()
    st.stop()


@st.cache_data(max_entries=512, show_spinner=False)
def summary(path: str, stamps: list[parts.Stamp]) -> dict[str, Any]:
    return runs.summary(runs.load(path))


FILES = ("status.json", "history.csv", "metrics.json", "notes.json", "config.json")


def row(run: runs.Run) -> dict[str, Any]:
    """A run's row; the state is never cached, as it changes without any file changing."""
    stamps = [parts.stamp(run.path / file) for file in FILES]
    return summary(str(run.path), stamps) | {"state": run.state}


def on_other_drawings(run: runs.Run) -> str:
    """A run's scorings: their drawings and top-1 with its interval; "" for none."""
    return "; ".join(f"{one.label}: {parts.interval(one.metrics)}" for one in runs.scorings(run))


def table(found: Sequence[runs.Run]) -> list[runs.Run]:
    """The table of runs, with the best epoch's figures; returns the chosen ones."""
    frame = pd.DataFrame([row(run) for run in found])
    frame.insert(
        1, "test top-1 (95 %), or loss", [parts.figure(run) if run.metrics else "" for run in found]
    )
    icons = {"running": "▶ running", "queued": "◷ queued", "finished": "✓ finished"}
    icons |= {"stopped": "‖ stopped", "interrupted": "‖ interrupted"}
    frame["val accuracy"] = 100 * frame["val accuracy"].astype(float)
    frame["state"] = [
        icons.get(run.state, f"✕ {run.state}") + (", hidden" if run.notes.get("hidden") else "")
        for run in found
    ]
    shown = ["run", "state", "data", "test top-1 (95 %), or loss", "val accuracy", "val loss"]
    shown += [
        "best epoch",
        "epochs trained",
        "network",
        "batch_size",
        "learning_rate",
        "parameters",
    ]
    shown += ["seconds", "tags"]
    if any(elsewhere := [on_other_drawings(run) for run in found]):
        frame["on other drawings"] = elsewhere
        shown.insert(4, "on other drawings")
    event = st.dataframe(
        frame.reindex(columns=shown),
        hide_index=True,
        placeholder="",
        height="content" if len(found) <= ROWS else 35 * ROWS + 3,
        on_select="rerun",
        selection_mode="multi-row",
        # rows are chosen by place: other rows, another table, or the choice would name other runs
        key=f"runs {hash(tuple(run.name for run in found))} {st.session_state.get('changes', 0)}",
        column_config=terms.columns(
            shown,
            formats={
                "val accuracy": parts.PERCENT,
                "val loss": "%.4f",
                "learning_rate": "%g",
                "parameters": "localized",
                "seconds": "%.0f",
            },
            labels={
                "val loss": "val loss (nats)",
                "learning_rate": "learning rate",
                "batch_size": "batch size",
            },
        )
        | {
            "run": st.column_config.TextColumn(pinned=True),
            "data": st.column_config.TextColumn(
                width=180, help="What it was trained on and scored on."
            ),
            "on other drawings": st.column_config.TextColumn(
                width=180, help="What it was scored on later, with its top-1 there."
            ),
        },
    )
    return [found[place] for place in event.selection.rows if place < len(found)]


left, middle = st.columns([2, 7], vertical_alignment="center")
show_hidden = left.toggle("Show hidden runs")
found = [run for run in everything if show_hidden or not run.notes.get("hidden")]
if not found:
    st.info("All runs are hidden.", icon=":material/visibility_off:")
    st.stop()
if any(run.is_practice for run in found if run.config):
    middle.caption(
        "Runs marked *practice data* learned from, or were scored on, drawings made by this "
        "program: their figures do not compare with those on real drawings."
    )
chosen = table(found)
below, right = st.columns([3, 1], vertical_alignment="center")
if not chosen:
    below.caption("Choose rows to see curves, settings and notes; several to compare them.")
with right.container(horizontal=True, horizontal_alignment="right"):
    st.download_button(
        "All numbers as CSV",
        pd.DataFrame([row(run) for run in everything]).to_csv(index=False),
        "runs.csv",
        "text/csv",
        icon=":material/download:",
    )
    import_network.offer()
import_network.show()
if not chosen:
    st.stop()


def choose_nothing() -> None:
    """Begin the table anew: the rows that were chosen may be others now."""
    st.session_state["changes"] = st.session_state.get("changes", 0) + 1


@st.dialog("Delete?")
def ask_delete(paths: Sequence[Path]) -> None:
    """The question before a run's folder goes."""
    st.write(f"Delete {len(paths)} run(s) with weights and figures? This cannot be undone.")
    st.code("\n".join(path.name for path in paths), language=None)
    if st.button("Delete", type="primary", icon=":material/delete:"):
        with parts.told():
            for path in paths:
                runs.delete(path)
        choose_nothing()
        st.rerun()


buttons = below.container(horizontal=True)
is_hidden = all(run.notes.get("hidden") for run in chosen)
if buttons.button("Unhide" if is_hidden else "Hide", icon=":material/visibility_off:"):
    with parts.told():
        for run in chosen:
            runs.annotate(run.path, hidden=not is_hidden)
    choose_nothing()
    st.rerun()
if buttons.button("Delete", icon=":material/delete:"):
    ask_delete([run.path for run in chosen])
resumable = [run for run in chosen if run.state in parts.RESUMABLE]
if resumable and buttons.button("Resume", icon=":material/resume:"):
    with parts.told():
        for run in resumable:
            runs.requeue(run.path)
        queue.ensure()
    st.switch_page("pages/train.py")

if len(chosen) == 1 and chosen[0].config:
    with buttons:
        parts.save_html(chosen[0])
        if chosen[0].state == "finished":
            parts.save_network(chosen[0])

for run in chosen:
    if run.error:
        st.error(f"{parts.plain(run.name)}: {parts.plain(run.error)}")
readable = [run for run in chosen if run.config]
histories = {run.name: parts.history(run.path) for run in readable}
histories = {name: frame for name, frame in histories.items() if len(frame)}
note = parts.notes(readable)

if histories:
    head, knob = st.columns([3, 1], vertical_alignment="bottom")
    head.subheader("Curves", help=terms.TERMS["curves"])
    smoothing = knob.slider(
        "Smoothing",
        0.0,
        0.95,
        0.0,
        0.05,
        key="smoothing",
        help="Exponential; the raw curve stays behind, faint.",
    )
    st.caption(
        "Solid: validation. Dashed: training. The mark is the epoch whose weights were kept."
    )
    last = {run.name: run.family.keeps_last(run.config) for run in readable}
    best = {
        name: runs.best_epoch(frame, last[name]).get("epoch") for name, frame in histories.items()
    }
    metrics = [
        metric
        for metric in ("loss", "accuracy", "reconstruction", "kl")
        if any(metric in frame and frame[metric].notna().any() for frame in histories.values())
    ]
    if {"accuracy", "kl"} <= set(metrics):
        st.caption(
            "A classifier's loss is its cross-entropy, an autoencoder's the negative ELBO: the two "
            "do not compare."
        )
    for column, metric in zip(st.columns(2) * 2, metrics):
        figure = plots.curves(histories, metric, smoothing=smoothing, best=best, note=note)
        parts.chart(figure, f"curves {metric}", column)
    if any(frame["learning_rate"].nunique() > 1 for frame in histories.values()):
        with st.expander("Learning rate"):
            figure = plots.curves(histories, "learning_rate", note=note)
            parts.chart(figure, "curves rate")


def table_row(run: runs.Run) -> dict[str, Any]:
    """A run's row among others of its family: measures, and settings between them."""
    row = {"run": run.name}
    for key in run.family.table:
        known = key in measures.MEASURES
        row |= measures.columns(run.metrics, [key]) if known else {key: getattr(run.config, key)}
    return row | {"drawings": run.data_label}


for family in reversed(FAMILIES.values()):
    scored = [run for run in readable if run.metrics and run.family is family]
    if not scored:
        continue
    st.subheader(family.heading, help=terms.TERMS.get(family.heading_term))
    if len(scored) == 1:
        parts.links(scored[0], here="runs")
    elif len(scored) == 2 and (pair := registry.comparing(family.key)):
        parts.link(pair.key, scored[0], **{"with": scored[1].name})
    st.caption(family.caption([run.config for run in scored]))
    rows = [table_row(run) for run in scored]
    st.dataframe(rows, hide_index=True, column_config=terms.columns(rows[0]))
if elsewhere := [one for run in readable for one in runs.scorings(run)]:
    st.subheader("On other drawings")
    st.caption("Scored later, apart from the test figures. Errors shows each with its drawings.")
    rows = [
        {
            "run": one.name,
            "drawings": one.label,
            **measures.columns(one.metrics, ["top1", "macro_recall", "ece"]),
            "chance": parts.percent(one.metrics["chance"]),
            "marks": parts.practice_note(one),
            "not covered": " ".join(one.remarks),
        }
        for one in elsewhere
    ]
    st.dataframe(rows, hide_index=True, column_config=terms.columns(rows[0]))
    with st.container(horizontal=True):
        for one in elsewhere:
            parts.link("errors", one, f"{one.name}: {one.label}")
if readable:
    flat = pd.DataFrame({run.name: runs.flat_settings(run.config) for run in readable}).astype(str)
    if len(readable) > 1:
        st.subheader("Settings that differ")
        flat = flat[flat.nunique(axis=1) > 1]
        if flat.empty:
            st.caption("None: these runs were asked for the same.")
    else:
        st.subheader("Settings")
    if not flat.empty:
        st.dataframe(flat.rename_axis("setting"))

if len(chosen) == 1:
    run = chosen[0]
    st.subheader("Notes")
    with st.form("notes", border=False):
        text = st.text_area("Notes", run.notes.get("notes", ""), label_visibility="collapsed")
        tags = st.text_input("Tags", ", ".join(run.notes.get("tags", [])), help="With commas.")
        if st.form_submit_button("Save", icon=":material/save:"):
            cleaned = [tag.strip() for tag in tags.split(",") if tag.strip()]
            with parts.told():
                runs.annotate(run.path, notes=text, tags=cleaned)
            st.rerun()
    with st.expander("Log, layers and environment"):
        st.code(runs.log_tail(run.path) or "The log is empty.", language=None)
        with parts.told():
            layers = runs.read_layers(run.path)
            environment = runs.read_environment(run.path)
        if layers:
            st.dataframe(layers, hide_index=True)
        st.json(environment)
