"""What a sweep is asked to do: the settings it varies, and the report's own ones (section 2.2)."""

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self, TypeGuard

import numpy as np

from doodle_core.settings.classifier import RunConfig
from doodle_core.settings.data import DataConfig
from doodle_core.settings.fields import Choice, Setting, check_name, declared, owners, plain

if TYPE_CHECKING:
    from optuna import Trial

MOST = 500  # trials of one sweep

SAMPLERS = {
    "grid": "Grid: every combination once",
    "random": "Random (Bergstra and Bengio 2012)",
    "bayesian": "Bayesian (TPE, Bergstra et al. 2011)",
}
PRUNERS = {
    "none": "None: every trial to its end",
    "median": "Median: stop what is worse than the median at the same epoch",
    "hyperband": "Hyperband (Li et al. 2018)",
}
OBJECTIVES = {"val_loss": "validation loss (nats)", "val_accuracy": "validation top-1"}
SCHEDULES = {
    "constant": {"schedule": "constant", "plateau": 0},
    "plateau": {"schedule": "constant", "plateau": 5},
    "cosine": {"schedule": "cosine", "plateau": 0},
}
"""What the swept setting "schedule" stands for: "plateau" is the report's (section 1.1.2)."""


def swept(kind: type[Any] = RunConfig) -> dict[str, Setting]:
    """The settings of a class that can be swept, by name, in its order."""
    return {name: one for name, one in declared(kind).items() if one.swept}


# --- what a sweep is asked to do -----------------------------------------------------------------


@dataclass(frozen=True)
class Dimension:
    """One swept setting: either values or a range.

    Attributes:
        name: one of `swept()`.
        values: to choose from; () where there is a range.
        low, high: the range's ends, both included; None where there are values.
        log: even on a log scale.
    """

    name: str
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False

    def __post_init__(self) -> None:
        if self.name not in swept():
            raise ValueError(
                f"{str(self.name)[:80]!r} cannot be swept; choose from {', '.join(swept())}."
            )
        object.__setattr__(self, "values", tuple(self.values))
        if self.values:
            if len(set(self.values)) < len(self.values):
                raise ValueError(f"{self.name}: a value is named twice.")
            return
        low, high = self.low, self.high
        if not (_is_number(low) and _is_number(high) and low < high):
            raise ValueError(f"{self.name}: a range's low end must be below its high end.")
        if self.log and not low > 0:
            raise ValueError(f"{self.name}: on a log scale the low end must be above 0.")

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """From what a person types: "16, 32, 64", "1e-4..1e-2" or "1e-4..1e-2 log".

        Raises:
            ValueError: says what was expected.
        """
        setting = swept().get(name)
        kind = setting.kind if setting else str
        try:
            if ".." in text and not isinstance(setting, Choice):
                ends, _, scale = text.strip().partition(" ")
                if scale.strip() not in ("", "log"):
                    raise ValueError
                low, high = (kind(end) for end in ends.split(".."))
                return cls(name, low=low, high=high, log=bool(scale))
            values = [kind(part.strip()) for part in text.split(",") if part.strip()]
        except ValueError as error:
            if str(error).startswith(f"{name}:"):
                raise
            values = []
        if not values:
            raise ValueError(
                f'{name}: expected values like "16, 32" or a range like "0.001..0.01 log", whole '
                f"numbers where they must be; received {text[:80]!r}."
            )
        return cls(name, tuple(values))

    def suggest(self, trial: "Trial") -> Any:
        """This setting's value in an Optuna trial."""
        if self.values:
            return trial.suggest_categorical(self.name, self.values)
        make: Any = trial.suggest_int if swept()[self.name].kind is int else trial.suggest_float
        return make(self.name, self.low, self.high, log=self.log)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and bool(np.isfinite(value))


