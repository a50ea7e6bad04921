"""What the settings of all families share: names, choices, checks."""

import re

PRECISIONS = ("auto", "float32", "mixed_bfloat16")
SCHEDULES = ("constant", "cosine")
DEVICES = ("one", "gpus", "workers")
"""Where a training computes: one device, all GPUs of a machine, or several machines."""
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9_-])?")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # file names Windows refuses


def check_name(name):
    """Return `name` if it can be a run's folder, whatever the system.

    Raises:
        ValueError: it could leave `models/` or surprise a file system.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise ValueError(
            "A run's name must be 1 to 64 letters, digits, spaces, '.', '_' or '-', begin with a "
            f"letter or digit and not end in a dot or space; received {str(name)[:80]!r}."
        )
    return name


def check_range(name, value, low, high):
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(
            f"{name} must be a whole number from {low} to {high:,}; received {value!r:.80}."
        )


def check_share(name, value, low, high):
    if not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"{name} must be a number from {low} to {high:g}; received {value!r:.80}.")


def check_choice(name, value, choices):
    if value not in choices:
        names = ", ".join(map(str, choices))
        raise ValueError(f"{name} must be one of {names}; received {str(value)[:80]!r}.")
