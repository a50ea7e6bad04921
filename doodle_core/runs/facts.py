"""The small JSON files of a run's folder: each one's writer, and its one checked reader.

A writer refuses what its reader would refuse. A reader returns what pages can show and compute
with, or raises a ValueError of one sentence.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from doodle_core.files import later, read_json, write_json
from doodle_core.settings import families

Facts = dict[str, Any]
"""Numbers and texts by name; beside them notes have tags, a list of texts."""

STATES = ("queued", "running", "finished", "stopped", "interrupted", "failed", "damaged")
PHASES = ("starting", "data", "training", "scoring")
COUNTED = ("epoch", "epochs", "step", "steps", "images_per_second", "seconds_left")
"""What `progress.json` has in the phase "training", beside the training's own figures."""
TEXTS = ("state", "error", "phase", "text", "notes", "test_pixels", "judge")
"""What in status, progress, metrics and notes is text; the rest are numbers."""
LATEST = 253_402_300_799  # the end of the year 9999, in seconds since 1970


class Layer(TypedDict):
    """A row of `network.json`. `output`: its shape, as "28 x 28 x 64"."""

    layer: str
    kind: str
    output: str
    parameters: int


# --- config.json ---------------------------------------------------------------------------------


def write_config(path: Path, config: Any) -> None:
    """Write the settings of a family, which were checked when they were made."""
    write_json(path / "config.json", config.to_dict())


def read_config(path: Path) -> Any:
    """The settings of the run's family.

    Raises:
        ValueError, TypeError: there are none, or not such.
    """
    content = read_json(path / "config.json")
    if not isinstance(content, dict):
        raise ValueError("config.json is missing or is not an object.")
    return families.from_dict(content)


# --- status.json, notes.json ---------------------------------------------------------------------


def set_state(path: Path | str, state: str, **facts: Any) -> None:
    """Write `status.json`, atomically: a state, the time, and facts such as `error`.

    The time is after all others here, since runs and the queue are in their order.
    """
    now = later(_times(Path(path).parent), LATEST)
    write_json(Path(path) / "status.json", {"state": state, "time": now, **facts})


def _times(models: Path) -> Iterator[float]:
    """The times in the `status.json` of all runs."""
    for file in models.glob("*/status.json"):
        with contextlib.suppress(ValueError, OSError):
            yield read_status(file.parent).get("time", 0.0)


def read_status(path: Path) -> Facts:
    """`state`, `time` (seconds since 1970) and, of a failed run, `error`; {} where there is none.

    Raises:
        ValueError: it is damaged.
    """
    found = _read(path, "status.json", ("time",))
    if not 0 <= found.get("time", 0) <= LATEST:
        raise ValueError("status.json: the time is not one that a calendar has.")
    return found


def write_notes(path: Path, notes: Mapping[str, Any]) -> None:
    """Write `notes`, a text, `tags`, a list of texts, and `hidden`, a bool, as far as given."""
    write_json(path / "notes.json", _checked("notes.json", dict(notes)))


def read_notes(path: Path) -> Facts:
    """`notes`, `tags` and `hidden`, as far as a person gave any.

    Raises:
        ValueError: it is damaged.
    """
    return _read(path, "notes.json")


# --- progress.json -------------------------------------------------------------------------------


def write_progress(path: Path, phase: str, **facts: float | str) -> None:
    """Write where a training is; what is no number that a page could show is left out.

    Args:
        path: the run's folder. phase: one of PHASES.
        facts: in "data" `done`, a share, and `text`, a sentence; in "training" COUNTED (epoch and
            step from 1) and figures.
    """
    known = {name: one for name, one in facts.items() if isinstance(one, str) or _is_number(one)}
    write_json(path / "progress.json", {"phase": phase, **known})


def read_progress(path: Path) -> Facts:
    """Where the training is, as `write_progress` was told; {} where that is not known.

    Raises:
        ValueError: the file is damaged.
    """
    found = _read(path, "progress.json")
    if not 0 <= found.get("done", 0) <= 1:
        del found["done"]
    if found.get("phase") not in PHASES:
        return {}
    if found["phase"] == "training":
        if min(found.get(name, -1) for name in COUNTED) < 0:
            return {}
        if not (1 <= found["epoch"] <= found["epochs"] and found["step"] <= found["steps"] > 0):
            return {}
    return found


# --- metrics.json --------------------------------------------------------------------------------


def write_metrics(path: Path, config: Any, figures: Mapping[str, Any]) -> None:
    """Write a finished run's figures.

    Args:
        path: the run's folder. config: its settings. figures: numbers and texts by name, among
            them those that the family of networks wants.

    Raises:
        ValueError: one is missing, or is no finite number.
    """
    numbers = families.family_of(config).numbers
    plain = {
        key: one.item() if isinstance(one, np.generic) else one for key, one in figures.items()
    }
    write_json(path / "metrics.json", _checked("metrics.json", plain, numbers))


def read_metrics(path: Path, config: Any) -> Facts:
    """A run's figures, {} before it has finished. A share has both its bounds, or neither.

    Raises:
        ValueError: they are damaged, or lack what every page shows of this family.
    """
    found = _read(path, "metrics.json", families.family_of(config).numbers)
    bounded = {key.removesuffix(end) for key in found for end in _ENDS if key.endswith(end)}
    for name in bounded:
        trio = [name, *(name + end for end in _ENDS)]
        if not all(key in found for key in trio):
            found = {key: one for key, one in found.items() if key not in trio}
    return found


_ENDS = ("_low", "_high")


