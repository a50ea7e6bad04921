"""Colours that stay apart in every sight, and notes on every figure."""

import itertools

import numpy as np
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
