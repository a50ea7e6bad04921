"""Which runs came with the program: known by what they hold, whatever their folders are called.

A name proves nothing: a person may train a run of the same name, or rename one of ours. So the
program brings a list, `models/shipped.json`, of names and digests. `make shipped` writes it anew, of the
runs that git keeps.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from doodle_core.files import SHIPPED, read_json, write_json
from doodle_core.runs.run import Run

LIST = SHIPPED
"""{name: digest} of the runs that came with this version of the program."""
TEXTS = ("metrics.json", "ranges.json", "network.json", "history.csv")
ARRAYS = (
    *("test_labels.npy", "test_probabilities.npy", "val_labels.npy", "val_probabilities.npy"),
    "latent_test.npz",
)
"""What verdicts are computed from, beside the settings."""


def digest(path: Path) -> str:
    """What a run's folder holds that a verdict may rest on, in a few digits; its name left out.

    Raises:
        ValueError, OSError: a file is damaged or cannot be read.
    """
    config = dict(read_json(path / "config.json", {}))
    config.pop("name", None)
    found = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in TEXTS + ARRAYS:
        file = path / name
        if file.is_file():
            content = file.read_bytes()
            if name in TEXTS:  # git may have given the lines other ends
                content = content.replace(b"\r\n", b"\n")
            found.update(name.encode() + hashlib.sha256(content).digest())
    return found.hexdigest()[:24]


def write_list(paths: Iterable[Path | str]) -> None:
    """Write the list of the runs in these folders."""
    write_json(LIST, {Path(path).name: digest(Path(path)) for path in sorted(map(Path, paths))})


def shipped(among: Iterable[Run]) -> dict[str, Run]:
    """The finished runs that came with the program, by the names that they came with.

    Of a run and its copies the first one counts. Whether one is hidden is a matter of display.

    Args:
        among: runs to choose from.
    """
    names: dict[str, list[str]] = {}
    for name, one in read_list().items():
        names.setdefault(one, []).append(name)
    found: dict[str, Run] = {}
    for run in among:
        if run.state == "finished" and (mine := names.get(_digest_or_none(run))):
            found.setdefault(run.name if run.name in mine else mine[0], run)
    return found


def read_list() -> dict[str, str]:
    """{name: digest}; {} where there is no list.

    Raises:
        ValueError: it is damaged.
    """
    found = read_json(LIST, {})
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError(f"{LIST.name} is damaged: it is no list of runs and digests.")
    return found


def _digest_or_none(run: Run) -> str:
    """A run's digest, "" where a file is damaged: what cannot be read is no evidence."""
    try:
        return digest(run.path)
    except (ValueError, OSError):
        return ""
