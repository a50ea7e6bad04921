"""Draw: a drawing of one's own, and what the networks make of it while it is drawn."""

import contextlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from doodle_core import evaluation, plots, runs
from doodle_core.data import own_set, practice, raster, sketch, source_label
from doodle_core.data.categories import CATEGORIES
from doodle_core.files import explain
from doodle_core.runs import latents
from pages.canvas import pad, reading, space
from pages.gallery import enlarge
from pages.shared import parts, terms

ALL_BARS, BARS = 10, 7  # networks with more categories show their likeliest ones only
NETWORKS = 4  # classifiers at once
DOTS = 1_500  # points of the latent space shown
TIED = 3  # of the most similar drawings, tied to the place in the latent space
SIMILAR = 8

st.title("Draw")
st.caption(
    "Draw, and see what the networks say while you do. A network can only answer with the "
    "categories it knows, whatever you draw."
)
ready = [one for one in runs.all_runs() if one.state == "finished" and not one.notes.get("hidden")]


# --- which networks ------------------------------------------------------------------------------


def classifiers():
    """The finished classifiers with weights, the best one first: {name: run}."""
    found = [one for one in ready if not one.is_vae and parts.has_weights(one)]
    found.sort(key=lambda one: (-one.metrics["top1"], one.name))
    return {one.name: one for one in found}


def best_of_two_kinds(found):
    """The names to begin with: the best classifier, and the best on other categories."""
    kinds = {}
    for one in found.values():
        kinds.setdefault(frozenset(one.config.data.categories), one.name)
    return list(kinds.values())[:2]


