"""Errors: the confusion matrix beside its drawings, and the surest right and wrong ones."""

import numpy as np
import pandas as pd
import streamlit as st

from doodle_core import evaluation, plots
from pages import parts

CELL = 24  # drawings shown of a cell at once

st.title("Errors")
run = parts.pick_run()
found = parts.results(run)
names = run.config.data.categories
predicted = found.probabilities.argmax(axis=1)
note = parts.practice_note(run)

st.markdown(
    f"**{parts.interval(run.metrics)} top-1** on {run.metrics['n']:,} test drawings "
    f"(95 % interval; chance {parts.percent(run.metrics['chance'])}). "
    f"{parts.data_words(run)}"
)
drawings = parts.test_drawings(run)

left, right = st.columns([6, 5], gap="large")
with left:
    by = st.segmented_control(
        "Cells",
        ["count", "row"],
        default="count",
        required=True,
        format_func={"count": "Counts", "row": "Shares of the row"}.get,
        help="A row is a true category; its shares add up to 100 %.",
    )
    matrix = evaluation.confusion_matrix(found.labels, predicted, len(names))
    event = st.plotly_chart(
        plots.confusion(matrix, names, by, note=note),
        width="stretch",
        on_select="rerun",
        selection_mode="points",
        key=f"matrix {run.name} {by}",
    )
points = event.selection.points
with right:
    if points:  # kept, since the other kind of cells is another chart
        st.session_state["cell"] = run.name, *points[0]["customdata"][:2]
    name, true, said = st.session_state.get("cell", ("", 0, 0))
    if name == run.name and max(true, said) < len(names):
        places = np.flatnonzero((found.labels == true) & (predicted == said))
        places = places[np.argsort(-found.probabilities[places, said], kind="stable")]
        count = f"{len(places):,} drawing{'s' * (len(places) != 1)}"
        st.markdown(f"**{names[true]}** called **{names[said]}**: {count}")
        if drawings is not None and len(places):
            page, last = 1, -(-len(places) // CELL)
            if last > 1:
                page = st.number_input(f"Page, 1 to {last}, the surest first", 1, last)
            shown = places[CELL * (page - 1) : CELL * page]
            parts.show_test_drawings(run, found, drawings, shown, key="cell", size=48)
        elif drawings is not None:
            st.caption("No drawing fell into this cell.")
    else:
        if drawings is not None:
            st.info("Choose a cell of the matrix to see its drawings.", icon=":material/touch_app:")
        table = pd.DataFrame(evaluation.per_category(found.labels, predicted, names))
        st.plotly_chart(
            plots.per_class(table, note=note),
            width="stretch",
            key="recall",
        )

st.subheader("Surest")
st.caption(
    "The test drawings that the network gave the highest top probability, as in the report's "
    "figures 6 and 7, with its top 3. Click one to see it larger with its source index."
)
if drawings is None:
    st.stop()
wrong, right = st.tabs(["Surest wrong", "Surest right"])
for tab, is_right in ((wrong, False), (right, True)):
    with tab:
        places = evaluation.surest(found.labels, found.probabilities, is_right, n=48)
        if not len(places):
            st.caption("There is none.")
        else:
            parts.show_test_drawings(run, found, drawings, places, f"surest {is_right}", k=3, size=84)
