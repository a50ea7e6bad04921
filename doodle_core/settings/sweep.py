"""What a sweep is asked to do: the settings it varies, and the report's own sweeps (section 2.2)."""

import itertools
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from doodle_core.settings.classifier import INITIALISERS, NETWORKS, OPTIMIZERS, RunConfig
from doodle_core.settings.fields import check_name

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
FIELDS = {
    "network": tuple(name for name in NETWORKS if name != "transfer"),
    "filters": int,
    "blocks": int,
    "dropout": float,
    "init": INITIALISERS,
    "batch_size": int,
    "optimizer": OPTIMIZERS,
    "learning_rate": float,
    "schedule": tuple(SCHEDULES),
    "label_smoothing": float,
    "weight_decay": float,
    "rotation": float,
    "shift": float,
    "zoom": float,
    "seed": int,
}
"""What can be swept: the kind of number, or the choices."""


# --- what a sweep is asked to do -----------------------------------------------------------------


@dataclass(frozen=True)
class Dimension:
    """One swept setting: either values or a range.

    Attributes:
        name: one of `FIELDS`.
        values: to choose from; () where there is a range.
        low, high: the range's ends, both included; None where there are values.
        log: even on a log scale.
    """

    name: str
    values: tuple = ()
    low: float | None = None
    high: float | None = None
    log: bool = False

    def __post_init__(self):
        if self.name not in FIELDS:
            raise ValueError(
                f"{str(self.name)[:80]!r} cannot be swept; choose from {', '.join(FIELDS)}."
            )
        object.__setattr__(self, "values", tuple(self.values))
        if self.values:
            if len(set(self.values)) < len(self.values):
                raise ValueError(f"{self.name}: a value is named twice.")
        elif not (_is_number(self.low) and _is_number(self.high) and self.low < self.high):
            raise ValueError(f"{self.name}: a range's low end must be below its high end.")
        elif self.log and not self.low > 0:
            raise ValueError(f"{self.name}: on a log scale the low end must be above 0.")

    @classmethod
    def parse(cls, name, text):
        """From what a person types: "16, 32, 64", "1e-4..1e-2" or "1e-4..1e-2 log".

        Raises:
            ValueError: says what was expected.
        """
        kind = FIELDS.get(name, str)
        is_choice = isinstance(kind, tuple)
        try:
            if ".." in text and not is_choice:
                ends, _, scale = text.strip().partition(" ")
                if scale.strip() not in ("", "log"):
                    raise ValueError
                low, high = (kind(end) for end in ends.split(".."))
                return cls(name, low=low, high=high, log=bool(scale))
            made = str if is_choice else kind
            values = [made(part.strip()) for part in text.split(",") if part.strip()]
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

    def suggest(self, trial):
        """This setting's value in an Optuna trial."""
        if self.values:
            return trial.suggest_categorical(self.name, self.values)
        make = trial.suggest_int if FIELDS[self.name] is int else trial.suggest_float
        return make(self.name, self.low, self.high, log=self.log)


def _is_number(value):
    return isinstance(value, (int, float)) and np.isfinite(value)


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
    space: tuple
    sampler: str = "grid"
    pruner: str = "none"
    objective: str = "val_loss"
    trials: int = 20
    preset: str = ""

    def __post_init__(self):
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
        is_flat = "network" in names or self.base.network == "report-flat"
        if names & {"filters", "blocks"} and not is_flat:
            raise ValueError("filters and blocks can be swept with the network report-flat only.")
        if "label_smoothing" in names and self.objective == "val_loss":
            raise ValueError(
                "Label smoothing changes what the loss measures: compare by val_accuracy."
            )
        for one in self.space:
            for value in one.values or (one.low, one.high):
                self.config({one.name: value})

    @property
    def grid(self):
        """Every combination of the values: list of {name: value}."""
        names = [one.name for one in self.space]
        points = itertools.product(*(one.values for one in self.space))
        return [dict(zip(names, point)) for point in points]

    def config(self, values, **changes):
        """The RunConfig of a trial: the base with these values, for example to train it in full.

        Raises:
            ValueError: they cannot be trained.
        """
        values = dict(values)
        if "schedule" in values:
            values |= SCHEDULES.get(values["schedule"], {})
        return replace(self.base, **values, **changes)

    @classmethod
    def from_dict(cls, content):
        """The sweep that `to_dict` stored.

        Raises:
            ValueError: it is not one.
        """
        try:
            return cls(**content)
        except (TypeError, AttributeError) as error:  # other keys, or other kinds of values
            raise ValueError(f"This is not a sweep's description: {error}.") from None

    def to_dict(self):
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
    space: tuple
    base: dict
    report: str
    best: dict = field(default_factory=dict)


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
        (Dimension("learning_rate", tuple(round(1e-4 + 1.1e-3 * k, 6) for k in range(10))),),
        {"epochs": 15},
        "10 values evenly from 0.0001 to 0.01, 15 epochs; the report's best was about 0.003.",
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


def from_preset(name, preset, data, **changes):
    """The Sweep of a preset on some drawings.

    Args:
        name: the sweep's. preset: a key of `PRESETS`. data: a DataConfig.
        changes: RunConfig settings that differ from the preset's, for example `epochs`.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}; received {preset[:80]!r}.")
    asked = PRESETS[preset]
    base = RunConfig(name, data, **(asked.base | changes))
    return Sweep(name, base, asked.space, preset=preset)


def words(values):
    """A trial's values: {"batch_size": 16, "blocks": 2} -> "batch size 16, blocks 2"."""
    return ", ".join(f"{plain(name)} {shown(value)}" for name, value in values.items())


def plain(name):
    """A setting's name as people write it: "batch_size" -> "batch size"."""
    return name.replace("_", " ")


def shown(value):
    """A number with 4 digits at most, as people write it; a choice as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
