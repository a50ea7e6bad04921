"""Errors: the confusion matrix beside its drawings, calibration, the surest, suspected labels."""

import numpy as np
import pandas as pd
import streamlit as st

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation import Share
from doodle_core.plots import inside as inside_plots
from pages.components.gallery import gallery
from pages.sections import scoring
from pages.shared import galleries, parts, terms

CELL = 24  # drawings shown of a cell at once
MOST = 24  # categories in the figure of recalls: all are in the table
FEW = 12  # so many categories have cells that are easily hit

st.title("Errors")
st.caption(
    "What a run names wrongly, beside the drawings; how far its probabilities can be trusted; and "
    "labels that may be wrong."
)
own = parts.pick_run()
run = parts.pick_drawings(own)
me = " ".join([run.name, *([run.key] if isinstance(run, runs.Scoring) else [])])
found = parts.results(run)
names = run.config.data.categories
predicted = found.probabilities.argmax(axis=1)
note = parts.practice_note(run)

parts.show_figures(run)
parts.links(run, here="errors")
scoring.offer(own)
parts.show_unmeasured(run)
drawings = parts.test_drawings(run)

left, right = st.columns([6, 5], gap="large")
with left:
    by = st.segmented_control(
        "Cells",
        ["count", "row"],
        default="count",
        required=True,
        format_func={"count": "Counts", "row": "Shares of the row"}.get,
        help=f"{terms.TERMS['confusion matrix']} The shares of a row add up to 100 %.",
    )
    matrix = evaluation.confusion_matrix(found.labels, predicted, len(names))
    event = parts.chart(
        plots.confusion(matrix, names, by, note=note),
        f"matrix {me} {by} {st.session_state.get('pairs taken', 0)}",
        on_select="rerun",
        selection_mode="points",
    )
    if event.selection.points:  # kept, since the other kind of cells is another chart
        st.session_state["cell"] = me, *event.selection.points[0]["customdata"][:2]
    if len(names) > FEW:
        wrong = matrix * ~np.eye(len(names), dtype=bool)
        pairs = np.argwhere(wrong)
        pairs = pairs[np.argsort(-wrong[tuple(pairs.T)], kind="stable")[:50]].tolist()

        def take_pair() -> None:
            if pair := st.session_state[f"pair {me}"]:
                st.session_state["cell"] = me, *pair
                # another chart, in which no cell is chosen
                st.session_state["pairs taken"] = st.session_state.get("pairs taken", 0) + 1

        st.selectbox(
            "The most frequent errors",
            pairs,
            index=None,
            format_func=lambda at: f"{names[at[0]]} called {names[at[1]]}: {wrong[*at]:,}",
            placeholder="Choose one to see its drawings",
            on_change=take_pair,
            key=f"pair {me}",
        )
rows = evaluation.per_category(found.labels, predicted, names)
table = pd.DataFrame([row for row in rows if row["n"]])
with right:
    name, true, said = st.session_state.get("cell", ("", 0, 0))
    if drawings is not None and name == me and max(true, said) < len(names):
        places = np.flatnonzero((found.labels == true) & (predicted == said))
        places = places[np.argsort(-found.probabilities[places, said], kind="stable")]
        count = f"{len(places):,} drawing{'s' * (len(places) != 1)}"
        st.markdown(f"**{names[true]}** called **{names[said]}**: {count}")
        if len(places):
            shown = galleries.page_of(places, CELL, f"page {true} {said}")
            galleries.show_test_drawings(run, found, drawings, shown, key="cell", size=48)
        else:
            st.caption("No drawing fell into this cell.")
    else:
        if drawings is not None:
            other = " or one of the most frequent errors" if len(names) > FEW else ""
            st.info(
                f"Choose a cell of the matrix{other} to see its drawings.",
                icon=":material/touch_app:",
            )
        least = table.sort_values("recall", kind="stable").head(MOST).sort_index()
        if len(least) < len(table):
            st.caption(f"The {MOST} of {len(table)} categories with the least recall:")
        parts.chart(plots.per_class(least, 1 / len(names), note=note), "recall")

