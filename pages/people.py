"""People: how well a person names drawings, beside networks on the very same ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from doodle_core import data, runs
from doodle_core.data import is_practice
from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import explain
from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from doodle_core.settings import free_name
from pages.components.trial import sent as trial_sent
from pages.components.trial import trial
from pages.sections.session_results import seconds, show_results
from pages.shared import parts, terms

KINDS = {"test": "Test drawings", "practice": "Practice data", "generated": "Generated"}

st.title("People")


# --- beginning, and all sessions -----------------------------------------------------------------


def open_session(name: str) -> NoReturn:
    st.query_params["session"] = name
    st.rerun()


def suggested_name() -> str:
    """person-1, -2, ...: the first that is free."""
    taken = {path.name for path in people.PEOPLE.iterdir()} if people.PEOPLE.is_dir() else set()
    return free_name("person", taken.__contains__)


def part_words(group: Sequence[runs.Run]) -> str:
    """A test part in words, for a choice of one."""
    names = group[0].config.data.categories
    few = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
    note = ", practice data" if is_practice(group[0].config.data.scored_on) else ""
    networks = f"{len(group)} network{'s' * (len(group) != 1)}"
    count = f"{group[0].metrics['n']:,} drawings"
    return f"{len(names)} categories: {few} \u00b7 {count}{note}, {networks}"


def choose_drawings() -> tuple[Callable[..., people.Session] | None, int]:
    """What a session is to show: (function that begins it, most drawings); None: it cannot."""
    groups = people.test_parts()
    begin_with = "test" if groups and data.is_here(groups[0][0].config.data) else "practice"
    kind = st.segmented_control(
        "Drawings",
        list(KINDS),
        default=begin_with,
        required=True,
        format_func=KINDS.get,
        key="kind",
        help="Test drawings: networks have answered the same ones. Practice data: drawn by this "
        "program, and networks can be asked afterwards. Generated: what an autoencoder drew.",
    )
    if kind == "practice":
        st.caption("The report's seven categories, drawn by this program: no real drawings.")
        return people.begin_practice, people.MOST
    if kind == "generated":
        found = [run for run in runs.finished("vae") if (run.path / "latent_samples.npz").is_file()]
        if not found:
            st.info("No finished autoencoder has stored samples here.", icon=":material/info:")
            return None, 0
        by_name = {run.name: run for run in found}
        run = by_name[st.selectbox("Autoencoder", list(by_name))]
        if run.config.conditional:
            st.caption("It was told what to draw: did it draw that?")
        else:
            st.caption("It drew by chance: there is no right answer. Can you tell what it is?")
        return lambda name, **how: people.begin_generated(name, run, **how), people.MOST
    if not groups:
        parts.offer_training("No network has been scored on test drawings yet.")
        return None, 0
    by_words = {part_words(group): group for group in groups}
    group = by_words[st.selectbox("Test part", list(by_words))]
    drawings = parts.test_drawings(
        group[0], instead="A session with practice data needs none of them."
    )
    if drawings is None:
        return None, 0
    most = min(len(drawings), people.MOST)
    return lambda name, **how: people.begin_test(name, group[0], drawings, **how), most


def begin() -> None:
    """The widgets of a new session."""
    make, most = choose_drawings()
    columns = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = columns[0].text_input("Name of the session", suggested_name(), max_chars=64).strip()
    n = columns[1].number_input(
        "How many",
        1,
        max(most, 1),
        min(people.DEFAULT, max(most, 1)),
        key=f"n {most}",
        disabled=make is None,
        help="Each category in proportion to its share.",
    )
    seed = columns[2].number_input(
        "Seed", 0, 1_000_000, 0, help="The same seed shows the same drawings in the same order."
    )
    if st.button("Begin", type="primary", icon=":material/play_arrow:", disabled=make is None):
        with parts.told():
            session = make(name, n=n, seed=seed)
        open_session(session.name)


@st.dialog("Delete?")
def ask_delete(name: str) -> None:
    """The question before a session goes."""
    st.write("Delete this session with its answers? This cannot be undone.")
    st.code(name, language=None)
    if st.button("Delete", type="primary", icon=":material/delete:"):
        with parts.told():
            people.delete(name)
        st.session_state["deleted"] = st.session_state.get("deleted", 0) + 1
        st.rerun()


def row(session: people.Session) -> dict[str, str]:
    """A session as a row of the table of all."""
    found = people.answers(session)
    is_marked = session.practice and session.kind != "practice"
    out = {
        "session": session.name,
        "drawings": session.source + (", practice data" if is_marked else ""),
        "answered": f"{len(found.said)} of {session.n}",
        "state": "finished" if session.finished else "open",
    }
    if not session.finished or not found.said:
        return out
    figures = people_results.figures(session, found)
    for one in (MEASURES["named"], MEASURES["recognised"]):
        if text := one.text(figures):
            out[one.name] = text
    return out | {"time": seconds(figures["median"])}


def given_row(one: Mapping[str, Any]) -> dict[str, str]:
    """A figure of the report as a row of the same table."""
    label = "named rightly" if one["what"] == "test drawings" else "recognised"
    return {
        "session": "given by the report",
        "drawings": f"other {one['what']}",
        "answered": f"{one['n']} of {one['n']}",
        "state": "given",
        label: f"{one['right']} of {one['n']}: {parts.interval(one)}",
    }


def show_sessions() -> None:
    """The table of all sessions, the report's figures below them."""
    sessions, damaged = people.all_sessions()
    for name, text in damaged.items():
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.error(parts.plain(text))
        if right.button("Delete", key=f"delete {name}", icon=":material/delete:"):
            ask_delete(name)
    columns = ["session", "drawings", "state", "answered", "named rightly", "recognised", "time"]
    rows = [*map(row, sessions), *map(given_row, people_results.given())]
    event = st.dataframe(
        pd.DataFrame([[one.get(name, "") for name in columns] for one in rows], columns=columns),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"sessions {st.session_state.get('deleted', 0)}",
        column_config={
            "named rightly": st.column_config.TextColumn(
                width=220, help=terms.TERMS["named rightly"]
            ),
            "recognised": st.column_config.TextColumn(width=220, help=terms.TERMS["recognised"]),
            "time": st.column_config.TextColumn(help=terms.TERMS["time"]),
        },
    )
    chosen = [sessions[at] for at in event.selection.rows if at < len(sessions)]
    if len(chosen) < len(event.selection.rows):
        st.caption("This is a figure that the report gives: its drawings are not here.")
        return
    if not sessions:
        return
    if not chosen:
        st.caption("Choose a row to go on with a session, to see its results, or to delete it.")
        return
    with st.container(horizontal=True):
        label, icon = ("Results", "monitoring") if chosen[0].finished else ("Go on", "play_arrow")
        if st.button(label, type="primary", icon=f":material/{icon}:"):
            open_session(chosen[0].name)
        if st.button("Delete", icon=":material/delete:"):
            ask_delete(chosen[0].name)


