"""Latent's pinned point: its drawing, its neighbours, and its loss among all others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import source_label
from doodle_core.plots import latent as latent_plots
from doodle_core.runs import clouds, latents
from pages.components.gallery import gallery
from pages.shared import parts


def _judgement(names: Sequence[str], cloud: clouds.Cloud, place: int) -> tuple[str, str]:
    """(what the judge called a point, "right" or "wrong" or "")."""
    if cloud.said[place] < 0:
        return "", ""
    said, true = cloud.said[place], cloud.labels[place]
    tone = "" if true < 0 else "right" if said == true else "wrong"
    return f"called {names[said]} {parts.percent(cloud.sure[place])}", tone


def _picture(
    which: str,
    place: int,
    real: int,
    drawings: NDArray[np.uint8] | None,
    made: NDArray[np.uint8] | None,
) -> NDArray[np.uint8] | None:
    """A point's drawing, or None where it is not on this computer."""
    if place >= real:
        return made[place - real] if made is not None else None
    return drawings[place] if drawings is not None else None


def show_pinned(
    run: runs.Run,
    sets: Mapping[str, latents.Points | None],
    cloud: clouds.Cloud,
    which: str,
    place: int,
    near: NDArray[np.integer],
    drawings: NDArray[np.uint8] | None,
    made: NDArray[np.uint8] | None,
) -> None:
    """The pinned point's drawing, its reconstruction and its neighbours.

    Args:
        run: runs.Run. sets: {which: latents.Points}. cloud: clouds.Cloud. which: a key of sets.
        place: int, the point's. near: (K,) int, its neighbours'. drawings, made: (N, 28, 28) uint8
            of the set and of the samples, or None.
    """
    names, latent = run.config.data.categories, run.config.latent
    found: Any  # the set that is shown is there
    found, real = sets[which], cloud.real
    label = cloud.labels[place]
    on_drawings = clouds.cloud(found, sets["samples"] if made is not None else None)
    if place >= real:
        asked = f", asked for as **{names[label]}**" if label >= 0 else ""
        st.markdown(f"**Generated** from a random point of the prior{asked}")
    else:
        st.markdown(f"**{names[label]}**{_source(run, which, place)}")
    said, tone = _judgement(names, on_drawings, place)
    shown = [(_picture(which, place, real, drawings, made), f"drawing\n{said}", tone)]
    if place < real and found.reconstructions is not None:
        redrawn = clouds.cloud(found, is_redrawn=True)
        said, tone = _judgement(names, redrawn, place)
        shown.append((found.reconstructions[place], f"reconstruction\n{said}", tone))
    _gallery(shown, 112, f"pinned pictures {run.name}")
    if place < real and found.reconstructions is None:
        st.caption(
            "This copy of the run came without its reconstructions; practice drawings have theirs."
        )
    st.markdown(f"Its {len(near)} nearest neighbours in the {latent}-D latent space")
    distances = np.sqrt(((cloud.means[near] - cloud.means[place]) ** 2).sum(axis=1))
    shown = []
    for one, distance in zip(near, distances):
        true = names[cloud.labels[one]] if cloud.labels[one] >= 0 else "generated"
        text = f"{true}\nat {distance:.2f}"
        picture = _picture(which, one, real, drawings, made)
        shown.append((picture, text, _judgement(names, on_drawings, one)[1]))
    clicked = _gallery(shown, 56, f"neighbours {run.name}")
    if clicked is not None:
        st.session_state["latent pin"] = int(near[clicked])
        st.rerun(scope="fragment")


def _gallery(
    shown: Sequence[tuple[NDArray[np.uint8] | None, str, str]], size: int, key: str
) -> int | None:
    """(picture or None, caption, tone) a drawing; the index that was clicked, or None."""
    here = [at for at, (picture, *_) in enumerate(shown) if picture is not None]
    if len(here) < len(shown):
        st.caption(f"Of these, {len(shown) - len(here)} not shown: not on this computer.")
    if not here:
        return None
    pictures, captions, tones = zip(*(shown[at] for at in here))
    clicked = gallery(np.stack(pictures), captions, tones, size=size, key=key)
    return None if clicked is None else here[clicked]


def _source(run: runs.Run, which: str, place: int) -> str:
    """Where a drawing comes from, in words."""
    if which == "practice":
        return " :violet-badge[:material/smart_toy: practice data] drawn by this program; not real"
    with parts.told():
        _, rows = runs.test_part(run.path, len(run.config.data.categories))
    if place >= len(rows):
        return ""
    source = parts.plain(source_label(run.config.data.scored_on))
    return f", {source}, source index {rows[place]:,}"


def show_place(run: runs.Run, found: latents.Points, which: str, place: int) -> None:
    """The pinned drawing's loss beside the run's curves and among all drawings."""
    st.subheader("Its place in the curves")
    reconstruction, kl = found.losses[place].astype(float)
    if np.isnan(reconstruction):
        st.caption("The loss of practice drawings was not measured, only that of test drawings.")
        return
    columns = {"reconstruction": 0, "kl": 1}
    part = st.segmented_control(
        "Part of the loss",
        list(latent_plots.PARTS),
        default="loss",
        required=True,
        format_func=latent_plots.PARTS.get,
        key=f"part {run.name}",
        label_visibility="collapsed",
    )
    values = found.losses.astype(float)
    values = values[:, columns[part]] if part in columns else values.sum(axis=1)
    below = evaluation.percentile(values, values[place])
    st.markdown(
        f"Its loss is **{reconstruction + kl:.1f} nats** = reconstruction {reconstruction:.1f} + "
        f"KL {kl:.1f}. Its {latent_plots.PARTS[part]} is higher than that of "
        f"**{parts.percent(below)}** of the {len(values):,} {which} drawings."
    )
    note = parts.practice_note(run)
    left, right = st.columns(2, gap="large")
    history = parts.history(run.path)
    if part not in history and f"val_{part}" not in history:
        left.caption("This run's history does not split the loss.")
    else:
        figure = latent_plots.curves(history, part, values[place], run.metrics["best_epoch"], note)
        parts.chart(figure, "curves", left)
    figure = latent_plots.place(values, values[place], part, note)
    parts.chart(figure, "place", right)
