"""The tour's stops."""

from doodle_core.lab import tour


def test_each_verdict_says_what_it_comes_of():
    assert list(tour.VERDICTS.values()) == ["holds", "does not hold", "not decided"]
    for stop in tour.STOPS:
        assert set(stop.why) == set(tour.VERDICTS), stop.key
        assert all(text.endswith(".") for text in stop.why.values())
