"""A VAE's training, epoch by epoch: what it made of a fixed set of validation drawings."""

import numpy as np
import streamlit as st

from doodle_core import evaluation, plots, runs
from doodle_core.runs import latents
from pages.components.gallery import gallery
from pages.shared import parts

PAIRS = 14  # drawings shown with their reconstructions


def show(run: runs.Run, epoch: int, last: int | None = None) -> None:
    """Reconstructions and latent plane after an epoch.

    Args:
        run: runs.Run of a VAE. epoch: int, one of `latents.snapshots`.
        last: int, the epoch whose principal directions make the plane; by default `epoch`.
    """
    with parts.told():
        shape = len(run.config.data.categories), run.config.latent
        found = latents.snapshot(run.path, epoch, *shape)
        reference = latents.snapshot(run.path, last or epoch, *shape).means
    has_drawings = found.drawings is not None
    left, right = st.columns(2, gap="large") if has_drawings else (st.container(), st.container())
    with left:
        if has_drawings:
            st.markdown(f"**After epoch {epoch}**: drawings and reconstructions")
            pairs = np.stack([found.drawings, found.reconstructions], axis=1)[:PAIRS]
            captions = ["drawing", "rebuilt"] * len(pairs)
            gallery(pairs.reshape(-1, 28, 28), captions, size=56, key=f"pairs {run.name}")
        else:
            st.caption("This run came without the drawings that it was watched by.")
    with right:
        names = run.config.data.categories
        st.markdown(f"**Latent plane**: {len(found.means)} validation drawings")
        placed, axes = evaluation.flat(found.means, reference)
        reach = float(np.ceil(np.abs(evaluation.flat(reference, reference)[0]).max() + 0.5))
        note = parts.practice_note(run)
        spec = plots.live_plane(placed, found.labels, names, reach, axes, note=note)
        parts.live_chart(spec, f"plane {run.name}")


def play(run: runs.Run) -> None:
    """A slider over the epochs of a run that is over."""
    epochs = latents.snapshots(run.path)
    if not epochs:
        st.caption("This run kept no snapshots of its training.")
        return
    epoch = epochs[-1]
    if len(epochs) > 1:
        epoch = st.select_slider("Epoch", epochs, value=epochs[-1], key=f"play {run.name}")
    show(run, epoch, epochs[-1])
