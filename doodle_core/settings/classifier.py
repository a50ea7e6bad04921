"""What a classifier's run is asked to do, and the presets to begin with."""

import dataclasses
import re
from dataclasses import dataclass, field

from doodle_core.settings.data import DataConfig
from doodle_core.settings.fields import (
    DEVICES,
    PRECISIONS,
    SCHEDULES,
    check_choice,
    check_name,
    check_range,
    check_share,
)

NETWORKS = {
    "report-base": "The report's base network: 3 convolutions, 430,407 parameters",
    "report-flat": "The report's flat networks: the same filters in every block",
    "compact": "Ours: residual blocks, batch norm, under 215,000 parameters",
    "transfer": "A network of keras.applications under a new head",
}
"""Classifiers by name; `networks.build` makes them."""
INITIALISERS = ("glorot", "he")
LOSSES = ("softmax", "sigmoid")
OPTIMIZERS = ("adam", "rmsprop")
POOLINGS = ("max", "avg")
BATCH_NORMS = ("inference", "batch")


@dataclass(frozen=True)
class TransferConfig:
    """A base of `keras.applications`, first frozen, then its last layers fine-tuned (section 2.1).

    Attributes:
        base: a name in `keras.applications`.
        weights: "imagenet" (a local file where there is one, else Keras's download), "random", or
            the path of a `.weights.h5` file or of a folder that holds `BASE_imagenet_notop` ones.
        input_size: pixels a side that the drawings are enlarged to; 0: `transfer.input_size`'s.
        pooling: of the base's last feature maps, "max" or "avg".
        fine_tune_epochs: epochs after the frozen ones (`RunConfig.epochs`); 0: none.
        fine_tune_layers: so many of the base's last layers are unfrozen.
        fine_tune_rate: learning rate of the fine-tuning.
        recompile: compile again after unfreezing, as Keras asks for. The report did not: its
            fine-tuning went on training the head alone.
        batch_norm: "inference" uses ImageNet's statistics. "batch" is what the report's Keras did
            to a frozen base: the batch's statistics in training, ImageNet's in validation.
    """

    base: str = "MobileNetV2"
    weights: str = "imagenet"
    input_size: int = 0
    pooling: str = "avg"
    fine_tune_epochs: int = 0
    fine_tune_layers: int = 20
    fine_tune_rate: float = 1e-5
    recompile: bool = True
    batch_norm: str = "inference"

    def __post_init__(self):
        if not isinstance(self.base, str) or not re.fullmatch(r"[A-Z][A-Za-z0-9]{1,40}", self.base):
            raise ValueError(
                "base must be a name in keras.applications, like MobileNetV2; received "
                f"{str(self.base)[:80]!r}."
            )
        weights = self.weights
        if (
            not isinstance(weights, str)
            or not weights.isprintable()
            or not 0 < len(weights) <= 1000
        ):
            raise ValueError(
                'weights must be "imagenet", "random" or a path of at most 1,000 characters.'
            )
        check_choice("recompile", self.recompile, (False, True))
        check_choice("pooling", self.pooling, POOLINGS)
        check_choice("batch_norm", self.batch_norm, BATCH_NORMS)
        check_range("input_size", self.input_size, 0, 600)
        check_range("fine_tune_epochs", self.fine_tune_epochs, 0, 10_000)
        check_range("fine_tune_layers", self.fine_tune_layers, 0, 10_000)
        check_share("fine_tune_rate", self.fine_tune_rate, 0, 1)


