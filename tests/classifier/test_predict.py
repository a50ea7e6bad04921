"""What a network says of drawings, and of five views of each."""

import numpy as np

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
