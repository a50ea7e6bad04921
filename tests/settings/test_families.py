"""Each family of networks stands in the register once, and its settings find it again."""

import pytest

from doodle_core.settings import RunConfig, VaeConfig, families


@pytest.mark.parametrize("key, config", [("classifier", RunConfig("x")), ("vae", VaeConfig("x"))])
def test_settings_find_their_family_and_come_back(key, config):
    assert families.family_of(config) is families.FAMILIES[key]
    assert families.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("key", families.FAMILIES)
def test_a_familys_functions_are_where_it_says(key):
    family = families.FAMILIES[key]
    for what in ("fit", "score", "report"):
        with pytest.raises(TypeError, match="missing .* required positional"):
            family.call(what)


def test_a_key_is_taken_once():
    with pytest.raises(ValueError, match="'vae' already"):
        families.register(families.FAMILIES["vae"])


@pytest.mark.parametrize("kind", ["nobody", "", None, 3, ["vae"]])
def test_an_unknown_kind_gets_a_sentence(kind):
    with pytest.raises(ValueError, match="unknown kind"):
        families.from_dict({"kind": kind, "name": "x"})
    with pytest.raises(ValueError, match="belongs to no family"):
        families.family_of(kind)
