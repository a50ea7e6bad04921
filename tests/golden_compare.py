"""Two golden records side by side: what differs, in words, and which differences were meant.

Figures that no network answered must be the same to 2 parts in 100,000 (two processors differ in
the last digits of a float32), texts and whole numbers exactly. Where a network answers while the
page is shown (`LOOSE`), figures may differ by 5 parts in 1,000 of their range, pixels' means over
7 x 7 fields by 3 of 255, and numbers in texts by five in their last decimal: a network's own last
digits differ, so does now and then a pixel that it decodes, and a judge's answer to that drawing
by 0.2 points.
"""

import base64
import fnmatch
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np

LOOSE = ("inside*", "generate*", "draw*", "tour*stop=drawings*", "tour*stop=convolution*")
"""Visits whose figures a network computes while the page is shown."""
CHANGED = Path(__file__).parent / "golden" / "changed.toml"
EXACT_TOLERANCE, LOOSE_TOLERANCE, LOOSE_PIXELS, LOOSE_DECIMALS = 2e-5, 5e-3, 3, 5
WIDTH = 300  # characters of a value in a message, at most

Json = Any


@dataclass
class Difference:
    """One difference: in which visit, of which element, and where in it.

    Attributes:
        old, new: str, what was and what is; "" where there is nothing.
    """

    visit: str
    kind: str
    title: str
    path: str
    old: str
    new: str

    def told(self, visits: int = 1) -> str:
        """A few lines; `visits`: on how many the very same is found."""
        more = f" (and {visits - 1} more of its kind)" if visits > 1 else ""
        where = f"{self.visit}{more}\n  {self.kind} {self.title!r}{self.path}"
        return f"{where}\n    was: {_cut(self.old)}\n    is:  {_cut(self.new)}"

    @property
    def change(self) -> tuple[str, ...]:
        """All but where it is."""
        return self.kind, self.title, self.path, self.old, self.new


def message(found: list[Difference], most: int | None = None) -> str:
    """Differences in words: how many on which pages, then each change once, `most` of them."""
    pages = Counter(one.visit.partition(" |")[0] for one in found)
    counts = ", ".join(f"{count} on {page}" for page, count in pages.most_common())
    times = Counter(one.change for one in found)
    first = {one.change: one for one in reversed(found)}
    lines = [one.told(times[one.change]) for one in found if first[one.change] is one]
    return "\n".join([f"{len(found)} differences: {counts or 'none'}", *lines[:most]])


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[:WIDTH]} ... ({len(text):,} characters)"


@dataclass
class Change:
    """A difference that was meant. `page` and `element` are patterns as of file names; `old` and
    `new`, if given, are regular expressions that must be found in what was and in what is."""

    page: str
    reason: str
    element: str = "*"
    old: str = ""
    new: str = ""

    def covers(self, one: Difference) -> bool:
        """Whether this is such a difference."""
        return (
            fnmatch.fnmatchcase(one.visit, self.page)
            and fnmatch.fnmatchcase(one.kind, self.element)
            and re.search(self.old, one.old) is not None
            and re.search(self.new, one.new) is not None
        )


def changes(file: Path = CHANGED) -> list[Change]:
    """The differences that were meant."""
    return [Change(**one) for one in tomllib.loads(file.read_text("utf-8")).get("changed", [])]


def differences(old: Json, new: Json) -> list[Difference]:
    """All differences of two records."""
    found = []
    for visit in sorted({*old["visits"], *new["visits"]}):
        if visit not in old["visits"] or visit not in new["visits"]:
            words = ["all of it" if visit in one["visits"] else "" for one in (old, new)]
            found.append(Difference(visit, "page", "", "", *words))
        else:
            found += _of_visit(visit, _elements(old, visit), _elements(new, visit))
    return found


def _elements(record: Json, visit: str) -> list[Json]:
    return [record["elements"][place] for place in record["visits"][visit]]


def unexpected(found: list[Difference], meant: list[Change]) -> list[Difference]:
    """The differences that no change covers."""
    return [one for one in found if not any(change.covers(one) for change in meant)]


def _of_visit(visit: str, old: list[Json], new: list[Json]) -> Iterator[Difference]:
    is_loose = any(fnmatch.fnmatchcase(visit, pattern) for pattern in LOOSE)
    before, after = ([json.dumps(one, sort_keys=True) for one in side] for side in (old, new))
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            for one, other in _pairs(old[a:b], new[c:d]):
                yield from _of_element(visit, one, other, is_loose)


