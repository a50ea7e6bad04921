"""Answers are on the disk one by one; what is damaged is said to be damaged."""

import math
from dataclasses import replace

import pytest
from filelock import FileLock
from hypothesis import given

from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from support.hostile import JSON, answered
from support.people import answer


@given(JSON)
def test_what_a_trial_may_send(begin, content):
    if not people.PEOPLE.exists():
        answer(begin()[0], [1])
    session = people.load("me")
    log = session.path / "answers.csv"
    whole = log.read_bytes()
    for events in (
        content,
        [content],
        [{"n": content, "answer": 1, "seconds": 1}],
        [{"n": 1, "answer": content, "seconds": 1}],
        [{"n": 2, "answer": 1, "seconds": content}],
    ):
        answered(people.record, session, events)
        assert 1 <= len(people.answers(session).said) <= session.n
    log.write_bytes(whole)


def test_answers_are_on_the_disk_one_by_one(begin):
    session, _ = begin()
    for count in range(1, 4):
        answer(session, [count % 3], seconds=count)
        log = (session.path / "answers.csv").read_text().splitlines()
        assert len(log) == 1 + count and log[-1].startswith(f"{count - 1},{count % 3},{count}.000,")
    found = people.answers(people.load("me"))
    assert (found.said, found.seconds) == ([1, 2, 0], [1, 2, 3])


def test_what_is_sent_again_counts_once(begin):
    session, _ = begin()
    events = [{"n": i, "answer": 1, "seconds": 1.0} for i in range(4)]
    people.record(session, events[:2])
    people.record(session, events)  # a browser does not know yet that two are saved
    people.record(session, events)
    assert people.answers(session).said == [1, 1, 1, 1]
    people.record(session, [{"n": 9, "answer": 1, "seconds": 1.0}])  # another window's, too late
    assert people.answers(session).lines == 4


def test_the_last_answer_can_be_taken_back_once(begin):
    session, _ = begin()
    found = answer(session, [0, 1], seconds=2)
    assert found.can_undo
    found = answer(session, [people.WITHDRAWN])
    assert found.said == [0] and not found.can_undo
    assert answer(session, [people.WITHDRAWN]).said == [0]  # the one before it has been followed
    found = answer(session, [2], seconds=3)
    assert found.said == [0, 2] and found.seconds == [2, 5]  # both looks at it count
    assert answer(session, [people.WITHDRAWN, 1, 1]).said == [0, 1, 1]


HUGE = pytest.param(10**400, id="huge")


@pytest.mark.parametrize("seconds", [0, -1, 1e9, math.inf, math.nan, None, "1", HUGE])
def test_a_time_that_cannot_be_is_no_time(begin, seconds):
    session, _ = begin()
    found = answer(session, [1], seconds)
    assert found.said == [1] and math.isnan(found.seconds[0])
    assert people_results.figures(session, found)["median"] is None


@pytest.mark.parametrize(
    "events",
    [
        None,
        3,
        [None],
        [{}],
        [{"n": 0}],
        [{"n": 0, "answer": 3}],
        [{"n": 0, "answer": -1}],
        [{"n": 0, "answer": "1"}],
        [{"n": 0, "answer": True}],
        {"n": 0},
    ],
)
def test_what_is_no_answer_counts_for_nothing(begin, events):
    session, _ = begin()
    people.record(session, events)
    assert people.answers(session).lines == 0


def test_no_more_answers_than_drawings_and_none_after_the_end(begin):
    session, _ = begin()
    assert answer(session, [0] * 14).said == [0] * 12
    people.finish(session)
    assert people.load("me").finished
    with pytest.raises(ValueError, match="finished"):
        answer(session, [people.WITHDRAWN])
    assert len(people.answers(session).said) == 12


def test_a_torn_last_line_is_left_out_and_written_over(begin):
    session, _ = begin()
    answer(session, [0, 1, 2])
    log = session.path / "answers.csv"
    log.write_bytes(log.read_bytes()[:-9])
    assert people.answers(session).said == [0, 1]
    assert answer(session, [2, 2]).said == [0, 1, 2, 2]
    assert len(log.read_text().splitlines()) == 5


@pytest.mark.parametrize(
    "line", ["7,1,1.0,0", "1,9,1.0,0", "1,x,1.0,0", "nonsense", "1,-1,,0", "9" * 5000]
)
def test_a_damaged_log_is_said_to_be_damaged(begin, line):
    session, _ = begin()
    log = session.path / "answers.csv"
    log.write_text(f"{people.COLUMNS}\n0,1,1.0,0\n{line}\n")
    if line == "1,-1,,0":
        log.write_text(f"{people.COLUMNS}\n{line}\n")
    before = log.read_bytes()
    with pytest.raises(ValueError, match="is damaged: line"):
        people.answers(session)
    with pytest.raises(ValueError, match="is damaged"):
        people.record(session, [{"n": 1, "answer": 1, "seconds": 1.0}])
    assert log.read_bytes() == before  # nothing is lost by that


@pytest.mark.parametrize(
    ("seconds", "kept"), [(0.1, 0.1), (0.099, None), (600, 600), (600.1, None), (True, 1)]
)
def test_which_times_can_be(begin, seconds, kept):
    session, _ = begin()
    (found,) = answer(session, [1], seconds).seconds
    assert math.isnan(found) if kept is None else found == kept
    assert (people.LEAST_SECONDS, people.MOST_SECONDS) == (0.1, 600)


def test_sessions_are_listed_the_newest_first(begin):
    for made, name in ((20.0, "b"), (30.0, "c"), (10.0, "a")):
        session, _ = begin(name)
        people.write_session(session.path, replace(session, made=made))
    (people.PEOPLE / ".deleted-x").mkdir()
    (people.PEOPLE / "link").symlink_to(people.PEOPLE / "a")
    (people.PEOPLE / "file").write_text("x")
    (people.PEOPLE / "empty").mkdir()
    sessions, damaged = people.all_sessions()
    assert [one.name for one in sessions] == ["c", "b", "a"] and list(damaged) == ["empty"]
    assert damaged["empty"] == "There is no session named 'empty'."


def test_a_session_without_a_log_has_no_answers_and_begins_one(begin):
    session, _ = begin()
    log = session.path / "answers.csv"
    log.unlink()
    assert people.answers(session).said == []
    people.record(session, [])
    assert log.read_text() == f"{people.COLUMNS}\n"
    assert answer(session, [1]).said == [1]
    log.write_text("other,head\n")
    with pytest.raises(ValueError, match="answers.csv has another head"):
        people.answers(session)


def test_a_session_that_another_window_writes_is_busy(begin, monkeypatch):
    session, _ = begin()
    lock = FileLock(session.path / "lock")
    with lock, monkeypatch.context() as patch:
        patch.setattr("doodle_core.lab.people.log.FileLock", busy)
        with pytest.raises(OSError, match="The session 'me' is busy: try once more"):
            people.finish(session)
    people.finish(session)
    found = people.load("me")
    assert found.finished >= found.made and found.labels == session.labels


def busy(path):
    """A lock that is not waited for."""
    lock = FileLock(path)
    lock.acquire = lambda timeout: FileLock.acquire(lock, timeout=0)
    return lock
