"""What a measure is, which there are, and their figures as texts and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from doodle_core.evaluation.shares import Figures, Share, percent


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        key: its name here. field: its name among a run's figures, where that is another one.
        name: what it is called, as a term and above a column. title: before a row; by default the
            name with a capital.
        words: what it is, in sentences: on hover. says: in a few words, beside its figure; other
            figures of the run may stand in it, as {iwae_k:.0f}.
        unit: "share", in [0, 1] and written in percent; "nats"; "count"; "number".
        digits: decimals of nats and numbers. better: which direction is, "" for neither.
        has_interval: whether its bounds are kept beside it, as `Share.as_metrics` writes them.
        has_error: whether its standard error is kept beside it, as KEY_error: its interval is 1.96
            of these either way. chance: the key of what chance scores. of: of the figure that a count is a part of.
        given: what the report had. missing: what stands where it was not measured; None: no row.
    """

    key: str
    name: str
    words: str = ""
    says: str = ""
    unit: Literal["share", "nats", "count", "number"] = "share"
    digits: int = 1
    better: Literal["higher", "lower", ""] = ""
    has_interval: bool = False
    has_error: bool = False
    field: str = ""
    title: str = ""
    chance: str = ""
    of: str = ""
    given: str = ""
    missing: str | None = "–"

    def value(self, figures: Figures) -> float | None:
        """The figure itself, None where it was not measured."""
        found: float | None = figures.get(self.field or self.key)
        return found

    def share(self, figures: Figures) -> Share | None:
        """With its interval; None where it has none, or was not measured."""
        name = self.field or self.key
        parts = [figures.get(f"{name}{part}") for part in ("", "_low", "_high")]
        return Share.read(figures, name) if self.has_interval and None not in parts else None

    def text(self, figures: Figures) -> str:
        """As a sentence or a row has it: '94.5 % (93.9 to 95.1)', '130.0 nats', '4 of 14'.

        "" where it was not measured.
        """
        value, share = self.value(figures), self.share(figures)
        if share:
            return share.text
        if value is None or self.has_interval:
            return ""
        if self.unit == "share":
            return percent(value)
        if self.unit == "count":
            return f"{value:,.0f}" + (f" of {figures[self.of]}" if self.of in figures else "")
        return f"{value:.{self.digits}f}" + (" nats" if self.unit == "nats" else "")

    def bounds(self, figures: Figures) -> str:
        """Its 95 % interval, bare: '93.9 to 95.1'; "" where it has none."""
        if share := self.share(figures):
            return share.bounds
        value, error = self.value(figures), figures.get(f"{self.field or self.key}_error")
        if not self.has_error or value is None or error is None:
            return ""
        digits = self.digits + (self.unit == "number")
        return f"{value - 1.96 * error:.{digits}f} to {value + 1.96 * error:.{digits}f}"

    def cell(self, figures: Figures) -> str:
        """As a column of several runs has it: nats bare, and finer by a decimal."""
        value = self.value(figures)
        if self.unit == "nats" and value is not None:
            return f"{value:.{self.digits + 1}f}"
        return self.text(figures) or self.missing or ""

    def row(self, figures: Figures) -> dict[str, str]:
        """As a row of `as_table`."""
        share = self.share(figures)
        return {
            "measure": self.title or self.name[0].upper() + self.name[1:],
            "this run": percent(share.value) if share else self.text(figures) or self.missing or "",
            "95 % interval": self.bounds(figures),
            "the report": self.given,
            "what it is": self.beside(figures),
        }

    def beside(self, figures: Figures) -> str:
        """What stands beside its figure: `says`, and what chance scores."""
        chance = f"chance {percent(figures.get(self.chance))}" if self.chance else ""
        try:
            says = self.says.format_map(figures)
        except (KeyError, TypeError):  # a figure that is not there, or None
            says = ""
        return "; ".join(filter(None, (says, chance)))

    def is_better(self, one: float, other: float) -> bool:
        """Whether the figure `one` is better than `other`."""
        return one > other if self.better == "higher" else self.better == "lower" and one < other


MEASURES: dict[str, Measure] = {}
"""All measures, by their keys."""
WORDS: dict[str, str] = {}
"""{name: words} of those that have words."""


def register(measure: Measure, *tables: list[str]) -> None:
    """Make a measure known, as the last one of these tables.

    Args:
        measure: it. tables: lists of keys, such as CLASSIFIER_TABLE.

    Raises:
        ValueError: there is one of that key or name.
    """
    if measure.key in MEASURES or measure.name in WORDS:
        raise ValueError(f"There is a measure {measure.key!r}, or one called {measure.name!r}.")
    MEASURES[measure.key] = measure
    if measure.words:
        WORDS[measure.name] = measure.words
    for table in tables:
        table.append(measure.key)


def forget(key: str, *tables: list[str]) -> None:
    """Undo `register`."""
    WORDS.pop(MEASURES.pop(key).name, None)
    for table in tables:
        table.remove(key)


# --- figures as texts and tables ------------------------------------------------------------------


def shown(figures: Figures, key: str) -> str:
    """A measure's figure with unit and interval, "" where it was not measured: `Measure.text`."""
    return MEASURES[key].text(figures)


def columns(figures: Figures, keys: Sequence[str]) -> dict[str, str]:
    """A run's figures as columns of a table of several runs; (95 %) marks those with intervals."""
    found = [MEASURES[key] for key in keys]
    return {one.name + " (95 %)" * one.has_interval: one.cell(figures) for one in found}


def as_table(figures: Figures, *tables: Sequence[str]) -> list[dict[str, str]]:
    """A run's figures as rows of a table: dicts of text; one that was not made is a dash.

    The columns of intervals and of the report's figures are left out where they are empty.

    Args:
        figures: of one run. tables: lists of keys, one below the other.
    """
    found = [MEASURES[key] for keys in tables for key in keys]
    rows = [one.row(figures) for one in found if one.missing is not None or one.text(figures)]
    used = {name for row in rows for name, text in row.items() if text}
    return [{name: text for name, text in row.items() if name in used} for row in rows]
