"""Generate's samples, and its reconstructions."""

from typing import Any

import numpy as np
import streamlit as st

from doodle_core.lab.generate import draw_asked
from pages.components.gallery import gallery
from pages.components.strips import pairs
from pages.sections.bench import Bench
from pages.shared import galleries, parts

PAIRS = 24  # reconstructions shown at once
FROM_PRIOR, IN_TURN = "none: the prior", "each in turn"


@st.fragment
def show_samples(bench: Bench) -> None:
    columns = st.columns(4)
    kinds = [IN_TURN, *bench.names] if bench.conditional else [FROM_PRIOR, IN_TURN, *bench.names]
    asked = columns[0].selectbox("Category", kinds, key=f"asked of {bench.run.name}")
    n = columns[1].slider("Number", 1, 64, 24, key="number")
    scale = columns[2].slider(
        "Spread",
        0.1,
        1.5,
        1.0,
        0.05,
        key="spread",
        help="The standard deviation drawn with (temperature): below 1 keeps to the middle.",
    )
    seed = columns[3].number_input("Seed", 0, 100_000, 0, key="seed")
    labels = None
    if asked == IN_TURN:
        labels = np.arange(n) % len(bench.names)
    elif asked != FROM_PRIOR:
        labels = np.full(n, bench.names.index(asked))
    with parts.told():
        if labels is None:
            points, drawings = bench.generator.sample(n, seed=seed, scale=scale)
        else:
            points, drawings = draw_asked(bench.generator, bench.run.path, labels, seed, scale)
    said = bench.named(drawings)
    tones, captions, summary = None, None, ""
    if said is not None:
        captions = bench.verdicts(said)
        if labels is not None:
            right = said.argmax(axis=1) == labels
            tones = ["right" if one else "wrong" for one in right]
            summary = f" {right.sum()} of {n} are named as asked."
            if asked == IN_TURN:
                captions = [
                    f"asked: {bench.names[at]}\n{text}" for at, text in zip(labels, captions)
                ]
    elif labels is not None:
        captions = [f"asked: {bench.names[label]}" for label in labels]
    how = "from the prior, a standard normal distribution"
    if labels is not None:
        how = "from the prior, the decoder told the category"
        if not bench.conditional:
            how = (
                "from the category's own region: a normal distribution fitted to the latent "
                "points of its training drawings (Ghosh et al. 2020)"
            )
    st.markdown(f"**{n} generated drawings**, {how}.{summary}")
    gallery(drawings, captions, tones, size=84, key=f"samples {bench.run.name}")
    arrays = {"latents": points} | ({} if labels is None else {"asked": labels})
    bench.save("samples", drawings, min(8, n), **arrays | ({} if said is None else {"named": said}))


# --- reconstructions -----------------------------------------------------------------------------


@st.fragment
def show_reconstructions(bench: Bench) -> None:
    drawings, labels, kind = bench.known_drawings()
    columns = st.columns(3)
    present = [name for label, name in enumerate(bench.names) if label in labels]
    category = columns[0].selectbox("True category", ["any", *present], key="of")
    places = np.arange(len(labels))
    if category != "any":
        places = np.flatnonzero(labels == bench.names.index(category))
    with columns[1]:
        shown = galleries.page_of(
            places, PAIRS, f"pairs {category}", words=f"{len(places):,} drawings"
        )
    drawings, labels = drawings[shown], labels[shown]
    means, _ = bench.generator.encode(drawings, labels)
    redrawn = bench.generator.decode(means, labels)
    captions = [text for label in labels for text in (f"true: {bench.names[label]}", "generated")]
    arrays: dict[str, Any]
    tones, arrays, summary = [], {}, ""
    both = np.stack([drawings, redrawn], axis=1).reshape(-1, 28, 28)
    said = bench.named(both)
    if said is not None:
        captions = [f"{text}\n{verdict}" for text, verdict in zip(captions, bench.verdicts(said))]
        right = (said.argmax(axis=1) == np.repeat(labels, 2)).reshape(-1, 2)
        tones = ["right" if one else "wrong" for one in right.reshape(-1)]
        first, second = right.sum(axis=0)
        summary = f" Named rightly: {first} of {len(shown)} drawings, {second} reconstructions."
        arrays = {"named": said.reshape(len(shown), 2, -1)}
    words = ", told its true category" if bench.conditional else ""
    st.markdown(
        f"**{kind.capitalize()} drawing and its reconstruction** from the latent mean{words}."
        + summary
    )
    pairs(drawings, redrawn, captions, tones, f"pairs {bench.run.name}")
    bench.save(
        "reconstructions", both, 8, reconstructions=redrawn, latents=means, labels=labels, **arrays
    )
