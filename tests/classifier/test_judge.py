"""Which classifier judges an autoencoder: of its categories, the best by validation."""

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.classifier.judge import choose_judge
from doodle_core.settings import VaeConfig
from support.drawings import CATEGORIES
from support.networks import give_networks
from support.tour import change

SEEN = np.zeros((2, 28, 28, 1), np.uint8)


@pytest.fixture
def vae(make_config):
    data = make_config().data
    return lambda **settings: VaeConfig("plane", data, **settings)


def test_the_best_in_validation_that_has_a_network_judges(finished_run, vae):
    for name, share in (("good", 0.9), ("best", 0.95), ("bare", 0.99)):
        path = finished_run(name, network="compact")
        change(path, val_top1=share)
        if name != "bare":
            give_networks(path)
    judge, figures = choose_judge(vae(), SEEN)
    assert judge.name == figures["judge"] == "best" and figures["judge_saw"] == 0
    judge, figures = choose_judge(vae(judge="good"), SEEN)
    assert judge.name == figures["judge"] == "good"


def test_none_judges_where_none_knows_the_categories(finished_run, vae):
    assert choose_judge(vae(), SEEN) == (None, {})
    assert choose_judge(vae(judge="nobody"), SEEN) == (None, {})


def test_one_that_learned_from_the_test_drawings_is_said_to_have(finished_run, vae, make_config):
    from doodle_core.training.parts import open_parts

    path = give_networks(finished_run("done", network="compact"))
    (learned, _), *_ = open_parts(runs.load(path).config.data)
    _, figures = choose_judge(vae(), np.array(learned[:1]).reshape(1, 28, 28, 1))
    assert figures["judge_saw"] == 1


def test_a_network_of_an_older_version_is_made_portable(finished_run, vae):
    path = give_networks(finished_run("done", network="compact"))
    (path / "network.tflite").unlink()
    judge, _ = choose_judge(vae(), SEEN)
    assert (path / "network.tflite").is_file()
    assert judge.probabilities(SEEN).shape == (2, len(CATEGORIES))
