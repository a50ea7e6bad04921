"""An autoencoder's settings: bounds, and what cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doodle_core.settings import VaeConfig
from support.hostile import JSON, answered


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": (4,)},
        {"filters": "4,x"},
        {"filters": (0, 4)},
        {"latent": 0},
        {"beta": -1.0},
        {"target": "red"},
        {"network": "compact"},
        {"schedule": "cosine", "plateau": 3},
        {"adversarial": 1.0, "early_stopping": 3},
        {"judge": "../x"},
        {"projection": "mds"},
        {"learning_rate": 0.0},
        {"devices": "moon"},
        {"blocks": 9},
        {"conditional": "yes"},
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(wrong):
    name = next(iter(wrong))
    words = {
        "schedule": "cosine schedule",
        "adversarial": "Early stopping",
        "judge": "name must be",
    }
    with pytest.raises(ValueError, match=words.get(name, name)):
        VaeConfig("v", **wrong)


def test_a_configuration_comes_back_as_it_was():
    config = VaeConfig("v", filters="8, 16", conditional=True, latent=2)
    content = config.to_dict()
    assert content.pop("kind") == "vae"
    assert VaeConfig.from_dict(content) == config and config.filters == (8, 16)


@given(
    st.sampled_from(["filters", "name", "source", "latent", "seed", "epochs", "categories"]), JSON
)
def test_no_setting_surprises(setting, value):
    made = answered(VaeConfig.from_dict, {"name": "x", setting: value})
    if made is not None:
        content = made.to_dict()
        assert content.pop("kind") == "vae" and VaeConfig.from_dict(content) == made
