"""The small JSON files of a run's folder: each one's writer, and its one checked reader.

A writer refuses what its reader would refuse. A reader returns what pages can show and compute
with, or raises a ValueError of one sentence.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import later, read_json, write_json
from doodle_core.settings import families
from doodle_core.settings.imported import IMPORTED

Facts = dict[str, Any]
"""Numbers and texts by name; beside them notes have tags, a list of texts."""

STATES = ("queued", "running", "finished", "stopped", "interrupted", "failed", "damaged")
PHASES = ("starting", "data", "training", "scoring")
COUNTED = ("epoch", "epochs", "step", "steps", "images_per_second", "seconds_left")
"""What `progress.json` has in the phase "training", beside the training's own figures."""


# --- what a fact may be --------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What a fact may be. `words`: that, as the end of a sentence; `fits`: whether a value is so."""

    words: str
    fits: Callable[[Any], bool]


def _number(low: float = -1e15, high: float = 1e15, words: str = "a number") -> Kind:
    """A finite number that a page can compute with, `low` and `high` included."""
    return Kind(words, lambda one: isinstance(one, int | float) and low <= one <= high)


def _is_text(one: Any) -> bool:
    return isinstance(one, str) and len(one) <= LONGEST


LONGEST = 100_000  # characters of a text
LATEST = 253_402_300_799  # the end of the year 9999, in seconds since 1970
NUMBER = _number()
SHARE = _number(0, 1, "a share from 0 to 1")
COUNT = Kind("a number above 0", lambda one: NUMBER.fits(one) and one > 0)
TEXT = Kind("a text", _is_text)
TEXTS = Kind("a list of texts", lambda one: isinstance(one, list) and all(map(_is_text, one)))
PLAIN = Kind("a number or a text", lambda one: one is None or NUMBER.fits(one) or TEXT.fits(one))

Schema = Mapping[str, Kind]
"""What facts of these names may be; all others are NUMBERs."""
STATUS = {"state": TEXT, "time": _number(0, LATEST, "a time up to the year 9999"), "error": TEXT}
NOTES = {"notes": TEXT, "tags": TEXTS}
PROGRESS = {"phase": TEXT, "text": TEXT}
METRICS = {
    **{
        f"{one.field or one.key}{end}": SHARE
        for one in MEASURES.values()
        if one.unit == "share"
        for end in ("", "_low", "_high")
    },
    **{"n": COUNT, "train_n": COUNT, "test_pixels": TEXT, "judge": TEXT},
    "temperature": _number(0.01, 100, "a number from 0.01 to 100"),  # `fit_temperature`: 0.05 to 20
}
RANGE = {"n": COUNT, "top1": SHARE, "top1_low": SHARE, "top1_high": SHARE}


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
    return _read(path, "status.json", STATUS, ("time",))


def write_notes(path: Path, notes: Mapping[str, Any]) -> None:
    """Write `notes`, a text, `tags`, a list of texts, and `hidden`, a bool, as far as given."""
    write_json(path / "notes.json", _checked("notes.json", dict(notes), NOTES))


def read_notes(path: Path) -> Facts:
    """`notes`, `tags` and `hidden`, as far as a person gave any.

    Raises:
        ValueError: it is damaged.
    """
    return _read(path, "notes.json", NOTES)


# --- progress.json -------------------------------------------------------------------------------


def write_progress(path: Path, phase: str, **facts: float | str) -> None:
    """Write where a training is; what is no number that a page could show is left out.

    Args:
        path: the run's folder. phase: one of PHASES.
        facts: in "data" `done`, a share, and `text`, a sentence; in "training" COUNTED (epoch and
            step from 1) and figures.
    """
    known = {name: one for name, one in facts.items() if PLAIN.fits(one)}
    write_json(path / "progress.json", {"phase": phase, **known})


def read_progress(path: Path) -> Facts:
    """Where the training is, as `write_progress` was told; {} where that is not known.

    Raises:
        ValueError: the file is damaged.
    """
    found = _read(path, "progress.json", PROGRESS)
    if not SHARE.fits(found.get("done", 0)):
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
    plain = {
        key: one.item() if isinstance(one, np.generic) else one for key, one in figures.items()
    }
    write_json(path / "metrics.json", _checked("metrics.json", plain, METRICS, _needed(config)))


def read_metrics(path: Path, config: Any) -> Facts:
    """A run's figures, {} before it has finished. A share has both its bounds, or neither.

    Raises:
        ValueError: they are damaged, or lack what every page shows of this family.
    """
    found = _read(path, "metrics.json", METRICS, _needed(config))
    bounded = {key.removesuffix(end) for key in found for end in _ENDS if key.endswith(end)}
    for name in bounded:
        trio = [name, *(name + end for end in _ENDS)]
        if not all(key in found for key in trio):
            found = {key: one for key, one in found.items() if key not in trio}
    return found


_ENDS = ("_low", "_high")


def _needed(config: Any) -> tuple[str, ...]:
    """The numbers that a run of these settings must have."""
    numbers = families.family_of(config).numbers
    if getattr(config, "network", "") == IMPORTED:  # what it learned from is not known
        return tuple(name for name in numbers if name != "train_n")
    return numbers


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
        _require(PLAIN.fits(one), "environment.json", f"{name[:80]!r} is not {PLAIN.words}")
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
            and all(TEXT.fits(row[name]) for name in ("layer", "kind", "output"))
            and isinstance(row["parameters"], int)
            and NUMBER.fits(row["parameters"])
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
            and set(found) == set(RANGE)
            and all(kind.fits(found[name]) for name, kind in RANGE.items())
        )
        _require(fits, "ranges.json", "a range lacks n or top1 with its bounds")
    return figures


# --- what they share -----------------------------------------------------------------------------


def _read(path: Path, name: str, schema: Schema, needed: tuple[str, ...] = ()) -> Facts:
    """A JSON object, checked; what is null in it is left out. {} where there is no such file."""
    found = _checked(name, read_json(path / name, {}), schema, needed)
    return {key: one for key, one in found.items() if one is not None}


def _checked(name: str, content: Any, schema: Schema, needed: tuple[str, ...] = ()) -> Facts:
    """The content of a JSON file of a run, if it would not surprise the pages.

    Args:
        name: the file's. schema: what its facts may be. needed: the numbers that must be in it,
            unless it is empty.

    Raises:
        ValueError: it would.
    """
    if not isinstance(content, dict):
        raise ValueError(f"{name} is not an object.")
    for key in needed:
        if content and not NUMBER.fits(content.get(key)):
            raise ValueError(f"{name} lacks the number {key!r}.")
    for key, one in content.items():
        kind = schema.get(key, NUMBER)
        if one is not None and not kind.fits(one):
            raise ValueError(f"{name}: {key[:80]!r} is not {kind.words}.")
    return content


def _require(is_sound: bool, name: str, why: str) -> None:
    """Raise a ValueError, of one sentence that ends with `why`, unless a file is sound."""
    if not is_sound:
        raise ValueError(f"{name} is damaged: {why}.")
