"""Each family of networks stands in the register once, and its settings find it again."""

import json
from typing import Any

import pytest

from doodle_core.settings import RunConfig, TransferConfig, VaeConfig, declared, families
from doodle_core.settings.fields import Flag, Number, Real, Text


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


OTHERS = (None, [], {}, (), "", 0, 0.0, 1, True, -1, [1], {"a": 1}, float("nan"), "\ud800")
PARTS = {
    "classifier": RunConfig("x", network="transfer", transfer=TransferConfig()),
    "vae": VaeConfig("x"),
}


def takes(kind: Any, default: Any, value: Any) -> bool:
    """Whether a setting of that kind may have that value; a default is always one."""
    if isinstance(kind, Text):
        return value == default or (value == "" and kind.may_lack)
    if isinstance(kind, Flag):
        return isinstance(value, bool)
    if isinstance(kind, Number):
        is_kind = type(value) is int or (isinstance(kind, Real) and type(value) is float)
        return (
            is_kind and kind.low <= value <= kind.high and not (value == kind.low and is_open(kind))
        )
    return value == default


def is_open(kind: Any) -> bool:
    return isinstance(kind, Real) and kind.above_low


@pytest.mark.parametrize("key", PARTS)
def test_no_setting_takes_what_is_of_another_kind(key):
    """Null, [] and {} are no text, though as empty as ""; True is no number, and 1 not true."""
    whole, seen = PARTS[key].to_dict(), 0
    for place, config in (
        (None, PARTS[key]),
        ("data", PARTS[key].data),
        ("transfer", PARTS[key].transfer),
    ):
        for name, kind in declared(type(config)).items() if config else ():
            for value in OTHERS:
                content = json.loads(json.dumps(whole))
                (content[place] if place else content)[name] = value
                if takes(kind, getattr(config, name), value):
                    continue
                seen += 1
                with pytest.raises(ValueError, match=r"^[^\n]+$"):
                    families.from_dict(content)
    assert seen > 200


def test_what_runs_of_each_family_say_of_themselves():
    classifier, vae = (families.FAMILIES[key] for key in ("classifier", "vae"))
    known = {"top1": 0.9455, "top1_low": 0.9391, "top1_high": 0.9512, "chance": 1 / 7}
    assert classifier.figure(known) == "94.5\u00a0% (93.9 to 95.1) top-1"
    assert classifier.detail(known) == "95 % interval; chance 14.3\u00a0%"
    assert classifier.line(known) == "top-1 0.9455 (0.9391 to 0.9512)"
    known = {"loss": 130.04, "reconstruction": 110.16, "kl": 19.88}
    assert vae.figure(known) == "130.0 nats a drawing"
    assert vae.detail(known) == "reconstruction 110.2 + KL 19.9, test part"
    assert vae.line(known) == "130.04 nats (110.16 + KL 19.88)"


def test_what_a_training_says_while_it_runs():
    classifier, vae = (families.FAMILIES[key] for key in ("classifier", "vae"))
    loss, accuracy = classifier.live({"loss": 0.12345, "accuracy": 0.5})
    assert loss[:2] == ("Training loss", "0.123 nats")
    assert accuracy[:2] == ("Training accuracy", "50.0\u00a0%")
    (loss, accuracy), nothing = classifier.live({}), ""
    assert (loss[1], accuracy[1]) == ("not a number nats", nothing)
    _, parts = vae.live({"loss": 130.0, "reconstruction": 110.16, "kl": 19.88})
    assert parts[:2] == ("Reconstruction + KL", "110.2 + 19.9")
    assert vae.live({"kl": 19.88})[1][1] == "19.9" and vae.live({})[1][1] == ""


def test_which_epoch_is_kept_and_which_curves_are_drawn():
    classifier, vae = (families.FAMILIES[key] for key in ("classifier", "vae"))
    assert not classifier.keeps_last(RunConfig("x")) and not vae.keeps_last(VaeConfig("x"))
    assert vae.keeps_last(VaeConfig("x", adversarial=0.5))
    assert classifier.curves == ("loss", "accuracy")
    assert vae.curves == ("loss", "reconstruction", "kl")
    assert vae.table[:5] == ["loss", "reconstruction", "kl", "iwae", "latent"]
    assert classifier.weights == ("best.keras",)
    assert vae.weights == ("encoder.keras", "decoder.keras")
    views, plain = RunConfig("x", test_views=True), RunConfig("y")
    assert "five views" in classifier.caption([plain, views])
    assert "five views" not in classifier.caption([plain])