def autoencoders():
    """The finished VAEs with weights, the lowest loss first: {name: run}.

    Conditional ones are left out: they would have to be told what was drawn.
    """
    found = [
        one
        for one in ready
        if one.is_vae
        and not one.config.conditional
        and all((one.path / f"{part}.keras").is_file() for part in ("encoder", "decoder"))
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


@st.cache_resource(max_entries=2 * NETWORKS, show_spinner="Loading the networks, once")
def load_classifier(path, when):
    """A function of a drawing: (probabilities, Grad-CAM of the likeliest category or None)."""
    from doodle_core.classifier.network import load_network
    from doodle_core.training.compiled import keep_warm  # TensorFlow, once a server

    keep_warm()
    network = load_network(path, runs.load(path).config)
    answer = network.answering(next(reversed(network.convolutions), None))
    answer(np.zeros((28, 28), np.uint8))  # the first answer takes seconds
    return answer


@st.cache_resource(max_entries=3, show_spinner="Loading the autoencoder, once")
def load_vae(path, when):
    from doodle_core.training.compiled import keep_warm
    from doodle_core.vae.generator import load_quick_generator

    keep_warm()
    found = load_quick_generator(path, runs.load(path).config)
    found.decode(found.encode(np.zeros((1, 28, 28), np.uint8))[0])
    return found


def loaded():
    """{name: function} of the chosen classifiers, and the Generator or None; damaged ones warn."""
    answers, generator = {}, None
    for name in chosen:
        path = judges[name].path
        with left_out(name):
            answers[name] = load_classifier(path, parts.stamp(path / "best.keras"))
    if vae:
        files = [vae.path / f"{part}.keras" for part in ("encoder", "decoder")]
        with left_out(vae.name):
            generator = load_vae(vae.path, tuple(map(parts.stamp, files)))
    return answers, generator


@contextlib.contextmanager
def left_out(name):
    """Around the reading of a run: a damaged one gets a sentence, and it is done without."""
    try:
        yield
    except (OSError, ValueError) as error:
        st.warning(f"{parts.plain(name)} is left out: {parts.plain(explain(error))}")


# --- the latent space ----------------------------------------------------------------------------


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
    labels: np.ndarray
    points: np.ndarray
    shown: latents.Points | None
    drawings: np.ndarray | None
    shown_which: str


@st.cache_resource(max_entries=4, show_spinner="Reading the latent space")
def read_space(path, when, _test_drawings, has_drawings):
    run = runs.load(path)
    names, latent = run.config.data.categories, run.config.latent
    sets = {
        which: latents.points(path, which, len(names), latent) for which in ("test", "practice")
    }
    which = next((which for which, one in sets.items() if one is not None), None)
    directions = latents.directions(path, latent)
    if which is None:
        raise ValueError(f"The latent space of {run.name} is missing or damaged.")
    found, every = sets[which], -(-len(sets[which]) // DOTS)
    shown_which = "test" if has_drawings and sets["test"] is not None else "practice"
    shown, drawings = sets[shown_which], _test_drawings
    if shown_which == "practice" and shown is not None:
        drawings = practice.practice_set(names)[0]
    if shown is None or len(shown) != len(drawings):
        shown = drawings = None
    points = directions.project(found.means[::every])
    return Space(directions, which, found.labels[::every], points, shown, drawings, shown_which)


def space_of(vae):
    """The Space of a VAE, or None after a sentence."""
    files = ("latent_test", "latent_practice", "directions")
    when = tuple(parts.stamp(vae.path / f"{file}.npz") for file in files)
    test = parts.test_drawings(vae, instead="Practice drawings stand in.")
    with left_out(vae.name):
        return read_space(vae.path, when, test, test is not None)
    return None


# --- a drawing -----------------------------------------------------------------------------------


def known_names():
    """The categories of the chosen classifiers, each once."""
    return list(
        dict.fromkeys(name for one in chosen for name in judges[one].config.data.categories)
    )


def draw():
    """The canvas. Returns (official strokes or None, its bitmap or None, the request's number)."""
    sheet = st.session_state.setdefault("draw sheet", 0)
    kept = st.session_state.get("draw kept", [])
    names = known_names()
    name = st.session_state.get("draw category") or (names[sheet % len(names)] if names else "")
    hint = f"for example: {name}" if name else "whatever you like"
    n = 0
    try:
        strokes, n = pad(kept, sheet, hint, key="pad")
        st.session_state["draw kept"] = strokes
        if strokes:
            simple = sketch.simplified(strokes)
            return simple, raster.draw_strokes(simple), n
    except ValueError as error:
        st.error(parts.plain(error))
    return None, None, n


@st.cache_data(max_entries=8, show_spinner=False)
def read_picture(content):
    return sketch.picture(content)


def upload():
    """A picture file. Returns its bitmap, or None."""
    file = st.file_uploader(
        "A picture of a drawing",
        ["png", "jpg", "jpeg"],
        key="draw file",
        max_upload_size=sketch.MOST_BYTES // 1_000_000,
        help=f"PNG or JPEG, at most {sketch.MOST_BYTES / 1e6:.0f} MB and "
        f"{sketch.MOST_PIXELS // 1_000_000} million pixels, dark on light or light on dark. It is "
        "cut out, centred and drawn with a pen as wide as the official one.",
    )
    st.caption("A picture has no strokes, so it cannot be added to your own set of drawings.")
    if file is None:
        return None
    try:
        return read_picture(file.getvalue())
    except ValueError as error:
        st.error(parts.plain(error))
        return None


# --- what the networks say -----------------------------------------------------------------------


def block(run, said):
    """What `reading` shows of one classifier; `said`: (C,) float, or None before the first line."""
    names = run.config.data.categories
    others = ""
    if len(names) <= ALL_BARS:
        bars = [(name, None if said is None else said[at]) for at, name in enumerate(names)]
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


@st.fragment
def show_live(known):
    left, right = st.columns([5, 7], gap="large")
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
            strokes, drawing, n = draw()
        else:
            drawing = upload()
        adding = st.container() if kind == "draw" else None
    with right:
        answers, generator = loaded()
        answering = st.container()
    said, heat, redrawn, mean = {}, None, None, None
    if drawing is not None:
        for name, answer in answers.items():
            said[name], hot = answer(drawing)
            heat = hot if len(said) == 1 else heat
        if generator is not None:
            mean, _ = generator.encode(drawing[None])
            redrawn, mean = generator.decode(mean)[0], mean[0]
    best = {
        name: evaluation.top(one, judges[name].config.data.categories, 1)[0]
        for name, one in said.items()
    }
    if adding is not None:
        with adding:
            offer_adding(strokes, {name for name, _ in best.values()})
    if known is not None:
        show_space(known, mean)
    with answering:  # last: it tells the canvas that all has been answered
        show_reading(drawing, heat, redrawn, answers, said, best, n)


def show_reading(drawing, heat, redrawn, answers, said, best, n):
    first = next(iter(best), None)
    pictures = [("What they see", "28 x 28, drawn as the official bitmaps are", drawing, None)]
    if answers:
        words = "where the first network looks"
        if first:
            words = f"what speaks for {best[first][0]} in {first}"
        pictures.append(("Grad-CAM", words, drawing if heat is not None else None, heat))
    if vae:
        numbers = f"{vae.config.latent} number{'s' * (vae.config.latent > 1)}"
        pictures.append(("Reconstruction", f"from {numbers}, by {vae.name}", redrawn, None))
    blocks = [block(judges[name], said.get(name)) for name in answers]
    words = f"{best[first][0]}, {parts.percent(best[first][1])}" if first else ""
    reading(pictures, blocks, words, n, key="reading")


def show_space(known, mean):
    """Where the drawing lies, and which drawings lie nearest. `known`: Space."""
    names = vae.config.data.categories
    at, near, places, distances = None, [], np.array([], int), []
    if mean is not None:
        at = known.directions.project(mean[None])[0]
        if known.drawings is not None:
            places, distances = evaluation.nearest(known.shown.means, mean, SIMILAR)
            near = known.directions.project(known.shown.means[places[:TIED]])
    axes = [
        f"PC {one} ({parts.percent(share)})"
        for one, share in enumerate(known.directions.shares[:3], 1)
    ]
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
    note = parts.practice_note(vae) or "practice drawings" * (known.which == "practice")
    clicked = space(
        known.points,
        known.labels,
        plots.category_colors(names),
        axes,
        at,
        near,
        known.drawings[places] if len(captions) else [],
        captions,
        titles,
        key=f"space {vae.name}",
        note=note,
    )
    if clicked is not None:
        show_similar(known, int(places[clicked]), names[labels[clicked]], distances[clicked])


def show_similar(known, place, category, distance):
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


# --- one's own set -------------------------------------------------------------------------------


def say(kind, text):
    """Keep a message for the page's next run."""
    st.session_state["draw says"] = kind, text


def add(category, strokes, recognized):
    """A drawing goes into its category's file, and a new sheet comes."""
    try:
        own_set.add(category, strokes, recognized)
    except (OSError, ValueError, RuntimeError) as error:
        say("error", explain(error))
        return
    say("success", f"Added as {category}.")
    st.session_state["draw kept"] = []
    st.session_state["draw sheet"] += 1


def take_back(category, key):
    try:
        gone = own_set.take_back(category, key)
    except (OSError, ValueError, RuntimeError) as error:
        say("error", explain(error))
        return
    say("success", f"Taken back: the last {category}." if gone else "It was gone already.")


def offer_adding(strokes, called):
    """A name and a button under the canvas. `called`: what the networks call it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        category = st.selectbox(
            "Add it to your own set as",
            CATEGORIES,
            index=None,
            key="draw category",
            placeholder="what it is",
            width=260,
        )
        is_asked = st.button("Add", icon=":material/add:", disabled=not (strokes and category))
    if is_asked:
        add(category, strokes, recognized=category in called)
        st.rerun()  # the whole page: the set is shown below
    told_what_happened()


def told_what_happened():
    if (told := st.session_state.pop("draw says", None)) is not None:
        kind, text = told
        getattr(st, kind)(parts.plain(text))


@st.fragment
def show_own_set():
    """How many there are, how they are used, and how the networks do on them."""
    st.subheader("Your own set")
    try:
        counts, last = own_set.counts(), own_set.last()
    except OSError as error:
        st.error(parts.plain(explain(error)))
        return
    if not counts:
        st.caption("Empty so far: draw something, say what it is, and add it.")
    else:
        total = sum(counts.values())
        each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        st.markdown(f"**{total:,} drawing{'s' * (total > 1)}**: {each}")
        with st.container(horizontal=True):
            if last:
                st.button(
                    f"Take back the last {last[0]}",
                    icon=":material/undo:",
                    on_click=take_back,
                    args=last,
                )
            test = chosen and st.button("Test the networks on it", icon=":material/fact_check:")
        if test:
            show_test(loaded()[0])
    told_what_happened()
    with st.expander("How to train and test on it"):
        st.markdown(
            "On *Data* and *Train* choose *My own drawings*. To train on other drawings and see how "
            "well that carries over to yours, choose those, and yours under *Scored on*. They are "
            "kept as official `.ndjson` strokes, a file a category, in this folder:"
        )
        st.code(str(own_set.FOLDER), language=None, wrap_lines=True)
        st.markdown(
            f"A training needs at least 2 categories of {own_set.FEWEST} different drawings, "
            "since each category is split into a train, a validation and a test part; with fewer "
            "it says so and stops. A useful network needs hundreds. Without the dashboard:"
        )
        st.code(
            f'python -m doodle_core train --name on-mine --test-source "{own_set.SOURCE}" ...',
            language=None,
            wrap_lines=True,
        )


def show_test(answers):
    """A table: how many of the set's drawings each network names rightly."""
    try:
        drawings, categories = own_set.drawings()
    except (OSError, ValueError) as error:
        st.error(parts.plain(explain(error)))
        return
    rows = []
    for name, answer in answers.items():
        names = judges[name].config.data.categories
        right, known = own_set.score(lambda one: answer(one)[0], names, drawings, categories)
        rows.append(
            {
                "network": name,
                "named rightly": f"{right:,} of {known:,}",
                "top-1 (95 % interval)": evaluation.Share.of(right, known).text if known else "–",
                "chance": parts.percent(1 / len(names)),
                "not in its categories": len(categories) - known,
                "drawings of its training": judges[name].data_label,
            }
        )
    st.dataframe(rows, hide_index=True, width="stretch", column_config=terms.columns(rows[0]))
    st.caption("Drawings of categories that a network does not know are not counted.")


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
show_own_set()
