"""Doodle Lab: `streamlit run dashboard.py`. Which pages there are is in `pages/registry.py`."""

import contextlib
from pathlib import Path

import streamlit as st

from doodle_core.files import check_home
from doodle_core.lab import queue
from pages import registry
from pages.shared import parts

PAGES = Path(__file__).parent / "pages"

# An icon by name would be fetched from another host: ours is a file.
st.set_page_config(page_title="Doodle Lab", page_icon=str(PAGES / "icon.png"), layout="wide")
st.logo(str(PAGES / "logo.svg"), size="large", icon_image=str(PAGES / "icon.png"))


@st.cache_resource
def take_up_queue() -> None:
    """Once a server: what was queued when the last one ended goes on."""
    with contextlib.suppress(OSError):  # a read-only disk can still show its runs
        queue.ensure()


take_up_queue()
with parts.told():
    check_home()
with st.sidebar:
    parts.choose_plot_format()
st.navigation(
    {section: [page.target for page in pages] for section, pages in registry.sections().items()},
    expanded=True,  # else what stands below it in the sidebar would cut it short
).run()
