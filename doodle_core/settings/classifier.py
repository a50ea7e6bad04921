"""What a classifier's run is asked to do, its networks, and the presets to begin with."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Self

from doodle_core.settings.data import DataConfig
from doodle_core.settings.fields import (
    Choice,
    Flag,
    Group,
    Nested,
    Real,
    Text,
    Whole,
    check,
    check_name,
)
from doodle_core.settings.imported import IMPORTED
from doodle_core.settings.registry import Network, Preset, by_name
from doodle_core.settings.shared import (
    BatchSize,
    Devices,
    EarlyStopping,
    Epochs,
    LearningRate,
    Plateau,
    Precision,
    Rotation,
    Schedule,
    Seed,
    Shift,
    Zoom,
)
from doodle_core.settings.transfer import TransferConfig

NETWORKS = {
    "report-base": Network(
        "The report's base network: 3 convolutions, 430,407 parameters",
        "doodle_core.classifier.networks:report_base",
    ),
    "report-flat": Network(
        "The report's flat networks: the same filters in every block",
        "doodle_core.classifier.networks:report_flat",
        settings=("filters", "blocks"),
    ),
    "compact": Network(
        "Ours: residual blocks, batch norm, under 215,000 parameters",
        "doodle_core.classifier.networks:compact",
    ),
    "transfer": Network(
        "A network of keras.applications under a new head",
        "doodle_core.classifier.transfer:build",
        settings=("transfer",),
    ),
}
"""Classifiers by name: the one place where each is registered."""


@dataclass(frozen=True)
class RunConfig:
    """One training of one classifier. What each setting is stands in its declaration.

    Attributes:
        name: the run's folder under `models/`.
        data: the drawings.
        transfer: a TransferConfig where the network is "transfer", else None.
    """

    networks: ClassVar[dict[str, Network]] = NETWORKS

    name: str
    data: Annotated[DataConfig, Nested(DataConfig)] = field(default_factory=DataConfig)
    network: Annotated[
        str,
        Choice(
            "The network to train.", choices=NETWORKS, also=IMPORTED, swept="report-base, compact"
        ),
    ] = "report-base"
    filters: Annotated[
        int,
        Whole(
            "Channels of each block of a flat network.",
            Group.NETWORK,
            low=1,
            high=1024,
            swept="16, 32, 64",
        ),
    ] = 32
    blocks: Annotated[
        int,
        Whole(
            "Convolution and pooling, so many times, in a flat network. The report's notebook "
            "built 2, 3 and 4 and called them 1, 2 and 3.",
            Group.NETWORK,
            low=1,
            high=4,
            swept="2, 3, 4",
        ),
    ] = 3
    dropout: Annotated[
        float,
        Real(
            "Share of units dropped at random before the dense layers.",
            Group.NETWORK,
            high=0.95,
            step=0.1,
            swept="0, 0.2, 0.4",
        ),
    ] = 0.0
    init: Annotated[
        str,
        Choice(
            "Of the kernels: Glorot (Xavier) or He.",
            Group.NETWORK,
            label="Initialisation",
            choices=("glorot", "he"),
            more="Glorot's is Keras's default.",
            swept="glorot, he",
        ),
    ] = "glorot"
    epochs: Epochs = 20
    batch_size: BatchSize = 64
    optimizer: Annotated[
        str,
        Choice(
            "Adam; the report's table 1 had RMSprop.",
            Group.OPTIMISATION,
            choices=("adam", "rmsprop"),
            more="Section 2.1 of the report.",
            swept="adam, rmsprop",
        ),
    ] = "adam"
    learning_rate: LearningRate = 1e-3
    schedule: Schedule = "constant"
    loss: Annotated[
        str,
        Choice(
            "softmax with cross-entropy; or sigmoid with binary cross-entropy, the report's way in "
            "its table 1.",
            Group.NETWORK,
            label="Output and loss",
            choices=("softmax", "sigmoid"),
            more='Section 2.1 of the report, whose "accuracy" was binary accuracy.',
        ),
    ] = "softmax"
    label_smoothing: Annotated[
        float,
        Real(
            "Share of the target spread over all categories.",
            Group.NETWORK,
            high=0.95,
            step=0.05,
            swept="0, 0.05, 0.1",
        ),
    ] = 0.0
    weight_decay: Annotated[
        float,
        Real(
            "Of the kernels, decoupled; 0: none.",
            Group.OPTIMISATION,
            high=1,
            step=1e-4,
            more="As in AdamW.",
            swept="0, 0.0001, 0.001",
        ),
    ] = 0.0
    rotation: Rotation = 0.0
    shift: Shift = 0.0
    zoom: Zoom = 0.0
    test_views: Annotated[
        bool,
        Flag(
            "Name a drawing by the mean of the answers to five slight changes of it.",
            Group.DRAWINGS,
            label="Five views",
            more="Itself, and turned by 6 degrees and scaled by 8 % either way.",
        ),
    ] = False
    early_stopping: EarlyStopping = 0
    plateau: Plateau = 0
    balance: Annotated[
        bool,
        Flag(
            "Weigh rare categories' drawings more in the loss.",
            Group.DRAWINGS,
            label="Balance categories",
            after="seed",
            more="By 1 / the category's share in the training part.",
        ),
    ] = False
    precision: Precision = "auto"
    seed: Seed = 0
    devices: Devices = "one"
    start_from: Annotated[
        str,
        Text(
            "A run on other categories: what it learned of strokes is kept, its answers are not.",
            label="Begin with the weights of",
            rule=check_name,
            may_lack=True,
            more="The weights of a finished run, wherever layers of the same name have the same "
            "shape: all but the logits, with other categories.",
        ),
    ] = ""
    transfer: Annotated[
        TransferConfig | None,
        Nested(TransferConfig, "transfer learning, with --network transfer", optional=True),
    ] = None

    def __post_init__(self) -> None:
        check_name(self.name)
        check(self)
        if (self.transfer is not None) != (self.network == "transfer"):
            raise ValueError('The settings of "transfer" belong to the network "transfer".')
        if self.schedule != "constant" and (self.plateau or self.transfer):
            raise ValueError(
                "A cosine schedule sets the learning rate by itself: it goes neither with plateau "
                "nor with transfer learning."
            )

    @property
    def augments(self) -> bool:
        """Whether training drawings are changed from epoch to epoch."""
        return bool(self.rotation or self.shift or self.zoom)

    @property
    def all_epochs(self) -> int:
        """Epochs of all stages."""
        return self.epochs + (self.transfer.fine_tune_epochs if self.transfer else 0)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The configuration stored in a `config.json`.

        Raises:
            ValueError: it is not one; the sentence names the setting.
        """
        try:
            return cls(**content)
        except TypeError as error:
            raise ValueError(f"config.json is not a run's configuration: {error}.") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return dataclasses.asdict(self)


