import itertools
import json

import numpy as np
import pandas as pd
import pytest

from doodle_core import plots
from doodle_core.data.categories import CATEGORIES, NINETEEN, REPORT_SEVEN, STAND_IN_SEVEN
from doodle_core.evaluation import per_category

# Simulated colour blindness, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color):
    rgb = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb):
    lms = np.cbrt(
        np.clip(rgb, 0, 1)
        @ np.array(
            [
                [0.4122214708, 0.2119034982, 0.0883024619],
                [0.5363325363, 0.6806995451, 0.2817188376],
                [0.0514459929, 0.1073969566, 0.6299787005],
            ]
        )
    )
    return lms @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )


def apart(colors, sight):
    seen = [oklab(np.asarray(SIGHTS[sight]) @ linear(color)) for color in colors]
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))


@pytest.fixture
def history():
    epochs = np.arange(1, 6)
    return pd.DataFrame(
        {
            "epoch": epochs,
            "loss": 1 / epochs,
            "accuracy": 1 - 0.5 / epochs,
            "val_loss": 1 / epochs + 0.1,
            "val_accuracy": 0.9 - 0.4 / epochs,
            "learning_rate": 1e-3,
        }
    )


@pytest.fixture
def matrix():
    return np.array([[5, 0, 1], [2, 7, 0], [0, 3, 4]])


def drawn(fig):
    """The figure as the browser gets it."""
    return json.loads(fig.to_json())


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_ten_colours_stay_apart_in_every_sight(sight):
    assert apart(plots.CORE.values(), sight) > 0.05


def test_a_category_keeps_its_colour_beside_any_others():
    everywhere = plots.category_colors(CATEGORIES)
    for some in (REPORT_SEVEN, STAND_IN_SEVEN, NINETEEN, ["moon"], CATEGORIES[::-7]):
        assert plots.category_colors(some) == {name: everywhere[name] for name in some}
    assert set(REPORT_SEVEN) | set(STAND_IN_SEVEN) == set(plots.CORE)


def test_all_345_colours_differ_and_the_nineteen_clearly():
    colors = plots.category_colors(CATEGORIES)
    assert len(set(colors.values())) == 345
    assert apart(list(plots.category_colors(NINETEEN).values()), "normal") > 0.03
    assert plots.category_colors(["no such"]) == plots.category_colors(["no such"])


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


def test_live_thins_steps_and_keeps_validation(history):
    steps = pd.DataFrame({"epoch": np.linspace(0, 2, 5000), "loss": np.linspace(2, 1, 5000)})
    spec = plots.live(history[:2], steps, "loss", note="practice data")
    parts = {"training": [], "validation": []}
    for row in spec["data"]["values"]:
        parts[row["part"]].append(row["epochs done"])
    assert 500 <= len(parts["training"]) <= 1250 and parts["validation"] == [1, 2]
    assert spec["title"]["text"] == "practice data"
    json.dumps(spec, allow_nan=False)


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


def test_every_figure_carries_its_note_on_a_clear_ground(history, matrix):
    rows = per_category(np.array([0, 1]), np.array([0, 1]), ("apple", "moon"))
    for fig in (
        plots.curves({"a": history}, note="<practice>"),
        plots.confusion(matrix, ["a", "b", "c"], note="<practice>"),
        plots.per_class(rows, note="<practice>"),
    ):
        assert [n.text for n in fig.layout.annotations].count("&lt;practice&gt;") == 1
        assert fig.layout.paper_bgcolor == fig.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
        assert fig.layout.title.text is None


def test_a_long_note_is_wrapped_and_gets_room():
    matrix, names = np.eye(3, dtype=int), ["a", "b", "c"]
    short = plots.confusion(matrix, names, note="practice data")
    long = plots.confusion(matrix, names, note="a folder of somebody's, begun with practice data")
    lines = long.layout.annotations[-1].text.split("<br>")
    assert lines == ["a folder of somebody&#x27;s, begun with", "practice data"]
    assert long.layout.height - short.layout.height == 15
    assert long.layout.margin.t - short.layout.margin.t == 15
