"""Home: what is here, what to do next, and the newest runs."""

import numpy as np
import streamlit as st

from doodle_core import practice, runs
from pages import parts
from pages.components.gallery import gallery

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
def doodles():
    """The first practice drawing of each category: (7, 784) uint8."""
    return np.concatenate([practice.draw(name, 1) for name in practice.PRACTICE_CATEGORIES])


names = practice.PRACTICE_CATEGORIES
clicked = gallery(doodles(), list(names), size=112, key="doodles", across=4)
st.caption("Practice data: these doodles were drawn by this program.")
if clicked is not None:
    parts.open_drawing(doodles()[clicked], names[clicked], "practice", 0)

begin = (
    ("pages/tour.py", "Tour", ":material/route:",
     "The report claim by claim: what it said, what our runs say, and the theory beside the plots."),
    ("pages/draw.py", "Draw", ":material/draw:",
     "Draw something, and see what the networks take it for while you do."),
    ("pages/people.py", "People", ":material/person:",
     "You against the networks: name 200 drawings, and see who names more of the very same ones."),
)  # fmt: skip
laboratory = (
    ("pages/data.py", "Data", ":material/collections:",
     "Practice data drawn by this program, real Quick, Draw! drawings fetched from the web, or a "
     "folder of yours."),
    ("pages/train.py", "Train", ":material/play_circle:",
     "It trains in a process of its own: watch it, stop it, close the browser, come back."),
    ("pages/sweeps.py", "Sweeps", ":material/tune:",
     "Many settings tried by the validation part, as in the report or of your choice."),
)  # fmt: skip
results = (
    ("pages/runs.py", "Runs", ":material/monitoring:",
     "Curves side by side, the settings that differ, and every accuracy with its interval."),
    ("pages/errors.py", "Errors", ":material/grid_on:",
     "The confusion matrix beside its drawings, and the errors it was surest of."),
    ("pages/inside.py", "Inside", ":material/visibility:",
     "Where it looked, what each convolution makes of a drawing, and its filters."),
    ("pages/latent.py", "Latent", ":material/bubble_chart:",
     "Where an autoencoder puts each drawing, and what lies between: turn it, point at it."),
    ("pages/generate.py", "Generate", ":material/gesture:",
     "Drawings that no one drew, from sliders, between two others, or of one category."),
    ("pages/compare.py", "Compare", ":material/compare_arrows:",
     "The same drawings named by two runs, and whether the difference is more than chance."),
    ("pages/curve.py", "Learning curves", ":material/trending_up:",
     "How much more drawings would help, and where a network would reach a person."),
    ("pages/report.py", "Report", ":material/article:",
     "Its table 1 measured again, and each of its mistakes with the plot that shows it."),
)  # fmt: skip
for row in (begin, laboratory, results[:4], results[4:]):
    for column, (page, title, icon, text) in zip(st.columns(len(row)), row):
        with column.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{title}**", icon=icon)
            st.caption(text)

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
                parts.link("latent" if run.is_vae else "errors", run)
            if run.is_vae:
                words = "reconstruction {reconstruction:.1f} + KL {kl:.1f}, test part"
                figure.caption(words.format(**run.metrics))
            else:
                figure.caption(f"95 % interval; chance {parts.percent(run.metrics['chance'])}")
        elif run.progress.get("epoch"):
            epochs = run.progress.get("epochs", run.config.epochs)
            figure.caption(f"epoch {run.progress['epoch']} of {epochs}")
