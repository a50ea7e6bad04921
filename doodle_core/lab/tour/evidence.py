"""What a verdict rests on: findings, and which runs bear on a claim."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from doodle_core import evaluation, runs
from doodle_core.data import is_practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.evaluation import Share, interval, p_words
from doodle_core.evaluation.given import GIVEN, GIVEN_N
from doodle_core.evaluation.measures import MEASURES
from doodle_core.lab import report
from doodle_core.runs import Run

VERDICTS = {
    "holds": "holds",
    "half": "half true",
    "wrong": "does not hold",
    "open": "not tried here yet",
}
SURE = 0.05  # a difference with a smaller p counts


@dataclass
class Finding:
    """What was found of a claim.

    Attributes:
        verdict: a key of VERDICTS. words: plain text. runs: what it rests on, list of `runs.Run`.
        more: what else the stop's plot needs, by name.
    """

    verdict: str
    words: str
    runs: list[Run] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stop:
    """One claim.

    Attributes:
        claim: the report's, in our words. section: where it stands there.
        test: function of all runs that returns a Finding. why: {verdict: what it comes of}.
    """

    key: str
    title: str
    claim: str
    section: str
    test: Callable[[list[Run]], Finding]
    why: dict[str, str]


# --- which runs ----------------------------------------------------------------------------------


def finished_runs(everything: list[Run], kind: str = "classifier") -> list[Run]:
    """The finished runs of a kind that are not hidden, in the order above."""
    found = runs.finished(kind, everything)
    return sorted(
        found, key=lambda run: (is_practice(run.config.data.scored_on), -run.metrics["n"])
    )


def base_run(everything: list[Run], *conditions: Callable[[Run], Any]) -> Run | None:
    """The report's base network: of its own seven categories if there is one, or None."""
    found = [
        run
        for run in finished_runs(everything)
        if run.config.network == "report-base" and all(fits(run) for fits in conditions)
    ]
    return min(
        found, key=lambda run: set(run.config.data.categories) != set(REPORT_SEVEN), default=None
    )


def run_beside(everything: list[Run], run: Run, fits: Callable[[Run], Any]) -> Run | None:
    """Another run on the very same test drawings that fits, or None; of several the best."""
    found = [
        one
        for one in finished_runs(everything)
        if one.name != run.name
        and run.metrics.get("test_pixels")
        and one.metrics.get("test_pixels") == run.metrics["test_pixels"]
        and fits(one)
    ]
    return max(found, key=lambda one: one.metrics["top1"], default=None)


def compare_runs(one: Run, other: Run) -> tuple[str, float]:
    """Two runs on the same drawings, in words, and how sure it is that they differ."""
    p = evaluation.mcnemar(*report.right_answers([one, other]))["p"]
    words = (
        f"{other.name} names {interval(other.metrics)} rightly, {one.name} {interval(one.metrics)}, "
        f"of the same {one.metrics['n']:,} test drawings (McNemar's test: {p_words(p)})."
    )
    return words, p


def is_better(other: Run, one: Run, p: float) -> bool:
    """Whether another run is surely better, by top-1; `p`: of the two, as of `compare_runs`."""
    return p < SURE and MEASURES["top1"].is_better(other.metrics["top1"], one.metrics["top1"])


def can_draw(run: Run) -> bool:
    return (run.path / "best.keras").is_file()


def names_of(run: Run) -> list[str]:
    return list(run.config.data.categories)


def given_by_report(model: str) -> Share:
    """The report's top-1 of a model of its table 1."""
    return Share.at(next(row["top1"] for row in GIVEN if row["model"] == model), GIVEN_N)


def trained_both_ways(everything: list[Run], batch_norm: bool | None) -> tuple[Run, Run] | None:
    """As `report.both_ways`, on the same test drawings: (as the report did, properly), or None."""
    for found in report.groups(everything).values():
        pair = report.both_ways(found, batch_norm)
        if pair and len({run.metrics.get("test_pixels") for run in pair}) == 1:
            return pair
    return None


def accuracy_row(name: str, share: Share, n: int) -> dict[str, Any]:
    """A share of n drawings as a row of `plots.per_class`."""
    return {"category": name, "n": n} | share.as_metrics("recall")
