"""The views: what is shown and asked. No numerics here; those are in `doodle_core`."""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

# Until a server has run dashboard.py once, Streamlit takes a folder called pages/ for one of its
# older kind and runs the page that a deep link names on its own, without dashboard.py. The first
# page that gets here then says that this is not so, and starts over.
if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
