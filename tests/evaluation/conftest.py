"""Labels and probabilities, mostly right."""

import numpy as np
import pytest


@pytest.fixture
def scored():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 5, 400)
    logits = rng.normal(size=(400, 5)) + 1.5 * np.eye(5)[labels]
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
