"""What a sweep is asked to vary."""

import numpy as np
import optuna
import pytest

from doodle_core.lab import sweeps
from doodle_core.lab.sweeps import Dimension, Sweep
from doodle_core.settings import DataConfig, RunConfig

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


@pytest.mark.parametrize(
    "name, text, wanted",
    [
        ("batch_size", "8, 16,32", {"values": (8, 16, 32)}),
        ("learning_rate", "1e-4..1e-2 log", {"low": 1e-4, "high": 1e-2, "log": True}),
        ("dropout", "0..0.5", {"low": 0.0, "high": 0.5}),
        ("filters", "8..64", {"low": 8, "high": 64}),
        ("init", "glorot, he", {"values": ("glorot", "he")}),
    ],
)
def test_values_and_ranges_as_a_person_types_them(name, text, wanted):
    assert Dimension.parse(name, text) == Dimension(name, **wanted)


@pytest.mark.parametrize(
    "name, text",
    [
        ("batch_size", ""),
        ("batch_size", "8, x"),
        ("batch_size", "1.5"),
        ("batch_size", "8, 8"),
        ("learning_rate", "2..1"),
        ("learning_rate", "0..1 log"),
        ("learning_rate", "1..2 lag"),
        ("learning_rate", "nan..1"),
        ("epochs", "1, 2"),
        ("__class__", "x"),
    ],
)
def test_what_cannot_be_swept_gets_a_sentence(name, text):
    with pytest.raises(ValueError, match=r".{20}\.$"):
        Dimension.parse(name, text)


