"""The tour's stops."""

import pytest

from doodle_core.lab import tour
from support.tour import STOPS, found


def test_each_verdict_says_what_it_comes_of():
    assert list(tour.VERDICTS.values()) == ["holds", "does not hold", "not decided"]
    for stop in tour.STOPS:
        assert set(stop.why) == set(tour.VERDICTS), stop.key
        assert all(text.endswith(".") for text in stop.why.values())


@pytest.mark.parametrize("key", STOPS)
def test_without_evidence_nothing_is_decided(key):
    finding = found(key)
    assert finding.verdict == "open" and finding.words.endswith(".") and not finding.runs
    assert tour.VERDICTS["open"] == "not decided"