def _pairs(old: list[Json], new: list[Json]) -> Iterator[tuple[Json | None, Json | None]]:
    """Elements that stand for each other; None where one has no counterpart."""
    if [one["kind"] for one in old] == [one["kind"] for one in new]:
        yield from zip(old, new, strict=True)
        return
    titles, others = ([(one["kind"], _title(one)) for one in side] for side in (old, new))
    for _, a, b, c, d in SequenceMatcher(None, titles, others, autojunk=False).get_opcodes():
        for place in range(max(b - a, d - c)):
            before = old[a + place] if place < b - a else None
            after = new[c + place] if place < d - c else None
            if before and after and before["kind"] != after["kind"]:
                yield before, None
                yield None, after
            else:
                yield before, after


def _title(element: Json) -> str:
    """What a reader knows an element by."""
    if element.get("label"):
        return str(element["label"])
    layout = element.get("spec", {}).get("layout", {}) if "spec" in element else {}
    axis = layout.get("xaxis", {}).get("title", {})
    return str(axis.get("text", "")) if isinstance(axis, dict) else str(axis)


def _of_element(
    visit: str, old: Json | None, new: Json | None, is_loose: bool
) -> Iterator[Difference]:
    if old is None or new is None:
        one: Json = old or new
        words = [
            _words({name: value for name, value in side.items() if name != "kind"}) if side else ""
            for side in (old, new)
        ]
        yield Difference(visit, one["kind"], _title(one), "", *words)
        return
    title = _title(old)
    for path, before, after in _walk(old, new, is_loose, ""):
        yield Difference(visit, old["kind"], title, path, _words(before), _words(after))


def _words(value: Json) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


MISSING = object()
Found = Iterator[tuple[str, Json, Json]]


def _walk(old: Json, new: Json, is_loose: bool, path: str) -> Found:
    """(path, old, new) of what differs in two values."""
    if isinstance(old, dict) and isinstance(new, dict):
        if "hash" in old and "hash" in new:
            if not _is_same_digest(old, new, is_loose):
                yield path, old, new
            return
        for name in sorted({*old, *new}):
            yield from _walk(
                old.get(name, MISSING), new.get(name, MISSING), is_loose, f"{path}.{name}"
            )
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        if _is_numbers(old) and _is_numbers(new):
            if not _is_near(old, new, is_loose):
                yield path, old, new
            return
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _walk(before, after, is_loose, f"{path}[{place}]")
    elif isinstance(old, str) and isinstance(new, str):
        if not (old == new or (is_loose and _is_near_text(old, new))):
            yield path, old, new
    elif _is_numbers([old]) and _is_numbers([new]):
        if not _is_near([old], [new], is_loose):
            yield path, old, new
    elif old != new or old is MISSING:
        yield path, old, new


def _is_numbers(values: list[Json]) -> bool:
    return bool(values) and all(type(one) in (int, float) for one in values)


def _is_near(old: list[Json], new: list[Json], is_loose: bool, scale: float = 0.0) -> bool:
    """Whether numbers are the same, in parts of the largest or of `scale`; whole ones exactly."""
    if not is_loose and all(type(one) is int for one in (*old, *new)):
        return old == new
    a, b = np.array(old, float), np.array(new, float)
    scale = scale or float(max(np.abs(a).max(), np.abs(b).max()))
    limit = (LOOSE_TOLERANCE if is_loose else EXACT_TOLERANCE) * scale
    return bool((np.abs(a - b) <= max(limit, 1e-9)).all())


def _is_same_digest(old: Json, new: Json, is_loose: bool) -> bool:
    """Whether two long arrays, or pictures, are the same as far as they were kept."""
    if old["hash"] == new["hash"]:
        return True
    if is_loose and "sketch" in old and "sketch" in new:
        a, b = (
            np.frombuffer(base64.b64decode(one["sketch"]), np.uint8).astype(int)
            for one in (old, new)
        )
        return a.shape == b.shape and bool((np.abs(a - b) <= LOOSE_PIXELS).all())
    if "low" not in old or "low" not in new or old["shape"] != new["shape"]:
        return False
    if (old["whole"] and new["whole"] and not is_loose) or old["none"] != new["none"]:
        return False
    scale = max(abs(one[end]) for one in (old, new) for end in ("low", "high"))
    leaves, others = (
        [one["low"], one["high"], *(0 if leaf is None else leaf for leaf in one["some"])]
        for one in (old, new)
    )
    # the last digits of many numbers cancel out in a mean, so one number's change is seen there
    means = _is_near(
        [old["mean"], old["turned"]], [new["mean"], new["turned"]], is_loose, scale / 20
    )
    return means and _is_near(leaves, others, is_loose, scale)


def _is_near_text(old: str, new: str) -> bool:
    """Whether two texts differ in nothing but the last decimal of a number, by a few."""
    decimal = r"\d+\.\d+"
    if re.sub(decimal, "#", old) != re.sub(decimal, "#", new):
        return False
    return all(
        abs(float(a) - float(b)) < (LOOSE_DECIMALS + 0.1) * 10 ** -len(a.partition(".")[2])
        for a, b in zip(re.findall(decimal, old), re.findall(decimal, new), strict=True)
    )
