"""A small base in keras.applications, and no features of other tests."""

import keras
import numpy as np
import pytest

from support.bases import BASE, tiny


@pytest.fixture(scope="module")
def tiny_base():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.applications, BASE, tiny, raising=False)
        yield


@pytest.fixture
def no_features(monkeypatch, tmp_path):
    keras.utils.set_random_seed(0)
    monkeypatch.setattr("doodle_core.classifier.features.FEATURES", tmp_path / "features")
    monkeypatch.delenv("DOODLE_WEIGHTS", raising=False)


@pytest.fixture
def drawings():
    return np.random.default_rng(1).integers(0, 256, (20, 28, 28, 1), dtype=np.uint8)
