"""Tour: the report as an argument, a claim at a time, each with our experiment and its verdict."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation import measures
from doodle_core.files import MODELS
from doodle_core.lab import tour
from doodle_core.plots import inside as inside_plots
from doodle_core.plots import latent as latent_plots
from doodle_core.plots import report as report_plots
from doodle_core.runs import latents
from pages.components.gallery import gallery
from pages.sections.theory import THEORY
from pages.shared import parts, terms

MARKS = {
    "holds": ("green", ":material/check_circle:"),
    "wrong": ("red", ":material/cancel:"),
    "open": ("gray", ":material/help:"),
}

st.title("Tour")
st.caption(
    "The report, claim by claim: what it said, our experiment for it, and what turned out. Verdicts "
    "rest on runs that came with the program, each on its named drawings with its uncertainty; "
    "where that leaves both open, it says so. Your own runs can stand beside them."
)
stops = {stop.key: stop for stop in tour.STOPS}
keys = list(stops)


# --- where we are --------------------------------------------------------------------------------


def go(key: str) -> None:
    st.query_params["stop"] = key


def choose_stop() -> tour.Stop:
    """Back, the list of stops, next. Returns the stop; the address has its key."""
    wanted = st.query_params.get("stop")
    at = keys.index(wanted) if wanted in keys else 0
    last = len(keys) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            disabled=at == 0,
            on_click=go,
            args=[keys[max(at - 1, 0)]],
        )
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            icon_position="right",
            type="primary",
            disabled=at == last,
            on_click=go,
            args=[keys[min(at + 1, last)]],
        )
        key = st.selectbox(
            "Stop",
            keys,
            index=at,
            label_visibility="collapsed",
            width=320,
            format_func=lambda key: f"{keys.index(key) + 1} of {len(keys)}: {stops[key].title}",
        )
    go(key)
    return stops[key]


@st.cache_resource(max_entries=32, show_spinner="Looking at the runs")
def find(key: str, stamps: list[tuple[Any, ...]], _everything: list[runs.Run]) -> tour.Finding:
    return stops[key].find(_everything)


# --- theory --------------------------------------------------------------------------------------


def show_theory(key: str) -> None:
    if key not in THEORY:
        return
    title, steps = THEORY[key]
    with st.container(border=True):
        st.markdown(f":material/function: **{title}**")
        for words, *formulas in steps:
            st.caption(words)
            for formula in formulas:
                st.latex(formula)


# --- what each stop shows ------------------------------------------------------------------------


def show_drawings(found: tour.Finding) -> None:
    (run,) = found.runs
    gallery(found.more["pictures"], found.more["captions"], size=84, key="canoes")
    st.caption(
        "Practice canoes, drawn by this program, each beside itself upside down, and what "
        f"{parts.plain(run.name)} calls them; first those that became moons."
    )
    parts.link("inside", run, "Open Inside: what it sees in a drawing")


def show_curves(shown: Sequence[runs.Run], metric: str, stages: Sequence[int] = ()) -> None:
    """Curves of runs; `stages`: of a transferred base, 1 frozen, 2 fine-tuned; all if empty."""
    histories = {run.name: parts.history(run.path) for run in shown}
    if stages:
        histories = {name: one[one["stage"].isin(stages)] for name, one in histories.items()}
    best = {name: runs.best_epoch(frame).get("epoch") for name, frame in histories.items()}
    figure = plots.curves(histories, metric, best=best, note=parts.notes(shown))
    parts.chart(figure, f"tour {metric}")
    st.caption(
        "Solid: validation. Dashed: training. The ring is the epoch with the lowest validation "
        "loss, whose weights were kept."
    )


def show_scratch(found: tour.Finding) -> None:
    show_curves(found.runs, "loss")
    st.page_link("pages/runs.py", label="Open Runs: all curves", icon=":material/monitoring:")
    parts.link("errors", found.runs[0], "Open Errors: its confusion matrix")


def show_convolution(found: tour.Finding) -> None:
    run = found.runs[0]
    if "maps" not in found.more:
        show_curves([run], "accuracy")
        st.caption("Its weights are not here, so its maps cannot be drawn.")
        return
    gallery(found.more["drawing"], ["drawn by this program"], size=112, key="convolved")
    figure = inside_plots.montage(found.more["maps"], 4, note=parts.practice_note(run))
    parts.chart(figure, "tour maps")
    st.caption(
        f"A practice drawing, and what the first convolution of {parts.plain(run.name)} answers to "
        "it, a filter a picture: the formula at work with the weights that it learned."
    )
    parts.link("inside", run, "Open Inside: all layers, any drawing")


def show_table(found: tour.Finding) -> None:
    (run,) = found.runs
    classes = len(run.config.data.categories)
    figure = report_plots.measures(parts.history(run.path), classes, parts.practice_note(run))
    parts.chart(figure, "tour measures")
    st.caption(f"{parts.plain(run.name)}, its validation part.")
    open_report()


def open_report() -> None:
    label = "Open Report: its six mistakes"
    st.page_link("pages/report.py", label=label, icon=":material/article:")


def show_both_ways(found: tour.Finding, stages: Sequence[int] = ()) -> None:
    """A base as the report trained it and properly; `stages`: as of `show_curves`."""
    show_curves(found.runs, "accuracy", stages)
    if stages:
        st.caption("The frozen stage alone, before any fine-tuning.")
    theirs, ours = found.runs
    parts.link("compare", theirs, "Open Compare: drawing by drawing", **{"with": ours.name})
    open_report()


def show_norm(found: tour.Finding) -> None:
    show_both_ways(found, stages=[1])


def show_choice(found: tour.Finding) -> None:
    if "chosen" in found.more:
        more, note = found.more, parts.notes(found.runs)
        parts.chart(report_plots.choice(more["chosen"], more["other"], note), "tour choice")
        st.caption(
            f"{found.n}, halved so many times: top-1 on the half that chose a run, less its top-1 "
            "on the other half."
        )
    with parts.told():
        has_sweep = show_sweeps()
    if not has_sweep:
        st.caption("None of the report's sweeps was run on this computer: Sweeps has them ready.")
    st.page_link("pages/sweeps.py", label="Open Sweeps", icon=":material/tune:")
    open_report()


def show_sweeps() -> bool:
    """The report's sweeps that were run to their end, a tab each. Returns whether there is one."""
    from doodle_core.lab import sweeps  # Optuna: only where there is a sweep

    if not sweeps.is_there():
        return False
    with sweeps.answering():
        swept = sweeps.of_the_report(sweeps.open_storage(patience=sweeps.GLANCE))
    if not swept:
        return False
    from doodle_core.plots import sweeps as sweep_plots

    tabs = st.tabs([sweeps.PRESETS[sweep.preset].title for sweep, _ in swept])
    for tab, (sweep, table) in zip(tabs, swept):
        note = parts.practice_note(runs.Run(MODELS / sweep.name, "stopped", sweep.base))
        merged = sweeps.over_seeds(table)
        settings = [one for one in sweep.space if one.name != "seed"] or list(sweep.space)
        figure = (
            sweep_plots.by_value(merged, settings[0], note=note)
            if len(settings) == 1
            else sweep_plots.grid(merged, *(one.name for one in settings[:2]), note=note)
        )
        parts.chart(figure, f"tour sweep {sweep.preset}", tab)
        asked = sweeps.PRESETS[sweep.preset].report
        tab.caption(
            f"The report: {asked} In the sweep {parts.plain(sweep.name)}, by validation top-1 with "
            "95 % intervals:"
        )
        tab.markdown(parts.plain(sweeps.said_of(sweep, table)))
    return True


