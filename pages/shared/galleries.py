"""Galleries of drawings, and the dialog of one of them."""

from typing import Any, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import source_label
from doodle_core.evaluation import percent
from pages.components.gallery import enlarge, gallery

Places = TypeVar("Places", NDArray[Any], list[Any])  # an array's or a list's part is one


def show_test_drawings(
    run: runs.Run,
    found: runs.Results,
    drawings: NDArray[np.uint8],
    places: NDArray[np.integer],
    key: str,
    k: int = 1,
    size: int = 56,
) -> None:
    """A gallery of test drawings with the network's `k` likeliest answers; a click opens one."""
    names = run.config.data.categories
    labels, probabilities = found.labels[places], found.probabilities[places]
    is_right = probabilities.argmax(axis=1) == labels
    captions = [
        "\n".join(
            ([] if right else [f"true: {names[label]}"])
            + [f"{name} {percent(share)}" for name, share in evaluation.top(row, names, k)]
        )
        for label, row, right in zip(labels, probabilities, is_right)
    ]
    tones = ["right" if right else "wrong" for right in is_right]
    clicked = gallery(drawings[places], captions, tones, size=size, key=key)
    if clicked is not None:
        open_test_drawing(run, found, drawings, int(places[clicked]))


def page_of(places: Places, size: int, key: str, words: str = "the surest first") -> Places:
    """So many of the places as fit on a page, and a field for the page where there are more."""
    last = -(-len(places) // size)
    page = (
        1
        if last < 2
        else st.number_input(f"Page, 1 to {last}, {words}", 1, last, key=key, width=280)
    )
    return places[size * (page - 1) : size * page]


def open_drawing(drawing: NDArray[np.uint8], category: str, source: str, row: int) -> None:
    """The dialog of one drawing: larger, with its source index."""
    facts = {"Category": category, "Source": source_label(source), "Source index": f"{row:,}"}
    enlarge(drawing, f"{category} {row:,}", facts)


def open_test_drawing(
    run: runs.Run, found: runs.Results, drawings: NDArray[np.uint8], place: int
) -> None:
    """The dialog of one test drawing: larger, with its source index and top-3 probabilities."""
    names = run.config.data.categories
    true = names[found.labels[place]]
    answers = evaluation.top(found.probabilities[place], names)
    facts = {
        "True category": true,
        "Source": f"{source_label(run.scored.scored_on)}, {true}.npy",
        "Source index": f"{found.rows[place]:,}",
        "Top 3": answers,
    }
    enlarge(drawings[place], f"{true}, called {answers[0][0]}", facts)
