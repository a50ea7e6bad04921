"""What a network says of drawings, and of five views of each."""

import numpy as np
import pytest

from doodle_core.classifier import networks
from doodle_core.classifier.predict import predict
from doodle_core.settings import RunConfig


def test_five_views_are_averaged():
    drawing = np.zeros((20, 28, 28, 1), np.uint8)
    drawing[10:, 4:12, 4:24] = 255  # the first ten are blank: every view of them is the same
    plain, views = RunConfig("x"), RunConfig("x", test_views=True)
    model = networks.build(plain, 3)
    one, five = predict(model, drawing, plain), predict(model, drawing, views)
    assert np.allclose(one[:10], five[:10], atol=1e-6)
    apart = np.abs(one[10:] - five[10:]).max()
    assert 1e-5 < apart < 0.2 and np.allclose(five.sum(axis=1), 1, atol=1e-5)
    many = predict(model, np.repeat(drawing, 10, axis=0), views)  # by another way
    assert np.allclose(many[::10], five, atol=1e-5)


class Mean:
    """In the place of a network: it answers with the share of ink, and keeps what it was shown."""

    def __call__(self, x, training):
        assert training is False
        self.shown = np.asarray(x)
        return np.stack([self.shown.mean(axis=(1, 2, 3)), np.ones(len(x))], axis=1)


def test_the_five_views_are_turned_by_6_degrees_and_scaled_by_8_percent():
    drawing = np.zeros((2, 28, 28, 1), np.uint8)
    drawing[0, 6:22, 10:18] = drawing[1, 8:20, 4:24] = 255
    model = Mean()
    found = predict(model, drawing, RunConfig("x", test_views=True))
    plain, left, right, smaller, larger = model.shown.reshape(5, 2, 28, 28).astype(float)
    assert np.array_equal(plain, drawing[..., 0])
    for one, drawn in enumerate(plain):
        area = drawn.sum()
        assert smaller[one].sum() == pytest.approx(area / 1.08**2, rel=0.02)
        assert larger[one].sum() == pytest.approx(area / 0.92**2, rel=0.02)
        for view, degrees in ((left[one], 6), (right[one], -6)):
            assert view.sum() == pytest.approx(area, rel=0.02)
            turned = (axis(view) - axis(drawn) + 90) % 180 - 90
            assert turned == pytest.approx(degrees, abs=0.5)
    answers = model.shown.mean(axis=(1, 2, 3)).reshape(5, 2).mean(axis=0)
    assert found == pytest.approx(np.stack([answers, np.ones(2)], axis=1))
    predict(model, drawing, RunConfig("x"))
    assert len(model.shown) == 2


def axis(drawn):
    """The direction of a drawing's long side, in degrees against the clock."""
    y, x = np.nonzero(drawn)
    spread = np.cov(x, -y, aweights=drawn[y, x])
    return np.degrees(np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1]) / 2)
