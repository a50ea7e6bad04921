"""The report's network in NumPy."""

import numpy as np

from doodle_core.data import practice
from doodle_core.inference import report_base
from support.tour import write_weights


def test_the_network_in_numpy_convolves_as_scipy_does(finished_run):
    from scipy.signal import correlate2d

    path = finished_run()
    write_weights(path)
    layers = report_base.weights(path, 3)
    drawings = practice.draw("apple", 2, 5).reshape(-1, 28, 28)
    probabilities, maps = report_base.answers(layers, drawings)
    assert [one.shape for one in maps] == [(2, 28, 28, 4), (2, 14, 14, 5), (2, 7, 7, 6)]
    assert probabilities.shape == (2, 3) and np.allclose(probabilities.sum(axis=1), 1)
    kernel, bias = layers[0]
    scaled = drawings[1] / 127.5 - 1  # [-1, 1], as it learned; zeros beyond the edge
    first = correlate2d(scaled, kernel[..., 0, 2], "same") + bias[2]
    assert np.allclose(maps[0][1, ..., 2], np.maximum(first, 0), atol=1e-4)
    kernel, bias = layers[1]
    pooled = maps[0].reshape(2, 14, 2, 14, 2, 4).max(axis=(2, 4))
    theirs = bias[2] + sum(
        correlate2d(pooled[1, ..., c], kernel[..., c, 2], "same") for c in range(4)
    )
    assert np.allclose(maps[1][1, ..., 2], np.maximum(theirs, 0), atol=1e-4)