@dataclass(frozen=True)
class RunConfig:
    """One training of one classifier.

    Attributes:
        name: the run's folder under `models/`.
        network: one of `NETWORKS`.
        filters, blocks: of "report-flat": channels of each block, number of blocks (1 to 4).
        dropout: share of units dropped before the dense layers, in [0, 1).
        init: "glorot" (Xavier; Keras's default) or "he", of every kernel.
        epochs, batch_size: integers, at least 1.
        optimizer: "adam", or "rmsprop" as in the report's section 2.1.
        learning_rate: in (0, 1]; of the schedule's top where there is one.
        schedule: "constant", or "cosine": half a cosine from `learning_rate` down towards 0, after
            a first epoch at half (Loshchilov & Hutter 2017).
        loss: "softmax" with cross-entropy; "sigmoid" with binary cross-entropy, the report's way
            in section 2.1, whose "accuracy" was binary accuracy.
        label_smoothing: share of the target spread over all categories, in [0, 1).
        weight_decay: of the kernels, decoupled (AdamW); 0 is off.
        rotation: degrees; shift: pixels; zoom: share. Each drawing is turned, moved and scaled by
            at most so much, anew in every epoch; 0 is off. There are no flips: a flipped canoe can
            become a moon (section 1.1).
        test_views: name a drawing by the mean of the answers to it and to four views of it, turned
            by 6 degrees and scaled by 8 % either way.
        early_stopping: patience in epochs on the validation loss; 0 is off.
        plateau: patience in epochs before the learning rate is divided by 10, down to 1e-5
            (section 1.1.2 had 5); 0 is off.
        balance: weigh each drawing by 1 / its category's share in the training part.
        precision: "float32", "mixed_bfloat16", or "auto": bfloat16 where the processor has it.
        seed: of the weights and of the order of the drawings.
        devices: one of `DEVICES` (`distribution` says how).
        start_from: a finished run whose weights this one begins with, wherever layers of the same
            name have the same shape (all but the logits, with other categories); "" for none.
        transfer: a TransferConfig where the network is "transfer", else None.
    """

    name: str
    data: DataConfig = field(default_factory=DataConfig)
    network: str = "report-base"
    filters: int = 32
    blocks: int = 3
    dropout: float = 0.0
    init: str = "glorot"
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    loss: str = "softmax"
    label_smoothing: float = 0.0
    weight_decay: float = 0.0
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    test_views: bool = False
    early_stopping: int = 0
    plateau: int = 0
    balance: bool = False
    precision: str = "auto"
    seed: int = 0
    devices: str = "one"
    start_from: str = ""
    transfer: TransferConfig | None = None

    def __post_init__(self):
        check_name(self.name)
        for part, kind in (("data", DataConfig), ("transfer", TransferConfig)):
            if isinstance(getattr(self, part), dict):
                object.__setattr__(self, part, kind(**getattr(self, part)))
        if not isinstance(self.data, DataConfig):
            raise ValueError(f"data must be a DataConfig; received {self.data!r:.80}.")
        if self.start_from:
            check_name(self.start_from)
        for name, choices in (
            ("network", NETWORKS),
            ("init", INITIALISERS),
            ("optimizer", OPTIMIZERS),
            ("schedule", SCHEDULES),
            ("loss", LOSSES),
            ("precision", PRECISIONS),
            ("devices", DEVICES),
        ):
            check_choice(name, getattr(self, name), tuple(choices))
        check_choice("balance", self.balance, (False, True))
        if not isinstance(self.transfer, TransferConfig | None):
            raise ValueError(f"transfer must be a TransferConfig; received {self.transfer!r:.80}.")
        if (self.transfer is not None) != (self.network == "transfer"):
            raise ValueError('The settings of "transfer" belong to the network "transfer".')
        for name, low, high in (
            ("filters", 1, 1024),
            ("blocks", 1, 4),
            ("epochs", 1, 10_000),
            ("batch_size", 1, 65_536),
            ("early_stopping", 0, 10_000),
            ("plateau", 0, 10_000),
            ("seed", 0, 2**31 - 1),
        ):
            check_range(name, getattr(self, name), low, high)
        for name, top in (
            ("dropout", 0.95),
            ("label_smoothing", 0.95),
            ("weight_decay", 1),
            ("rotation", 180),
            ("shift", 14),
            ("zoom", 0.9),
            ("learning_rate", 1),
        ):
            check_share(name, getattr(self, name), 0, top)
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be in (0, 1]; received {self.learning_rate}.")
        if self.schedule != "constant" and (self.plateau or self.transfer):
            raise ValueError(
                "A cosine schedule sets the learning rate by itself: it goes neither with plateau "
                "nor with transfer learning."
            )

    @property
    def augments(self):
        """Whether training drawings are changed from epoch to epoch."""
        return bool(self.rotation or self.shift or self.zoom)

    @property
    def all_epochs(self):
        """Epochs of all stages."""
        return self.epochs + (self.transfer.fine_tune_epochs if self.transfer else 0)

    @classmethod
    def from_dict(cls, content):
        """The configuration stored in a `config.json`.

        Raises:
            ValueError: it is not one; the sentence names the setting.
        """
        try:
            return cls(**content)
        except TypeError as error:
            raise ValueError(f"config.json is not a run's configuration: {error}.") from None

    def to_dict(self):
        """Plain JSON types."""
        return dataclasses.asdict(self)


PRESETS = {
    "report-base": ("The report's base network (section 2.2)", {}),
    "report-best": (
        "The base network with the batch size that won the report's sweep (its best: 0.965)",
        {"batch_size": 16, "early_stopping": 8},
    ),
    "report-flat": (
        "The report's flat networks (section 2.2): filters x blocks",
        {"network": "report-flat", "epochs": 50},
    ),
    "report-dropout": (
        "The base network with dropout before its dense layers (section 1.1.2)",
        {"dropout": 0.3, "early_stopping": 8},
    ),
    "compact": (
        "Ours: half the parameters, two thirds of the errors",
        {
            "network": "compact",
            "init": "he",
            "dropout": 0.3,
            "epochs": 24,
            "batch_size": 128,
            "learning_rate": 2e-3,
            "schedule": "cosine",
            "label_smoothing": 0.05,
            "rotation": 12.0,
            "shift": 2.0,
            "zoom": 0.18,
            "test_views": True,
        },
    ),
}
for _base, _pooling, _layers in (
    ("VGG19", "max", 10),
    ("MobileNetV2", "avg", 50),
    ("ResNet152V2", "max", 50),
):
    _both = {"network": "transfer", "epochs": 20}
    _transfer = {"base": _base, "pooling": _pooling, "fine_tune_epochs": 20}
    PRESETS[f"report-{_base}"] = (
        f"{_base} as in the report's table 1 (section 2.1), with its mistakes",
        _both
        | {
            "loss": "sigmoid",
            "optimizer": "rmsprop",
            "transfer": _transfer | {"batch_norm": "batch", "recompile": False},
        },
    )
    PRESETS[f"tuned-{_base}"] = (
        f"{_base} done right: softmax, ImageNet's statistics, the last layers truly fine-tuned",
        _both | {"transfer": _transfer | {"fine_tune_layers": _layers, "fine_tune_rate": 1e-4}},
    )
"""Settings to begin with: name -> (a sentence, the RunConfig settings that are not defaults)."""
