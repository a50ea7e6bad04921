"""A classifier that names another run's drawings, in that run's order of categories."""

from dataclasses import replace

import numpy as np

from doodle_core import runs
from doodle_core.inference.classifier import load_classifier
from doodle_core.inference.judge import Judge
from support.drawings import CATEGORIES


def test_it_says_what_the_classifier_says_of_one_view(run_with_weights):
    run = runs.load(run_with_weights("done", network="compact", test_views=True))
    drawings = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    judge = Judge(run.path, run.config, CATEGORIES[::-1])
    alone = load_classifier(run.path, replace(run.config, test_views=False))
    assert judge.name == "done"
    assert np.array_equal(judge.probabilities(drawings), alone.probabilities(drawings)[:, ::-1])
    assert np.array_equal(judge.embeddings(drawings), alone.embeddings(drawings))
    five = load_classifier(run.path, run.config).probabilities(drawings)
    assert not np.allclose(judge.probabilities(drawings)[:, ::-1], five)