def _both_ways(base: str, pooling: str, layers: int) -> tuple[Preset, Preset]:
    """A base as the report trained it, and done right: so many of its last layers fine-tuned."""
    both = {"network": "transfer", "epochs": 20}
    transfer = {"base": base, "pooling": pooling, "fine_tune_epochs": 20}
    theirs = both | {
        "loss": "sigmoid",
        "optimizer": "rmsprop",
        "transfer": transfer | {"batch_norm": "batch", "recompile": False},
    }
    ours = both | {"transfer": transfer | {"fine_tune_layers": layers, "fine_tune_rate": 1e-4}}
    return (
        Preset(
            f"report-{base}",
            f"{base} as in the report's table 1 (section 2.1), with its mistakes",
            theirs,
        ),
        Preset(
            f"tuned-{base}",
            f"{base} done right: softmax, ImageNet's statistics, the last layers truly fine-tuned",
            ours,
        ),
    )


PRESETS = by_name(
    Preset("report-base", "The report's base network (section 2.2)"),
    Preset(
        "report-best",
        "The base network with the batch size that won the report's sweep (its best: 0.965)",
        {"batch_size": 16, "early_stopping": 8},
    ),
    Preset(
        "report-flat",
        "The report's flat networks (section 2.2): filters x blocks",
        {"network": "report-flat", "epochs": 50},
    ),
    Preset(
        "report-dropout",
        "The base network with dropout before its dense layers (section 1.1.2)",
        {"dropout": 0.3, "early_stopping": 8},
    ),
    Preset(
        "compact",
        "Ours: under half the base network's parameters, 0.72 of its errors (three seeds)",
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
    *_both_ways("VGG19", "max", 10),
    *_both_ways("MobileNetV2", "avg", 50),
    *_both_ways("ResNet152V2", "max", 50),
)
"""Settings to begin with."""
