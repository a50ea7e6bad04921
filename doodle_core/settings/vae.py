"""What the run of a variational autoencoder is asked to do, and the presets to begin with."""

import dataclasses
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

VAE_NETWORKS = {
    "report-vae": "The report's: two 5x5 convolutions at full size",
    "strided": "Ours: convolutions that halve the side",
}
"""Encoders and decoders by name; `vae.build` makes them."""
TARGETS = ("binary", "grey")
PROJECTIONS = ("umap", "tsne", "none")


@dataclass(frozen=True)
class VaeConfig:
    """One training of one variational autoencoder (Kingma & Welling 2014).

    The loss is that of the report's section 2.4, in nats per drawing: the binary cross-entropy
    added up over the 784 pixels, and the KL divergence of the posterior from the prior N(0, I). It
    is the negative ELBO, and is what runs are compared by; what is minimised may weigh its parts
    otherwise (`beta`, `warm_up`, `free_bits`) and have more of them (`classifier`, `adversarial`).

    Attributes:
        name: the run's folder under `models/`.
        network: one of `VAE_NETWORKS`.
        filters: channels of the two convolutions, or of the two stages of "strided".
        blocks: residual blocks of each of encoder and decoder in "strided", at 7x7 (0 to 4).
        decoder_kernel: side of the transposed convolutions of "report-vae".
        skip_widest: as the report's model 2: its second transposed convolution read the dense
            layer's output, so that the first and widest one led nowhere (the report's mistake 5).
        latent: dimensions of the latent space.
        conditional: encoder and decoder are given the category (Sohn et al. 2015): choose the
            category, then generate.
        target: "binary": drawings binarised as in section 1.1 (pixels above 191); "grey": the
            pixels as they are, in [0, 1], read as probabilities.
        beta: weight of the KL divergence (Higgins et al. 2017).
        warm_up: epochs over which that weight rises from 0 (Bowman et al. 2016).
        free_bits: nats per dimension below which the KL costs nothing (Kingma et al. 2016).
        classifier: weight of the cross-entropy of a linear classifier on the latent mean, trained
            jointly (as M2's in Kingma et al. 2014, on the latent): the space is made to separate
            the categories.
        adversarial: weight of a discriminator's verdict (VAE-GAN, Larsen et al. 2016) and of its
            names (CVAE-GAN, Bao et al. 2017). The last epoch is kept then: the loss does not
            measure what a discriminator asks for.
        epochs, batch_size, learning_rate, schedule, early_stopping, plateau, rotation, shift,
        zoom, precision, seed: as in `RunConfig`.
        amsgrad: Adam keeps the largest second moment so far (Reddi et al. 2018), as in model 3.
        clipnorm: longest gradient of a weight; 0 is off.
        judge: a finished classifier on the same categories that names reconstructions and samples;
            "": the best there is by its validation accuracy, or none.
        projection: of the latent means to 3-D beside PCA's: "umap", "tsne" (to 2-D) or "none".
        devices: one of `config.DEVICES`.
    """

    name: str
    data: DataConfig = field(default_factory=DataConfig)
    network: str = "strided"
    filters: tuple = (32, 64)
    blocks: int = 0
    decoder_kernel: int = 5
    skip_widest: bool = False
    latent: int = 14
    conditional: bool = False
    target: str = "binary"
    beta: float = 1.0
    warm_up: int = 0
    free_bits: float = 0.0
    classifier: float = 0.0
    adversarial: float = 0.0
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 1e-3
    schedule: str = "constant"
    amsgrad: bool = False
    clipnorm: float = 0.0
    early_stopping: int = 0
    plateau: int = 0
    rotation: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    precision: str = "auto"
    seed: int = 0
    judge: str = ""
    projection: str = "umap"
    devices: str = "one"

    # what a classifier's run may have and a VAE's has not: read by what shows both
    start_from = ""
    transfer = None

    def __post_init__(self):
        check_name(self.name)
        if isinstance(self.data, dict):
            object.__setattr__(self, "data", DataConfig(**self.data))
        if not isinstance(self.data, DataConfig):
            raise ValueError(f"data must be a DataConfig; received {self.data!r:.80}.")
        if self.judge:
            check_name(self.judge)
        self._check_filters()
        for name, choices in (
            ("network", VAE_NETWORKS),
            ("target", TARGETS),
            ("schedule", SCHEDULES),
            ("precision", PRECISIONS),
            ("projection", PROJECTIONS),
            ("devices", DEVICES),
            ("skip_widest", (False, True)),
            ("conditional", (False, True)),
            ("amsgrad", (False, True)),
        ):
            check_choice(name, getattr(self, name), tuple(choices))
        for name, low, high in (
            ("latent", 1, 512),
            ("epochs", 1, 10_000),
            ("batch_size", 1, 65_536),
            ("decoder_kernel", 1, 9),
            ("blocks", 0, 4),
            ("warm_up", 0, 10_000),
            ("early_stopping", 0, 10_000),
            ("plateau", 0, 10_000),
            ("seed", 0, 2**31 - 1),
        ):
            check_range(name, getattr(self, name), low, high)
        for name, top in (
            ("beta", 100),
            ("free_bits", 10),
            ("classifier", 10_000),
            ("adversarial", 10_000),
            ("clipnorm", 1e6),
            ("rotation", 180),
            ("shift", 14),
            ("zoom", 0.9),
            ("learning_rate", 1),
        ):
            check_share(name, getattr(self, name), 0, top)
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate must be in (0, 1]; received {self.learning_rate}.")
        if self.schedule != "constant" and self.plateau:
            raise ValueError(
                "A cosine schedule sets the learning rate by itself: not with plateau."
            )
        if self.adversarial and self.early_stopping:
            raise ValueError(
                "Early stopping goes by the loss, which does not measure what a discriminator asks "
                "for: choose one of the two."
            )

    def _check_filters(self):
        found = self.filters
        if isinstance(found, str):  # from the command line
            found = [int(part) if part.strip().isdigit() else part for part in found.split(",")]
        if not isinstance(found, (list, tuple)) or len(found) != 2:
            raise ValueError(f"filters must be two whole numbers; received {self.filters!r:.80}.")
        for one in found:
            check_range("filters", one, 1, 1024)
        object.__setattr__(self, "filters", tuple(found))

    @property
    def augments(self):
        """Whether training drawings are changed from epoch to epoch."""
        return bool(self.rotation or self.shift or self.zoom)

    @property
    def all_epochs(self):
        """Epochs of all stages: there is one."""
        return self.epochs

    @classmethod
    def from_dict(cls, content):
        """As `RunConfig.from_dict`, without "kind"."""
        try:
            return cls(**content)
        except TypeError as error:
            raise ValueError(f"config.json is not a VAE's configuration: {error}.") from None

    def to_dict(self):
        """Plain JSON types, and "kind" to tell it from a classifier's."""
        return {"kind": "vae"} | dataclasses.asdict(self)


