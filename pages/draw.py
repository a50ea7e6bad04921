"""Draw: a drawing of one's own, and what the networks make of it while it is drawn."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import raster, sketch
from doodle_core.data.raster import Strokes
from doodle_core.inference import classifier
from doodle_core.inference.autoencoder import Generator, load_generator
from pages.components.canvas import pad, read, reading
from pages.sections.drawn_space import Space, left_out, place_in, show_space, space_of
from pages.sections.own_set import Answer, offer_adding, show_own_set
from pages.shared import parts
from pages.shared.answering import offer

ALL_BARS, BARS = 10, 7  # networks with more categories show their likeliest ones only
NETWORKS = 4  # classifiers at once

st.title("Draw")
st.caption(
    "Draw, and see what the networks say while you do. A network can only answer with the "
    "categories it knows, whatever you draw."
)
ready = runs.all_runs()


# --- which networks ------------------------------------------------------------------------------


def classifiers() -> dict[str, runs.Run]:
    """The finished classifiers with weights, the best one first: {name: run}."""
    found = [one for one in runs.finished("classifier", ready) if one.has_weights]
    found.sort(key=lambda one: (-one.metrics["top1"], one.name))
    return {one.name: one for one in found}


def best_of_two_kinds(found: Mapping[str, runs.Run]) -> list[str]:
    """The names to begin with: the best classifier, and the best on other categories."""
    kinds: dict[frozenset[str], str] = {}
    for one in found.values():
        kinds.setdefault(frozenset(one.config.data.categories), one.name)
    return list(kinds.values())[:2]


def autoencoders() -> dict[str, runs.Run]:
    """The finished VAEs with weights, the lowest loss first: {name: run}.

    Conditional ones are left out: they would have to be told what was drawn.
    """
    found = [
        one for one in runs.finished("vae", ready) if not one.config.conditional and one.has_weights
    ]
    found.sort(key=lambda one: (one.metrics["loss"], one.name))
    return {one.name: one for one in found}


judges, vaes = classifiers(), autoencoders()
if not judges:
    parts.offer_training("No finished classifier with weights is here yet: nothing can be named.")
left, right = st.columns([3, 2])
# a widget's own state goes with its page: the choices are kept, and those whose run is gone left out
kept = st.session_state.get("draw classifiers", st.session_state.get("draw chosen"))
kept = best_of_two_kinds(judges) if kept is None else [name for name in kept if name in judges]
st.session_state["draw classifiers"] = kept
st.session_state["draw chosen"] = chosen = left.multiselect(
    "Classifiers",
    list(judges),
    max_selections=NETWORKS,
    placeholder="none",
    key="draw classifiers",
    help=f"Finished runs with weights, at most {NETWORKS} at once. What each knows stands beside "
    "its bars; where it learned it, on the page Runs.",
)
kept = st.session_state.get("draw vae", st.session_state.get("draw chosen vae"))
if kept in (*vaes, "none"):
    st.session_state["draw vae"] = kept
else:
    st.session_state.pop("draw vae", None)
st.session_state["draw chosen vae"] = vae_name = right.selectbox(
    "Autoencoder",
    [*vaes, "none"],
    key="draw vae",
    help="It draws again what it sees, and says where in its latent space the drawing lies. "
    "Conditional ones are not offered: they would have to be told what was drawn.",
)
vae = vaes.get(vae_name)


# --- the networks --------------------------------------------------------------------------------


@st.cache_resource(max_entries=2 * NETWORKS, show_spinner=False)
def load_classifier(path: Path, when: tuple[parts.Stamp, ...]) -> Answer:
    """A function of a drawing: (probabilities, Grad-CAM of the likeliest category or None)."""
    found = classifier.load_classifier(path, runs.load(path).config)
    return functools.partial(found.look, name=next(reversed(found.convolutions), None))


@st.cache_resource(max_entries=3, show_spinner=False)
def load_vae(path: Path, when: tuple[parts.Stamp, ...]) -> Generator:
    return load_generator(path, runs.load(path).config)


def loaded(known: Space | None) -> "Networks":
    """The chosen networks; damaged ones warn and are left out."""
    answers, generator = {}, None
    for name in chosen:
        with left_out(name):
            answers[name] = load_classifier(judges[name].path, parts.portable(judges[name]))
    if vae:
        with left_out(vae.name):
            generator = load_vae(vae.path, parts.portable(vae))
    return Networks(judges, answers, vae, generator, known)


# --- a drawing -----------------------------------------------------------------------------------


def known_names() -> list[str]:
    """The categories of the chosen classifiers, each once."""
    return list(
        dict.fromkeys(name for one in chosen for name in judges[one].config.data.categories)
    )


def draw(address: str) -> tuple[Strokes | None, NDArray[np.uint8] | None, int]:
    """The canvas. Returns (official strokes or None, its bitmap or None, the request's number)."""
    sheet = st.session_state.setdefault("draw sheet", 0)
    kept = st.session_state.get("draw kept", [])
    names = known_names()
    name = st.session_state.get("draw category") or (names[sheet % len(names)] if names else "")
    hint = f"for example: {name}" if name else "whatever you like"
    n = 0
    try:
        strokes, n = pad(kept, sheet, hint, key="pad", address=address)
        st.session_state["draw kept"] = strokes
        if strokes:
            return *bitmap_of(strokes), n
    except ValueError as error:
        st.error(parts.plain(error))
    return None, None, n


@st.cache_data(max_entries=8, show_spinner=False)
def read_picture(content: bytes) -> sketch.Picture:
    return sketch.read_picture(content)


def upload() -> NDArray[np.uint8] | None:
    """A picture file. Returns its bitmap, or None."""
    file = st.file_uploader(
        "A picture of a drawing",
        ["png", "jpg", "jpeg"],
        key="draw file",
        max_upload_size=sketch.MOST_BYTES // 1_000_000,
        help=f"PNG or JPEG, at most {sketch.MOST_BYTES / 1e6:.0f} MB and "
        f"{sketch.MOST_PIXELS // 1_000_000} million pixels, dark on light or light on dark, drawn, "
        "scanned or photographed. The lines are told from the paper, cut out, centred and drawn "
        "with a pen as wide as the official one.",
    )
    st.caption("A picture has no strokes, so it cannot be added to your own set of drawings.")
    if file is None:
        return None
    try:
        found = read_picture(file.getvalue())
    except ValueError as error:
        st.error(parts.plain(error))
        return None
    if found.remarks:
        st.caption(parts.plain(found.remarks))
    return found.bitmap


# --- what the networks say -----------------------------------------------------------------------


def block(run: runs.Run, said: NDArray[np.floating] | None) -> dict[str, Any]:
    """What `reading` shows of one classifier; `said`: (C,) float, or None before the first line."""
    names = run.config.data.categories
    others = ""
    if len(names) <= ALL_BARS:
        bars: Sequence[tuple[str, Any]] = [
            (name, None if said is None else said[at]) for at, name in enumerate(names)
        ]
    else:
        bars = [(name, None) for name in names[:BARS]]
        if said is not None:
            bars = evaluation.top(said, names, BARS)
        rest = len(names) - BARS
        others = f"and {rest} others" + (
            f", together {parts.percent(1 - sum(share for _, share in bars))}"
            if said is not None
            else f": {', '.join(names[BARS:])}"
        )
    figures = f"{parts.interval(run.metrics)} top-1, chance {parts.percent(run.metrics['chance'])}"
    return {
        "name": run.name,
        "figures": figures,
        "note": parts.practice_note(run),
        "bars": bars,
        "others": others,
    }


@dataclass
class Networks:
    """Those that answer, loaded.

    Attributes:
        judges: {name: run} of the classifiers. answers: {name: function} of the chosen ones. vae: the chosen VAE's run, or None.
            generator: its Generator. known: its Space; both None where it has none.
    """

    judges: Mapping[str, runs.Run]
    answers: dict[str, Answer]
    vae: runs.Run | None
    generator: Generator | None
    known: Space | None


@dataclass
class Answered:
    """What they make of a drawing.

    Attributes:
        reading: what `canvas.reading` shows. called: what the classifiers call it.
        space: what `show_space` shows, and the nearest drawings; None where there is no Space.
    """

    reading: dict[str, Any]
    called: set[str]
    space: tuple[dict[str, Any], list[tuple[int, float]]] | None


def bitmap_of(strokes: Strokes) -> tuple[Strokes, NDArray[np.uint8]]:
    """The canvas's strokes as official ones, and their bitmap."""
    simple = sketch.simplified(strokes)
    return simple, raster.draw_strokes(simple)


def answered(networks: Networks, drawing: NDArray[np.uint8] | None) -> Answered:
    """What the networks make of a drawing, or of none so far."""
    said, heat, redrawn, mean = {}, None, None, None
    if drawing is not None:
        for name, answer in networks.answers.items():
            said[name], hot = answer(drawing)
            heat = hot if len(said) == 1 else heat
        if networks.generator is not None:
            mean, _ = networks.generator.encode(drawing[None])
            redrawn, mean = networks.generator.decode(mean)[0], mean[0]
    best = {
        name: evaluation.top(one, networks.judges[name].config.data.categories, 1)[0]
        for name, one in said.items()
    }
    first = next(iter(best), None)
    pictures: list[tuple[str, str, NDArray[np.uint8] | None, NDArray[np.floating] | None]] = [
        ("What they see", "28 x 28, drawn as the official bitmaps are", drawing, None)
    ]
    if networks.answers:
        words = "where the first network looks"
        if first:
            words = f"what speaks for {best[first][0]} in {first}"
        pictures.append(("Grad-CAM", words, drawing if heat is not None else None, heat))
    if run := networks.vae:
        numbers = f"{run.config.latent} number{'s' * (run.config.latent > 1)}"
        pictures.append(("Reconstruction", f"from {numbers}, by {run.name}", redrawn, None))
    blocks = [block(networks.judges[name], said.get(name)) for name in networks.answers]
    words = f"{best[first][0]}, {parts.percent(best[first][1])}" if first else ""
    return Answered(
        read(pictures, blocks, words),
        {name for name, _ in best.values()},
        networks.known and place_in(networks.vae, networks.known, mean),
    )


def answer_strokes(networks: Networks, question: Any) -> dict[str, Any]:
    """What the canvas shows while one draws.

    Args:
        question: {"strokes": as `canvas.pad` returns them}, if it is ours.

    Raises:
        ValueError: it is not.
    """
    strokes = question.get("strokes") if isinstance(question, dict) else None
    sketch.checked(strokes)
    found = answered(networks, bitmap_of(strokes)[1] if strokes else None)
    return {"reading": found.reading, "space": found.space and found.space[0]}


@st.fragment
def show_live(known: Space | None) -> None:
    left, right = st.columns([5, 7], gap="large")
    with right:
        networks = loaded(known)
        answering = st.container()
    with left:
        kind = st.segmented_control(
            "Drawing",
            ["draw", "file"],
            default="draw",
            required=True,
            key="draw from",
            format_func={"draw": "Draw it", "file": "A picture file"}.get,
            label_visibility="collapsed",
        )
        strokes, n = None, 0
        if kind == "draw":
            strokes, drawing, n = draw(offer("pad", functools.partial(answer_strokes, networks)))
        else:
            drawing = upload()
        found = answered(networks, drawing)
        if kind == "draw":
            offer_adding(strokes, found.called)
    if known is not None:
        show_space(vae, known, *found.space, n)
    with answering:  # last: it tells the canvas that all has been answered
        reading(found.reading, n, key="reading")


live = st.container()  # above what is said of drawings that are not here
known = space_of(vae) if vae else None
with live:
    show_live(known)
if chosen:
    st.caption(
        "The figure beside a network's name is from its own test drawings: yours may be harder. "
        "There some networks name five slightly turned views of a drawing and take the mean; here "
        "each looks once."
    )
show_own_set({name: judges[name] for name in chosen}, lambda: loaded(known).answers)