def show_errors(found: tour.Finding) -> None:
    (run,) = found.runs
    names = run.config.data.categories
    note = parts.practice_note(run)
    if "matrix" not in found.more:
        return
    parts.chart(plots.confusion(found.more["matrix"], names, "row", note=note), "tour matrix")
    parts.link("errors", run, "Open Errors: the drawings in each cell")


def show_elbo(found: tour.Finding) -> None:
    deep, _ = found.runs
    show_curves(found.runs, "loss")
    with parts.told():
        found = latents.dimensions(deep.path, deep.config.latent)
    figure = latent_plots.dimensions(found, parts.practice_note(deep))
    parts.chart(figure, "tour dimensions")
    st.caption(f"The KL divergence of {parts.plain(deep.name)}, dimension by dimension.")
    parts.link("latent", deep, "Open Latent: all measures")


def show_space(found: tour.Finding) -> None:
    (run,) = found.runs
    points, names = found.more.get("points"), run.config.data.categories
    if points is not None:
        places, axes = evaluation.flat(points.means, points.means)
        note = parts.practice_note(run)
        figure = latent_plots.cloud(places, points.labels, names, axes, note)
        parts.chart(figure, "tour space")
        count = f"{min(len(places), 3000):,} of {len(places):,} test drawings"
        st.caption(f"The latent means of {parts.plain(run.name)}, {count}.")
    st.caption(
        f"Silhouette: {terms.TERMS['silhouette']} Linear probe: {terms.TERMS['linear probe']}"
    )
    parts.link("latent", run, "Open Latent: turn it, point at a drawing")


