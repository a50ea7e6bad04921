"""Confusion matrices and recalls by category."""

import json

import numpy as np
import pandas as pd
import pytest

from doodle_core import plots
from doodle_core.data.categories import CATEGORIES
from doodle_core.evaluation import per_category


def drawn(fig):
    """The figure as the browser gets it."""
    return json.loads(fig.to_json())


def test_confusion_gives_each_cell_its_indices(matrix):
    squares = next(
        t for t in drawn(plots.confusion(matrix, ["a", "b", "c"]))["data"] if t["type"] == "scatter"
    )
    for place, (true, predicted) in enumerate(squares["customdata"]):
        assert (squares["y"][place], squares["x"][place]) == (true, predicted)
        assert f"{matrix[true, predicted]} drawings" in squares["hovertext"][place]
    assert len(squares["customdata"]) == 9


def test_confusion_scales_right_and_wrong_apart(matrix):
    right, wrong = [t for t in plots.confusion(matrix, ["a", "b", "c"]).data if t.type == "heatmap"]
    assert (right.zmax, wrong.zmax) == (7, 3)
    shown = np.where(np.eye(3, dtype=bool), np.array(right.z, float), np.array(wrong.z, float))
    np.testing.assert_array_equal(shown, matrix)


def test_confusion_by_row_and_selected(matrix):
    fig = plots.confusion(matrix, ["a", "b", "c"], by="row", selected=(1, 0))
    texts = {(note.y, note.x): note.text for note in fig.layout.annotations}
    assert texts[1, 0] == "22.2" and (0, 1) not in texts
    box = fig.layout.shapes[0]
    assert (box.x0, box.x1, box.y0, box.y1) == (-0.5, 0.5, 0.5, 1.5)


def test_confusion_of_many_categories_stays_light():
    many = np.eye(345, dtype=int) * 9 + np.random.default_rng(0).integers(0, 2, (345, 345))
    fig = plots.confusion(many, CATEGORIES)
    assert len(fig.data[-1].x) <= 3000 and not fig.layout.annotations
    assert fig.data[0].xgap == 0  # a gap would hide cells of a pixel


def test_confusion_refuses_what_does_not_fit(matrix):
    with pytest.raises(ValueError, match=r"\(3, 3\) matrix for 2"):
        plots.confusion(matrix, ["a", "b"])
    with pytest.raises(ValueError, match="column"):
        plots.confusion(matrix, ["a", "b", "c"], by="column")


def test_per_class_takes_the_rows_of_evaluation():
    rows = per_category(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("apple", "moon"))
    bars = plots.per_class(rows).data[0]
    assert list(bars.x) == [1.0, 0.5] and list(bars.y) == ["moon", "apple"]
    assert bars.x[1] - bars.error_x.arrayminus[1] == pytest.approx(rows[0]["recall_low"])
    assert plots.per_class(pd.DataFrame(rows)).data[0] == bars
    assert plots.per_class(rows, 0.1).layout.shapes[0].x0 == 0.1
