"""What the run of a variational autoencoder is asked to do, its networks, and the presets."""

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
    Pair,
    Real,
    Text,
    Whole,
    check,
    check_name,
)
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

NETWORKS = {
    "report-vae": Network(
        "The report's: two 5x5 convolutions at full size", "doodle_core.vae.networks:report_vae"
    ),
    "strided": Network(
        "Ours: convolutions that halve the side", "doodle_core.vae.networks:strided"
    ),
}
"""Encoders and decoders by name: the one place where each is registered."""


@dataclass(frozen=True)
class VaeConfig:
    """One training of one variational autoencoder (Kingma & Welling 2014).

    The loss is that of the report's section 2.4, in nats per drawing: the binary cross-entropy
    added up over the 784 pixels, and the KL divergence of the posterior from the prior N(0, I). It
    is the negative ELBO, and is what runs are compared by; what is minimised may weigh its parts
    otherwise (`beta`, `warm_up`, `free_bits`) and have more of them (`classifier`, `adversarial`).
    What each setting is stands in its declaration.

    Attributes:
        name: the run's folder under `models/`.
        data: the drawings.
    """

    networks: ClassVar[dict[str, Network]] = NETWORKS

    name: str
    data: Annotated[DataConfig, Nested(DataConfig)] = field(default_factory=DataConfig)
    network: Annotated[str, Choice("Encoder and decoder.", choices=NETWORKS)] = "strided"
    filters: Annotated[
        tuple[int, int],
        Pair(
            "Channels of the two convolutions, with a comma.",
            Group.NETWORK,
            each=Whole("", low=1, high=1024),
            more='Of the two stages of "strided".',
        ),
    ] = (32, 64)
    blocks: Annotated[
        int,
        Whole(
            "At 7x7, in encoder and decoder (strided).",
            Group.NETWORK,
            label="Residual blocks",
            high=4,
        ),
    ] = 0
    decoder_kernel: Annotated[
        int,
        Whole(
            "Side, in pixels (the report's network).",
            Group.NETWORK,
            label="Decoder's kernel",
            low=1,
            high=9,
            more="Of its transposed convolutions.",
        ),
    ] = 5
    skip_widest: Annotated[
        bool,
        Flag(
            "The mistake of the report's model 2 (its network only).",
            Group.NETWORK,
            label="Skip the widest layer",
            after="target",
            more="Its second transposed convolution read the dense layer's output, so that the "
            "first and widest one led nowhere (mistake 5).",
        ),
    ] = False
    latent: Annotated[
        int,
        Whole(
            "2 can be looked at as a plane; the report had 14.",
            Group.LATENT,
            label="Latent dimensions",
            low=1,
            high=512,
        ),
    ] = 14
    conditional: Annotated[
        bool,
        Flag(
            "Encoder and decoder are given the category.",
            Group.LATENT,
            after="adversarial",
            more="Choose the category, then generate (Sohn et al. 2015).",
        ),
    ] = False
    target: Annotated[
        str,
        Choice(
            "binary: drawings in black and white, as in the report. grey: pixels as they are.",
            Group.NETWORK,
            choices=("binary", "grey"),
            more="Black are pixels above 191 (section 1.1); grey ones, in [0, 1], are read as "
            "probabilities.",
        ),
    ] = "binary"
    beta: Annotated[
        float,
        Real(
            "Weight of the KL divergence (Higgins et al. 2017).", Group.LATENT, high=100, step=0.1
        ),
    ] = 1.0
    warm_up: Annotated[
        int,
        Whole(
            "Epochs over which that weight rises from 0.",
            Group.LATENT,
            label="Warm-up",
            high=10_000,
            more="That of the KL divergence (Bowman et al. 2016).",
        ),
    ] = 0
    free_bits: Annotated[
        float,
        Real(
            "Nats a dimension below which its KL costs nothing.",
            Group.LATENT,
            high=10,
            step=0.05,
            more="Kingma et al. 2016.",
        ),
    ] = 0.0
    classifier: Annotated[
        float,
        Real(
            "Of a classifier on the latent mean, trained jointly: it separates the categories.",
            Group.LATENT,
            label="Classifier's weight",
            high=10_000,
            step=10.0,
            more="The weight of its cross-entropy; it is linear (as M2's in Kingma et al. 2014, on "
            "the latent).",
        ),
    ] = 0.0
    adversarial: Annotated[
        float,
        Real(
            "VAE-GAN: sharper drawings; 0: none.",
            Group.LATENT,
            label="Discriminator's weight",
            high=10_000,
            step=1.0,
            more="Of its verdict (Larsen et al. 2016) and of its names (CVAE-GAN, Bao et al. "
            "2017). The last epoch is kept then: the loss does not measure what it asks for.",
        ),
    ] = 0.0
    epochs: Epochs = 30
    batch_size: BatchSize = 64
    learning_rate: LearningRate = 1e-3
    schedule: Schedule = "constant"
    amsgrad: Annotated[
        bool,
        Flag(
            "Adam that keeps the largest second moment (model 3).",
            Group.OPTIMISATION,
            label="AMSGrad",
            after="plateau",
            more="Reddi et al. 2018.",
        ),
    ] = False
    clipnorm: Annotated[
        float,
        Real(
            "Longest gradient of a weight; 0: off.",
            Group.OPTIMISATION,
            label="Clip gradients",
            after="plateau",
            high=1e6,
            step=0.5,
        ),
    ] = 0.0
    early_stopping: EarlyStopping = 0
    plateau: Plateau = 0
    rotation: Rotation = 0.0
    shift: Shift = 0.0
    zoom: Zoom = 0.0
    precision: Precision = "auto"
    seed: Seed = 0
    judge: Annotated[
        str,
        Text(
            "A finished classifier that names what is drawn; empty: the best there is.",
            Group.NETWORK,
            rule=check_name,
            may_lack=True,
            more="It knows the same categories, and names reconstructions and samples; the best "
            "by its validation accuracy.",
        ),
    ] = ""
    projection: Annotated[
        str,
        Choice(
            "Of the latent space, beside PCA: umap to 3-D, or tsne to 2-D.",
            Group.LATENT,
            choices=("umap", "tsne", "none"),
            more="Of the latent means.",
        ),
    ] = "umap"
    devices: Devices = "one"

    # what a classifier's run may have and a VAE's has not: read by what shows both
    start_from: ClassVar[str] = ""
    transfer: ClassVar[None] = None

    def __post_init__(self) -> None:
        check_name(self.name)
        check(self)
        if self.schedule != "constant" and self.plateau:
            raise ValueError(
                "A cosine schedule sets the learning rate by itself: not with plateau."
            )
        if self.adversarial and self.early_stopping:
            raise ValueError(
                "Early stopping goes by the loss, which does not measure what a discriminator asks "
                "for: choose one of the two."
            )

    @property
    def augments(self) -> bool:
        """Whether training drawings are changed from epoch to epoch."""
        return bool(self.rotation or self.shift or self.zoom)

    @property
    def all_epochs(self) -> int:
        """Epochs of all stages: there is one."""
        return self.epochs

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """As `RunConfig.from_dict`, without "kind"."""
        try:
            return cls(**content)
        except TypeError as error:
            raise ValueError(f"config.json is not a VAE's configuration: {error}.") from None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, and "kind" to tell it from a classifier's."""
        return {"kind": "vae"} | dataclasses.asdict(self)


