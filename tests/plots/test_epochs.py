"""Curves over epochs."""

import numpy as np
import pandas as pd
import pytest

from doodle_core import plots


def test_smooth_is_tensorboards_average():
    np.testing.assert_allclose(plots.smooth([3, 3, 3], 0.9), [3, 3, 3])
    np.testing.assert_allclose(plots.smooth([1, 2], 0.5), [1, (0.25 + 1) / 0.75])
    np.testing.assert_allclose(plots.smooth([1, np.nan, 2], 0.5), [1, np.nan, 1.25 / 0.75])
    np.testing.assert_allclose(plots.smooth([1, 5, 2], 0), [1, 5, 2])
    with pytest.raises(ValueError, match="1.0"):
        plots.smooth([1], 1.0)


def test_curves_have_two_kinds_of_line_in_one_colour_a_run(history):
    fig = plots.curves({"a": history, "<b>": history}, "loss")
    runs = [trace for trace in fig.data if trace.x[0] is not None]
    assert [trace.line.dash for trace in runs] == ["solid", "dash"] * 2
    assert runs[0].line.color == runs[1].line.color != runs[2].line.color == runs[3].line.color
    np.testing.assert_allclose(runs[0].y, history["val_loss"])
    assert {trace.name for trace in runs} == {"a", "&lt;b&gt;"}
    assert "<b><b></b>" not in fig.to_json()


def test_curves_mark_the_best_epoch_on_the_validation_curve(history):
    marks = [
        t
        for t in plots.curves({"a": history}, "accuracy", best={"a": 3}).data
        if t.mode == "markers"
    ]
    assert len(marks) == 1 and marks[0].x == (3,) and "best" in marks[0].hovertemplate
    assert marks[0].y[0] == pytest.approx(history["val_accuracy"][2])
    none = plots.curves({"a": history}, "accuracy", best={"a": 99})
    assert not [t for t in none.data if t.mode == "markers"]


def test_smoothed_curves_keep_the_raw_ones_behind(history):
    fig = plots.curves({"a": history}, "loss", smoothing=0.8)
    raw, smoothed = fig.data[0], fig.data[1]
    assert raw.opacity < 0.5 and raw.hoverinfo == "skip"
    np.testing.assert_allclose(raw.y, smoothed.customdata)
    np.testing.assert_allclose(smoothed.y, plots.smooth(raw.y, 0.8))


def test_learning_rate_is_one_line_a_run_on_a_log_axis(history):
    fig = plots.curves({"a": history}, "learning_rate")
    assert len(fig.data) == 1 and fig.layout.yaxis.type == "log"


def test_the_switch_is_marked_in_the_curves():
    frame = pd.DataFrame({"epoch": [1, 2, 3], "val_loss": [3.0, 2.0, 1.0], "stage": [1, 1, 2]})
    figure = plots.curves({"run": frame})
    assert [shape.x0 for shape in figure.layout.shapes] == [2.5]
    assert any("fine-tuning begins" in a.text for a in figure.layout.annotations)
    assert not plots.curves({"run": frame.assign(stage=1)}).layout.shapes
