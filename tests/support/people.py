"""Answers of a person, as a browser sends them."""

from collections.abc import Iterable

from doodle_core.lab import people


def answer(
    session: people.Session, options: Iterable[int], seconds: object = 1.0
) -> people.Answers:
    """Give these answers, one after the other, as a browser sends them."""
    for option in options:
        lines = people.answers(session).lines
        people.record(session, [{"n": lines, "answer": option, "seconds": seconds}])
    return people.answers(session)
