"""Networks beside a person: on the very same drawings, or not at all."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.files import read_json, write_json
from doodle_core.lab import people
from support.drawings import CATEGORIES
from support.runs import write_scored
from support.tour import change


def test_a_run_of_the_same_name_on_other_drawings_is_refused(begin):
    session, run = begin()
    labels = np.load(run.path / "test_labels.npy")
    np.save(run.path / "test_labels.npy", (labels + 1) % 3)
    with pytest.raises(ValueError, match="other drawings"):
        people.said_by(session, "done")


@pytest.fixture
def known(finished_run):
    """A finished classifier whose network is here."""

    def make(name, **settings):
        path = finished_run(name, **settings)
        (path / "best.keras").touch()
        return path

    return make


def test_a_network_is_not_asked_about_drawings_that_it_may_have_learned_from(begin, known):
    session, _ = begin()
    other = known("other")
    change(other, test_pixels="of another split, whose training part may hold these drawings")
    assert people.networks(session) == ["done"] and people.askable(session) == []
    practice = people.begin_practice("p", CATEGORIES, n=3)
    assert [run.name for run in people.askable(practice)] == ["other"]  # "done" has no network
    people.keep_answers(practice.path, "other", np.full((3, 3), 1 / 3))
    assert people.networks(practice) == ["other"] and people.askable(practice) == []
    found = people.said_by(practice, "other")
    assert found.shape == (3, 3) and found.dtype == np.float32


def test_a_network_must_know_a_sessions_categories(known):
    known("same")
    session = people.begin_practice("p", CATEGORIES[::-1], n=3)
    assert [run.name for run in people.askable(session)] == ["same"]
    session = people.begin_practice("q", CATEGORIES[:2], n=3)
    assert people.askable(session) == []


@pytest.mark.parametrize("said", [np.ones((2, 3)), np.ones((3, 2)), np.full((3, 3), np.nan)])
def test_what_does_not_fit_a_session_is_not_shown(said):
    session = people.begin_practice("p", CATEGORIES, n=3)
    people.keep_answers(session.path, "one", said)
    with pytest.raises(ValueError, match="What one said is damaged: it does not fit"):
        people.said_by(session, "one")
    with pytest.raises(ValueError, match="What two said is missing or damaged"):
        people.said_by(session, "two")
    np.save(session.path / "networks" / "one.npy", np.ones((3, 3), int))
    with pytest.raises(ValueError, match="What one said is damaged"):
        people.said_by(session, "one")


def test_networks_of_a_learning_curve_come_last(begin, finished_run, make_config):
    session, _ = begin()
    limited = replace(make_config().data, train_limit=5)
    for name, settings in (("a", {"data": limited}), ("b", {})):
        finished_run(name, **settings)
    names = [run.name for run in people.scored_alike(session)]
    assert names[-1] == "a" and sorted(names[:-1]) == ["b", "done"]
    assert people.scored_alike(people.begin_practice("p", CATEGORIES, n=3)) == []


def test_test_parts_whose_drawings_are_here_come_first(finished_run, tmp_path, drawings_folder):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(drawings_folder, elsewhere)
    for name in ("x", "y"):
        path = finished_run(name, folder=elsewhere)
        metrics = read_json(path / "metrics.json")
        write_json(path / "metrics.json", metrics | {"test_pixels": "others"})
    finished_run("here")
    parts = [sorted(run.name for run in part) for part in people.test_parts()]
    assert parts == [["x", "y"], ["here"]]  # all are here: the largest first
    shutil.rmtree(elsewhere)
    parts = [sorted(run.name for run in part) for part in people.test_parts()]
    assert parts == [["here"], ["x", "y"]]


def test_a_part_that_ends_too_soon_is_another_one(begin, finished_run):
    session, run = begin()
    whole = runs.results(run.path, 3)
    few = max(session.places)
    write_scored(
        run.path, whole.labels[:few], whole.rows[:few], whole.probabilities[:few], np.ones((few, 2))
    )
    with pytest.raises(ValueError, match="done was scored on other drawings"):
        people.said_by(session, "done")
    few += 1
    write_scored(
        run.path, whole.labels[:few], whole.rows[:few], whole.probabilities[:few], np.ones((few, 2))
    )
    assert len(people.said_by(session, "done")) == session.n
