"""What a verdict rests on: runs that came with the program, what they differ in, how sure it is.

A verdict is made of shipped runs alone, known by what they hold (`runs.shipped`): a person's own
runs can stand beside them, and change nothing by being there. Runs that are compared are checked to
differ in what the claim is about and in nothing else; where they differ in more, where one is not
here, or where the uncertainty leaves both open, the verdict is "not decided".
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from doodle_core import evaluation, runs
from doodle_core.evaluation import Difference, Share, interval, p_words
from doodle_core.evaluation.given import GIVEN, GIVEN_N
from doodle_core.lab import report
from doodle_core.runs import Run
from doodle_core.settings import DataConfig
from doodle_core.settings.fields import plain

VERDICTS = {"holds": "holds", "wrong": "does not hold", "open": "not decided"}
SURE = 0.05  # a difference with a smaller p counts
MARGIN = 0.01  # a percentage point: figures that are surely no further apart count as alike
DATA = {one.name for one in fields(DataConfig)} - {"seed"} | {"split_seed"}
"""The settings that say which drawings a run learned from and is scored on."""

Shipped = Mapping[str, Run]
"""The finished runs that came with the program, by the names that they came with."""


@dataclass
class Finding:
    """What was found of a claim.

    Attributes:
        verdict: a key of VERDICTS. words: plain text. runs: what it rests on, list of `runs.Run`.
        n: on how many drawings, in words. test: how its uncertainty was measured, in words.
        more: what else the stop's plot needs, by name.
    """

    verdict: str
    words: str
    runs: list[Run] = field(default_factory=list)
    n: str = ""
    test: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def evidence(self) -> str:
        """Which runs with how many seeds, how many drawings, and which test: a sentence; or ""."""
        if not self.runs:
            return ""
        names = ", ".join(f"{run.name} ({said_of_seeds(run, self.runs)})" for run in self._kinds)
        return "; ".join(filter(None, (names, self.n, self.test))) + "."

    @property
    def _kinds(self) -> list[Run]:
        """One run of each settings, the seed apart."""
        return [
            run
            for place, run in enumerate(self.runs)
            if not any(_same_but_seed(run, one) for one in self.runs[:place])
        ]


class Undecided(Exception):
    """Why a claim cannot be decided: a sentence or more; `runs`: as far as there are any."""

    def __init__(self, words: str, found: Sequence[Run] = (), **more: Any) -> None:
        super().__init__(words)
        self.runs, self.more = list(found), more


@dataclass
class Stop:
    """One claim.

    Attributes:
        claim: the report's, in our words. section: where it stands there.
        test: function of the shipped runs that returns a Finding, or raises Undecided.
        why: {verdict: what it comes of}.
    """

    key: str
    title: str
    claim: str
    section: str
    test: Callable[[Shipped], Finding]
    why: dict[str, str]

    def find(self, everything: Sequence[Run]) -> Finding:
        """What the shipped ones among these runs say of the claim."""
        try:
            return self.test(runs.shipped(everything))
        except Undecided as reason:
            return Finding("open", str(reason), reason.runs, more=reason.more)


# --- which runs -----------------------------------------------------------------------------------


def kind_of(shipped: Shipped, *wanted: str) -> list[Run]:
    """The seeds of the first of these kinds of runs that is here.

    Args:
        wanted: names without their seed: "stand-in-base" for stand-in-base-0, -1 and so on, or a
            whole name.

    Raises:
        Undecided: none of them is here, or its runs differ in more than their seed.
    """
    for stem in wanted:
        pattern = re.compile(re.escape(stem) + r"(-\d+)?")
        found = [shipped[name] for name in sorted(shipped) if pattern.fullmatch(name)]
        if found:
            _check_seeds(found)
            return found
    names = " or ".join(wanted)
    raise Undecided(f"This needs the run {names}, which is not here.")


def _check_seeds(found: Sequence[Run]) -> None:
    if others := [run for run in found[1:] if not _same_but_seed(run, found[0])]:
        raise Undecided(
            f"{found[0].name} and {others[0].name} should differ in their seed alone; they differ "
            f"in {listed(differing(found[0], others[0]))}."
        )


def _same_but_seed(one: Run, other: Run) -> bool:
    return one.kind == other.kind and not differing(one, other)


def said_of_seeds(run: Run, among: Sequence[Run]) -> str:
    """How many seeds there are of a run's settings: "one seed", "3 seeds"."""
    n = sum(_same_but_seed(run, one) for one in among)
    return "one seed" if n == 1 else f"{n} seeds"


def names_of(run: Run) -> list[str]:
    return list(run.config.data.categories)


# --- what they differ in --------------------------------------------------------------------------


def differing(one: Run, other: Run) -> list[str]:
    """The settings in which two runs differ, their names and seeds left out, sorted.

    Among them "weights", where two bases began with different ones, and "precision", as it was: the
    setting may leave both to the machine. Of two networks one of which is on a base, the base's own
    settings are no further difference.
    """
    first, second = (_facts(run) for run in (one, other))
    names = set(first) & set(second) if one.kind == other.kind else set(first) | set(second)
    return sorted(name for name in names if first.get(name) != second.get(name))


def _facts(run: Run) -> dict[str, Any]:
    found = runs.flat_settings(run.config)
    found.pop("seed", None)  # an imported network's run has none
    try:
        environment = runs.read_environment(run.path)
    except (ValueError, OSError):
        environment = {}
    if "precision" in environment:
        found["precision"] = environment["precision"]
    if "base" in found:  # a folder of weights has another path on every machine
        found["weights"] = environment.get("weights_sha256", found["weights"])
    return found


