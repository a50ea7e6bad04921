"""The figures of a session of `people`: a person's, and those of networks on the same drawings."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation
from doodle_core.evaluation import Share, share
from doodle_core.evaluation.given import GIVEN_PERSON
from doodle_core.lab.people.log import Answers
from doodle_core.lab.people.session import Session

GIVEN = {"test drawings": GIVEN_PERSON, "generated drawings": (100, 100)}
"""What the report gives of its person, on drawings of its own: (right or recognised, of)."""


def _said_and_true(session: Session, found: Answers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(K,) int each: the K answers so far, and the true categories of these drawings."""
    return np.array(found.said, int), np.array(session.labels[: len(found.said)], int)


def given() -> list[dict[str, Any]]:
    """The report's figures: list of dicts `what`, `n`, `right`, `top1` with its Wilson bounds."""
    return [
        {"what": what, "n": n, "right": right} | Share.of(right, n).as_metrics()
        for what, (right, n) in GIVEN.items()
    ]


def figures(session: Session, found: Answers) -> dict[str, Any]:
    """The figures of a session's answers so far.

    Args:
        session: Session. found: its Answers, at least one.

    Returns:
        dict: `n`; `chance`; `median` and `p90` (seconds a drawing) of `timed` drawings, None where
        there is none; where there are true categories `right`, `top1` with `top1_low` and
        `top1_high` (Wilson, 95 %); of generated drawings `recognised` likewise, the share that the
        person could tell, with `told` their number.
    """
    said, labels = _said_and_true(session, found)
    seconds = np.array(found.seconds)
    seconds = seconds[~np.isnan(seconds)]
    out: dict[str, Any] = {
        "n": len(said),
        "chance": 1 / len(session.categories),
        "timed": len(seconds),
    }
    middle, late = np.percentile(seconds, (50, 90)) if len(seconds) else (None, None)
    out |= {"median": middle, "p90": late}
    if session.has_truth:
        out |= {"right": int((said == labels).sum())} | share("top1", said == labels)
    if session.kind == "generated":
        could = said < len(session.categories)
        out |= {"told": int(could.sum())} | share("recognised", could)
    return out


def table(
    session: Session, found: Answers, others: Mapping[str, NDArray[np.floating]]
) -> list[dict[str, Any]]:
    """A person beside networks, on the drawings that the person answered.

    Args:
        session: Session, with true categories. found: Answers. others: {name: (N, C) float}.

    Returns:
        list of dicts, the person's first: `who`, `n`, `right`, `top1`, `top1_low`, `top1_high`;
        and of networks `only_person`, `only_network` (drawings that only one named right) and `p`
        (McNemar's test).
    """
    said, labels = _said_and_true(session, found)
    n, mine = len(said), said == labels
    rows = [{"who": "person", "n": n, "right": int(mine.sum())} | share("top1", mine)]
    for name, probabilities in others.items():
        right = probabilities[:n].argmax(axis=1) == labels
        test = evaluation.mcnemar(mine, right)
        rows.append(
            {"who": name, "n": n, "right": int(right.sum())}
            | share("top1", right)
            | {"only_person": test["only_a"], "only_network": test["only_b"], "p": test["p"]}
        )
    return rows


def agreement(
    session: Session, found: Answers, others: Mapping[str, NDArray[np.floating]]
) -> list[dict[str, Any]]:
    """Of drawings without a true category: how often the person says what a network does.

    Args:
        session: Session. found: Answers. others: {name: (N, C) float}.

    Returns:
        list of dicts: `who`, `n`, `right` (drawings named alike), `top1` and its interval. Those
        that the person could not tell are left out.
    """
    said = np.array(found.said)
    could = said < len(session.categories)
    alike = {name: (one[: len(said)].argmax(axis=1) == said)[could] for name, one in others.items()}
    return [
        {"who": name, "n": len(one), "right": int(one.sum())} | share("top1", one)
        for name, one in alike.items()
        if len(one)
    ]


def per_category(session: Session, found: Answers) -> list[dict[str, Any]]:
    """`evaluation.per_category` of the person's answers, with `seconds`, the median of each.

    "Cannot tell" is no category: such a drawing is missed, and called nothing.
    """
    said, labels = _said_and_true(session, found)
    seconds = np.array(found.seconds)
    rows = evaluation.per_category(labels, said, session.options)[: len(session.categories)]
    for label, row in enumerate(rows):
        mine = seconds[(labels == label) & ~np.isnan(seconds)]
        row["seconds"] = float(np.median(mine)) if len(mine) else None
    return rows


def apart(
    session: Session, found: Answers, probabilities: NDArray[np.floating]
) -> dict[str, NDArray[np.intp]]:
    """The drawings that a person or a network got wrong: {which: (K,) int, places}.

    Those of "person" fooled the person alone, of "network" the network alone, of "both" both; each
    in the session's order.
    """
    said, labels = _said_and_true(session, found)
    mine = said == labels
    theirs = probabilities[: len(labels)].argmax(axis=1) == labels
    cases = {"person": ~mine & theirs, "network": mine & ~theirs, "both": ~mine & ~theirs}
    return {name: np.flatnonzero(case) for name, case in cases.items()}


def wrong(session: Session, found: Answers) -> NDArray[np.intp]:
    """Places of the drawings that the person named wrongly: (K,) int."""
    said, labels = _said_and_true(session, found)
    return np.flatnonzero(said != labels)


def untold(session: Session, found: Answers) -> NDArray[np.intp]:
    """Places of the drawings that the person could not tell: (K,) int."""
    return np.flatnonzero(np.array(found.said) == len(session.categories))


def differing(
    session: Session, found: Answers, probabilities: NDArray[np.floating]
) -> NDArray[np.intp]:
    """Places of the drawings that the person and a network name differently: (K,) int."""
    said = np.array(found.said)
    theirs = probabilities[: len(said)].argmax(axis=1)
    return np.flatnonzero((said < len(session.categories)) & (said != theirs))


def listed(
    session: Session, found: Answers, others: Mapping[str, NDArray[np.floating]]
) -> list[dict[str, Any]]:
    """One row a drawing, for a CSV file: list of dicts.

    Args:
        session: Session. found: Answers. others: {name: (N, C) float}.
    """
    names, options = session.categories, session.options
    rows = []
    for place, (said, seconds) in enumerate(zip(found.said, found.seconds)):
        label = session.labels[place]
        row = {
            "drawing": place + 1,
            "source": session.source,
            "source index": session.rows[place],
            "category": names[label] if label >= 0 else "",
            "answer": options[said],
            "right": bool(said == label) if label >= 0 else "",
            "seconds": round(seconds, 3),
        }
        for name, probabilities in others.items():
            row[name] = names[probabilities[place].argmax()]
        rows.append(row)
    return rows
