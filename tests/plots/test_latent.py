"""Figures of a latent space."""

import numpy as np
import pytest

from doodle_core import evaluation
from doodle_core.plots import latent as latent_plots


def test_figures_mark_dead_dimensions_and_the_level():
    found = {name: np.array([1.0, 2.0]) for name in ("dimension", "kl", "spread", "noise")}
    figure = latent_plots.dimensions(found | {"active": np.array([0.0, 1.0])}, note="marked")
    assert [bar.name for bar in figure.data] == ["in use", "dead"]
    assert "marked" in [note.text for note in figure.layout.annotations]
    assert evaluation.percentile(np.array([1.0, 2.0, np.nan, 4.0]), 2.5) == pytest.approx(2 / 3)
    assert len(latent_plots.variance(np.array([0.7, 0.3])).data) == 2
    assert latent_plots.place(np.array([1.0, 2.0, 3.0]), 9.0, "loss").data[0].y.sum() == 3
