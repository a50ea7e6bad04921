"""Choosing where drawings come from."""

from collections.abc import Sequence
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


def turned(source: str, categories: Sequence[str], key: str) -> str:
    """A folder's source, or, where its drawings are dark on light, what turns them if wished."""
    try:
        inverted = data.inverted_in(source, categories)
    except (OSError, ValueError):  # no such folder, a bad file: said where the drawings are opened
        return source
    if not inverted:
        return source
    st.warning(
        f"Drawings of {parts.plain(data.listed(inverted))} are dark on light here; networks learn "
        "light on dark, as Draw and the official drawings have it.",
        icon=":material/contrast:",
    )
    is_wanted = st.toggle(
        "Turn them to light on dark",
        key=f"{key} turned {source}",
        help="In a copy under data/drawn; your files stay as they are, and drawings that are light "
        "on dark already do, too. A run's settings say it.",
    )
    return data.as_inverted(source) if is_wanted else source


def remark(source: str, categories: Sequence[str], per_category: int) -> None:
    """Say which of a folder's files or lines are not read, once its drawings have been opened."""
    with parts.told():
        for text in data.left_out(source, categories, per_category):
            st.warning(parts.plain(text), icon=":material/rule:")


def choose(key: str, preferred: Sequence[str] = REPORT_SEVEN) -> tuple[str, tuple[str, ...]]:
    """Widgets for a source and its categories. Returns (source, categories).

    `preferred`: categories that are chosen at first, as far as there are drawings of them.
    """
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
        with parts.told():
            st.warning(parts.plain(data.lacking(Path(path))))
    default = [name for name in preferred if name in options] or list(options)[:7]
    # keyed by the source: another folder's categories begin with their own default
    chosen = st.multiselect("Categories", options, default=default, key=f"{key} {source}")
    return turned(source, chosen, key), tuple(chosen)