st.subheader("Precision, recall and F1")
shown = table[["category", "n", "precision", "recall", "f1"]].assign(
    precision=100 * table["precision"],
    recall=100 * table["recall"],
    f1=100 * table["f1"],
    interval=[Share.read(row, "recall").bounds for row in table.to_dict("records")],
)[["category", "n", "precision", "recall", "interval", "f1"]]
st.dataframe(
    shown,
    hide_index=True,
    column_config=terms.columns(
        shown,
        formats={
            "n": "localized",
            "precision": parts.PERCENT,
            "recall": parts.PERCENT,
            "f1": parts.PERCENT,
        },
        labels={"n": "drawings", "interval": "recall (95 %)", "f1": "F1"},
    ),
)

st.subheader("Calibration", help=terms.TERMS["calibration"])
temperature = run.metrics.get("temperature")
series = {"as trained": found.probabilities}
if temperature:
    series["temperature scaled"] = evaluation.scale(found.probabilities, temperature)
left, right = st.columns([6, 5], gap="large", vertical_alignment="center")
bins = {name: evaluation.reliability(found.labels, values) for name, values in series.items()}
parts.chart(inside_plots.reliability(bins, note=note), "reliability", left)
with right:
    for column, (name, values) in zip(st.columns(2), series.items()):
        error = evaluation.ece(found.labels, values)
        column.metric(f"ECE, {name}", parts.percent(error), help=terms.TERMS["ECE"])
    st.markdown(
        f"The reliability diagram (Guo et al. 2017): the {parts.drawings_words(run)} are put into 15 bins by the "
        "network's top probability. A calibrated network is right as often as it is sure, on the "
        "dashed line; below it, it is too sure. ECE, the expected calibration error, is the mean "
        "distance from the line over all drawings."
    )
    if temperature:
        sure = "less" if temperature > 1 else "more"
        st.markdown(
            f"Temperature scaling divides the logits by **{temperature:.2f}**, fitted on the "
            f"validation part, which makes this network {sure} sure. No answer changes."
        )
    else:
        older = "This run was scored before temperatures were kept."
        st.caption(parts.why_unmeasured(run, "ece", older))

if drawings is None:
    st.stop()
st.subheader("Surest")
st.caption(
    f"The {parts.drawings_words(run)} that the network gave the highest top probability, as in the report's "
    "figures 6 and 7, with its top 3. Click one to see it larger with its source index."
)
wrong, right = st.tabs(["Surest wrong", "Surest right"])
for tab, is_right in ((wrong, False), (right, True)):
    with tab:
        places = evaluation.surest(found.labels, found.probabilities, is_right, n=48)
        if not len(places):
            st.caption("There is none.")
        else:
            galleries.show_test_drawings(
                run, found, drawings, places, f"surest {is_right}", k=3, size=84
            )

st.subheader("Suspected label errors", help=terms.TERMS["suspected label errors"])
with parts.told():
    suspects = runs.suspects(run.path, len(found.labels), len(names))
st.caption(
    "Confident learning (Northcutt et al. 2021): each category's threshold is the mean probability "
    "that its own drawings get; drawings above another category's threshold tell how many labels "
    "are wrong, and so many with the least sure labels are shown. Quality is the probability of "
    "the given label. A person has to judge: the network may be wrong instead."
)
if suspects is None:
    older = "This run was scored before suspected labels were kept."
    st.caption(parts.why_unmeasured(run, "suspected labels", older))
elif suspects.empty:
    st.caption(
        "No label of the test part is suspected." if run is own else "No label is suspected."
    )
else:
    count = f"{len(suspects):,} of {len(found.labels):,} {parts.drawings_words(run)}, the most doubtful first."
    st.markdown(count)
    shown = galleries.page_of(
        suspects.to_dict("records"), CELL, f"suspects {me}", words="the most doubtful first"
    )
    places = [row["place"] for row in shown]
    captions = [
        f"given: {names[found.labels[row['place']]]}\nsuggested: {names[row['suggested']]}\n"
        f"quality {row['quality']:.3f}"
        for row in shown
    ]
    clicked = gallery(drawings[places], captions, size=84, key="suspects")
    if clicked is not None:
        galleries.open_test_drawing(run, found, drawings, places[clicked])
