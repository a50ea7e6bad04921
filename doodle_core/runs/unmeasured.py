"""`unmeasured.json`: what of a finished run could not be measured, and why."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import read_json, write_json


def write_unmeasured(path: Path, reasons: Mapping[str, str]) -> None:
    """Write {a measure's key, or what it is in words: why, a sentence}; no file where all was."""
    if reasons:
        write_json(path / "unmeasured.json", _checked(dict(reasons)))
    else:
        (path / "unmeasured.json").unlink(missing_ok=True)


def read_unmeasured(path: Path | str) -> dict[str, str]:
    """What could not be measured, as `write_unmeasured` was told; {} where everything was.

    Raises:
        ValueError: the file is damaged.
    """
    return _checked(read_json(Path(path) / "unmeasured.json", {}))


def unmeasured_words(path: Path | str) -> list[str]:
    """The same as a sentence each. Raises as `read_unmeasured`."""
    return [f"{_title(what)}: not measured: {why}" for what, why in read_unmeasured(path).items()]


def _title(what: str) -> str:
    known = MEASURES.get(what)
    name = known.name if known else what
    return (known.title if known else "") or name[:1].upper() + name[1:]


def _checked(reasons: Any) -> dict[str, str]:
    if not (isinstance(reasons, dict) and all(isinstance(one, str) for one in reasons.values())):
        raise ValueError("unmeasured.json is damaged: it is not sentences by name.")
    return reasons
