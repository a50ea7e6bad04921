"""Generate: what a trained autoencoder draws, from a point, along a way, by chance, or again."""

import streamlit as st

from doodle_core import runs
from pages.sections.bench import Bench, load, load_judge
from pages.sections.between import show_between
from pages.sections.decoded_plane import show_directions, show_plane
from pages.sections.samples import show_reconstructions, show_samples
from pages.shared import parts

st.title("Generate")
st.caption("What a trained autoencoder draws: from a point, along a way, by chance, or once more.")
left, right = st.columns(2)
with left:
    run = parts.pick_run("Autoencoder", kind="vae")
names, latent = run.config.data.categories, run.config.latent
conditional = run.config.conditional


# --- the networks --------------------------------------------------------------------------------


def find_judges() -> list[runs.Run]:
    """The finished classifiers that know this run's categories; the one that judged it first."""
    found = [
        one
        for one in runs.finished("classifier")
        if one.has_weights and set(one.config.data.categories) == set(names)
    ]
    asked = run.metrics.get("judge")
    return sorted(found, key=lambda one: (one.name != asked, -one.metrics.get("val_top1", 0)))


judges = {one.name: one for one in find_judges()}
with right:
    chosen = st.selectbox(
        "Classifier that names the drawings", [*judges, "none"], key=f"judge of {run.name}"
    )
kind = f"{latent}-D{', conditional' if conditional else ''}"
st.markdown(
    f"**{kind}**, {parts.figure(run)} on {run.metrics['n']:,} test drawings. "
    f"Drawings: {parts.data_words(run)}"
)
parts.links(run, here="generate")
if not run.has_weights:
    st.info(
        "This run has no weights here (decoder.keras is missing), so it cannot draw; its figures are "
        "on the other pages.",
        icon=":material/hide_source:",
    )
    st.stop()
judge = None
with parts.told():
    stamps = parts.portable(run)
    generator = load(str(run.path), stamps)
if chosen != "none":
    try:
        judge = load_judge(str(judges[chosen].path), parts.portable(judges[chosen]), names)
    except (OSError, ValueError) as error:
        st.warning(f"{parts.plain(chosen)} cannot judge: {parts.plain(error)}")
if judge is not None:
    words = f"Generated drawings are named by **{parts.plain(chosen)}**"
    if chosen == run.metrics.get("judge") and run.metrics.get("judge_saw"):
        words += ", which learned from some of this run's test drawings"
    badge = parts.practice_badge(judges[chosen])
    views = judges[chosen].config.test_views
    once = " Each is shown once, without the turned views of its scores." if views else ""
    st.caption(f"{words}: the likeliest category and its probability.{once}{badge}")
elif not judges:
    st.caption(
        "No finished classifier with weights knows exactly these categories, so drawings come "
        "without a name. Train one on the same categories and it names them here."
    )


# --- the sections: only the chosen one is computed -----------------------------------------------

SECTIONS = {
    "Plane": show_plane,
    "Directions": show_directions,
    "Between": show_between,
    "Samples": show_samples,
    "Reconstructions": show_reconstructions,
}
section = st.segmented_control(
    "Section",
    list(SECTIONS),
    default="Plane" if latent == 2 else "Directions",
    required=True,
    key="generate section",
    label_visibility="collapsed",
)
SECTIONS[section](Bench(run, generator, judge, stamps))
