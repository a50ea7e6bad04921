"""The results of a finished session of People: the person beside networks, and who was fooled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation import Share, p_value
from doodle_core.files import explain
from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from pages.components.gallery import enlarge, gallery
from pages.shared import galleries, parts, terms

PAGE = 24  # drawings shown at once
MOST = 40  # categories of a confusion matrix, before only those that occur are shown
COMPARED = 4  # networks compared at first, at most


def seconds(value: float | None) -> str:
    """A time in words; one that was not kept is none."""
    return "none" if value is None or value != value else f"{value:.2f} s"


def show_figures(session: people.Session, figures: evaluation.Figures) -> None:
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


def choose_networks(session: people.Session) -> dict[str, NDArray[np.floating]]:
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


def offer_networks(session: people.Session) -> None:
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


def network_note(name: str) -> str:
    """What the figures of a network must say of themselves, or ""."""
    run = runs.load(runs.folder(name))
    if not run.config:
        return ""
    return ", ".join(filter(None, (run.practice_kind, run.weights_note)))


def show_table(
    session: people.Session, found: people.Answers, said: Mapping[str, NDArray[np.floating]]
) -> None:
    """The person beside networks, and the report's person on other drawings."""

    def line(who: str, row: evaluation.Figures, note: str = "") -> dict[str, Any]:
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


def show_agreement(
    session: people.Session, found: people.Answers, said: Mapping[str, NDArray[np.floating]]
) -> None:
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


def show_confusion(session: people.Session, found: people.Answers) -> None:
    """The person's confusion matrix, and each category's recall and time."""
    said, labels = np.array(found.said), np.array(session.labels[: len(found.said)])
    names: list[str] | tuple[str, ...] = (
        session.options if said.max() == len(session.categories) else session.categories
    )
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


def show_gallery(
    session: people.Session,
    found: people.Answers,
    drawings: NDArray[np.uint8],
    places: NDArray[np.integer],
    key: str,
    network: str | None = "",
    probabilities: NDArray[np.floating] | None = None,
) -> None:
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


def show_drawings(
    session: people.Session,
    found: people.Answers,
    drawings: NDArray[np.uint8],
    said: Mapping[str, NDArray[np.floating]],
) -> None:
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


def show_results(
    session: people.Session, found: people.Answers, drawings: NDArray[np.uint8]
) -> None:
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
