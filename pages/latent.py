"""Latent: where a variational autoencoder puts drawings, and how good what it learned is."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, plots, runs
from doodle_core.data import practice
from doodle_core.evaluation import measures
from doodle_core.plots import latent as latent_plots
from doodle_core.runs import clouds, latents
from pages.components import scatter
from pages.sections.pinned import show_pinned, show_place
from pages.shared import parts, terms

NEAR = 8  # neighbours shown
COLORINGS = {
    "true": "True category",
    "predicted": "Predicted",
    "right": "Right or wrong",
    "confidence": "Confidence",
}
LAYOUTS = {"raw": "Raw axes", "pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}

st.title("Latent", help=terms.TERMS["latent space"])
st.caption(
    "Where a variational autoencoder puts drawings in its latent space: point at a point to see "
    "its drawing, click it to pin it with its neighbours and its reconstruction."
)
run = parts.pick_run(kind="vae")
names, metrics = run.config.data.categories, run.metrics
classes, latent = len(names), run.config.latent
st.markdown(
    f"**{metrics['loss']:.1f} nats a drawing** = reconstruction {metrics['reconstruction']:.1f} + "
    f"KL {metrics['kl']:.1f}, on {metrics['n']:,} test drawings; {latent} latent "
    f"dimension{'s' * (latent != 1)}. Drawings: {parts.data_words(run)}"
)
parts.links(run, here="latent")
parts.show_unmeasured(run)


# --- what the run wrote --------------------------------------------------------------------------


@st.cache_resource(max_entries=6, show_spinner=False)
def read_points(
    path: str, which: str, classes: int, latent: int, when: parts.Stamp
) -> latents.Points | None:
    return latents.points(path, which, classes, latent)


@st.cache_resource(max_entries=6, show_spinner=False)
def read_directions(path: str, latent: int, when: parts.Stamp) -> evaluation.Directions:
    return latents.directions(path, latent)


@st.cache_resource(max_entries=4, show_spinner="Drawing the practice set")
def practice_drawings(names: tuple[str, ...]) -> NDArray[np.uint8]:
    return practice.practice_set(names)[0]


def points(which: str) -> latents.Points | None:
    """A set of the run's points, or None where it has no such set."""
    file = run.path / f"latent_{which}.npz"
    return read_points(str(run.path), which, classes, latent, parts.stamp(file))


with parts.told():
    unmeasured = runs.read_unmeasured(run.path)
    sets = {which: points(which) for which in latents.SETS}
    directions = dimensions = None
    if "principal directions" not in unmeasured:
        stamp = parts.stamp(run.path / "directions.npz")
        directions = read_directions(str(run.path), latent, stamp)
    if "active" not in unmeasured:
        dimensions = latents.dimensions(run.path, latent)
    has_points = sets["test"] is not None or sets["practice"] is not None
    if not has_points and "points (test)" not in unmeasured:
        raise ValueError(f"{run.name} has no points: latent_test.npz is missing.")

instead = "The points come from the run's own files and stay."
if sets["practice"] is not None:
    instead += " Practice drawings, which this program makes itself, stand in."
test_drawings = parts.test_drawings(run, instead=instead)
if test_drawings is not None and sets["test"] is not None:
    with parts.told():
        if len(test_drawings) != len(sets["test"]):
            raise ValueError("latent_test.npz is damaged: it has another number of drawings.")


# --- the cloud -----------------------------------------------------------------------------------


def choose_set() -> tuple[str, bool]:
    """Widgets for the drawings shown. Returns (which, with samples)."""
    options = [which for which in ("test", "practice") if sets[which] is not None]
    words = {"test": "Test", "practice": "Practice"}
    first = "practice" if test_drawings is None and "practice" in options else options[0]
    which = first
    if len(options) > 1:
        which = st.segmented_control(
            "Drawings",
            options,
            default=first,
            required=True,
            format_func=words.get,
            key=f"set of {run.name}",
            help="Practice drawings are made by this program, so they are always here.",
        )
    with_samples = sets["samples"] is not None and st.toggle(
        "Generated too", value=True, key=f"samples of {run.name}"
    )
    return which, with_samples


