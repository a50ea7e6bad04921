"""Choosing where drawings come from."""

from pathlib import Path

import streamlit as st

from doodle_core import data
from doodle_core.data.categories import REPORT_SEVEN
from pages.shared import parts


def kinds() -> list[str]:
    """The keys of `data.SOURCES` that can be chosen: one's own set once it has drawings."""
    return [key for key, source in data.SOURCES.items() if source.is_offered()]


def words(kind: str) -> str:
    """What a source is called where one is chosen."""
    return data.SOURCES[kind].choice


def named(kind: str, key: str) -> str:
    """A chosen source as settings have it; asks for the path of a folder."""
    source = data.SOURCES[kind]
    if not source.has_path:
        return source.settings or kind
    path = st.text_input(
        "Folder", key=f"{key}_folder", placeholder="a folder with apple.npy, moon.ndjson ..."
    )
    return f"{kind}:" + path.strip().strip("'\"")


def choose(key: str) -> tuple[str, tuple[str, ...]]:
    """Widgets for a source and its categories. Returns (source, categories)."""
    kind = st.segmented_control(
        "Drawings",
        kinds(),
        default="practice",
        required=True,
        key=f"{key}_kind",
        format_func=words,
        help="Practice data is drawn by this program and needs no network. Quick, Draw! fetches "
        "real drawings, 7.8 MB a category. A folder holds official .npy or .ndjson files. What you "
        "add to your own set on the page Draw can be chosen here, too.",
    )
    source = named(kind, key)
    path = source.partition(":")[2]
    is_named = bool(path) or not data.SOURCES[kind].has_path
    if not is_named:
        st.info("Name a folder on this computer.", icon=":material/folder:")
    with parts.told():
        options = data.SOURCES[kind].categories(Path(path)) if is_named else []
    if is_named and not options:
        st.warning("This folder holds no file named after a Quick, Draw! category.")
    default = [name for name in REPORT_SEVEN if name in options] or list(options)[:7]
    # keyed by the source: another folder's categories begin with their own default
    chosen = st.multiselect("Categories", options, default=default, key=f"{key} {source}")
    return source, tuple(chosen)
