"""Generate's way from one drawing to another."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core.data import pictures
from pages.components.gallery import gallery
from pages.sections.bench import Bench, labels_of
from pages.shared import galleries

OFFERED = 8  # drawings to choose from at each end of a way


def choose_end(
    bench: Bench,
    title: str,
    default: int,
    known: tuple[NDArray[np.uint8], NDArray[np.integer], str],
) -> tuple[NDArray[np.floating], int]:
    """One end of the way: (latent point, label) of a drawing that is chosen from a gallery."""
    drawings, labels, _ = known
    present = [name for label, name in enumerate(bench.names) if label in labels]
    category = st.selectbox(title, present, index=min(default, len(present) - 1))
    places = np.flatnonzero(labels == bench.names.index(category))
    shown = galleries.page_of(places, OFFERED, f"page {title} {category}", words="to choose from")
    key = f"end {title} {bench.run.name}"
    clicked = gallery(drawings[shown], size=56, key=f"ends {title} {bench.run.name}")
    if clicked is not None:
        st.session_state[key] = int(shown[clicked])
    place: Any = st.session_state.get(key)
    place = place if place in shown else shown[0]
    gallery(
        drawings[[place]], [f"chosen: {category}"], size=112, key=f"chosen {title} {bench.run.name}"
    )
    label = int(labels[place])
    mean, _ = bench.generator.encode(drawings[[place]], labels_of(label, 1))
    return mean[0], label


def sample_end(bench: Bench, title: str, default: int) -> tuple[NDArray[np.floating], int | None]:
    """One end of the way: (latent point, label) of a generated drawing."""
    columns = st.columns(2)
    label = None
    if bench.conditional:
        label = bench.names.index(
            columns[0].selectbox(title, bench.names, index=min(default, len(bench.names) - 1))
        )
    seed = columns[1].number_input(f"{title}, seed", 0, 100_000, default + 1)
    points, drawings = bench.generator.sample(1, label, seed)
    gallery(drawings, size=112, key=f"sampled {title} {bench.run.name}")
    return points[0], label


@st.fragment
def show_between(bench: Bench) -> None:
    source = st.segmented_control(
        "Between two",
        ["drawings", "samples"],
        default="drawings",
        required=True,
        format_func={"drawings": "Drawings", "samples": "Samples of the prior"}.get,
    )
    known = bench.known_drawings() if source == "drawings" else None
    columns = st.columns(2, gap="medium")
    ends = []
    for column, title, default in zip(columns, ("From", "To"), (0, 1)):
        with column:
            ends.append(
                choose_end(bench, title, default, known)
                if known
                else sample_end(bench, title, default)
            )
    (start, label), (end, _) = ends
    show_way(bench, start, end, label, known is not None)


@st.fragment  # of its own: the drawings to choose from need not wait for a slider
def show_way(
    bench: Bench,
    start: NDArray[np.floating],
    end: NDArray[np.floating],
    label: int | None,
    are_drawings: bool,
) -> None:
    told = None
    with st.container(horizontal=True):
        steps = st.slider("Steps", 3, 24, 12, key="steps", width=320)
        if bench.conditional:
            told = bench.names.index(
                st.selectbox(
                    "Category on the way",
                    bench.names,
                    index=label,
                    width=320,
                    help="This VAE is conditional: its decoder is told one category on the whole way.",
                )
            )
    drawings = bench.generator.between(start, end, steps, told)
    said = bench.named(drawings)
    captions = [f"{step + 1}" for step in range(steps)]
    if said is not None:
        captions = [f"{step}\n{words}" for step, words in zip(captions, bench.verdicts(said))]
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.markdown("**Animation**, there and back")
        gif = pictures.gif(drawings)
        st.image(gif, width=224)
    with right:
        st.markdown("**Generated drawings on the way**")
        gallery(drawings, captions, size=56, key=f"way {bench.run.name}")
        if are_drawings:
            st.caption(
                "Both ends are the drawings' latent means, encoded with their true categories; the "
                "decoder is told the category on the way."
                if bench.conditional
                else "Both ends are reconstructions: the drawings' latent means, decoded."
            )
    bench.save("between", drawings, steps, gif, start=start, end=end)