def listed(names: Collection[str]) -> str:
    """Settings in words: "batch norm, loss and optimizer"."""
    *most, last = (plain(name) for name in names)
    return f"{', '.join(most)} and {last}" if most else last


# --- one kind of run beside another ---------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """Two kinds of runs on the same test drawings.

    Attributes:
        difference: in top-1, the other's less the one's. p: McNemar's, where there is one seed of
            each; else None. differ: the settings in which they differ. words, test: of it.
    """

    one: list[Run]
    other: list[Run]
    difference: Difference
    p: float | None
    differ: list[str]

    @property
    def sign(self) -> int:
        """1 where the other is surely better, -1 where it is surely worse, 0 where that is open."""
        if self.p is not None:
            return int(np.sign(self.difference.value)) if self.p < SURE else 0
        return int(self.difference.low > 0) - int(self.difference.high < 0)

    @property
    def words(self) -> str:
        """Both figures and how sure the difference is."""
        shares = [_mean_of(found) for found in (self.other, self.one)]
        said = [f"{_called(found)} {share}" for found, share in zip((self.other, self.one), shares)]
        sure = self.difference.points if self.p is None else p_words(self.p)
        return (
            f"{said[0]}, {said[1]}, of the same {self.one[0].metrics['n']:,} test drawings "
            f"({self.test}: {sure})."
        )

    @property
    def test(self) -> str:
        return "McNemar's exact test" if self.p is not None else "95 % over drawings and seeds"


def _called(found: Sequence[Run]) -> str:
    """'stand-in-base-0 names', 'stand-in-base-0 and 2 more seeds name'."""
    if len(found) == 1:
        return f"{found[0].name} names"
    return f"{found[0].name} and {len(found) - 1} more seeds name"


def _mean_of(found: Sequence[Run]) -> str:
    """Top-1 with the interval of one test part: more seeds do not make that larger."""
    if len(found) == 1:
        return f"{interval(found[0].metrics)} rightly"
    mean = float(np.mean([run.metrics["top1"] for run in found]))
    return f"{Share.at(mean, found[0].metrics['n']).text} rightly in the mean"


def compare(one: list[Run], other: list[Run]) -> Compared:
    """Two kinds of runs, drawing by drawing.

    Raises:
        Undecided: they were not scored on the very same drawings.
    """
    both = [*one, *other]
    prints = {run.metrics.get("test_pixels") for run in both}
    if len(prints) != 1 or prints == {None}:
        raise Undecided(
            f"{one[0].name} and {other[0].name} were not scored on the same drawings.", both
        )
    first, second = (report.right_answers(found) for found in (one, other))
    p = None
    if len(one) == len(other) == 1:
        p = evaluation.mcnemar(first[0], second[0])["p"]
    difference = evaluation.paired(second, first)
    return Compared(one, other, difference, p, differing(one[0], other[0]))


def compare_alone(one: list[Run], other: list[Run], names: Collection[str]) -> Compared:
    """`compare`, of runs that differ in some of these settings and in no other.

    Raises:
        Undecided: they differ in more, or not at all.
    """
    found = compare(one, other)
    if not found.differ or not set(found.differ) <= set(names):
        what = f"differ in {listed(found.differ)}" if found.differ else "do not differ"
        raise Undecided(
            f"{found.words} But they {what}, so this does not say what {listed(sorted(names))} "
            f"{'bring' if len(names) > 1 else 'brings'}.",
            [*one, *other],
        )
    return found


# --- beside a figure of the report's --------------------------------------------------------------


def macro_recall(run: Run) -> Share:
    """A run's macro recall with its interval: what compares where the mix of categories differs."""
    found = runs.results(run.path, len(run.config.data.categories))
    right = found.probabilities.argmax(axis=1) == found.labels
    return evaluation.macro_recall(found.labels, right, len(run.config.data.categories))


def reaches(difference: Difference) -> str:
    """Whether a figure reaches another, by how much it is above it: a verdict.

    It does where it is surely not more than a point less, and does not where it surely is.
    """
    if difference.low > -MARGIN:
        return "holds"
    return "wrong" if difference.high < -MARGIN else "open"


def alike(difference: Difference) -> bool:
    """Whether two figures are surely no further apart than MARGIN."""
    return difference.low > -MARGIN and difference.high < MARGIN


def surely(difference: Difference, above: str, below: str) -> str:
    """A verdict: `above` where a difference is surely above 0, `below` where surely below; or open."""
    return above if difference.low > 0 else below if difference.high < 0 else "open"


def no_better(difference: Difference) -> str:
    """Whether one figure is no better than another, which it is set above: a verdict.

    It is not where it is surely better; it is where both are surely alike.
    """
    return "wrong" if difference.low > 0 else "holds" if alike(difference) else "open"


def given_by_report(model: str) -> Share:
    """The report's top-1 of a model of its table 1."""
    return Share.at(next(row["top1"] for row in GIVEN if row["model"] == model), GIVEN_N)


def share_row(name: str, share: Share, n: int) -> dict[str, Any]:
    """A share of n drawings as a row of `plots.per_class`."""
    return {"category": name, "n": n} | share.as_metrics("recall")


# --- a person's own runs beside them --------------------------------------------------------------


def own_beside(finding: Finding, everything: Sequence[Run]) -> list[Run]:
    """A person's own finished runs on a finding's test drawings, the newest first, hidden ones not.

    They are for looking at: no verdict is made of them.
    """
    if not finding.runs:
        return []
    first, ours = finding.runs[0], {run.path for run in runs.shipped(everything).values()}
    return [
        run
        for run in runs.finished(first.kind, everything)
        if run.path not in ours
        and run.metrics.get("test_pixels")
        and run.metrics["test_pixels"] == first.metrics.get("test_pixels")
    ]
