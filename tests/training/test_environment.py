"""What a figure may depend on is written down."""

import keras

from doodle_core.settings import DataConfig, RunConfig
from doodle_core.training.environment import environment


def test_seeds_versions_and_machine_are_named():
    found = environment(RunConfig("x", DataConfig(seed=4), seed=5), "float32")
    assert (found["seed"], found["split_seed"], found["precision"]) == (5, 4, "float32")
    assert found["keras"] == keras.__version__ and found["cores"] >= 1
    assert all(isinstance(value, str | int) for value in found.values())
