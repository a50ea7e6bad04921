"""The tour's stops."""

from doodle_core.lab import tour


def test_each_verdict_says_what_it_comes_of():
    for stop in tour.STOPS:
        assert set(stop.why) <= {"holds", "half", "wrong"} and len(stop.why) >= 2, stop.key
        assert all(text.endswith(".") for text in stop.why.values())
