"""How a settings class declares its fields: what a value may be, and what people are told.

    @dataclass(frozen=True)
    class RunConfig:
        dropout: Annotated[
            float,
            Real("Share of units dropped.", Group.NETWORK, high=0.95, step=0.1, swept="0, 0.2"),
        ] = 0.0

        def __post_init__(self) -> None:
            check(self)

That is all of a setting but the line that uses it: the form (`pages/shared/form.py`), the command
line (`__main__`), sweeps (`settings.sweep`) and `check` read it there. What only some networks have
is named in their entries (`settings.registry`). A field without a declaration has a widget, a flag
and a rule of its own.
"""

import dataclasses
import itertools
import re
from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any, ClassVar, get_type_hints

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9_-])?")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # file names Windows refuses


class Group(StrEnum):
    """The form's headings, in the order of the page."""

    MAIN = "Main"  # always seen, without its heading
    BASE = "Base"
    LATENT = "Latent space"
    NETWORK = "Network"
    OPTIMISATION = "Optimisation"
    DRAWINGS = "Drawings in training"


# --- the kinds of settings -----------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """What is said of one field. The kinds below say which values it takes.

    Attributes:
        help: for people: the form's help, and the first words of `--help`.
        group: the form's heading that it stands under; None: it is not in the form.
        label: the form's; "" stands for the field's name in plain words.
        more: what `--help` says beyond `help`: what 0 means, sources, how the report did.
        flag: the command line's name for it, where that is not the field's.
        after: the field that it follows in the form; "": as in the class.
        offered: the least and greatest number, or the choices, that the form offers, where it
            offers less than can be asked for.
        swept: values that a sweep of it begins with; "": it cannot be swept.
    """

    kind: ClassVar[type] = str
    """What the command line and a sweep make of a text."""

    help: str
    group: Group | None = None
    _: KW_ONLY
    label: str = ""
    more: str = ""
    flag: str = ""
    after: str = ""
    offered: tuple[Any, ...] = ()
    swept: str = ""

    def checked(self, name: str, value: Any) -> Any:
        """The value as it is kept.

        Raises:
            ValueError: it cannot be; the sentence says what can.
        """
        return value

    @property
    def takes(self) -> str:
        """The possible values, as `--help` says them; "" where `help` has to."""
        return ""


@dataclass(frozen=True)
class Number(Setting):
    """A number from `low` to `high`, both included; `step` is that of the form's buttons."""

    _: KW_ONLY
    low: float = 0
    high: float
    step: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number that the form offers."""
        low, high = self.offered or (self.low, self.high)
        return low, high


@dataclass(frozen=True)
class Whole(Number):
    """A whole number; all its numbers are ints."""

    kind = int

    def checked(self, name: str, value: Any) -> Any:
        if not _is_a(value, int) or not self.low <= value <= self.high:
            raise ValueError(f"{name} must be a whole number {self.takes}; received {value!r:.80}.")
        return value

    @property
    def takes(self) -> str:
        return f"from {self.low} to {self.high:,}"


@dataclass(frozen=True)
class Real(Number):
    """A number; `above_low`: without `low` itself."""

    kind = float
    _: KW_ONLY
    above_low: bool = False

    def checked(self, name: str, value: Any) -> Any:
        if not _is_a(value, int | float) or not self.low <= value <= self.high:
            raise ValueError(f"{name} must be a number {self.takes}; received {value!r:.80}.")
        if self.above_low and not value > self.low:
            raise ValueError(f"{name} must be in ({self.low}, {self.high}]; received {value}.")
        return value

    @property
    def takes(self) -> str:
        return f"from {self.low} to {self.high:g}"


@dataclass(frozen=True)
class Choice(Setting):
    """One of some texts. A registry that is given as `choices` may grow.

    `also`: another text that can be, but is not chosen.
    """

    _: KW_ONLY
    choices: Collection[str]
    also: str = ""

    def checked(self, name: str, value: Any) -> Any:
        if self.also and value == self.also:
            return value
        return _one_of(name, value, self.choices)

    @property
    def takes(self) -> str:
        return ", ".join(self.choices)


@dataclass(frozen=True)
class Flag(Setting):
    """Yes or no."""

    kind = bool

    def checked(self, name: str, value: Any) -> Any:
        if not isinstance(value, bool):  # 1 is equal to True
            raise ValueError(f"{name} must be true or false; received {value!r:.80}.")
        return value


@dataclass(frozen=True)
class Text(Setting):
    """A text. `rule` raises a ValueError where it cannot be; `most`: characters in the form.

    `may_lack`: it can be "", which no rule is asked about.
    """

    _: KW_ONLY
    rule: Callable[[str], object]
    may_lack: bool = False
    most: int | None = None

    def checked(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text; received {value!r:.80}.")
        if value or not self.may_lack:
            self.rule(value)
        return value


@dataclass(frozen=True)
class Pair(Setting):
    """Two whole numbers, which people write with a comma; kept as a tuple."""

    _: KW_ONLY
    each: Whole

    def checked(self, name: str, value: Any) -> Any:
        found = value
        if isinstance(found, str):  # from the form or the command line
            found = [int(part) if part.strip().isdigit() else part for part in found.split(",")]
        if not isinstance(found, (list, tuple)) or len(found) != 2:
            raise ValueError(f"{name} must be two whole numbers; received {value!r:.80}.")
        return tuple(self.each.checked(name, one) for one in found)

    @property
    def takes(self) -> str:
        return f"each {self.each.takes}"


@dataclass(frozen=True)
class Nested:
    """A field that is a settings class of its own, `kind`.

    Attributes:
        title: of its flags' group; "": the command line's and the form's own affair.
        optional: whether it may be None.
    """

    kind: type[Any]
    title: str = ""
    optional: bool = False

    def checked(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self.kind(**value)
        if not isinstance(value, self.kind) and not (self.optional and value is None):
            raise ValueError(f"{name} must be a {self.kind.__name__}; received {value!r:.80}.")
        return value


# --- what a class declares -----------------------------------------------------------------------


_known: dict[type[Any], dict[str, Setting | Nested]] = {}


def _declarations(kind: type[Any]) -> dict[str, Setting | Nested]:
    if kind not in _known:  # read once: every run's folder that is looked at is checked
        _known[kind] = {
            name: one
            for name, hint in get_type_hints(kind, include_extras=True).items()
            for one in getattr(hint, "__metadata__", ())
            if isinstance(one, Setting | Nested)
        }
    return _known[kind]


def declared(kind: type[Any], network: str | None = None) -> dict[str, Setting]:
    """A class's settings by name, in its own order; of one `network`, those that it has."""
    return {
        name: one
        for name, one in _declarations(kind).items()
        if isinstance(one, Setting) and _has(kind, network, name)
    }


