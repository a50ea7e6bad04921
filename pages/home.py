"""Home: what is here, what to do next, and the newest runs."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import runs
from doodle_core.data import practice
from pages import registry
from pages.components.gallery import gallery
from pages.shared import galleries, parts

st.title("Doodle Lab")
st.markdown(
    "Train neural networks on *Quick, Draw!* doodles and look inside them: how they learn, what "
    "they confuse, and which wrong answers they were surest of."
)
st.caption(
    "*The report* that these pages speak of is a student's final report (Neuro 140, 2020): its "
    "experiments are rebuilt here, and its mistakes shown."
)


@st.cache_data(show_spinner=False)
def doodles() -> NDArray[np.uint8]:
    """The first practice drawing of each category: (7, 784) uint8."""
    return np.concatenate([practice.draw(name, 1) for name in practice.PRACTICE_CATEGORIES])


names = practice.PRACTICE_CATEGORIES
clicked = gallery(doodles(), list(names), size=112, key="doodles", across=4)
st.caption("Practice data: these doodles were drawn by this program.")
if clicked is not None:
    galleries.open_drawing(doodles()[clicked], names[clicked], "practice", 0)

cards = [page for page in registry.PAGES.values() if page.says]
begin = [page for page in cards if page.section in ("", "Play")]
laboratory = [page for page in cards if page.section == "Laboratory"]
results = [page for page in cards if page.section == "Results"]
for row in (begin, laboratory, results[:4], results[4:]):
    for column, page in zip(st.columns(len(row)), row):
        with column.container(border=True, height="stretch"):
            st.page_link(page.target, label=f"**{page.title}**", icon=page.mark)
            st.caption(page.says)

st.subheader("Newest runs")
newest = [run for run in runs.all_runs() if not run.notes.get("hidden")]
newest = sorted(newest, key=parts.rank)[:6]
if not newest:
    parts.offer_training("Nothing has been trained yet.")
for run in newest:
    with st.container(border=True):
        name, what, figure, button = st.columns([4, 3, 3, 2], vertical_alignment="center")
        name.markdown(f"**{parts.plain(run.name)}** &nbsp; {parts.mark(run)}")
        if run.config is None:
            what.caption(parts.plain(run.error))
            continue
        what.markdown(f"{len(run.config.data.categories)} categories, {parts.data_words(run)}")
        if run.metrics:
            figure.markdown(f"**{parts.figure(run)}**")
            with button:
                parts.link_to_results(run)
            figure.caption(run.family.detail(run.metrics))
        elif run.progress.get("epoch"):
            epochs = run.progress.get("epochs", run.config.epochs)
            figure.caption(f"epoch {run.progress['epoch']} of {epochs}")
