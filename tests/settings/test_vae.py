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


def test_pairs_as_people_type_them():
    assert VaeConfig("v", filters=[8, 16]).filters == (8, 16)
    assert VaeConfig("v", filters="1,1024").filters == (1, 1024)
    for wrong in ("8", "8,16,32", "8,1025", 8, (8, 16.5)):
        with pytest.raises(ValueError, match="filters must be"):
            VaeConfig("v", filters=wrong)


def test_what_an_autoencoder_has_of_a_classifiers_settings():
    config = VaeConfig("v")
    assert config.start_from == "" and config.transfer is None
    assert not config.augments and config.all_epochs == config.epochs == 30
    for change in ({"rotation": 1.0}, {"shift": 1.0}, {"zoom": 0.1}):
        assert VaeConfig("v", **change).augments
    assert VaeConfig("v", schedule="cosine").plateau == 0 and VaeConfig("v", plateau=3)
    assert VaeConfig("v", adversarial=1.0) and VaeConfig("v", early_stopping=3)
