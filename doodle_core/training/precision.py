"""The seed and the precision that a training begins with."""

import sys
from pathlib import Path

import keras

from doodle_core.settings import RunConfig, VaeConfig


def begin(config: RunConfig | VaeConfig) -> str:
    """Seed everything and set the precision of a RunConfig. Returns the precision."""
    keras.utils.set_random_seed(config.seed)
    precision = best_precision() if config.precision == "auto" else config.precision
    keras.config.set_dtype_policy(precision)
    return precision


def best_precision() -> str:
    """ "mixed_bfloat16" where the processor multiplies bfloat16 (AVX-512 BF16, AMX), else float32."""
    flags = ""
    if sys.platform == "linux":
        flags = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"
