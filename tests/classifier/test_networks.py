"""The classifiers' networks: the report's, layer by layer, and ours."""

import numpy as np
import pytest

from doodle_core.classifier import networks
from doodle_core.settings import PRESETS, RunConfig
from doodle_core.training import stored


def test_the_base_network_is_the_reports_layer_by_layer():
    model = networks.build(RunConfig("x"), 7)
    counts = [row["parameters"] for row in stored.table(model) if row["parameters"]]
    assert counts == [160, 4_640, 18_496, 332_352, 73_856, 903]
    assert model.count_params() == 430_407
    outputs = {row["layer"]: row["output"] for row in stored.table(model)}
    assert outputs["conv1"] == "28 x 28 x 16" and outputs["flatten"] == "576"


def test_the_network_scales_its_input_to_the_reports_range():
    model = networks.build(RunConfig("x"), 7)
    scale = model.get_layer("scale")
    assert np.allclose(scale(np.array([0, 255], np.uint8)), [-1, 1])


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (
            {"network": "report-flat", "filters": 16, "blocks": 2},
            160 + 2_320 + 452_160 + 73_856 + 903,
        ),
        (
            {"network": "report-flat", "filters": 64, "blocks": 4},
            640 + 3 * 36_928 + 37_440 + 73_856 + 903,
        ),
        ({"dropout": 0.5, "init": "he"}, 430_407),
    ],
)
def test_the_reports_other_networks(settings, parameters):
    model = networks.build(RunConfig("x", **settings), 7)
    assert model.count_params() == parameters


def test_the_compact_network_has_at_most_half_the_parameters():
    model = networks.build(RunConfig("x", **PRESETS["compact"].settings), 7)
    assert model.count_params() <= 430_407 // 2


def test_dropout_stands_before_both_dense_layers():
    names = [layer.name for layer in networks.build(RunConfig("x", dropout=0.2), 7).layers]
    assert names.index("dropout576") + 1 == names.index("dense576")
    assert names.index("dropout128") + 1 == names.index("embedding")
