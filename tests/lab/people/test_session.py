"""A session's folder: read again, damaged, deleted, and nothing outside it."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doodle_core.files import DATA, MODELS
from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from support.hostile import JSON, NAMES, answered, below, damages, outside
from support.people import answer


def test_other_drawings_than_at_the_beginning(begin):
    session, _ = begin()
    pixels = np.load(session.path / "drawings.npy")
    pixels[3, 100] ^= 1
    np.save(session.path / "drawings.npy", pixels)
    with pytest.raises(ValueError, match="drawings have changed"):
        people.drawings(session)


@settings(max_examples=80)
@given(st.sampled_from(["session.json", "answers.csv", "drawings.npy"]), damages())
def test_any_damage_is_a_sentence(begin, name, damage):
    if not people.PEOPLE.exists():
        answer(begin()[0], [0, 1, 2])
    file = people.folder("me") / name
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    try:
        sessions, damaged = people.all_sessions()
        assert len(sessions) + len(damaged) == 1
        try:
            session = people.load("me")
            found = people.answers(session)
            people.drawings(session)
            if found.said:
                people_results.figures(session, found)
                people_results.listed(session, found, {})
        except (ValueError, OSError) as error:
            assert "\n" not in str(error) and len(str(error)) < 1000
    finally:
        file.write_bytes(whole)


@settings(max_examples=80)
@given(st.sampled_from([field.name for field in dataclasses.fields(people.Session)][1:]), JSON)
def test_any_setting_is_a_sentence(begin, key, value):
    if not people.PEOPLE.exists():
        begin()
    file = people.folder("me") / "session.json"
    whole = file.read_text()
    file.write_text(json.dumps(json.loads(whole) | {key: value}))
    try:
        session = people.load("me")
        assert session.n == 12 and session.kind in people.KINDS
    except ValueError as error:
        assert "damaged" in str(error)
    finally:
        file.write_text(whole)


def test_deleting(begin):
    session, _ = begin()
    outside = MODELS / "done"
    people.delete("me")
    assert not session.path.exists() and outside.exists()
    with pytest.raises(ValueError, match="no session"):
        people.delete("me")
    (people.PEOPLE / "link").symlink_to(outside)
    with pytest.raises(ValueError, match="no session"):
        people.delete("link")
    assert outside.exists()


@settings(max_examples=40)
@given(NAMES)
def test_no_session_leads_out_of_the_data(name):
    before = outside()
    path = answered(people.folder, name)
    assert path is None or (path.parent == people.PEOPLE and below(path, DATA))
    answered(people.load, name)
    answered(people.delete, name)
    assert outside() == before