def choose_layout(cloud: clouds.Cloud) -> tuple[str, NDArray[np.floating], list[str]]:
    """A widget for the layout. Returns (its name, places, titles of the axes)."""
    options = ["pca"]
    if latent <= 2 or directions is None:  # without directions: the first two numbers
        options = ["raw", "pca"] if latent == 2 and directions is not None else ["raw"]
    elif cloud.projection is not None and run.config.projection in LAYOUTS:
        options.append(run.config.projection)
    chosen = st.segmented_control(
        "Layout",
        options,
        default=options[0],
        required=True,
        format_func=LAYOUTS.get,
        key=f"layout of {run.name}",
        help="PCA turns the latent means so that the widest direction comes first; distances along "
        "its axes are true ones. UMAP and t-SNE keep neighbourhoods, and their distances and "
        "sizes of clumps mean little.",
    )
    if chosen == "raw":
        places, axes = cloud.means[:, :2], ["latent 1", "latent 2"]
    elif chosen == "pca":
        places = directions.project(cloud.means, 3)
        shares = enumerate(directions.shares, 1)
        axes = [f"PC {at} ({parts.percent(share)})" for at, share in shares]
    else:
        places = cloud.projection
        axes = [f"{LAYOUTS[chosen]} {at + 1}" for at in range(3)]
    if places.shape[1] == 1:  # one dimension: a line on a plane
        places = np.concatenate([places, np.zeros_like(places)], axis=1)
        axes = [axes[0], ""]
    return chosen, places, axes[: places.shape[1]]


def choose_coloring(cloud: clouds.Cloud, found: latents.Points) -> tuple[str, bool]:
    """Widgets for the colours. Returns one of `scatter.MODES`, and whether of reconstructions."""
    if found.probabilities is None:
        st.caption("Coloured by true category: no classifier has judged these drawings.")
        return "true", False
    mode = st.segmented_control(
        "Colour by",
        list(COLORINGS),
        default="true",
        required=True,
        wrap=True,
        format_func=COLORINGS.get,
        key=f"colour of {run.name}",
        help="Predicted by the judge, a classifier. A generated drawing that nobody asked for by "
        "name has no true category: it stays grey.",
    )
    of = None
    if found.redrawn is not None and mode != "true":
        of = st.segmented_control(
            "Judged",
            ["drawing", "reconstruction"],
            default="drawing",
            required=True,
            format_func=str.capitalize,
            key=f"judged of {run.name}",
            help="Whether the judge was shown the drawing or its reconstruction. Of generated "
            "drawings it is always the drawing.",
        )
    return mode, of == "reconstruction"


@st.cache_resource(max_entries=4, show_spinner="Packing the drawings")
def packed_drawings(
    path: str,
    which: str,
    with_samples: bool,
    when: tuple[parts.Stamp, parts.Stamp, bool],
    _shown: list[NDArray[np.uint8]],
) -> bytes | None:
    return scatter.pack_drawings(np.concatenate(_shown)) if _shown else None


