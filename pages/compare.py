"""Compare: two runs on the same test drawings, McNemar's test, and the drawings they differ on."""

from typing import NoReturn

import numpy as np
import pandas as pd
import streamlit as st

from doodle_core import evaluation, runs
from doodle_core.evaluation import p_value, p_words
from doodle_core.lab.tour import evidence
from doodle_core.plots import inside as inside_plots
from pages.components.gallery import gallery
from pages.shared import galleries, parts, terms

PAGE = 24  # drawings shown at once
MOST = 40  # categories in the figure: more would be a figure of many screens

st.title("Compare")
st.caption("Two runs that were scored on the same drawings, drawing by drawing.")
finished = parts.finished_runs()
left, right = st.columns(2)
with left:
    one = parts.pick_drawings(parts.pick_run("First run"))


def beside(run: runs.Run) -> runs.Run | None:
    """Of a run's own figures and its scorings those on the first one's drawings; None of none."""
    pixels = one.metrics.get("test_pixels")
    every = (run, *runs.scorings(run))
    return next((found for found in every if found.metrics.get("test_pixels") == pixels), None)


others = [run for run in finished if run.name != one.name]
same = [found for run in others if (found := beside(run))]
if not others:
    parts.offer_training("This takes two finished runs; there is one.")
    st.stop()
alike = {run.name for run in same}
order = same + [run for run in others if run.name not in alike]
by_name = {run.name: run for run in order}
wanted = st.query_params.get("with")
if wanted and wanted not in by_name and wanted != one.name:
    st.warning(f"There is no finished run named {parts.plain(wanted[:80])}.")
with right:
    name = st.selectbox(
        "Second run",
        list(by_name),
        index=list(by_name).index(wanted) if wanted in by_name else 0,
        key=f"second {one.name}",
        help="Runs on the same drawings come first.",
    )
st.query_params["with"] = name
two = by_name[name]


def differ() -> NoReturn:
    st.info(
        f"{parts.plain(one.name)} and {parts.plain(two.name)} were not scored on the same "
        "drawings, so they cannot be compared drawing by drawing"
        + (
            f"; {len(same)} other run(s) can be compared with {parts.plain(one.name)}."
            if same
            else ". Runs share their test drawings if their source, categories, number of "
            "drawings, shares and split seed are the same."
        ),
        icon=":material/difference:",
    )
    st.stop()


if two.name not in alike:
    differ()
first, second = parts.results(one), parts.results(two)
names = list(dict.fromkeys([*one.config.data.categories, *two.config.data.categories]))
to_one, to_two = (
    np.array([names.index(name) for name in run.config.data.categories]) for run in (one, two)
)
labels = to_one[first.labels]
is_same = np.array_equal(labels, to_two[second.labels])
if not is_same or not np.array_equal(first.rows, second.rows):
    differ()
said_one = to_one[first.probabilities.argmax(axis=1)]
said_two = to_two[second.probabilities.argmax(axis=1)]
right_one, right_two = said_one == labels, said_two == labels
test = evaluation.mcnemar(right_one, right_two)
note = parts.notes([one, two])

for column, run in zip(st.columns(2), (one, two)):
    with column.container(border=True):
        st.markdown(f"**{parts.plain(run.name)}**{parts.practice_badge(run)}")
        st.markdown(f"### {parts.interval(run.metrics)}")
        st.caption(
            f"top-1 with its 95 % interval on {run.metrics['n']:,} {parts.drawings_words(run)}; "
            f"chance {parts.percent(run.metrics['chance'])}"
        )
        for remark in getattr(run, "remarks", []):
            st.caption(parts.plain(remark))