# --- environment.json, network.json, drawings.json, ranges.json ----------------------------------


def write_environment(path: Path, facts: Mapping[str, Any]) -> None:
    """Write what a figure may depend on beside the settings: numbers and texts by name."""
    write_json(path / "environment.json", _environment(facts))


def read_environment(path: Path) -> Facts:
    """What a figure may depend on beside the settings: numbers and texts; {} if it was not kept.

    Raises:
        ValueError: it is damaged.
    """
    return dict(_environment(read_json(path / "environment.json", {})))


def _environment(facts: Any) -> Any:
    _require(isinstance(facts, Mapping), "environment.json", "it is not an object")
    for name, one in facts.items():
        is_plain = isinstance(one, str) or one is None or _is_number(one)
        _require(is_plain, "environment.json", f"{name[:80]!r} is neither a number nor a text")
    return facts


def write_layers(path: Path, layers: list[Layer]) -> None:
    """Write `network.json`: the network layer by layer."""
    write_json(path / "network.json", _layers(layers))


def read_layers(path: Path) -> list[Layer]:
    """The network layer by layer, from `network.json`; [] if it was not kept.

    Raises:
        ValueError: it is damaged.
    """
    found = _layers(read_json(path / "network.json", []))
    return [{name: row[name] for name in Layer.__annotations__} for row in found]  # type: ignore


def _layers(layers: Any) -> Any:
    _require(isinstance(layers, list), "network.json", "it is not a list")
    for row in layers:
        fits = (
            isinstance(row, dict)
            and set(row) == set(Layer.__annotations__)
            and all(isinstance(row[name], str) for name in ("layer", "kind", "output"))
            and isinstance(row["parameters"], int)
            and _is_number(row["parameters"])
        )
        _require(fits, "network.json", "a layer is not described as layers are")
    return layers


def write_fingerprints(path: Path, prints: Mapping[str, str]) -> None:
    """Write `drawings.json`: {part: `data.fingerprint` of its drawings}."""
    write_json(path / "drawings.json", dict(prints))


def read_fingerprints(path: Path) -> dict[str, str]:
    """{part: fingerprint of its drawings} as the run began; {} before it did.

    Raises:
        ValueError: it is damaged.
    """
    found = read_json(path / "drawings.json", {})
    _require(isinstance(found, dict), "drawings.json", "it is not an object")
    return {str(part): str(one) for part, one in found.items()}


RANGES = ("grey", "binary", "grey01", "binary01")
"""How test drawings are shown to a classifier, once it has learned: as they are, binarised, and
both in the range [0, 1] where it learned [-1, 1]."""


def write_ranges(path: Path, figures: Mapping[str, Mapping[str, float]]) -> None:
    """Write `ranges.json`: {one of RANGES: `n`, `top1`, `top1_low`, `top1_high`}."""
    write_json(path / "ranges.json", _ranges(figures))


def read_ranges(path: Path) -> dict[str, dict[str, float]]:
    """{one of RANGES: `n`, `top1`, `top1_low`, `top1_high`}; {} where a run was not shown any.

    Raises:
        ValueError: it is damaged.
    """
    return dict(_ranges(read_json(path / "ranges.json", {})))


def _ranges(figures: Any) -> Any:
    is_known = isinstance(figures, Mapping) and set(figures) <= set(RANGES)
    _require(is_known, "ranges.json", "it has other ranges than those that drawings are shown in")
    for found in figures.values():
        fits = (
            isinstance(found, Mapping)
            and set(found) == {"n", "top1", "top1_low", "top1_high"}
            and all(map(_is_number, found.values()))
            and found["n"] >= 1
            and all(0 <= one <= 1 for name, one in found.items() if name != "n")
        )
        _require(fits, "ranges.json", "a range lacks n or top1 with its bounds")
    return figures


# --- what they share -----------------------------------------------------------------------------


def _read(path: Path, name: str, numbers: tuple[str, ...] = ()) -> Facts:
    """A JSON object, checked; what is null in it is left out. {} where there is no such file."""
    found = _checked(name, read_json(path / name, {}), numbers)
    return {key: one for key, one in found.items() if one is not None}


def _checked(name: str, content: Any, numbers: tuple[str, ...] = ()) -> Facts:
    """The content of a JSON file of a run, if it would not surprise the pages.

    Args:
        name: the file's. numbers: what must be in it, unless it is empty.

    Raises:
        ValueError: it would.
    """
    if not isinstance(content, dict):
        raise ValueError(f"{name} is not an object.")
    for key in numbers:
        if content and not _is_number(content.get(key)):
            raise ValueError(f"{name} lacks the number {key!r}.")
    for key, value in content.items():
        if value is None:
            continue
        if key == "tags":
            if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
                raise ValueError(f"{name}: tags are not texts.")
        elif key in TEXTS:
            if not isinstance(value, str):
                raise ValueError(f"{name}: {key[:80]!r} is not a text.")
        elif not _is_number(value):
            raise ValueError(f"{name}: {key[:80]!r} is not a number.")
        elif key == "temperature" and not 0.01 <= value <= 100:  # `fit_temperature`: 0.05 to 20
            raise ValueError(f"{name}: the temperature is not from 0.01 to 100.")
    return content


def _require(is_sound: bool, name: str, why: str) -> None:
    """Raise a ValueError, of one sentence that ends with `why`, unless a file is sound."""
    if not is_sound:
        raise ValueError(f"{name} is damaged: {why}.")


def _is_number(value: object) -> bool:
    """A finite int or float that a page can compute with."""
    return isinstance(value, (int, float)) and abs(value) < 1e15
