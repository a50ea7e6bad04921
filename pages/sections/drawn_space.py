"""Draw's section on the latent space: where the drawing lies, and which drawings lie nearest."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, plots, runs
from doodle_core.data import practice, source_label
from doodle_core.files import explain
from doodle_core.runs import latents
from pages.components.gallery import enlarge
from pages.components.space import placed, space
from pages.shared import parts

DOTS = 1_500  # points of the latent space shown
TIED = 3  # of the most similar drawings, tied to the place in the latent space
SIMILAR = 8


@contextlib.contextmanager
def left_out(name: str) -> Iterator[None]:
    """Around the reading of a run: a damaged one gets a sentence, and it is done without."""
    try:
        yield
    except (OSError, ValueError) as error:
        st.warning(f"{parts.plain(name)} is left out: {parts.plain(explain(error))}")


@dataclass
class Space:
    """What the page shows of a VAE's latent space: points, and drawings to compare with.

    Attributes:
        which: "test" or "practice", of the points. labels: (N,) int. points: (N, 3) float, or
            fewer columns in a smaller latent space.
        shown: latents.Points of `drawings`, (M, 28, 28) uint8; both None where none are here.
        shown_which: "test" or "practice".
    """

    directions: evaluation.Directions
    which: str
    labels: NDArray[np.integer]
    points: NDArray[np.floating]
    shown: latents.Points | None
    drawings: NDArray[np.uint8] | None
    shown_which: str


@st.cache_resource(max_entries=4, show_spinner="Reading the latent space")
def read_space(
    path: Path,
    when: tuple[parts.Stamp, ...],
    _test_drawings: NDArray[np.uint8] | None,
    has_drawings: bool,
) -> Space:
    run = runs.load(path)
    names, latent = run.config.data.categories, run.config.latent
    sets: dict[str, Any] = {
        which: latents.points(path, which, len(names), latent) for which in ("test", "practice")
    }
    which = next((which for which, one in sets.items() if one is not None), None)
    directions = latents.directions(path, latent)
    if which is None:
        raise ValueError(f"The latent space of {run.name} is missing or damaged.")
    found, every = sets[which], -(-len(sets[which]) // DOTS)
    shown_which = "test" if has_drawings and sets["test"] is not None else "practice"
    drawings: Any  # there wherever `shown` is
    shown, drawings = sets[shown_which], _test_drawings
    if shown_which == "practice" and shown is not None:
        drawings = practice.practice_set(names)[0]
    if shown is None or len(shown) != len(drawings):
        shown = drawings = None
    points = directions.project(found.means[::every])
    return Space(directions, which, found.labels[::every], points, shown, drawings, shown_which)


def space_of(vae: runs.Run) -> Space | None:
    """The Space of a VAE, or None after a sentence."""
    files = ("latent_test", "latent_practice", "directions")
    when = tuple(parts.stamp(vae.path / f"{file}.npz") for file in files)
    test = parts.test_drawings(vae, instead="Practice drawings stand in.")
    with left_out(vae.name):
        return read_space(vae.path, when, test, test is not None)
    return None


def place_in(
    vae: runs.Run, known: Space, mean: NDArray[np.floating] | None
) -> tuple[dict[str, Any], list[tuple[int, float]]]:
    """Where the drawing lies, and which drawings lie nearest.

    Args:
        vae: runs.Run. known: its Space. mean: (D,) float, or None before the first line.

    Returns:
        (found, nearest): what `show_space` shows; [(place among the shown, distance), ...].
    """
    names = vae.config.data.categories
    near: Any
    distances: Any
    at, near, places, distances = None, [], np.array([], int), []
    if mean is not None:
        at = known.directions.project(mean[None])[0]
        if known.drawings is not None:
            places, distances = evaluation.nearest(known.shown.means, mean, SIMILAR)
            near = known.directions.project(known.shown.means[places[:TIED]])
    turn = "; drag to turn" if known.points.shape[1] > 2 else ""
    of = f"among {known.which} drawings' latent means; the thick line is the way it took, "
    of += f"thin ones lead to the three most similar{turn}"
    like = f"the nearest in the {vae.config.latent}-D latent space, by distance"
    if known.drawings is None:
        like = "no drawings to compare with are on this computer"
    elif mean is None:
        like = "they appear here with your first line"
    elif known.shown_which == "practice":
        like += "; practice data, drawn by this program, not real"
    titles = [
        ("Its place in the latent space", of),
        (f"The most similar {known.shown_which} drawings", like),
    ]
    labels = [] if known.shown is None else known.shown.labels[places]
    captions = [f"{names[label]}\n{distance:.2f}" for label, distance in zip(labels, distances)]
    drawings = known.drawings[places] if captions else []
    found = placed(at, near, drawings, captions, titles)
    return found, list(zip(map(int, places), map(float, distances)))


def show_space(
    vae: runs.Run, known: Space, found: dict[str, Any], nearest: Sequence[tuple[int, float]], n: int
) -> None:
    """The space and the nearest drawings, as `place_in` returns them; n: the canvas's request."""
    names = vae.config.data.categories
    axes = [
        f"PC {one} ({parts.percent(share)})"
        for one, share in enumerate(known.directions.shares[:3], 1)
    ]
    note = parts.practice_note(vae) or "practice drawings" * (known.which == "practice")
    clicked = space(
        known.points,
        known.labels,
        plots.category_colors(names),
        axes,
        found,
        n,
        key=f"space {vae.name}",
        note=note,
    )
    if clicked is not None:
        place, distance = nearest[clicked]
        show_similar(vae, known, place, names[known.shown.labels[place]], distance)


def show_similar(vae: runs.Run, known: Space, place: int, category: str, distance: float) -> None:
    """The dialog of one of the most similar drawings: larger, and where it comes from."""
    facts = {f"Distance in the {vae.config.latent}-D latent space": f"{distance:.2f}"}
    if known.shown_which == "practice":
        facts["Source"] = "practice data, drawn by this program, not real"
    else:
        with parts.told():
            rows = runs.test_part(vae.path, len(vae.config.data.categories))[1]
        facts["Source"] = source_label(vae.config.data.scored_on)
        facts["Source index"] = f"{rows[place]:,}"
    enlarge(known.drawings[place], category, facts)
