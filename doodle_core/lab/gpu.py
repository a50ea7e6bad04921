"""Whether a GPU lies idle, found out without TensorFlow: a page has no seconds to import it."""

import ctypes.util
import functools
import importlib.metadata
import os
from pathlib import Path

DEVICES = "/dev"  # /proc/driver/nvidia would show a container what it was not given
WSL = "/usr/lib/wsl/lib/nvidia-smi"


def unused() -> str | None:
    """A sentence where this machine has an NVIDIA GPU that TensorFlow cannot use, else None."""
    if not has_gpu() or has_libraries():
        return None
    return (
        "This machine has an NVIDIA GPU, but the CUDA libraries that TensorFlow needs are not "
        "installed, so trainings run on the processor; `pip install 'tensorflow[and-cuda]'` in this "
        "program's environment brings them."
    )


def has_gpu() -> bool:
    """Whether there is an NVIDIA GPU that CUDA_VISIBLE_DEVICES does not hide."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return False
    return any(Path(DEVICES).glob("nvidia[0-9]*")) or Path(WSL).exists()


def has_libraries() -> bool:
    """Whether cuDNN is there, from a package or of the system: none of the others comes alone."""
    if any(_installed(f"nvidia-cudnn-cu{version}") for version in (12, 13)):
        return True
    places = filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":"))
    return any(any(Path(place).glob("libcudnn.so*")) for place in places) or of_the_system()


@functools.cache  # it asks ldconfig and a compiler, where there is one
def of_the_system() -> bool:
    """Whether the system's own linker knows cuDNN."""
    return ctypes.util.find_library("cudnn") is not None


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
