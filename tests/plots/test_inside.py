"""Maps, answers and recalls."""

import numpy as np

from doodle_core import evaluation
from doodle_core.plots import inside as inside_plots


def test_the_montage_puts_each_map_where_it_says():
    maps = np.arange(5 * 4 * 6, dtype=np.float32).reshape(5, 4, 6)
    figure = inside_plots.montage(maps, columns=3, note="practice data").data[0]
    z, number = np.asarray(figure.z), np.asarray(figure.customdata)
    for place, one in enumerate(maps, 1):
        assert np.array_equal(z[number == place].reshape(4, 6), one)
    assert np.isnan(z[number == 0]).all() and z.shape == (4 + 1 + 4, 3 * 6 + 2)


def test_the_answers_are_the_likeliest_first_and_marked():
    names, own, scaled = ["a", "<b>", "c"], [0.1, 0.7, 0.2], [0.2, 0.5, 0.3]
    figure = inside_plots.answers(names, own, scaled, 2, "practice data")
    scaled, own = figure.data
    assert list(own.y) == ["c", "&lt;b&gt;"] and list(own.x) == [0.2, 0.7]
    assert list(scaled.x) == [0.3, 0.5]
    assert figure.layout.annotations[0].text == "practice data"


def test_the_recalls_carry_their_intervals():
    rows = evaluation.per_category(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("a", "b"))
    figure = inside_plots.recalls(("a", "b"), {"x": rows, "<y>": rows})
    one, two = figure.data
    assert list(one.x) == [0.5, 1.0] and two.name == "&lt;y&gt;"
    assert list(one.error_x.array) == [row["recall_high"] - row["recall"] for row in rows]
