"""What a figure may depend on beside the settings: versions, machine, seeds."""

import os
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from doodle_core.data import practice
from doodle_core.settings import RunConfig, VaeConfig

# --- the machine ---------------------------------------------------------------------------------


def environment(config: RunConfig | VaeConfig, precision: str) -> dict[str, Any]:
    """What a figure may depend on beside the configuration."""
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "precision": precision,
        "seed": config.seed,
        "split_seed": config.data.seed,
        "practice_version": practice.VERSION,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