def show_accuracies(found: tour.Finding) -> None:
    show_shares(found, "tour shares")
    st.caption("Top-1 on the test part with 95 % intervals; the line is chance.")
    if len(found.runs) > 1:
        first, *_, last = found.runs
        parts.link("compare", first, "Open Compare: drawing by drawing", **{"with": last.name})


def show_shares(found: tour.Finding, key: str) -> None:
    if not found.more.get("rows"):
        return
    chance = 1 / len(found.runs[0].config.data.categories) if found.runs else 1 / 7
    parts.chart(plots.per_class(found.more["rows"], chance, parts.notes(found.runs)), key)


def show_ranges(found: tour.Finding) -> None:
    show_shares(found, "tour ranges")
    st.caption("Shares named rightly by the judge, with 95 % intervals.")
    parts.link("latent", found.runs[0], "Open Latent: judged by a classifier")
    parts.link("generate", found.runs[0], "Open Generate: its reconstructions")
    open_report()


def show_people(found: tour.Finding) -> None:
    show_shares(found, "tour people")
    st.caption(
        "The networks' macro recall and what the person named rightly, with 95 % intervals; the "
        "person's is given by the report."
    )
    if found.runs:
        parts.link("errors", found.runs[0], "Open Errors: what the best network gets wrong")


SHOW = {
    "drawings": show_drawings,
    "turns": show_accuracies,
    "scratch": show_scratch,
    "convolution": show_convolution,
    "table": show_table,
    "question": show_accuracies,
    "tuning": show_both_ways,
    "norm": show_norm,
    "choice": show_choice,
    "errors": show_errors,
    "elbo": show_elbo,
    "space": show_space,
    "ranges": show_ranges,
    "people": show_people,
}


# --- the page ------------------------------------------------------------------------------------


def show_own(found: tour.Finding) -> None:
    """A person's own runs on the same drawings, where they are asked for: no verdict hears of them."""
    own = tour.own_beside(found, everything)
    if not own:
        st.caption("None of your own finished runs was scored on these test drawings.")
        return
    rows = pd.DataFrame(
        [
            {"run": run.name, "data": run.data_label}
            | measures.columns(run.metrics, run.family.columns[:3])
            for run in own
        ]
    )
    st.dataframe(rows, hide_index=True, placeholder="", column_config=terms.columns(rows))
    if badge := parts.practice_badge(*own):
        st.markdown(f"Among your runs:{badge}")


stop = choose_stop()
everything = runs.all_runs()
with parts.told():
    files = ("status.json", "config.json", "metrics.json", "history.csv")
    stamps = [(run.name, *(parts.stamp(run.path / file) for file in files)) for run in everything]
    found = find(stop.key, stamps, everything)
left, right = st.columns([5, 6], gap="large")
with left:
    color, icon = MARKS[found.verdict]
    st.subheader(f"{keys.index(stop.key) + 1}. {stop.title}")
    st.markdown(f"**The report** (section {stop.section})\n\n> {parts.plain(stop.claim)}")
    badge = parts.practice_badge(*found.runs)
    st.markdown(f"**Our experiment**{badge}\n\n{parts.plain(found.words)}")
    why = stop.why.get(found.verdict, "")
    st.markdown(f"**Verdict** &nbsp; :{color}-badge[{icon} {tour.VERDICTS[found.verdict]}] {why}")
    if found.evidence:
        st.caption(f"Evidence: {parts.plain(found.evidence)}")
    if found.runs and st.toggle(
        "My own runs beside it",
        help="Your finished runs on the same test drawings. The verdict rests on the runs that came "
        "with the program alone.",
    ):
        show_own(found)
    show_theory(stop.key)
with right:
    if found.runs or found.more or stop.key == "choice":  # a sweep may be there without a run
        SHOW[stop.key](found)
    else:
        st.info("There is nothing to show yet; the tour goes on.", icon=":material/info:")
        st.page_link("pages/runs.py", label="Open Runs", icon=":material/monitoring:")
