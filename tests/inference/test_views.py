"""Five views of a drawing, against points moved by hand."""

import numpy as np
import pytest

from doodle_core.inference.views import VIEWS, five_views


def test_the_drawing_itself_comes_first():
    drawings = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    found = five_views(drawings)
    assert found.shape == (5, 3, 28, 28) and found.dtype == np.uint8
    assert np.array_equal(found[0], drawings)


@pytest.mark.parametrize("view, turn, scale", [(n, *one) for n, one in enumerate(VIEWS, 1)])
def test_a_point_goes_where_its_view_sends_it(view, turn, scale):
    """A dot 9 pixels right of the middle: turned about it, and nearer to it where made smaller."""
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 13:15, 22:24] = 255  # its middle is at (13.5, 22.5)
    found = five_views(drawing)[view, 0].astype(float)
    rows, columns = np.indices((28, 28))
    row, column = ((found * at).sum() / found.sum() - 13.5 for at in (rows, columns))
    angle = np.radians(turn)
    assert abs(row) == pytest.approx(9 / scale * abs(np.sin(angle)), abs=0.15)
    assert column == pytest.approx(9 / scale * np.cos(angle), abs=0.15)
    assert row * turn <= 0.01 or turn == 0  # against the clock for positive angles


def test_opposite_turns_are_mirror_images():
    drawing = np.zeros((1, 28, 28), np.uint8)
    drawing[0, 4:24, 13:15] = 255  # the same mirrored
    left, right = five_views(drawing)[1:3, 0]
    assert np.abs(left.astype(int) - right[:, ::-1]).max() <= 1 and not np.array_equal(left, right)
