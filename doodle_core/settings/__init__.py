"""What a run may be asked to do, declared and checked once; stored as its `config.json`."""

from doodle_core.settings.classifier import NETWORKS, PRESETS, RunConfig
from doodle_core.settings.data import DataConfig
from doodle_core.settings.fields import (
    Choice,
    Flag,
    Group,
    Nested,
    Number,
    Pair,
    Real,
    Setting,
    Text,
    Whole,
    check,
    check_name,
    declared,
    defaults,
    free_name,
    grouped,
    nested,
    owners,
    plain,
)
from doodle_core.settings.imported import IMPORTED, Contract
from doodle_core.settings.registry import Network, Preset
from doodle_core.settings.transfer import TransferConfig
from doodle_core.settings.vae import NETWORKS as VAE_NETWORKS
from doodle_core.settings.vae import PRESETS as VAE_PRESETS
from doodle_core.settings.vae import VaeConfig