@st.fragment
def show_cloud() -> None:
    """The cloud and what is pinned of it; only this part runs again when a point is clicked."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        which, with_samples = choose_set()
        found: Any  # there: `choose_set` offers no other
        found, samples = sets[which], sets["samples"] if with_samples else None
        rough = clouds.cloud(found, samples)
        layout, places, axes = choose_layout(rough)
        mode, is_redrawn = choose_coloring(rough, found)
    cloud = clouds.cloud(found, samples, is_redrawn)
    n, owner = len(cloud.labels), f"{run.name} {which}"

    drawings = test_drawings if which == "test" else practice_drawings(names)
    if drawings is not None and len(drawings) != len(found):
        with parts.told():
            raise ValueError(f"latent_{which}.npz is damaged: it has another number of drawings.")
    made = samples.drawings if samples is not None else None
    shown = [one for one in (drawings, made) if one is not None]
    stamp = parts.stamp(run.path / f"latent_{which}.npz")
    when = stamp, parts.stamp(run.path / "latent_samples.npz"), drawings is None
    packed = (
        packed_drawings(str(run.path), which, with_samples, when, shown),
        scatter.pack_places(places),
        scatter.pack_points(cloud.labels, cloud.said, cloud.sure),
    )

    key, pin_key = f"cloud {run.name}", f"pin {owner}"
    if (wanted := st.session_state.pop("latent pin", None)) is not None:
        st.session_state[pin_key] = wanted
    pinned = st.session_state.get(pin_key)
    if pinned is not None and pinned >= n:  # a generated one, and they are shown no longer
        pinned = st.session_state[pin_key] = None
    near: Any = evaluation.neighbours(cloud.means, pinned, NEAR) if pinned is not None else ()

    def pin() -> None:
        index = scatter.clicked_in(key, owner, n)
        if index is not None:
            st.session_state[pin_key] = index

    left, right = st.columns([8, 5], gap="large")
    with left:
        note = ", ".join(filter(None, (parts.practice_note(run), _set_note(which))))
        scatter.scatter(
            packed,
            places.shape,
            cloud.real,
            names,
            list(plots.category_colors(names).values()),
            axes,
            mode,
            pictures=drawings is not None,
            near=near,
            pinned=pinned,
            owner=owner,
            note=note,
            key=key,
            on_click=pin,
        )
        st.caption(_counted(cloud, which, layout))
    with right:
        st.number_input(
            f"Pinned point, 0 to {n - 1:,}",
            0,
            n - 1,
            value=None,
            key=pin_key,
            placeholder="click a point, or type a number",
        )
        if pinned is None:
            st.info(
                "Point at a point to see its drawing. Click it to pin it here, with its "
                "reconstruction and its neighbours.",
                icon=":material/touch_app:",
            )
        else:
            show_pinned(run, sets, cloud, which, pinned, near, drawings, made)
    if pinned is not None and pinned < cloud.real:
        show_place(run, found, which, pinned)
    elif pinned is not None:
        st.caption("A generated drawing was made from its point: it has no loss to compare.")


def _set_note(which: str) -> str:
    is_marked = which == "practice" and not run.is_practice
    return "the drawings shown are practice data" if is_marked else ""


def _counted(cloud: clouds.Cloud, which: str, layout: str) -> str:
    """What is shown, and how much of the variance is seen."""
    kind = "test" if which == "test" else "practice"
    words = f"{cloud.real:,} {kind} drawings"
    if len(cloud.labels) > cloud.real:
        words += f" and {len(cloud.labels) - cloud.real:,} generated from the prior (diamonds)"
    if layout == "pca":
        few = min(3, latent)
        share = directions.shares[:few].sum()
        words += f". PCA of the test drawings' latent means: {few} directions of {latent} hold " + (
            f"{parts.percent(share)} of the variance"
        )
    drag = "turn" if latent > 2 else "move"
    return f"{words}. Drag to {drag}, scroll to come nearer, click to pin."


if has_points:
    show_cloud()


# --- measures ------------------------------------------------------------------------------------


def show_table(*tables: list[str]) -> None:
    """A table of measures. `tables`: lists of their keys."""
    table = measures.as_table(metrics | {"latent": latent}, *tables)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height="content",
        column_config=terms.columns(table[0])
        | {
            "measure": st.column_config.TextColumn(width="medium"),
            "the report": st.column_config.TextColumn(width=150),
            "what it is": st.column_config.TextColumn(width="large"),
        },
    )


def judge_words() -> str:
    """Who judged, and what it may have seen."""
    judge = metrics.get("judge")
    if "judge" in unmeasured:
        return f"Nothing was judged. {parts.plain(unmeasured['judge'])}"
    if not judge:
        return (
            "Nothing was judged: no finished classifier knew these categories when this run was "
            "scored. Train a classifier on the same categories, then this autoencoder anew."
        )
    saw = measures.judge_saw(metrics)
    return f"The judge is the classifier **{parts.plain(judge)}**. {saw}"


st.subheader("Measures", help=f"{terms.TERMS['ELBO']} {terms.TERMS['nats']}")
badge = parts.practice_badge(run)
st.markdown(
    f"On {metrics['n']:,} test drawings, with the weights of epoch {metrics['best_epoch']:.0f}"
    f"{badge}. The report measured on other drawings, so its figures beside do not compare "
    "strictly."
)
if run.config.conditional:
    st.info(
        "Encoder and decoder were given the category: the latent space need not hold it, so probe, "
        "k-NN and silhouette say little here, and reconstructions are easier to name.",
        icon=":material/info:",
    )
left, right = st.tabs(["Loss and latent space", "Judged by a classifier"])
with left:
    show_table(measures.VAE_LOSS, measures.VAE_SPACE)
    chance = parts.percent(metrics.get("chance") or 1 / classes)
    st.caption(f"By chance, {chance} is named rightly.")
with right:
    st.markdown(judge_words())
    if metrics.get("judge"):
        show_table(measures.VAE_JUDGE)
        show_table(measures.VAE_SETS)
        st.caption(
            f"By chance, {chance} is named rightly. "
            "The Frechet distance compares means and covariances of the judge's embeddings: only "
            "runs with the same judge compare. Precision and recall: Kynkaanniemi et al. 2019."
        )

note = parts.practice_note(run)
left, right = st.columns(2, gap="large")
if dimensions is not None:
    with left:
        st.subheader("What each dimension carries", help=terms.TERMS["KL"])
        figure = latent_plots.dimensions(dimensions, note)
        parts.chart(figure, "dimensions")
        dead = int((dimensions["active"] == 0).sum())
        st.caption(
            (f"{dead} of {latent} dimensions are dead" if dead else "No dimension is dead")
            + ": a dimension is dead where the latent means vary by less than 0.01; the decoder "
            "can learn nothing from it."
        )
if directions is not None:
    with right:
        st.subheader("Explained variance", help=terms.TERMS["explained variance"])
        figure = latent_plots.variance(directions.shares, note)
        parts.chart(figure, "variance")
        few = min(3, latent)
        st.caption(
            f"The first {few} principal direction{'s' * (few != 1)} of the test drawings' latent "
            f"means hold {parts.percent(directions.shares[:few].sum())} of their variance."
        )