_OURS = {"schedule": "cosine", "learning_rate": 2e-3, "batch_size": 128, "epochs": 40, "warm_up": 2}
_SEPARATED = {"target": "grey", "classifier": 100.0, "rotation": 10.0, "shift": 1.0, "zoom": 0.1}
VAE_PRESETS = {
    "report-vae-1": (
        "The report's model 1 (section 2.4): filters 8 and 16, 14-D; its loss was 134.5",
        {"network": "report-vae", "filters": (8, 16), "batch_size": 16, "epochs": 200},
    ),
    "report-vae-2": (
        "The report's model 2, with its decoder that skips its widest layer (mistake 5); 134.2",
        {
            "network": "report-vae",
            "filters": (64, 128),
            "batch_size": 16,
            "epochs": 75,
            "skip_widest": True,
        },
    ),
    "report-vae-2-mended": (
        "The report's model 2 with every layer of its decoder in use",
        {"network": "report-vae", "filters": (64, 128), "batch_size": 16, "epochs": 75},
    ),
    "report-vae-3": (
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
    "vae": (
        "Ours: a lower loss than the report's at a fraction of its time (strided convolutions)",
        _OURS,
    ),
    "vae-conditional": (
        "Ours: choose the category, then generate (CVAE-GAN, Bao et al. 2017)",
        # beta 3: the nearer drawings lie to the prior, the truer what is drawn from it
        _OURS | {"conditional": True, "target": "grey", "beta": 3.0, "adversarial": 30.0},
    ),
    "vae-separated": (
        "Ours: a latent space that separates the categories (a classifier on it, trained jointly)",
        _OURS | _SEPARATED,
    ),
    "vae-2d": (
        "Ours: a plane worth looking at (2-D, separated by a jointly trained classifier)",
        _OURS | _SEPARATED | {"latent": 2, "classifier": 10.0},
    ),
    "vae-gan": (
        "Ours: sharper drawings by a discriminator (VAE-GAN, Larsen et al. 2016)",
        _OURS | {"latent": 64, "target": "grey", "beta": 0.5, "adversarial": 30.0},
    ),
}
"""Settings to begin with: name -> (a sentence, the VaeConfig settings that are not defaults)."""
