"""What a run may be asked to do, declared and checked once; stored as its `config.json`."""

from doodle_core.settings.classifier import (
    BATCH_NORMS,
    INITIALISERS,
    LOSSES,
    NETWORKS,
    OPTIMIZERS,
    POOLINGS,
    PRESETS,
    RunConfig,
    TransferConfig,
)
from doodle_core.settings.data import DataConfig
from doodle_core.settings.fields import (
    DEVICES,
    NAME,
    PRECISIONS,
    RESERVED,
    SCHEDULES,
    check_choice,
    check_name,
    check_range,
    check_share,
)
from doodle_core.settings.vae import PROJECTIONS, TARGETS, VAE_NETWORKS, VAE_PRESETS, VaeConfig
