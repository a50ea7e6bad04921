"""A run's figures on the test part."""

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.lab.train import train_run


@pytest.mark.slow
def test_sigmoid_runs_are_scored_by_both_accuracies(make_config):
    """The report's way: outputs that are no distribution, binary accuracy beside top-1."""
    path = runs.create(make_config("sigmoid", loss="sigmoid", optimizer="rmsprop", epochs=1))
    assert train_run(path)
    run, found = runs.load(path), runs.results(path, 3)
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    assert 0 <= run.metrics["binary_accuracy"] <= 1
    history = runs.history(path)
    assert history["val_binary_accuracy"].between(0, 1).all()
    assert (history["stage"] == 1).all()
