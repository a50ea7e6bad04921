"""Runs' form that makes a run of a network of one's own."""

import tempfile
from pathlib import Path

import streamlit as st

from doodle_core import runs
from doodle_core.lab import imported
from doodle_core.settings import Contract, DataConfig, declared
from pages.shared import form, parts, sources

EACH = 1000  # drawings a category to score on, at first: drawn in seconds


def offer() -> None:
    """The button that opens the form, and closes it."""
    is_open = st.session_state.get("importing", False)
    if st.button("Import a network", icon=":material/upload_file:"):
        st.session_state["importing"] = not is_open


def show() -> None:
    """The form where it is open, and what became of the last import."""
    if said := st.session_state.pop("imported", None):
        name, doubts, figure = said
        for words in doubts:
            st.warning(parts.plain(words), icon=":material/rule:")
        st.success(parts.plain(f"{name}: {figure}"))
        parts.link("inside", runs.load(runs.folder(name)))
    if st.session_state.get("importing"):
        with st.container(border=True):
            _ask()


def _ask() -> None:
    st.caption(
        "A .keras or .tflite file that names drawings becomes a run: it is tried, scored, and then "
        "compared and looked into like any other. It is opened in a process of its own, and code in "
        "it is not run."
    )
    file = st.file_uploader("File", imported.KINDS)
    left, right = st.columns(2)
    name = left.text_input("Name", runs.free_name("imported"))
    categories = right.text_input(
        "Categories",
        placeholder="apple, moon, cup",
        help="Official names, with commas, in the order of the network's outputs.",
    )
    names = list(declared(Contract))
    columns = st.columns(len(names))
    contract = {one: form.one(at, Contract, one) for at, one in zip(columns, names)}
    left, right = st.columns(2)
    with left:
        kind = st.selectbox("Scored on", sources.kinds(), format_func=sources.words)
        source = sources.named(kind, "import")
    each = right.number_input("Drawings a category", 20, 100_000, EACH, help="At most.")
    if not st.button("Import", type="primary", disabled=not (file and name and categories)):
        return
    with parts.told(), tempfile.TemporaryDirectory() as folder:
        chosen = tuple(one.strip() for one in categories.split(","))
        config = imported.asked_for(name, DataConfig(source, chosen, int(each)))
        copy = Path(folder) / Path(file.name).name
        copy.write_bytes(file.getvalue())
        with st.spinner("Reading, trying and scoring it, for some ten seconds"):
            *doubts, figure = imported.bring(copy, config, Contract(**contract))
    st.session_state["imported"] = name, doubts, figure
    st.session_state["importing"] = False
    st.rerun()