st.subheader("McNemar's test", help=terms.TERMS["McNemar's test"])
only, p = (test["only_a"], test["only_b"]), test["p"]
better = one if only[0] > only[1] else two
split = f"{only[0]:,} to {only[1]:,}"
verdict = (
    f"So uneven a split is hard to put down to chance: **{parts.plain(better.name)} errs less** on "
    "drawings like these. That is of these two networks, one seed each."
    if p < 0.05
    else "That can well be chance: **these drawings do not show that either run errs less**."
)
st.markdown(
    f"{sum(only):,} drawings are named right by one run and wrong by the other: {split}. If both "
    f"erred equally often, a split at least as uneven would come with probability "
    f"**{p_words(p)}**. {verdict}"
)
table = pd.DataFrame(
    [[test["both"], only[0]], [only[1], test["neither"]]],
    index=[f"{one.name} right", f"{one.name} wrong"],
    columns=[f"{two.name} right", f"{two.name} wrong"],
)
st.dataframe(table)
st.caption(
    "The exact binomial test on the drawings that they differ on (McNemar 1947), two-sided. It "
    "says nothing of other seeds: train each setting with several and compare those too. The two "
    f"differ in {evidence.listed(differ) if (differ := evidence.differing(one, two)) else 'no setting'}."
)

st.subheader("By category", help=terms.TERMS["recall"])
by_run = {
    run.name: [row for row in evaluation.per_category(labels, said, names) if row["n"]]
    for run, said in ((one, said_one), (two, said_two))
}
rows = evaluation.mcnemar_by_category(labels, right_one, right_two, names)
left, right = st.columns(2, gap="medium")
apart = [abs(row["only_b"] - row["only_a"]) / max(row["n"], 1) for row in rows]
shown = sorted(np.argsort(apart)[::-1][:MOST])  # in the categories' own order
if len(shown) < len(rows):
    left.caption(f"The {len(shown)} of {len(rows)} categories that they differ most on.")
by_run = {name: [row[place] for place in shown] for name, row in by_run.items()}
figure = inside_plots.recalls([rows[place]["category"] for place in shown], by_run, note=note)
parts.chart(figure, "recalls", left)
right.dataframe(
    [
        {
            "category": row["category"],
            "drawings": row["n"],
            "2nd less 1st": 100 * (row["only_b"] - row["only_a"]) / row["n"],
            "only 1st": row["only_a"],
            "only 2nd": row["only_b"],
            "p": p_value(row["p"]),
        }
        for row in rows
    ],
    hide_index=True,
    column_config={
        "2nd less 1st": st.column_config.NumberColumn(
            format="%+.1f points",
            help=f"Recall of {two.name} less that of {one.name}, in percentage points.",
        ),
        "only 1st": st.column_config.NumberColumn(help=f"Named right by {one.name} alone."),
        "only 2nd": st.column_config.NumberColumn(help=f"Named right by {two.name} alone."),
        "p": st.column_config.TextColumn(help=terms.TERMS["p"]),
    },
)

st.subheader("Drawings that one of them names right")
drawings = parts.test_drawings(one)
if drawings is None:
    st.stop()
tabs = st.tabs([f"Only {parts.plain(run.name)}: {n:,}" for run, n in zip((one, two), only)])
for tab, winner, at in zip(tabs, (first, second), (right_one & ~right_two, right_two & ~right_one)):
    with tab:
        places = np.flatnonzero(at)
        if not len(places):
            st.caption("There is none.")
            continue
        sure = winner.probabilities[places, winner.labels[places]]
        places = places[np.argsort(-sure, kind="stable")]
        run, key = (one, "one") if winner is first else (two, "two")
        shown = galleries.page_of(places, PAGE, f"page {key} {one.name} {two.name}")
        captions = [
            f"true: {names[labels[place]]}\n"
            f"1st: {names[said_one[place]]} {parts.percent(first.probabilities[place].max())}\n"
            f"2nd: {names[said_two[place]]} {parts.percent(second.probabilities[place].max())}"
            for place in shown
        ]
        clicked = gallery(drawings[shown], captions, size=84, key=f"only {key}")
        if clicked is not None:
            galleries.open_test_drawing(run, winner, drawings, int(shown[clicked]))