@dataclass(frozen=True)
class Sweep:
    """One sweep.

    Attributes:
        name: of the Optuna study; the same rules as for a run's.
        base: RunConfig, what all trials share. Its test settings are not used.
        space: the swept settings, at least one Dimension.
        sampler, pruner, objective: keys of `SAMPLERS`, `PRUNERS`, `OBJECTIVES`.
        trials: how many settings are tried; a grid's own number whatever is said.
        preset: the `PRESETS` key it was made from, or "".
    """

    name: str
    base: RunConfig
    space: tuple[Dimension, ...]
    sampler: str = "grid"
    pruner: str = "none"
    objective: str = "val_loss"
    trials: int = 20
    preset: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        if isinstance(self.base, dict):
            object.__setattr__(self, "base", RunConfig.from_dict(self.base))
        space = [Dimension(**one) if isinstance(one, dict) else one for one in self.space]
        object.__setattr__(self, "space", tuple(space))
        for name, choices in (
            ("sampler", SAMPLERS),
            ("pruner", PRUNERS),
            ("objective", OBJECTIVES),
        ):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}.")
        if not self.space:
            raise ValueError("Choose at least one setting to vary.")
        if self.base.devices != "one":
            raise ValueError("A trial trains on one device: start more workers instead.")
        if len({one.name for one in self.space}) < len(self.space):
            raise ValueError("A setting is named twice.")
        if self.sampler == "grid":
            for one in self.space:
                if not one.values:
                    raise ValueError(f"A grid needs values, not a range: {one.name}.")
            object.__setattr__(self, "trials", len(self.grid))
        if not isinstance(self.trials, int) or not 1 <= self.trials <= MOST:
            raise ValueError(f"A sweep has 1 to {MOST} trials; received {self.trials}.")
        names = {one.name for one in self.space}
        for one in self.space:
            having = owners(RunConfig, one.name)
            if having and "network" not in names and self.base.network not in having:
                alike = [name for name in swept() if owners(RunConfig, name) == having]
                raise ValueError(
                    f"{' and '.join(alike)} can be swept with the network {' or '.join(having)} "
                    "only."
                )
        if "label_smoothing" in names and self.objective == "val_loss":
            raise ValueError(
                "Label smoothing changes what the loss measures: compare by val_accuracy."
            )
        for one in self.space:
            for value in one.values or (one.low, one.high):
                self.config({one.name: value})

    @property
    def grid(self) -> list[dict[str, Any]]:
        """Every combination of the values: list of {name: value}."""
        names = [one.name for one in self.space]
        points = itertools.product(*(one.values for one in self.space))
        return [dict(zip(names, point, strict=True)) for point in points]

    def config(self, values: Mapping[str, Any], **changes: Any) -> RunConfig:
        """The RunConfig of a trial: the base with these values, for example to train it in full.

        Raises:
            ValueError: they cannot be trained.
        """
        asked: dict[str, Any] = dict(values)
        if "schedule" in asked:
            asked |= SCHEDULES.get(asked["schedule"], {})
        return replace(self.base, **asked, **changes)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The sweep that `to_dict` stored.

        Raises:
            ValueError: it is not one.
        """
        try:
            return cls(**content)
        except (TypeError, AttributeError) as error:  # other keys, or other kinds of values
            raise ValueError(f"This is not a sweep's description: {error}.") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "base": self.base.to_dict()}


@dataclass(frozen=True)
class Preset:
    """A sweep of the report (section 2.2), or one of its tricks (1.1.2).

    Attributes:
        title: for people. space: Dimensions. base: RunConfig settings. report: what it said, and
        where ours differs. best: the values that it found best, {} where it named none.
    """

    title: str
    space: tuple[Dimension, ...]
    base: dict[str, Any]
    report: str
    best: dict[str, Any] = field(default_factory=dict)


PRESETS = {
    "batch-size": Preset(
        "Batch size",
        (Dimension("batch_size", (8, 16, 32, 64, 128)),),
        {"epochs": 15, "learning_rate": 1e-3},
        "Adam at 0.001, 15 epochs; the report's best was 16. Its epochs had 766 steps, which is "
        "one pass at batch 64; here an epoch is one pass at every batch size.",
        {"batch_size": 16},
    ),
    "learning-rate": Preset(
        "Learning rate",
        (
            Dimension("learning_rate", tuple(round(1e-4 + 1.1e-3 * k, 6) for k in range(10))),
            Dimension("seed", (0, 1, 2)),
        ),
        {"epochs": 15},
        "10 values evenly from 0.0001 to 0.01, 15 epochs; the report's best was about 0.003. Three "
        "seeds of each here: at high rates one seed may learn and another not.",
        {"learning_rate": 0.0034},
    ),
    "width-depth": Preset(
        "Width x depth",
        (Dimension("filters", (16, 32, 64)), Dimension("blocks", (2, 3, 4))),
        {"network": "report-flat", "epochs": 50},
        "Flat networks, 50 epochs; the report found all alike. It spoke of 1, 2 and 3 blocks, but "
        "its notebook built 2, 3 and 4: those are the numbers here.",
    ),
    "dropout": Preset(
        "Dropout",
        (Dimension("dropout", (0.1, 0.2, 0.3, 0.4, 0.5)),),
        {"epochs": 50, "early_stopping": 8},
        "Before each dense layer, with early stopping (patience 8); the report did not keep it.",
    ),
    "schedule": Preset(
        "Schedule",
        (Dimension("schedule", tuple(SCHEDULES)),),
        {"epochs": 20},
        "A constant rate and ReduceLROnPlateau (patience 5), between which the report saw no clear "
        "change; and a cosine, which is ours.",
    ),
}


def from_preset(name: str, preset: str, data: DataConfig, **changes: Any) -> Sweep:
    """The Sweep of a preset on some drawings.

    Args:
        name: the sweep's. preset: a key of `PRESETS`. data: a DataConfig.
        changes: RunConfig settings that differ from the preset's, for example `epochs`.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}; received {preset[:80]!r}.")
    asked = PRESETS[preset]
    settings: dict[str, Any] = asked.base | changes
    base = RunConfig(name, data, **settings)
    return Sweep(name, base, asked.space, preset=preset)


def words(values: Mapping[str, Any]) -> str:
    """A trial's values: {"batch_size": 16, "blocks": 2} -> "batch size 16, blocks 2"."""
    return ", ".join(f"{plain(name)} {shown(value)}" for name, value in values.items())


def shown(value: Any) -> str:
    """A number with 4 digits at most, as people write it; a choice as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
