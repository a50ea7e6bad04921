"""What stands around every page."""

import contextlib
from pathlib import Path

import streamlit as st

from doodle_core.files import check_home
from doodle_core.lab import queue
from pages import registry
from pages.shared import parts

PAGES = Path(__file__).resolve().parent.parent


@st.cache_resource
def take_up_queue() -> None:
    """Once a server: what was queued when the last one ended goes on."""
    with contextlib.suppress(OSError):  # a read-only disk can still show its runs
        queue.ensure()


def show() -> None:
    """Show the page that the address names, with the menu beside it."""
    # An icon by name would be fetched from another host: ours is a file.
    st.set_page_config(page_title="Doodle Lab", page_icon=str(PAGES / "icon.png"), layout="wide")
    st.logo(str(PAGES / "logo.svg"), size="large", icon_image=str(PAGES / "icon.png"))
    take_up_queue()
    with parts.told():
        check_home()
    with st.sidebar:
        parts.choose_plot_format()
    sections = registry.sections().items()
    st.navigation(
        {section: [page.target for page in pages] for section, pages in sections},
        expanded=True,  # else what stands below it in the sidebar would cut it short
    ).run()
