"""People: how well a person names drawings, beside networks on the very same ones."""

import numpy as np
import pandas as pd
import streamlit as st

from doodle_core import data, evaluation, plots, runs
from doodle_core.data import is_practice
from doodle_core.evaluation import Share, p_value
from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import explain
from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from pages.components.gallery import enlarge, gallery
from pages.components.trial import sent as trial_sent
from pages.components.trial import trial
from pages.shared import galleries, parts, terms

PAGE = 24  # drawings shown at once
MOST = 40  # categories of a confusion matrix, before only those that occur are shown
COMPARED = 4  # networks compared at first, at most
KINDS = {"test": "Test drawings", "practice": "Practice data", "generated": "Generated"}

st.title("People")


# --- beginning, and all sessions -----------------------------------------------------------------


def open_session(name):
    st.query_params["session"] = name
    st.rerun()


def free_name():
    """person-1, -2, ...: the first that is free."""
    taken = {path.name for path in people.PEOPLE.iterdir()} if people.PEOPLE.is_dir() else ()
    return next(name for i in range(1, 100_000) if (name := f"person-{i}") not in taken)


def part_words(group):
    """A test part in words, for a choice of one."""
    names = group[0].config.data.categories
    few = ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
    note = ", practice data" if is_practice(group[0].config.data.scored_on) else ""
    networks = f"{len(group)} network{'s' * (len(group) != 1)}"
    count = f"{group[0].metrics['n']:,} drawings"
    return f"{len(names)} categories: {few} \u00b7 {count}{note}, {networks}"


def choose_drawings():
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


def begin():
    """The widgets of a new session."""
    make, most = choose_drawings()
    columns = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = columns[0].text_input("Name of the session", free_name(), max_chars=64).strip()
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
def ask_delete(name):
    """The question before a session goes."""
    st.write("Delete this session with its answers? This cannot be undone.")
    st.code(name, language=None)
    if st.button("Delete", type="primary", icon=":material/delete:"):
        with parts.told():
            people.delete(name)
        st.session_state["deleted"] = st.session_state.get("deleted", 0) + 1
        st.rerun()


def row(session):
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


def seconds(value):
    """A time in words; one that was not kept is none."""
    return "none" if value is None or value != value else f"{value:.2f} s"


def given_row(one):
    """A figure of the report as a row of the same table."""
    label = "named rightly" if one["what"] == "test drawings" else "recognised"
    return {
        "session": "given by the report",
        "drawings": f"other {one['what']}",
        "answered": f"{one['n']} of {one['n']}",
        "state": "given",
        label: f"{one['right']} of {one['n']}: {parts.interval(one)}",
    }


def show_sessions():
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


def heading(session):
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
def ask_finish(session, count):
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
def run_session(session, drawings):
    """Drawing after drawing; each answer is saved when it comes."""
    stamp = f"{session.name} {session.made}"
    key = f"trial {stamp}"

    def save():
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


# --- results -------------------------------------------------------------------------------------


def show_figures(session, figures):
    """The person's own figures."""
    n, cells = figures["n"], []
    if session.has_truth:
        text = f"{figures['right']} of {n}; 95 % interval {Share.read(figures).bounds}; chance "
        text += parts.percent(figures["chance"])
        cells.append(("Named rightly", parts.percent(figures["top1"]), text))
    if session.kind == "generated":
        told = Share.read(figures, "recognised")
        text = f"{figures['told']} of {n}; 95 % interval {told.bounds}"
        cells.append(("Recognised", parts.percent(told.value), text))
    text = f"from a drawing's appearing to its answer; {figures['timed']} of {n} timed"
    for label, name, says in (
        ("Time a drawing, median", "median", text),
        ("90th percentile", "p90", "nine of ten drawings took no longer"),
    ):
        cells.append((label, seconds(figures[name]), says))
    for column, (label, value, says) in zip(st.columns(4), cells):
        column.metric(label, value, help=terms.TERMS.get(label.lower(), terms.TERMS["time"]))
        column.caption(says)


