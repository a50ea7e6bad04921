"""What a settings class declares once: the form, the command line, sweeps and checks read it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar

import pytest
from streamlit.testing.v1 import AppTest

from doodle_core.settings import (
    NETWORKS,
    PRESETS,
    VAE_NETWORKS,
    VAE_PRESETS,
    Choice,
    DataConfig,
    Flag,
    Group,
    Nested,
    Network,
    Preset,
    Real,
    RunConfig,
    Setting,
    TransferConfig,
    VaeConfig,
    Whole,
    check,
    check_name,
    declared,
    defaults,
    flags,
    free_name,
    grouped,
    nested,
)
from doodle_core.settings.sweep import Dimension, Sweep, swept

TOYS = {
    "plain": Network("A network as toys have it", "builtins:max"),
    "wound": Network("One to wind up", "builtins:min", settings=("turns", "key")),
}


@dataclass(frozen=True)
class Key:
    teeth: Annotated[int, Whole("Of the key.", Group.BASE, low=1, high=9)] = 3

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Toy:
    networks: ClassVar[dict[str, Network]] = TOYS

    name: str
    network: Annotated[str, Choice("Of toys.", choices=TOYS)] = "plain"
    is_red: Annotated[bool, Flag("Or blue.", Group.DRAWINGS, label="Red", after="weight")] = False
    weight: Annotated[
        float, Real("Grams, 100 % wood.", Group.DRAWINGS, high=50, step=0.5, swept="1, 2.5")
    ] = 1.5
    turns: Annotated[
        int, Whole("Of its key.", Group.MAIN, high=99, offered=(0, 20), more="0: still.")
    ] = 7
    key: Annotated[Key | None, Nested(Key, "winding up", optional=True)] = None

    def __post_init__(self) -> None:
        check(self)


WOUND = Preset("tin", "A tin toy", {"network": "wound", "turns": 9, "key": {"teeth": 5}})


def page(kind: type, preset: object) -> None:  # AppTest takes it by itself: builtins only
    """A page of one form; its settings go into the session."""
    import streamlit as st

    from pages.shared import form

    st.session_state["found"] = form.settings(kind, preset)


def test_a_declared_setting_is_in_the_form():
    app = AppTest.from_function(page, kwargs={"kind": Toy, "preset": WOUND}).run()
    assert not app.exception
    turns, teeth, weight = app.number_input
    assert (turns.label, turns.help, turns.value) == ("Turns", "Of its key.", 9)
    assert (turns.min, turns.max) == (0, 20)
    assert (weight.value, weight.step, teeth.value) == (1.5, 0.5, 5)
    assert [one.value for one in app.markdown] == ["**Base**", "**Drawings in training**"]
    assert app.toggle[0].label == "Red"
    turns.set_value(11).run()
    wanted = {"network": "wound", "turns": 11, "key": Key(5), "weight": 1.5, "is_red": False}
    assert app.session_state["found"] == wanted
    assert list(app.session_state["found"])[-2:] == ["weight", "is_red"]  # as `after` says


def test_what_a_network_lacks_is_not_in_its_form():
    app = AppTest.from_function(page, kwargs={"kind": Toy, "preset": Preset("p", "Plain")}).run()
    assert not app.exception
    assert [one.label for one in app.number_input] == ["Weight"]
    assert app.session_state["found"] == {"network": "plain", "weight": 1.5, "is_red": False}


def parsed(*arguments: str, begin: Preset = WOUND) -> Toy:
    command = ArgumentParser()
    flags.add(command, Toy)
    flags.add_nested(command, Toy)
    return Toy("t", **flags.asked(command.parse_args(arguments), Toy, begin.settings))


def test_a_declared_setting_is_a_flag_with_its_words():
    command = ArgumentParser()
    flags.add(command, Toy)
    text = " ".join(command.format_help().split())
    assert "Of its key. 0: still. (from 0 to 99; default: 7)" in text
    assert "Grams, 100 % wood. (from 0 to 50; default: 1.5)" in text
    assert "--is-red, --no-is-red Red. Or blue. (default: no)" in text
    assert "(plain, wound; default: plain)" in text


def test_what_is_given_goes_over_the_preset():
    assert parsed() == Toy("t", "wound", turns=9, key=Key(5))
    assert parsed("--turns", "3", "--is-red").turns == 3
    assert parsed(begin=Preset("p", "Plain")) == Toy("t")
    asked = parsed("--teeth", "2", begin=Preset("p", "Plain"))
    assert (asked.network, asked.key) == ("wound", Key(2))  # a key's flag asks for its network


def test_a_declared_setting_can_be_swept():
    assert swept(Toy) == {"weight": declared(Toy)["weight"]}
    assert swept(Toy)["weight"].kind is float


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"turns": 100}, "turns must be a whole number from 0 to 99; received 100."),
        ({"turns": 1.5}, "turns must be a whole number from 0 to 99; received 1.5."),
        ({"weight": -1}, "weight must be a number from 0 to 50; received -1."),
        ({"weight": float("nan")}, "weight must be a number from 0 to 50; received nan."),
        ({"network": []}, r"network must be one of plain, wound; received '\[\]'."),
        ({"is_red": "no"}, "is_red must be true or false; received 'no'."),
        ({"key": 3}, "key must be a Key; received 3."),
        ({"key": {"teeth": 0}}, "teeth must be a whole number from 1 to 9; received 0."),
    ],
)
def test_a_declared_setting_is_checked(change: dict[str, Any], words: str):
    with pytest.raises(ValueError, match=f"^{words}$"):
        Toy("t", **change)


@pytest.fixture
def toy_network() -> Iterator[str]:
    """A classifier of its own, registered as the real ones are."""
    NETWORKS["toy"] = Network("A toy", "builtins:max", settings=("filters",))
    yield "toy"
    del NETWORKS["toy"]


def test_a_network_is_one_entry(toy_network: str):
    config = RunConfig("x", network=toy_network)
    assert config.networks[config.network].load()(1, 2) == 2
    preset = Preset("toy", "A toy", {"network": toy_network})
    app = AppTest.from_function(page, kwargs={"kind": RunConfig, "preset": preset}).run()
    shown = {one.label for one in app.number_input}
    assert "Filters" in shown and "Blocks" not in shown
    command = ArgumentParser()
    flags.add(command, RunConfig)
    assert "report-base, report-flat, compact, transfer, toy" in " ".join(
        command.format_help().split()
    )
    space = (Dimension("network", ("toy", "compact")),)
    assert Sweep("s", RunConfig("s"), space).trials == 2
    Sweep("s", config, (Dimension("filters", (8, 16)),))
    with pytest.raises(ValueError, match=r"^filters can .* report-flat or toy only\.$"):
        Sweep("s", RunConfig("s"), (Dimension("filters", (8, 16)),))


@pytest.mark.parametrize("kind", [DataConfig, TransferConfig, RunConfig, VaeConfig])
def test_every_field_is_declared_or_known_to_have_its_own_place(kind: type[Any]):
    settings = declared(kind)
    own = {one.name for one in fields(kind)} - {*settings, *nested(kind)}
    assert own <= {"name", "categories", "shares"}
    shown = [name for group in grouped(kind).values() for name in group]
    assert len(shown) == len(set(shown))
    for name, setting in settings.items():
        assert setting.help.endswith(".")
        assert setting.after in {"", *settings}
        assert (setting.group is None) == (name not in shown)
        setting.checked(name, defaults(kind)[name])


@pytest.mark.parametrize(
    ("kind", "networks", "presets"),
    [(RunConfig, NETWORKS, PRESETS), (VaeConfig, VAE_NETWORKS, VAE_PRESETS)],
)
def test_every_preset_can_be_asked_for(
    kind: type[Any], networks: dict[str, Network], presets: dict[str, Preset]
):
    names = {one.name for one in fields(kind)}
    assert all(names >= set(one.settings) for one in networks.values())
    for name, preset in presets.items():
        assert preset.name == name and preset.label == f"{name}: {preset.title}"
        config = kind("x", **preset.settings)
        assert kind.from_dict({k: v for k, v in config.to_dict().items() if k != "kind"}) == config


def test_a_setting_says_what_it_takes():
    some: dict[str, Setting] = declared(VaeConfig)
    assert some["filters"].takes == "each from 1 to 1,024"
    assert some["target"].takes == "binary, grey"
    assert some["clipnorm"].takes == "from 0 to 1e+06"
    assert some["amsgrad"].takes == some["judge"].takes == ""


# --- names of runs ---


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "a\0b",
        "x" * 65,
        "CON",
        "nul.txt",
        "end.",
        "end ",
        "<b>",
        "a\nb",
        "*",
        7,
        None,
    ],
)
def test_hostile_run_names_are_refused_in_one_sentence(name):
    with pytest.raises(ValueError, match="A run's name must be") as refusal:
        check_name(name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["a", "report-base 3", "v1.2_x", "x" * 64])
def test_ordinary_run_names_are_taken(name):
    assert check_name(name) == name


def test_a_free_name_is_the_first_that_is_not_taken():
    taken = {"a-1", "a-2", "a"}
    assert free_name("a", taken.__contains__) == "a-3"
    assert free_name("a", taken.__contains__, is_bare=True) == "a-3"
    assert free_name("b/c", taken.__contains__) == "b-c-1"
    assert free_name("b", taken.__contains__, is_bare=True) == "b"
    assert free_name("b", {"b"}.__contains__, is_bare=True) == "b-2"


def test_a_form_has_a_setting_after_the_one_it_names():
    """The groups in the page's order, each with its settings in theirs."""
    found = {group.value: list(names) for group, names in grouped(VaeConfig).items()}
    assert list(found) == [
        *("Main", "Latent space", "Network", "Optimisation", "Drawings in training")
    ]
    assert found["Latent space"][:4] == ["latent", "beta", "warm_up", "free_bits"]
    assert found["Latent space"][5:7] == ["adversarial", "conditional"]
    places = [found["Optimisation"].index(one) for one in ("plateau", "clipnorm", "amsgrad")]
    assert places == [places[0], places[0] + 1, places[0] + 2]
    flat = [name for names in grouped(RunConfig, "report-base").values() for name in names]
    assert "filters" not in flat and "dropout" in flat
    assert flat.index("balance") == flat.index("seed") + 1


def test_every_setting_stands_under_its_heading():
    found = {group.value: list(names) for group, names in grouped(RunConfig).items()}
    assert found == {
        "Main": ["epochs", "batch_size", "learning_rate"],
        "Network": ["filters", "blocks", "dropout", "init", "loss", "label_smoothing"],
        "Optimisation": [
            *("optimizer", "schedule", "weight_decay", "early_stopping", "plateau", "precision"),
            "devices",
        ],
        "Drawings in training": ["rotation", "shift", "zoom", "test_views", "seed", "balance"],
    }