_OURS = {"schedule": "cosine", "learning_rate": 2e-3, "batch_size": 128, "epochs": 40, "warm_up": 2}
_SEPARATED = {"target": "grey", "classifier": 100.0, "rotation": 10.0, "shift": 1.0, "zoom": 0.1}
PRESETS = by_name(
    Preset(
        "report-vae-1",
        "The report's model 1 (section 2.4): filters 8 and 16, 14-D; its loss was 134.5",
        {"network": "report-vae", "filters": (8, 16), "batch_size": 16, "epochs": 200},
    ),
    Preset(
        "report-vae-2",
        "The report's model 2, with its decoder that skips its widest layer (mistake 5); 134.2",
        {
            "network": "report-vae",
            "filters": (64, 128),
            "batch_size": 16,
            "epochs": 75,
            "skip_widest": True,
        },
    ),
    Preset(
        "report-vae-2-mended",
        "The report's model 2 with every layer of its decoder in use",
        {"network": "report-vae", "filters": (64, 128), "batch_size": 16, "epochs": 75},
    ),
    Preset(
        "report-vae-3",
        "The report's model 3: filters 16 and 16, a 2-D plane, AMSGrad, clipped gradients; 174.2",
        {
            "network": "report-vae",
            "filters": (16, 16),
            "latent": 2,
            "decoder_kernel": 3,
            "batch_size": 16,
            "epochs": 50,
            "amsgrad": True,
            "clipnorm": 1.0,
        },
    ),
    Preset(
        "vae",
        "Ours: a lower loss than the report's at a fraction of its time (strided convolutions)",
        _OURS,
    ),
    Preset(
        "vae-conditional",
        "Ours: choose the category, then generate (CVAE-GAN, Bao et al. 2017)",
        # beta 3: the nearer drawings lie to the prior, the truer what is drawn from it
        _OURS | {"conditional": True, "target": "grey", "beta": 3.0, "adversarial": 30.0},
    ),
    Preset(
        "vae-separated",
        "Ours: a latent space that separates the categories (a classifier on it, trained jointly)",
        _OURS | _SEPARATED,
    ),
    Preset(
        "vae-2d",
        "Ours: a plane worth looking at (2-D, separated by a jointly trained classifier)",
        _OURS | _SEPARATED | {"latent": 2, "classifier": 10.0},
    ),
    Preset(
        "vae-gan",
        "Ours: sharper drawings by a discriminator (VAE-GAN, Larsen et al. 2016)",
        _OURS | {"latent": 64, "target": "grey", "beta": 0.5, "adversarial": 30.0},
    ),
)
"""Settings to begin with."""
