"""Generate's plane, and its directions: points of the latent space, decoded as they are asked for."""

import functools
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, plots
from doodle_core.runs import latents
from pages.components.plane import answer, edge_of, place, plane
from pages.components.strips import strips
from pages.sections.bench import Bench, labels_of, load
from pages.shared import parts
from pages.shared.answering import offer

SIDE = 20  # drawings along each side of the plane, as in the report's figure 11
DOTS = 1_500  # latent means shown over it, at most
DIRECTIONS = 6  # principal directions with a slider
REACH, STEPS = 3.0, 9  # of a strip along one, in standard deviations


@st.cache_data(max_entries=16, show_spinner=False)
def decoded_plane(
    path: str, when: tuple[parts.Stamp, ...], reach: float, label: int | None
) -> NDArray[np.uint8]:
    return load(path, when).plane(SIDE, reach, label)


def go_to_directions() -> None:
    st.session_state["generate section"] = "Directions"


def latent_means(
    bench: Bench, label: int | None
) -> tuple[NDArray[np.floating], NDArray[np.integer], str] | None:
    """Where the run's drawings lie: (points, labels) of a category, or of all; None without."""
    with parts.told():
        for which in ("test", "practice"):
            found = latents.points(bench.run.path, which, len(bench.names), bench.latent)
            if found is not None:
                keep = np.arange(len(found)) if label is None else found.labels == label
                points, labels = found.means[keep], found.labels[keep]
                every = -(-len(points) // DOTS)
                return points[::every], labels[::every], which
    return None


def decoded_at(
    bench: Bench, label: int | None, x: float, y: float
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    return bench.decoded((x, y), label, f"at ({x:+.2f}, {y:+.2f})".replace("-", "\u2212"))


def answer_point(bench: Bench, reach: float, label: int | None, question: Any) -> dict[str, Any]:
    """What the pointer's place shows. `question`: {"x": float, "y": float} if it is ours."""
    asked = question if isinstance(question, dict) else {}
    x, y, _ = place(asked | {"n": 0}, edge_of(reach, SIDE))
    return {"answer": decoded_at(bench, label, x, y)[1]}


@st.fragment
def show_plane(bench: Bench) -> None:
    if bench.latent != 2:
        st.info(
            f"Only a 2-D latent space is a plane that can be decoded as a whole; this run's has "
            f"{bench.latent} dimension{'s' * (bench.latent > 1)}. The sliders lead through its principal "
            "directions instead.",
            icon=":material/grid_off:",
        )
        if st.button("Open the sliders", icon=":material/tune:", on_click=go_to_directions):
            st.rerun(scope="app")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reach = st.segmented_control(
            "Reach",
            [3.0, 4.0],
            default=3.0,
            required=True,
            key="reach",
            format_func=lambda one: f"\u2212{one:.0f} to {one:.0f}",
        )
        label = bench.told_category("category of the plane")
        with_dots = st.toggle("Where drawings lie", key="dots", help="Their latent means.")
    drawings = decoded_plane(str(bench.run.path), bench.stamps, reach, label)
    found = latent_means(bench, label) if with_dots else None
    points, labels, which = found or (None, None, "")
    colors = plots.category_colors(bench.names)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        x, y, n = plane(
            drawings,
            reach,
            f"plane {bench.run.name}",
            points,
            labels,
            colors,
            offer("plane", functools.partial(answer_point, bench, reach, label)),
        )
        if which == "practice":
            st.caption("The dots are practice drawings: the run came without its test drawings.")
    with right:
        drawing, found = decoded_at(bench, label, x, y)
        answer(found, f"answer {bench.run.name}", n)
        st.caption("Save the grid:")
        ticks = np.linspace(-reach, reach, SIDE)
        bench.save("plane", drawings, SIDE, x=ticks, y=ticks[::-1])
        st.caption("Save this drawing:")
        bench.save("point", drawing[None], 1, latents=np.array([[x, y]]))


# --- directions ----------------------------------------------------------------------------------


@st.cache_data(max_entries=16, show_spinner=False)
def decoded_strips(
    path: str, when: tuple[parts.Stamp, ...], latent: int, n: int, label: int | None
) -> tuple[NDArray[np.floating], NDArray[np.uint8]]:
    found = latents.directions(path, latent)
    points = evaluation.points_along(found, n, REACH, STEPS)
    return points, load(path, when).decode(points, labels_of(label, len(points)))


def reset(bench: Bench, count: int) -> None:
    for row in range(count):
        st.session_state[f"amount {row} {bench.run.name}"] = 0.0


@st.fragment
def show_directions(bench: Bench) -> None:
    with parts.told():
        found = latents.directions(bench.run.path, bench.latent)
    count = min(DIRECTIONS, bench.latent)
    label = bench.told_category("category of the directions")
    show_sliders(bench, found, count, label)
    st.subheader("Along each direction")
    st.caption(
        "From the mean of the test drawings' latent means, so many standard deviations one way and "
        "the other; all other directions stay at the mean."
    )
    points, drawings = decoded_strips(str(bench.run.path), bench.stamps, bench.latent, count, label)
    ticks = [f"{tick:+.4g}".replace("-", "\u2212") for tick in np.linspace(-REACH, REACH, STEPS)]
    ticks[STEPS // 2] = "0"
    rows = [f"{row + 1}\n{parts.percent(found.shares[row])}" for row in range(count)]
    strips(drawings, rows, ticks, f"strips {bench.run.name}")
    bench.save("directions", drawings, STEPS, latents=points)


@st.fragment  # of its own: the strips below need not wait for a slider
def show_sliders(bench: Bench, found: evaluation.Directions, count: int, label: int | None) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        amounts = [
            st.slider(
                f"Direction {row + 1} \u00b7 {parts.percent(found.shares[row])} of the variance",
                -REACH,
                REACH,
                0.0,
                0.1,
                key=f"amount {row} {bench.run.name}",
                format="%+.1f sd",
            )
            for row in range(count)
        ]
        st.button("Reset", icon=":material/restart_alt:", on_click=reset, args=(bench, count))
    point = found.at(amounts)
    moved = [f"{amount:+.1f} sd along {row + 1}" for row, amount in enumerate(amounts) if amount]
    with right:
        where = ", ".join(moved).replace("-", "\u2212") or "the mean of the test drawings"
        drawing, shown = bench.decoded(point, label, where)
        answer(shown, f"moved {bench.run.name}")
        bench.save("point", drawing[None], 1, latents=point[None])
