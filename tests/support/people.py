"""Answers of a person, as a browser sends them."""

from doodle_core.lab import people


def answer(session, options, seconds=1.0):
    """Give these answers, one after the other, as a browser sends them."""
    for option in options:
        lines = people.answers(session).lines
        people.record(session, [{"n": lines, "answer": option, "seconds": seconds}])
    return people.answers(session)