# --- one session ---------------------------------------------------------------------------------


def heading(session: people.Session) -> None:
    """What a session shows, on one line, and the way back."""
    left, right = st.columns([5, 1], vertical_alignment="center")
    badge = " :violet-badge[:material/smart_toy: practice data]" if session.practice else ""
    source = f"{KINDS[session.kind]} \u00b7 {parts.plain(session.source)} \u00b7 "
    left.markdown(
        f"**{parts.plain(session.name)}** &nbsp; {'' if session.kind == 'practice' else source}"
        f"{session.n} drawings of {len(session.categories)} categories{badge}"
    )
    if right.button("All sessions", icon=":material/arrow_back:", width="stretch"):
        st.query_params.clear()
        st.rerun()


@st.dialog("Finish?")
def ask_finish(session: people.Session, count: int) -> None:
    """The question before a session ends early."""
    st.write(
        f"Finish after {count} of {session.n} drawings? The results are those of these {count}, "
        "and the session cannot be gone on with."
    )
    if st.button("Finish", type="primary", icon=":material/flag:"):
        with parts.told():
            people.finish(session)
        st.rerun()


@st.fragment
def run_session(session: people.Session, drawings: NDArray[np.uint8]) -> None:
    """Drawing after drawing; each answer is saved when it comes."""
    stamp = f"{session.name} {session.made}"
    key = f"trial {stamp}"

    def save() -> None:
        try:
            people.record(session, trial_sent(key, stamp))
        except (ValueError, OSError) as error:
            st.session_state["not saved"] = explain(error)

    with parts.told():
        found = people.answers(session)
    if error := st.session_state.pop("not saved", None):
        st.error(f"Not saved: {parts.plain(error)} The next answer brings it along.")
    trial(drawings, session.options, found, stamp, key, save)
    count = len(found.said)
    if count == session.n:
        if st.button("See the results", type="primary", icon=":material/monitoring:"):
            with parts.told():
                people.finish(session)
            st.rerun()
    elif st.button("Finish early", icon=":material/flag:", disabled=not count):
        ask_finish(session, count)
    last = "Only the last answer can be taken back, once. " if count else ""
    st.caption(
        f"{last}Each answer is saved at once: close the page and go on another day. What is right "
        "is told at the end."
    )


# --- the page ------------------------------------------------------------------------------------

wanted = st.query_params.get("session")
if not wanted:
    st.caption(
        "How well do you name the drawings that networks are scored on? The labels are hidden, the "
        "time is kept, and at the end networks stand beside you on the very same drawings."
    )
    with st.container(border=True):
        begin()
    st.subheader("Sessions")
    show_sessions()
    st.stop()
try:
    session = people.load(wanted)
    found, drawings = people.answers(session), people.drawings(session)
except (ValueError, OSError) as error:
    st.error(parts.plain(explain(error)))
    if st.button("All sessions", icon=":material/arrow_back:"):
        st.query_params.clear()
        st.rerun()
    st.stop()
heading(session)
if not session.finished:
    run_session(session, drawings)
elif not found.said:
    st.info("This session was finished before a drawing was named.", icon=":material/info:")
else:
    show_results(session, found, drawings)