@pytest.mark.parametrize(
    "space, settings, said",
    [
        ((), {}, "at least one"),
        ((Dimension("dropout", low=0, high=0.5),), {}, "grid needs values"),
        ((Dimension("dropout", (0.1, 1.5)),), {}, "dropout must be"),
        ((Dimension("init", ("he", "hi")),), {}, "init must be"),
        ((Dimension("filters", (8,)),), {}, "report-flat only"),
        ((Dimension("label_smoothing", (0.0, 0.1)),), {}, "val_accuracy"),
        ((Dimension("seed", tuple(range(501))),), {}, "1 to 500"),
        ((Dimension("seed", (1,)),) * 2, {}, "twice"),
        ((Dimension("seed", (1,)),), {"sampler": "x"}, "sampler must be"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(make_config, space, settings, said):
    with pytest.raises(ValueError, match=said):
        Sweep("s", make_config(), space, **settings)


def test_whatever_can_be_swept_can_be_trained():
    """With the values that the page begins with; a schedule stands for other settings, too."""
    base = RunConfig("s", network="report-flat")
    assert {"batch_size", "learning_rate", "network", "schedule"} <= set(sweeps.swept())
    for name, setting in sweeps.swept().items():
        dimension = Dimension.parse(name, setting.swept)
        sweep = Sweep("s", base, (dimension,), objective="val_accuracy")
        trained = [sweep.config(point) for point in sweep.grid]
        assert len(trained) > 1
        if name != "schedule":
            assert tuple(getattr(config, name) for config in trained) == dimension.values


def test_the_presets_are_the_reports():
    data = DataConfig()
    made = {name: sweeps.from_preset("s", name, data) for name in sweeps.PRESETS}
    values = {name: [one.values for one in sweep.space] for name, sweep in made.items()}
    assert values["batch-size"] == [(8, 16, 32, 64, 128)]
    assert values["width-depth"] == [(16, 32, 64), (2, 3, 4)]
    assert values["dropout"] == [(0.1, 0.2, 0.3, 0.4, 0.5)]
    np.testing.assert_allclose(values["learning-rate"][0], np.linspace(1e-4, 1e-2, 10))
    epochs = {name: sweep.base.epochs for name, sweep in made.items()}
    assert (epochs["batch-size"], epochs["learning-rate"], epochs["width-depth"]) == (15, 15, 50)
    assert made["width-depth"].base.network == "report-flat"
    assert made["dropout"].base.early_stopping == 8
    plateaus = [
        (config.plateau, config.schedule)
        for config in (made["schedule"].config(point) for point in made["schedule"].grid)
    ]
    assert plateaus == [(0, "constant"), (5, "constant"), (0, "cosine")]
    assert all(Sweep.from_dict(sweep.to_dict()) == sweep for sweep in made.values())


def test_a_sweep_has_its_defaults_and_a_grids_own_number():
    seeds = Dimension("seed", (1, 2, 3))
    sweep = Sweep("s", RunConfig("s"), (seeds, Dimension("batch_size", (8, 16))), trials=99)
    assert (sweep.sampler, sweep.pruner, sweep.objective) == ("grid", "none", "val_loss")
    assert sweep.trials == 6 and sweep.preset == ""
    assert sweep.grid[:3] == [
        {"seed": 1, "batch_size": 8},
        {"seed": 1, "batch_size": 16},
        {"seed": 2, "batch_size": 8},
    ]
    by_chance = Sweep("s", RunConfig("s"), (seeds,), sampler="random")
    assert by_chance.trials == 20
    assert Sweep("s", RunConfig("s"), (seeds,), sampler="random", trials=500).trials == 500
    for trials in (0, 501, 1.5):
        with pytest.raises(ValueError, match="1 to 500 trials"):
            Sweep("s", RunConfig("s"), (seeds,), sampler="random", trials=trials)


def test_a_range_is_checked_at_both_ends_and_stands_only_where_it_can():
    with pytest.raises(ValueError, match="dropout must be"):
        Sweep("s", RunConfig("s"), (Dimension("dropout", low=0.5, high=0.99),), sampler="random")
    with pytest.raises(ValueError, match="dropout must be"):
        Sweep("s", RunConfig("s"), (Dimension("dropout", low=-0.5, high=0.9),), sampler="random")
    with pytest.raises(ValueError, match="one device"):
        Sweep("s", RunConfig("s", devices="gpus"), (Dimension("seed", (1,)),))
    for low, high in ((0.5, 0.5), (None, 1), (0, None), (0, float("inf"))):
        with pytest.raises(ValueError, match="low end must be below"):
            Dimension("dropout", low=low, high=high)
    Dimension("dropout", low=1e-9, high=1, log=True)
    with pytest.raises(ValueError, match="low end must be above 0"):
        Dimension("dropout", low=0, high=1, log=True)


def test_a_setting_of_one_network_is_swept_with_it_or_beside_it():
    filters = Dimension("filters", (8, 16))
    with pytest.raises(ValueError, match="filters and blocks can be swept with the network"):
        Sweep("s", RunConfig("s"), (filters,))
    both = (filters, Dimension("network", ("report-flat", "compact")))
    assert Sweep("s", RunConfig("s"), both).trials == 4
    assert Sweep("s", RunConfig("s", network="report-flat"), (filters,)).trials == 2


def test_a_trial_suggests_values_of_the_settings_kind():
    trial = optuna.trial.FixedTrial({"seed": 3, "dropout": 0.25, "batch_size": 16})
    assert Dimension("batch_size", (8, 16)).suggest(trial) == 16
    assert Dimension("seed", low=1, high=9).suggest(trial) == 3
    assert Dimension("dropout", low=0.1, high=0.5, log=True).suggest(trial) == 0.25
    kinds = {name: type(one).__name__ for name, one in trial.distributions.items()}
    assert kinds == {
        "batch_size": "CategoricalDistribution",
        "seed": "IntDistribution",
        "dropout": "FloatDistribution",
    }
    assert trial.distributions["dropout"].log and not trial.distributions["seed"].log
    assert (trial.distributions["seed"].low, trial.distributions["seed"].high) == (1, 9)


def test_values_in_words():
    values = {"batch_size": 16, "learning_rate": 0.00123456, "init": "he"}
    assert sweeps.words(values) == "batch size 16, learning rate 0.001235, init he"


def test_a_preset_may_be_changed_and_says_which_it_was():
    made = sweeps.from_preset("s", "dropout", DataConfig(), epochs=3)
    assert (made.base.epochs, made.base.early_stopping, made.preset) == (3, 8, "dropout")
    assert made.base.data == DataConfig() and made.name == made.base.name == "s"
    with pytest.raises(ValueError, match="preset must be one of batch-size"):
        sweeps.from_preset("s", "surprise", DataConfig())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2..1", "batch_size: a range's low end must be below its high end"),
        ("8, 8", "batch_size: a value is named twice"),
        ("1..2 lag", "batch_size: expected values like"),
        ("1.5", "batch_size: expected values like"),
        ("0..4 log", "batch_size: on a log scale the low end must be above 0"),
    ],
)
def test_what_is_wrong_with_what_was_typed(text, words):
    with pytest.raises(ValueError, match=words):
        Dimension.parse("batch_size", text)
