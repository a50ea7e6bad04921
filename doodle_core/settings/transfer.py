"""What the network "transfer" is asked to do beside a classifier's settings."""

import re
from dataclasses import dataclass
from typing import Annotated

from doodle_core.settings.fields import Choice, Flag, Group, Real, Text, Whole, check


def _check_base(base: str) -> None:
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]{1,40}", base):
        raise ValueError(
            f"base must be a name in keras.applications, like MobileNetV2; received {base[:80]!r}."
        )


def _check_weights(weights: str) -> None:
    if not weights.isprintable() or not 0 < len(weights) <= 1000:
        raise ValueError(
            'weights must be "imagenet", "random" or a path of at most 1,000 characters.'
        )


@dataclass(frozen=True)
class TransferConfig:
    """A base of `keras.applications`, first frozen, then its last layers fine-tuned.

    As in section 2.1 of the report. The frozen epochs are `RunConfig.epochs`.
    """

    base: Annotated[
        str, Text("Any network of keras.applications.", Group.BASE, rule=_check_base, most=41)
    ] = "MobileNetV2"
    weights: Annotated[
        str,
        Text(
            "imagenet: a local file where there is one, else a download by Keras. random: none. Or "
            "a .weights.h5 file, or a folder of them.",
            Group.BASE,
            rule=_check_weights,
            more="In a folder they are named BASE_imagenet_notop.",
        ),
    ] = "imagenet"
    input_size: Annotated[
        int,
        Whole(
            "Pixels a side that drawings are enlarged to; 0: the base's usual.",
            Group.BASE,
            high=600,
        ),
    ] = 0
    pooling: Annotated[
        str, Choice("Of the base's last feature maps.", Group.BASE, choices=("max", "avg"))
    ] = "avg"
    fine_tune_epochs: Annotated[
        int,
        Whole(
            "After the frozen ones; 0: none.", Group.BASE, label="Fine-tuning epochs", high=10_000
        ),
    ] = 0
    fine_tune_layers: Annotated[
        int,
        Whole(
            "The base's last ones, counted with those without weights.",
            Group.BASE,
            label="Layers fine-tuned",
            high=10_000,
            more="So many are unfrozen.",
        ),
    ] = 20
    fine_tune_rate: Annotated[
        float,
        Real(
            "Learning rate of the fine-tuning: low.",
            Group.BASE,
            label="Fine-tuning rate",
            high=1,
            offered=(1e-7, 1),
            step=1e-5,
        ),
    ] = 1e-5
    recompile: Annotated[
        bool,
        Flag(
            "After unfreezing, as Keras needs it. The report did not: nothing changed.",
            Group.BASE,
            after="batch_norm",
            more="Its fine-tuning went on training the head alone.",
        ),
    ] = True
    batch_norm: Annotated[
        str,
        Choice(
            "inference: ImageNet's statistics throughout. batch: what the report's Keras did, the "
            "batch's own in training.",
            Group.BASE,
            choices=("inference", "batch"),
            more="It did so to a frozen base, and took ImageNet's in validation.",
        ),
    ] = "inference"

    def __post_init__(self) -> None:
        check(self)
