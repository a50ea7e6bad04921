"""Inside: what a trained network says of one drawing, and how its layers come to say so."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.data import practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.inference.classifier import Classifier, load_classifier
from doodle_core.plots import inside as inside_plots
from pages.components.gallery import gallery
from pages.shared import galleries, parts, terms

PAGE = 24  # drawings offered at once
MAPS = 96  # maps shown of a layer
FEW = 10  # as many convolutions are shown all at once

st.title("Inside")
st.caption("What a trained network says of one drawing, and how its layers come to say so.")
run = parts.pick_run()
scored = parts.pick_drawings(run)
names = run.config.data.categories
parts.show_figures(scored)
parts.links(scored, here="inside")
if not run.has_weights:
    st.info(
        "This run has no weights here (best.keras is missing), so it cannot name a drawing; its "
        "figures are on the other pages.",
        icon=":material/hide_source:",
    )
    st.stop()


# --- a drawing -----------------------------------------------------------------------------------


def choose_test_drawing(pixels: NDArray[np.uint8]) -> int | None:
    """Filters and a gallery of test drawings. Returns a place, or None where none is left."""
    found = parts.results(scored)
    predicted = found.probabilities.argmax(axis=1)
    columns = st.columns(3)
    true = columns[0].selectbox("True category", ["any", *names])
    said = columns[1].selectbox("Named", ["any", "right", "wrong", *names])
    keep = np.ones(len(predicted), bool)
    if true != "any":
        keep &= found.labels == names.index(true)
    if said in ("right", "wrong"):
        keep &= (predicted == found.labels) == (said == "right")
    elif said != "any":
        keep &= predicted == names.index(said)
    places = np.flatnonzero(keep)
    with columns[2]:
        count = f"{len(places):,} drawings"
        shown = galleries.page_of(places, PAGE, f"page {true} {said}", words=count)
    if not len(places):
        st.caption("There is no such drawing.")
        return None
    captions = [names[predicted[place]] for place in shown]
    tones = ["right" if predicted[place] == found.labels[place] else "wrong" for place in shown]
    clicked = gallery(pixels[shown], captions, tones, size=56, key="test drawings")
    if clicked is not None:
        st.session_state["inside place"] = str(scored.path), int(shown[clicked])
    of, place = st.session_state.get("inside place", ("", 0))
    return place if of == str(scored.path) and keep[place] else int(shown[0])


@st.cache_data(max_entries=64, show_spinner=False)
def practice_drawings(category: str, seed: int) -> NDArray[np.uint8]:
    return practice.draw(category, PAGE, seed).reshape(-1, 28, 28)


def choose_practice_drawing() -> tuple[NDArray[np.uint8], str] | None:
    """A gallery of practice drawings of a category. Returns (drawing, category), or None."""
    able = [name for name in names if name in REPORT_SEVEN]
    if not able:
        st.info("This program cannot draw any of this run's categories.", icon=":material/info:")
        return None
    columns = st.columns(3)
    category = columns[0].selectbox("Category", able)
    seed = columns[1].number_input("Handful", 1, 10_000, 1, help="Another number draws others.")
    st.markdown(":violet-badge[:material/smart_toy: practice data] drawn by this program; not real")
    drawings = practice_drawings(category, 1000 + seed)
    clicked = gallery(drawings, size=56, key="practice drawings")
    if clicked is not None:
        st.session_state["inside practice"] = category, seed, clicked
    *of, place = st.session_state.get("inside practice", ("", 0, 0))
    return drawings[place if of == [category, seed] else 0], category


kind = st.segmented_control(
    "Drawing",
    ["test", "practice"],
    required=True,
    default="test" if data.is_here(scored.scored) else "practice",
    format_func={
        "test": f"One of its {parts.drawings_words(scored)}",
        "practice": "A practice drawing",
    }.get,
)
drawing, true, words, note = None, None, "", parts.practice_note(scored)
if kind == "test":
    pixels = parts.test_drawings(scored, instead="Practice drawings of its categories stand in.")
    if pixels is None:
        kind = "practice"
    elif (place := choose_test_drawing(pixels)) is not None:
        drawing, true = pixels[place], names[parts.results(scored).labels[place]]
        words = f"{'Test drawing' if scored is run else 'Drawing'} {place:,}"
if kind == "practice" and (chosen := choose_practice_drawing()):
    drawing, true = chosen
    words, note = "A practice drawing", note or "a practice drawing"
if drawing is None:
    st.stop()


# --- its name ------------------------------------------------------------------------------------


@st.cache_resource(max_entries=3, show_spinner=False)
def load(path: str, when: tuple[parts.Stamp, ...]) -> Classifier:
    return load_classifier(path, runs.load(path).config)


with parts.told():
    network = load(str(run.path), parts.portable(run))
probabilities = network.probabilities(drawing)[0]
temperature = run.metrics.get("temperature")
scaled = evaluation.scale(probabilities, temperature) if temperature else None
label = int(probabilities.argmax())

st.subheader("What it says", help=f"{terms.TERMS['logits']} {terms.TERMS['temperature']}")
left, right = st.columns([2, 5], gap="large", vertical_alignment="center")
with left:
    tone = "right" if names[label] == true else "wrong"
    gallery(drawing[None], [f"true: {true}\nnamed: {names[label]}"], [tone], size=168, key="chosen")
with right:
    st.markdown(f"{words}, **{true}**, is named **{names[label]}**.")
    figure = inside_plots.answers(names, probabilities, scaled, note=note)
    parts.chart(figure, "answers")
    if temperature:
        st.caption(
            f"Scaled: the logits are divided by {temperature:.2f}, the temperature that fits the "
            "validation part best (Guo et al. 2017). The answer stays, only how sure it is changes."
        )

# --- why -----------------------------------------------------------------------------------------

st.subheader("Where it looked")
layers = list(network.convolutions)
columns = st.columns(2)
asked = columns[0].selectbox("What speaks for", names, index=label, key=f"for {label} {run.name}")
label = names.index(asked)
left, right = st.columns(2, gap="large")
if network.has_gradient:
    layer = columns[1].selectbox("Convolution", layers, index=len(layers) - 1)
    with left:
        st.markdown("**Grad-CAM**", help=terms.TERMS["Grad-CAM"])
        heat = network.grad_cam(drawing, label, layer)
        figure = inside_plots.overlay(drawing, heat, note=note)
        parts.chart(figure, "grad-cam")
        st.caption(
            f"Where the maps of {layer} speak for {asked} (Selvaraju et al. 2017); 1 is the "
            "strongest place. A late layer sees coarse places of many pixels."
            + ("" if heat.any() else f" Nothing in it speaks for {asked}.")
        )
    with right:
        st.markdown("**Integrated gradients**", help=terms.TERMS["integrated gradients"])
        added = network.integrated_gradients(drawing, label)
        figure = inside_plots.overlay(drawing, added, signed=True, note=note)
        parts.chart(figure, "integrated")
        st.caption(
            f"What each pixel adds to the logit of {asked} (Sundararajan et al. 2017): blue for it, "
            f"orange against it. From the empty ground to this drawing the logit changes by "
            f"{added.sum():+.2f}."
        )
else:
    with left:
        st.markdown("**Occlusion**", help=terms.TERMS["occlusion"])
        lost = network.occlusion(drawing, label)
        figure = inside_plots.overlay(drawing, lost, signed=True, note=note)
        parts.chart(figure, "occlusion")
        st.caption(
            f"What the logit of {asked} loses where a window of 4 x 4 pixels is covered (Zeiler & "
            "Fergus 2014): blue where the drawing speaks for it, orange where against it."
        )

if layers:
    st.subheader("Activations", help=terms.TERMS["activations"])
    st.caption(
        "What each convolution makes of the drawing, after its own activation: a small picture a "
        "channel, all of a layer on one scale."
    )
    shown = layers
    if len(layers) > FEW:
        some = [layers[0], layers[-1]]
        shown = st.multiselect("Convolutions", layers, some, key=f"layers {run.name}")
    for place, (name, maps) in enumerate(network.activations(drawing, shown).items()):
        if place % 2 == 0:
            columns = st.columns(2, gap="large")
        maps = np.moveaxis(maps, -1, 0)
        with columns[place % 2]:
            size = f"{maps.shape[1]} x {maps.shape[2]}"
            more = f", the first {MAPS} shown" if len(maps) > MAPS else ""
            st.markdown(f"**{parts.plain(name)}**: {len(maps)} maps of {size}{more}")
            scale = inside_plots.SIGNED if maps.min() < 0 else inside_plots.LIKELY
            across = 8 if len(maps) <= 64 else 12
            figure = inside_plots.montage(maps[:MAPS], across, scale, note=note)
            parts.chart(figure, f"maps {name}")

    st.subheader("Filters", help=terms.TERMS["filters"])
    st.caption("The weights that were learned: blue above 0, orange below.")
    columns = st.columns(2, gap="large")
    for column, (name, kernels) in zip(columns, network.filters().items()):
        kernels = np.transpose(kernels, (3, 2, 0, 1))
        outputs, inputs, height, width = kernels.shape
        words = f"{outputs} of {height} x {width} on {inputs} channel{'s' * (inputs != 1)}"
        if inputs >= 8:
            words += f"; a row a filter{', the first 16' if outputs > 16 else ''}"
            kernels = kernels[:16, :32]
        across = 8 if inputs == 1 else kernels.shape[1] * max(1, 12 // kernels.shape[1])
        with column:
            st.markdown(f"**{parts.plain(name)}**: {words}")
            figure = inside_plots.montage(
                kernels.reshape(-1, height, width)[: 16 * across],
                across,
                inside_plots.SIGNED,
                note=parts.practice_note(run),
            )
            parts.chart(figure, f"filters {name}")