def choose_networks(session):
    """The networks to compare with, and what they say: {name: (N, C) float}."""
    names = people.networks(session)
    chosen = (
        st.multiselect(
            "Networks", names, default=names[:COMPARED], key=f"networks {session.name} {names}"
        )
        if names
        else []
    )
    said = {}
    for name in chosen:
        try:
            said[name] = people.said_by(session, name)
        except (ValueError, OSError) as error:
            st.warning(f"{parts.plain(name)} is left out: {parts.plain(explain(error))}")
    return said


def offer_networks(session):
    """Have networks name the drawings of a session that no run has answers to."""
    found = people.askable(session)
    if not found:
        if not people.networks(session):
            st.caption("No finished network with weights knows exactly these categories.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_name = {run.name: run for run in found}
        name = st.selectbox(
            "Ask a network",
            list(by_name),
            width=320,
            help="It names the same drawings, which it has never seen. Loads TensorFlow, once.",
        )
        if st.button("Ask", icon=":material/psychology:"):
            with parts.told(), st.spinner("It looks at the drawings"):
                people.ask(session, by_name[name])
            st.rerun()


def network_note(name):
    """What the figures of a network must say of themselves, or ""."""
    run = runs.load(runs.folder(name))
    if not run.config:
        return ""
    return ", ".join(filter(None, (run.practice_kind, run.weights_note)))


def show_table(session, found, said):
    """The person beside networks, and the report's person on other drawings."""

    def line(who, row, note=""):
        shown = {"who": who, "drawings": row["n"], "right": row["right"]}
        shown |= {"top-1": 100 * row["top1"]}
        shown |= {"95 % interval": Share.read(row).bounds, "note": note}
        shown |= {"only the person": str(row.get("only_person", ""))}
        shown |= {"only the network": str(row.get("only_network", ""))}
        return shown | {"p": p_value(row["p"]) if "p" in row else ""}

    person, *others = people_results.table(session, found, said)
    lines = [line(session.name, person, session.note)]
    lines += [line(row["who"], row, network_note(row["who"])) for row in others]
    named, told = people_results.given()
    lines.append(line("given by the report", named, f"other {named['what']}"))
    lines.append(
        {
            "who": "given by the report",
            "drawings": told["n"],
            "note": f"{told['right']} of {told['n']} recognised ({Share.read(told).bounds} %), "
            f"other {told['what']}",
        }
    )
    st.dataframe(
        pd.DataFrame(lines).replace({np.nan: None}),
        hide_index=True,
        placeholder="",
        column_order=[
            "who",
            "drawings",
            "right",
            "top-1",
            "95 % interval",
            "only the person",
            "only the network",
            "p",
            "note",
        ],
        column_config=terms.columns(lines[0], formats={"top-1": parts.PERCENT}),
    )
    st.caption(
        f"The same {person['n']} drawings for all but the report's person. Chance "
        f"{parts.percent(1 / len(session.categories))}. p: McNemar's test against the person."
    )


def show_agreement(session, found, said):
    """Drawings without a true category: who says the same."""
    rows = people_results.agreement(session, found, said)
    report = people_results.given()[1]
    lines = [
        {
            "named as by": row["who"],
            "drawings": row["n"],
            "alike": row["right"],
            "share": parts.interval(row),
        }
        for row in rows
    ]
    lines.append(
        {
            "named as by": "given by the report: recognised",
            "drawings": report["n"],
            "alike": report["right"],
            "share": parts.interval(report),
        }
    )
    st.dataframe(lines, hide_index=True)
    st.caption(
        "Of the drawings that the person could tell; nobody knows what they are. The report's are "
        "others, and were recognised."
    )


def show_confusion(session, found):
    """The person's confusion matrix, and each category's recall and time."""
    said, labels = np.array(found.said), np.array(session.labels[: len(found.said)])
    names = session.options if said.max() == len(session.categories) else session.categories
    matrix = evaluation.confusion_matrix(labels, said, len(names))
    left, right = st.columns([6, 5], gap="large")
    if len(names) > MOST:  # a session shows few of so many
        keep = np.flatnonzero(matrix.sum(axis=0) + matrix.sum(axis=1))
        matrix, names = matrix[np.ix_(keep, keep)], [names[at] for at in keep]
        left.caption(f"The {len(names)} categories that were shown or named.")
    axes = "named by the person", "asked for" if session.kind == "generated" else "true category"
    figure = plots.confusion(matrix, names, note=session.note, axes=axes)
    parts.chart(figure, f"person {session.name}", left)
    rows = [one for one in people_results.per_category(session, found) if one["n"]]
    right.dataframe(
        [
            {
                "category": one["category"],
                "drawings": one["n"],
                "recall": 100 * one["recall"],
                "95 % interval": Share.read(one, "recall").bounds,
                "time": seconds(one["seconds"]),
            }
            for one in rows
        ],
        hide_index=True,
        column_config=terms.columns(
            ["recall", "95 % interval", "time"], formats={"recall": parts.PERCENT}
        ),
    )


def show_gallery(session, found, drawings, places, key, network="", probabilities=None):
    """Drawings with what the person, and a network, said of them; a click opens one."""
    if not len(places):
        st.caption("There is none.")
        return
    names, options = session.categories, session.options
    truth = "asked for" if session.kind == "generated" else "true"
    shown = galleries.page_of(places, PAGE, f"page {key}", words="in the session's order")
    captions = []
    for place in shown:
        label = session.labels[place]
        lines = [f"{truth}: {names[label]}"] if label >= 0 else []
        lines.append(f"person: {options[found.said[place]]}")
        if probabilities is not None:
            lines.append(f"network: {names[probabilities[place].argmax()]}")
        captions.append("\n".join(lines))
    clicked = gallery(drawings[shown], captions, size=84, key=f"gallery {key}")
    if clicked is None:
        return
    place = shown[clicked]
    label = session.labels[place]
    facts = {truth.capitalize(): names[label]} if label >= 0 else {}
    facts |= {"The person": options[found.said[place]], "Time": seconds(found.seconds[place])}
    facts |= {"Source": session.source, "Source index": f"{session.rows[place]:,}"}
    if probabilities is not None:
        facts[f"Top 3 of {network}"] = evaluation.top(probabilities[place], names)
    enlarge(drawings[place], f"Drawing {place + 1}", facts)


def show_drawings(session, found, drawings, said):
    """Who was fooled by what."""
    network = st.selectbox("Beside", list(said), key=f"beside {session.name}") if said else None
    shown = said.get(network)
    sets = {}
    if session.has_truth and network:
        cases = people_results.apart(session, found, shown)
        sets = {
            "Fooled the person alone": cases["person"],
            "Fooled the network alone": cases["network"],
            "Fooled both": cases["both"],
        }
    elif session.has_truth:
        sets = {"Fooled the person": people_results.wrong(session, found)}
    elif network:
        sets = {"Named differently": people_results.differing(session, found, shown)}
    if session.kind == "generated":
        sets["Could not tell"] = people_results.untold(session, found)
    if not sets:
        return
    for tab, (title, places) in zip(
        st.tabs([f"{title}: {len(places)}" for title, places in sets.items()]), sets.items()
    ):
        with tab:
            key = f"{title} {session.name}"
            show_gallery(session, found, drawings, places, key, network, shown)


def show_results(session, found, drawings):
    """A finished session."""
    figures = people_results.figures(session, found)
    show_figures(session, figures)
    st.subheader("Beside networks")
    said = choose_networks(session)
    if session.has_truth:
        show_table(session, found, said)
    else:
        show_agreement(session, found, said)
    if session.kind != "test":
        offer_networks(session)
    elif not people.networks(session):
        st.caption("The runs that were scored on these drawings are gone.")
    if session.has_truth:
        st.subheader("Confusion matrix", help=terms.TERMS["confusion matrix"])
        show_confusion(session, found)
    st.subheader("Drawings")
    show_drawings(session, found, drawings, said)
    mark = "-practice-data" if session.practice else ""
    st.download_button(
        "The answers as CSV",
        pd.DataFrame(people_results.listed(session, found, said)).to_csv(index=False),
        f"{session.name}-{session.kind}{mark}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
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