def nested(kind: type[Any], network: str | None = None) -> dict[str, Nested]:
    """A class's fields that are settings classes; of one `network`, those that it has."""
    return {
        name: one
        for name, one in _declarations(kind).items()
        if isinstance(one, Nested) and _has(kind, network, name)
    }


def owners(kind: type[Any], name: str) -> list[str]:
    """The networks that have a setting, where not all have it; else []."""
    return [key for key, one in getattr(kind, "networks", {}).items() if name in one.settings]


def _has(kind: type[Any], network: str | None, name: str) -> bool:
    return network is None or network in (owners(kind, name) or [network])


def grouped(kind: type[Any], network: str | None = None) -> dict[Group, dict[str, Setting]]:
    """The settings that the form shows, in its order: by group, and by name within each."""
    settings = declared(kind, network)
    names = list(settings)
    for name, one in settings.items():
        if one.after in settings:
            names.remove(name)
            names.insert(names.index(one.after) + 1, name)
    found: dict[Group, dict[str, Setting]] = {}
    for group in Group:
        if here := {name: settings[name] for name in names if settings[name].group == group}:
            found[group] = here
    return found


def defaults(kind: type[Any]) -> dict[str, Any]:
    """The default of each field of a dataclass that has one."""
    fields = dataclasses.fields(kind)
    return {one.name: one.default for one in fields if one.default is not dataclasses.MISSING}


def plain(name: str) -> str:
    """A setting's name as people write it: "batch_size" -> "batch size"."""
    return name.replace("_", " ")


# --- checks --------------------------------------------------------------------------------------


def check(config: Any) -> None:
    """Check each declared field of a frozen dataclass, and keep it as its kind is kept.

    Raises:
        ValueError: a sentence about the first that cannot be.
    """
    for name, one in _declarations(type(config)).items():
        object.__setattr__(config, name, one.checked(name, getattr(config, name)))


def _is_a(value: Any, kind: Any) -> bool:
    """Whether a value is a number of that kind; True and False are none."""
    return isinstance(value, kind) and not isinstance(value, bool)


def _one_of(name: str, value: Any, choices: Collection[Any]) -> Any:
    if value not in tuple(choices):
        names = ", ".join(map(str, choices))
        raise ValueError(f"{name} must be one of {names}; received {str(value)[:80]!r}.")
    return value


def check_name(name: Any) -> str:
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


def free_name(stem: str, is_taken: Callable[[str], bool], is_bare: bool = False) -> str:
    """`stem`-1, -2, ...: the first name that is not taken; with `is_bare` `stem` itself comes first."""
    stem = re.sub(r"[^A-Za-z0-9 ._-]", "-", stem)
    numbered = (f"{stem}-{k}" for k in itertools.count(2 if is_bare else 1))
    names = itertools.chain([stem], numbered) if is_bare else numbered
    return next(name for name in names if not is_taken(name))
