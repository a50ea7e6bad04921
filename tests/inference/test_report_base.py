"""The report's network in NumPy."""

import io
import zipfile

import h5py
import numpy as np
import pytest
from scipy.signal import correlate2d
from scipy.special import softmax

from doodle_core.data import practice
from doodle_core.inference import report_base
from support.tour import write_weights


def test_the_network_in_numpy_convolves_as_scipy_does(finished_run):
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


def test_drawings_are_shown_from_minus_1_to_1_and_the_answers_are_a_softmax(finished_run):
    path = finished_run()
    write_weights(path)
    layers = report_base.weights(path, 3)
    rng = np.random.default_rng(0)
    drawings = rng.integers(0, 256, (2, 28, 28), dtype=np.uint8)
    probabilities, maps = report_base.answers(layers, drawings)
    (kernel, bias), *_, first, second, last = layers
    for channel in range(4):
        shown = drawings[0] / 127.5 - 1
        expected = correlate2d(shown, kernel[..., 0, channel], "same") + bias[channel]
        assert np.allclose(maps[0][0, ..., channel], np.maximum(expected, 0), atol=1e-4)
    pooled = maps[2][:, :6, :6].reshape(2, 3, 2, 3, 2, 6).max(axis=(2, 4)).reshape(2, -1)
    hidden = np.maximum(np.maximum(pooled @ first[0] + first[1], 0) @ second[0] + second[1], 0)
    assert np.allclose(probabilities, softmax(hidden @ last[0] + last[1], axis=1), atol=1e-4)


def test_another_network_or_a_damaged_one_is_refused(finished_run, monkeypatch):
    path = finished_run()
    with pytest.raises(ValueError, match=r"best.keras of done is damaged \("):
        report_base.weights(path, 3)
    write_weights(path)
    with pytest.raises(ValueError, match="is not the report's base network"):
        report_base.weights(path, 4)
    with zipfile.ZipFile(path / "best.keras") as archive:
        size = archive.getinfo("model.weights.h5").file_size
    monkeypatch.setattr(report_base, "MOST", size - 1)
    with pytest.raises(ValueError, match="its weights are too many"):
        report_base.weights(path, 3)
    monkeypatch.setattr(report_base, "MOST", size)
    assert len(report_base.weights(str(path), 3)) == 6


def test_weights_that_only_look_small_are_refused(finished_run, monkeypatch):
    """Zeros take no room in a compressed file, and all of it in memory."""
    path = finished_run()
    write_weights(path)
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name in report_base.NAMES:
            for part in "01":
                file.create_dataset(f"layers/{name}/vars/{part}", (200, 500), "f4", compression=9)
    with zipfile.ZipFile(path / "best.keras", "w") as archive:
        archive.writestr("model.weights.h5", content.getvalue())
    monkeypatch.setattr(report_base, "MOST", 12 * 200 * 500 * 4 - 1)
    assert len(content.getvalue()) < 100_000
    with pytest.raises(ValueError, match="its weights are too many"):
        report_base.weights(path, 3)
