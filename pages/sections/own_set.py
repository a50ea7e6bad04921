"""Draw's section on a person's own set of drawings: adding to it, and the networks' figures on it."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import own_set
from doodle_core.data.categories import CATEGORIES
from doodle_core.data.raster import Strokes
from doodle_core.files import explain
from pages.shared import parts, terms

Answer = Callable[[NDArray[np.uint8]], tuple[NDArray[np.floating], NDArray[np.floating] | None]]
"""A classifier's: of a drawing its probabilities, and its heat or None."""


def say(kind: str, text: str) -> None:
    """Keep a message for the page's next run."""
    st.session_state["draw says"] = kind, text


def add(category: str, strokes: Strokes, recognized: bool) -> None:
    """A drawing goes into its category's file, and a new sheet comes."""
    try:
        own_set.add(category, strokes, recognized)
    except (OSError, ValueError, RuntimeError) as error:
        say("error", explain(error))
        return
    say("success", f"Added as {category}.")
    st.session_state["draw kept"] = []
    st.session_state["draw sheet"] += 1


def take_back(category: str, key: str) -> None:
    try:
        gone = own_set.take_back(category, key)
    except (OSError, ValueError, RuntimeError) as error:
        say("error", explain(error))
        return
    say("success", f"Taken back: the last {category}." if gone else "It was gone already.")


def offer_adding(strokes: Strokes | None, called: set[str]) -> None:
    """A name and a button under the canvas. `called`: what the networks call it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        category = st.selectbox(
            "Add it to your own set as",
            CATEGORIES,
            index=None,
            key="draw category",
            placeholder="what it is",
            width=260,
        )
        is_asked = st.button("Add", icon=":material/add:", disabled=not (strokes and category))
    if is_asked:
        add(category, strokes, recognized=category in called)
        st.rerun()  # the whole page: the set is shown below
    told_what_happened()


def told_what_happened() -> None:
    if (told := st.session_state.pop("draw says", None)) is not None:
        kind, text = told
        getattr(st, kind)(parts.plain(text))


@st.fragment
def show_own_set(judges: Mapping[str, runs.Run], load: Callable[[], Mapping[str, Answer]]) -> None:
    """How many there are, how they are used, and how the networks do on them.

    Args:
        judges: {name: run} of the chosen classifiers. load: gives their answers, {name: function of
            a drawing that returns (probabilities, heat)}.
    """
    st.subheader("Your own set")
    try:
        counts, last = own_set.counts(), own_set.last()
    except OSError as error:
        st.error(parts.plain(explain(error)))
        return
    if not counts:
        st.caption("Empty so far: draw something, say what it is, and add it.")
    else:
        total = sum(counts.values())
        each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        st.markdown(f"**{total:,} drawing{'s' * (total > 1)}**: {each}")
        with st.container(horizontal=True):
            if last:
                st.button(
                    f"Take back the last {last[0]}",
                    icon=":material/undo:",
                    on_click=take_back,
                    args=last,
                )
            test = judges and st.button("Test the networks on it", icon=":material/fact_check:")
        if test:
            show_test(judges, load())
    told_what_happened()
    with st.expander("How to train and test on it"):
        st.markdown(
            "On *Data* and *Train* choose *My own drawings*. To train on other drawings and see how "
            "well that carries over to yours, choose those, and yours under *Scored on*. They are "
            "kept as official `.ndjson` strokes, a file a category, in this folder:"
        )
        st.code(str(own_set.FOLDER), language=None, wrap_lines=True)
        st.markdown(
            f"A training needs at least 2 categories of {own_set.FEWEST} different drawings, "
            "since each category is split into a train, a validation and a test part; with fewer "
            "it says so and stops. A useful network needs hundreds. Without the dashboard:"
        )
        st.code(
            f'python -m doodle_core train --name on-mine --test-source "{own_set.SOURCE}" ...',
            language=None,
            wrap_lines=True,
        )


def show_test(judges: Mapping[str, runs.Run], answers: Mapping[str, Answer]) -> None:
    """A table: how many of the set's drawings each network names rightly."""
    try:
        drawings, categories = own_set.drawings()
    except (OSError, ValueError) as error:
        st.error(parts.plain(explain(error)))
        return
    rows = []
    for name, answer in answers.items():
        names = judges[name].config.data.categories
        right, known = own_set.score(
            lambda one, answer=answer: answer(one)[0], names, drawings, categories
        )
        rows.append(
            {
                "network": name,
                "named rightly": f"{right:,} of {known:,}",
                "top-1 (95 % interval)": evaluation.Share.of(right, known).text if known else "–",
                "chance": parts.percent(1 / len(names)),
                "not in its categories": len(categories) - known,
                "drawings of its training": judges[name].data_label,
            }
        )
    st.dataframe(rows, hide_index=True, width="stretch", column_config=terms.columns(rows[0]))
    st.caption("Drawings of categories that a network does not know are not counted.")
    if unread := sum(own_set.counts().values()) - len(categories):
        lines = (
            "lines of the files are no drawings and were"
            if unread > 1
            else ("line of the files is no drawing and was")
        )
        st.warning(f"{unread:,} {lines} left out.", icon=":material/rule:")
