"""The values that runs, links and the README count on: defaults, bounds and presets."""

from typing import Any

import pytest

from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.settings import (
    NETWORKS,
    PRESETS,
    VAE_PRESETS,
    DataConfig,
    RunConfig,
    TransferConfig,
    VaeConfig,
)
from doodle_core.settings import sweep as sweeps
from doodle_core.settings.fields import Choice, Number, Pair, declared, defaults, owners

TRAINING: dict[str, Any] = {
    "batch_size": 64,
    "learning_rate": 1e-3,
    "schedule": "constant",
    **dict.fromkeys(("rotation", "shift", "zoom"), 0.0),
    **dict.fromkeys(("early_stopping", "plateau", "seed"), 0),
    "precision": "auto",
    "devices": "one",
}
DEFAULTS: dict[type, dict[str, Any]] = {
    DataConfig: {
        "source": "practice",
        "categories": REPORT_SEVEN,
        "per_category": 10_000,
        "shares": (0.7, 0.075, 0.225),
        "seed": 0,
        "test_source": "",
        "practice_added": 0,
        "train_limit": 0,
    },
    RunConfig: TRAINING
    | {
        **{"network": "report-base", "filters": 32, "blocks": 3, "dropout": 0.0, "init": "glorot"},
        **{"epochs": 20, "optimizer": "adam", "loss": "softmax", "label_smoothing": 0.0},
        **{"weight_decay": 0.0, "test_views": False, "balance": False, "start_from": ""},
        "transfer": None,
    },
    TransferConfig: {
        **{"base": "MobileNetV2", "weights": "imagenet", "input_size": 0, "pooling": "avg"},
        **{"fine_tune_epochs": 0, "fine_tune_layers": 20, "fine_tune_rate": 1e-5},
        **{"recompile": True, "batch_norm": "inference"},
    },
    VaeConfig: TRAINING
    | {
        **{"network": "strided", "filters": (32, 64), "blocks": 0, "decoder_kernel": 5},
        **{"skip_widest": False, "latent": 14, "conditional": False, "target": "binary"},
        **{"beta": 1.0, "warm_up": 0, "free_bits": 0.0, "classifier": 0.0, "adversarial": 0.0},
        **{"epochs": 30, "amsgrad": False, "clipnorm": 0.0, "judge": "", "projection": "umap"},
    },
}

MANY, COUNT = 2**31 - 1, 1_000_000
BOUNDS: dict[type, dict[str, tuple[float, ...]]] = {
    # least, most, and what the form offers of these: least, most, step
    DataConfig: {
        "per_category": (0, COUNT, 100, 200_000, 1000),
        "seed": (0, MANY, 0, MANY),
        "practice_added": (0, COUNT, 0, 100_000, 500),
        "train_limit": (0, COUNT, 0, COUNT, 100),
    },
    RunConfig: {
        "filters": (1, 1024, 1, 1024),
        "blocks": (1, 4, 1, 4),
        "dropout": (0, 0.95, 0, 0.95, 0.1),
        "label_smoothing": (0, 0.95, 0, 0.95, 0.05),
        "weight_decay": (0, 1, 0, 1, 1e-4),
    },
    TransferConfig: {
        "input_size": (0, 600, 0, 600),
        "fine_tune_epochs": (0, 10_000, 0, 10_000),
        "fine_tune_layers": (0, 10_000, 0, 10_000),
        "fine_tune_rate": (0, 1, 1e-7, 1, 1e-5),
    },
    VaeConfig: {
        "blocks": (0, 4, 0, 4),
        "decoder_kernel": (1, 9, 1, 9),
        "latent": (1, 512, 1, 512),
        "beta": (0, 100, 0, 100, 0.1),
        "warm_up": (0, 10_000, 0, 10_000),
        "free_bits": (0, 10, 0, 10, 0.05),
        "classifier": (0, 10_000, 0, 10_000, 10),
        "adversarial": (0, 10_000, 0, 10_000, 1),
        "clipnorm": (0, 1e6, 0, 1e6, 0.5),
    },
}
OF_BOTH: dict[str, tuple[float, ...]] = {
    "epochs": (1, 10_000, 1, 10_000),
    "batch_size": (1, 65_536, 1, 65_536),
    "learning_rate": (0, 1, 1e-6, 1, 1e-4),
    "rotation": (0, 180, 0, 180, 1),
    "shift": (0, 14, 0, 14, 0.5),
    "zoom": (0, 0.9, 0, 0.9, 0.05),
    "early_stopping": (0, 10_000, 0, 1000),
    "plateau": (0, 10_000, 0, 1000),
    "seed": (0, MANY, 0, MANY),
}


