"""Figures beside the report's table 1."""

import pandas as pd
import pytest

from doodle_core.plots import report as report_plots


def test_both_chance_lines_are_drawn():
    frame = pd.DataFrame({"epoch": [1, 2], "val_accuracy": [0.2, 0.3], "stage": [1, 1]})
    figure = report_plots.measures(frame.assign(val_binary_accuracy=0.86), 7, "practice data")
    assert sorted(shape.y0 for shape in figure.layout.shapes) == pytest.approx([1 / 7, 6 / 7])
    assert "practice data" in [a.text for a in figure.layout.annotations]
