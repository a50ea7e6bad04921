"""Scoring a trained network on other drawings than its test part."""

import streamlit as st

from doodle_core import data, runs
from doodle_core.settings.data import MOST
from pages.shared import parts, sources


def offer(run: runs.Run) -> None:
    """A button that opens the choice of drawings. `run`: a finished classifier."""
    is_able = run.has_weights or run.has_portable
    if st.button(
        "Score it on other drawings",
        icon=":material/fact_check:",
        disabled=not is_able,
        help=None if is_able else "This run's network is not here, so nothing new can be named.",
    ):
        ask(run)


@st.dialog("Score it on other drawings", width="large")
def ask(run: runs.Run) -> None:
    """Which drawings; then the figures are opened on the page behind."""
    st.caption(
        f"The figures of {parts.plain(run.name)} on its own test drawings stay as they are. "
        "Drawings that it learned from are left out, and categories that it does not know."
    )
    source, categories = sources.choose("score", run.config.data.categories)
    most = st.number_input(
        "Drawings a category",
        0,
        MOST,
        0,
        step=1000,
        key="score most",
        help="At most, the first of each file. 0: all, of practice and official drawings 10,000.",
    )
    if not st.button("Score", type="primary", icon=":material/play_arrow:"):
        return
    if not categories:
        st.warning("Choose at least one category.")
        return
    from doodle_core.lab.score import score  # with LiteRT, which the page may not need

    bar = st.empty()
    with parts.told():
        known = set(run.config.data.categories) & set(data.categories_of(source))
        try:
            found = score(
                run,
                source,
                () if set(categories) == known else categories,  # then it says which it lacks
                most,
                lambda done, text: bar.progress(min(max(done, 0.0), 1.0), text),
            )
        finally:
            bar.empty()
    st.query_params["drawings"] = found.key
    st.rerun()