@pytest.mark.parametrize("kind", DEFAULTS)
def test_a_setting_that_is_not_given_has_its_default(kind: type[Any]):
    assert {name: one for name, one in defaults(kind).items() if name != "data"} == DEFAULTS[kind]
    made = kind() if kind in (DataConfig, TransferConfig) else kind("x")
    assert {name: getattr(made, name) for name in DEFAULTS[kind]} == DEFAULTS[kind]


@pytest.mark.parametrize("kind", BOUNDS)
def test_numbers_are_taken_from_the_least_to_the_most(kind: type[Any]):
    wanted = BOUNDS[kind] | (OF_BOTH if kind in (RunConfig, VaeConfig) else {})
    settings = {name: one for name, one in declared(kind).items() if isinstance(one, Number)}
    found = {name: (one.low, one.high, *one.bounds, one.step) for name, one in settings.items()}
    assert found == {name: (*one, None)[:5] for name, one in wanted.items()}
    for name, (low, high, *_) in wanted.items():
        one, little = settings[name], 1 if settings[name].kind is int else 1e-9
        assert one.checked(name, high) == high
        for beyond in (low - little, high + little):
            with pytest.raises(ValueError, match=f"^{name} must be "):
                one.checked(name, beyond)
        if name == "learning_rate":  # none is no training
            with pytest.raises(ValueError, match="learning_rate must be in"):
                one.checked(name, low)
        else:
            assert one.checked(name, low) == low


def test_choices_are_those_that_runs_have_stored():
    found = {
        (kind, name): tuple(one.choices)
        for kind in DEFAULTS
        for name, one in declared(kind).items()
        if isinstance(one, Choice) and name not in ("schedule", "precision", "devices")
    }
    assert found == {
        (RunConfig, "network"): ("report-base", "report-flat", "compact", "transfer"),
        (RunConfig, "init"): ("glorot", "he"),
        (RunConfig, "optimizer"): ("adam", "rmsprop"),
        (RunConfig, "loss"): ("softmax", "sigmoid"),
        (TransferConfig, "pooling"): ("max", "avg"),
        (TransferConfig, "batch_norm"): ("inference", "batch"),
        (VaeConfig, "network"): ("report-vae", "strided"),
        (VaeConfig, "target"): ("binary", "grey"),
        (VaeConfig, "projection"): ("umap", "tsne", "none"),
    }
    for kind in (RunConfig, VaeConfig):
        some = declared(kind)
        assert tuple(some["schedule"].choices) == ("constant", "cosine")
        assert tuple(some["precision"].choices) == ("auto", "float32", "mixed_bfloat16")
        assert tuple(some["devices"].choices) == ("one", "gpus", "workers")
        assert some["devices"].offered == ("one", "gpus")
    pair = declared(VaeConfig)["filters"]
    assert isinstance(pair, Pair) and (pair.each.low, pair.each.high) == (1, 1024)
    assert owners(RunConfig, "filters") == owners(RunConfig, "blocks") == ["report-flat"]
    assert owners(RunConfig, "transfer") == ["transfer"] and owners(RunConfig, "dropout") == []
    assert list(NETWORKS) == ["report-base", "report-flat", "compact", "transfer"]


def as_in_the_report(base: str, pooling: str) -> dict[str, Any]:
    transfer = {"base": base, "pooling": pooling, "fine_tune_epochs": 20}
    transfer |= {"batch_norm": "batch", "recompile": False}
    both = {"network": "transfer", "epochs": 20, "loss": "sigmoid", "optimizer": "rmsprop"}
    return both | {"transfer": transfer}


