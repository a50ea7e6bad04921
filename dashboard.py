"""Doodle Lab: `streamlit run dashboard.py`. This file only says which pages there are."""

import contextlib
from pathlib import Path

import streamlit as st

from doodle_core.lab import queue
from pages.shared import parts

PAGES = Path(__file__).parent / "pages"

# An icon by name would be fetched from another host: ours is a file.
st.set_page_config(page_title="Doodle Lab", page_icon=str(PAGES / "icon.png"), layout="wide")
st.logo(str(PAGES / "logo.svg"), size="large", icon_image=str(PAGES / "icon.png"))


@st.cache_resource
def take_up_queue():
    """Once a server: what was queued when the last one ended goes on."""
    with contextlib.suppress(OSError):  # a read-only disk can still show its runs
        queue.ensure()


take_up_queue()
with st.sidebar:
    parts.choose_plot_format()
st.navigation(
    {
        "": [
            st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
            st.Page("pages/tour.py", title="Tour", icon=":material/route:"),
        ],
        "Play": [
            st.Page("pages/draw.py", title="Draw", icon=":material/draw:"),
            st.Page("pages/people.py", title="People", icon=":material/person:"),
        ],
        "Laboratory": [
            st.Page("pages/data.py", title="Data", icon=":material/collections:"),
            st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
            st.Page("pages/sweeps.py", title="Sweeps", icon=":material/tune:"),
        ],
        "Results": [
            st.Page("pages/runs.py", title="Runs", icon=":material/monitoring:"),
            st.Page("pages/errors.py", title="Errors", icon=":material/grid_on:"),
            st.Page("pages/inside.py", title="Inside", icon=":material/visibility:"),
            st.Page("pages/latent.py", title="Latent", icon=":material/bubble_chart:"),
            st.Page("pages/generate.py", title="Generate", icon=":material/gesture:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
            st.Page("pages/curve.py", title="Learning curves", icon=":material/trending_up:"),
            st.Page("pages/report.py", title="Report", icon=":material/article:"),
        ],
    },
    expanded=True,  # else what stands below it in the sidebar would cut it short
).run()
