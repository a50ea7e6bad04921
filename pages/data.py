"""Data: samples of each category, the mean drawing, duplicates, and what a large network sees."""

from typing import Any

import numpy as np
import streamlit as st

from doodle_core import data
from doodle_core.files import explain
from pages.components.gallery import enlarge, gallery
from pages.shared import galleries, parts, sources

st.title("Data")
st.caption(
    "28 x 28 drawings, as the networks see them. Click one to see it larger with its source index."
)
source, categories = sources.choose("data")
per_category = st.number_input("Drawings of each category, at most", 100, 200_000, 10_000, 1000)
if not categories:
    st.info("Choose a category to look at.", icon=":material/info:")
    st.stop()
is_folder = ":" in source
try:
    drawings = data.stored_drawings(source, categories, per_category)
except FileNotFoundError as error:
    if is_folder:
        st.error(parts.plain(error))
        st.stop()
    what = "Draw the practice data" if source == "practice" else "Fetch the drawings"
    st.info("These drawings are not on this computer yet.", icon=":material/download:")
    if st.button(what, type="primary", icon=":material/download:"):
        parts.with_progress(source, categories, per_category)
        st.rerun()
    st.stop()
except (ValueError, OSError) as error:
    st.error(parts.plain(explain(error)))
    st.stop()


@st.cache_data(max_entries=8, show_spinner="Looking for duplicates")
def described(
    source: str, categories: tuple[str, ...], per_category: int, when: list[parts.Stamp]
) -> list[dict[str, Any]]:
    return data.describe(data.stored_drawings(source, categories, per_category), categories)


if not is_folder and min(len(array) for array in drawings) < per_category:
    st.info("Fewer drawings than asked for are on this computer.", icon=":material/download:")
    if st.button("Bring the rest", icon=":material/download:"):
        parts.with_progress(source, categories, per_category)
        st.rerun()
files = data.stored_files(source, categories, per_category)
facts = described(source, categories, per_category, [parts.stamp(file) for file in files])
sources.remark(source, categories, per_category)
if data.is_practice(source):
    st.markdown(":violet-badge[:material/smart_toy: practice data] drawn by this program; not real")
one, two, three = st.columns(3)
one.metric("Categories", len(categories))
two.metric("Drawings", f"{sum(fact['drawings'] for fact in facts):,}")
three.metric(
    "Exact duplicates",
    f"{sum(fact['duplicates'] for fact in facts):,}",
    help="Taken out before the split, so that no test drawing was also trained on.",
)

samples, means, larger = st.tabs(["Samples", "Mean drawings", "As large networks see it"])
with samples:
    handful = st.columns([1, 4])[0].number_input(
        "Handful", 0, 10_000, 0, help="A handful of each category; another number shows others."
    )
    for place, (fact, array) in enumerate(zip(facts, drawings)):
        name = fact["category"]
        st.markdown(f"**{name}** &nbsp; {fact['drawings']:,} drawings")
        chance = np.random.default_rng([handful, place])
        rows = chance.choice(len(array), min(18, len(array)), replace=False)
        clicked = gallery(array[rows], [f"{row}" for row in rows], size=48, key=f"samples {name}")
        if clicked is not None:
            row = int(rows[clicked])
            galleries.open_drawing(array[row], name, source, row)
with means:
    st.caption("Each pixel's mean over all drawings: sharp where people agree.")
    clicked = gallery(
        np.stack([fact["mean"] for fact in facts]),
        [fact["category"] for fact in facts],
        size=112,
        key="means",
    )
    if clicked is not None:
        fact = facts[clicked]
        enlarge(fact["mean"], f"Mean {fact['category']}", {"Drawings": f"{fact['drawings']:,}"})
    st.dataframe(
        [
            {key: fact[key] for key in ("category", "drawings", "duplicates")}
            | {"ink": 100 * fact["ink"]}
            for fact in facts
        ],
        hide_index=True,
        column_config={
            "ink": st.column_config.NumberColumn(
                format=parts.PERCENT, help="Share of pixels above 127, mean of every tenth drawing."
            )
        },
    )
with larger:
    st.caption(
        "Networks trained on photographs want larger pictures, so a drawing is enlarged "
        "bilinearly: to 32 x 32 for VGG19 and ResNet152V2, to 96 x 96 for MobileNetV2."
    )
    name = st.selectbox("Category", categories)
    row = int(st.number_input("Source index", 0, len(drawings[categories.index(name)]) - 1, 0))
    drawing = drawings[categories.index(name)][row].reshape(28, 28)
    for column, side in zip(st.columns(3), (28, 32, 96)):
        picture = drawing if side == 28 else data.upsample(drawing, side)
        column.image(data.enlarge(picture, 480), caption=f"{side} x {side} pixels")