def properly(base: str, pooling: str, layers: int) -> dict[str, Any]:
    transfer = {"base": base, "pooling": pooling, "fine_tune_epochs": 20}
    transfer |= {"fine_tune_layers": layers, "fine_tune_rate": 1e-4}
    return {"network": "transfer", "epochs": 20, "transfer": transfer}


def test_a_classifiers_presets():
    compact = {"network": "compact", "init": "he", "dropout": 0.3, "epochs": 24, "batch_size": 128}
    compact |= {"learning_rate": 2e-3, "schedule": "cosine", "label_smoothing": 0.05}
    compact |= {"rotation": 12.0, "shift": 2.0, "zoom": 0.18, "test_views": True}
    assert {name: dict(one.settings) for name, one in PRESETS.items()} == {
        "report-base": {},
        "report-best": {"batch_size": 16, "early_stopping": 8},
        "report-flat": {"network": "report-flat", "epochs": 50},
        "report-dropout": {"dropout": 0.3, "early_stopping": 8},
        "compact": compact,
        "report-VGG19": as_in_the_report("VGG19", "max"),
        "tuned-VGG19": properly("VGG19", "max", 10),
        "report-MobileNetV2": as_in_the_report("MobileNetV2", "avg"),
        "tuned-MobileNetV2": properly("MobileNetV2", "avg", 50),
        "report-ResNet152V2": as_in_the_report("ResNet152V2", "max"),
        "tuned-ResNet152V2": properly("ResNet152V2", "max", 50),
    }


def test_an_autoencoders_presets():
    first = {"network": "report-vae", "batch_size": 16}
    ours = {"schedule": "cosine", "learning_rate": 2e-3, "batch_size": 128, "epochs": 40}
    ours |= {"warm_up": 2}
    apart = ours | {"target": "grey", "rotation": 10.0, "shift": 1.0, "zoom": 0.1}
    third = first | {"filters": (16, 16), "latent": 2, "decoder_kernel": 3, "epochs": 50}
    assert {name: dict(one.settings) for name, one in VAE_PRESETS.items()} == {
        "report-vae-1": first | {"filters": (8, 16), "epochs": 200},
        "report-vae-2": first | {"filters": (64, 128), "epochs": 75, "skip_widest": True},
        "report-vae-2-mended": first | {"filters": (64, 128), "epochs": 75},
        "report-vae-3": third | {"amsgrad": True, "clipnorm": 1.0},
        "vae": ours,
        "vae-conditional": ours
        | {"conditional": True, "target": "grey", "beta": 3.0, "adversarial": 30.0},
        "vae-separated": apart | {"classifier": 100.0},
        "vae-2d": apart | {"classifier": 10.0, "latent": 2},
        "vae-gan": ours | {"latent": 64, "target": "grey", "beta": 0.5, "adversarial": 30.0},
    }


def test_a_sweeps_presets_and_bounds():
    assert {name: (one.base, one.best) for name, one in sweeps.PRESETS.items()} == {
        "batch-size": ({"epochs": 15, "learning_rate": 1e-3}, {"batch_size": 16}),
        "learning-rate": ({"epochs": 15}, {"learning_rate": 0.0034}),
        "width-depth": ({"network": "report-flat", "epochs": 50}, {}),
        "dropout": ({"epochs": 50, "early_stopping": 8}, {}),
        "schedule": ({"epochs": 20}, {}),
    }
    assert sweeps.SCHEDULES == {
        "constant": {"schedule": "constant", "plateau": 0},
        "plateau": {"schedule": "constant", "plateau": 5},
        "cosine": {"schedule": "cosine", "plateau": 0},
    }
    assert sweeps.OBJECTIVES == {
        "val_loss": "validation loss (nats)",
        "val_accuracy": "validation top-1",
    }
    assert list(sweeps.SAMPLERS) == ["grid", "random", "bayesian"]
    assert list(sweeps.PRUNERS) == ["none", "median", "hyperband"]
    first, *_ = sweeps.PRESETS["learning-rate"].space
    assert first.values == (1e-4, 12e-4, 23e-4, 34e-4, 45e-4, 56e-4, 67e-4, 78e-4, 89e-4, 0.01)
