"""A person's own set of drawings."""

import json
import shutil
import time
import types
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings

from doodle_core import data
from doodle_core.data import own_set, practice
from doodle_core.settings import DataConfig
from support.hostile import NAMES, answered, outside

SQUARE = [[[0, 100, 100, 0, 0], [0, 0, 100, 100, 0]]]


@pytest.fixture(autouse=True)
def no_set():
    yield
    shutil.rmtree(own_set.FOLDER, ignore_errors=True)


def fill(category, n, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        own_set.add(category, practice.strokes(category, rng))


def test_a_line_is_an_official_drawing():
    strokes = practice.strokes("cup", np.random.default_rng(0))
    key = own_set.add("cup", strokes, recognized=True)
    (line,) = (own_set.FOLDER / "cup.ndjson").read_text().splitlines()
    found = json.loads(line)
    assert list(found) == ["word", "countrycode", "timestamp", "recognized", "key_id", "drawing"]
    assert found["word"] == "cup" and found["recognized"] is True and found["countrycode"] == ""
    assert found["key_id"] == key and len(key) == 16 and found["drawing"] == strokes
    assert own_set.counts() == {"cup": 1} and own_set.last() == ("cup", key)


def test_the_last_can_be_taken_back():
    fill("cup", 2)
    fill("moon", 1)
    category, key = own_set.last()
    assert category == "moon" and own_set.take_back(category, key)
    assert own_set.counts() == {"cup": 2} and not own_set.take_back(category, key)
    assert not own_set.take_back("cup", key), "only the one that was meant"
    assert own_set.take_back(*own_set.last()) and own_set.take_back(*own_set.last())
    assert own_set.counts() == {} and own_set.last() is None


def test_it_is_a_source_like_any_folder():
    fill("cup", own_set.FEWEST, 1)
    fill("moon", own_set.FEWEST, 2)
    assert data.folder_categories(own_set.FOLDER) == ["cup", "moon"]
    names = ("cup", "moon")
    found = data.open_drawings(own_set.SOURCE, names)
    assert [len(one) for one in found] == [own_set.FEWEST] * 2
    pixels, categories = own_set.drawings()
    assert np.array_equal(pixels.reshape(-1, 784), np.concatenate(found))
    assert categories.tolist() == ["cup"] * own_set.FEWEST + ["moon"] * own_set.FEWEST
    assert all(len(part) for part in data.split(found, names))
    own_set.take_back(*own_set.last())
    again = data.open_drawings(own_set.SOURCE, names)
    with pytest.raises(ValueError, match="moon has 8 different drawings: too few"):
        data.split(again, names)


def test_what_cannot_be_added():
    for category, strokes in (
        ("../cup", SQUARE),
        ("pokemon", SQUARE),
        ("cup", []),
        ("cup", [[[300], [0]]]),
    ):
        with pytest.raises(ValueError):
            own_set.add(category, strokes)
    assert own_set.counts() == {}


def test_a_full_set_says_so(monkeypatch):
    monkeypatch.setattr(own_set, "MOST", 2)
    fill("cup", 2)
    with pytest.raises(ValueError, match="full"):
        own_set.add("cup", SQUARE)
    assert own_set.counts() == {"cup": 2}


def test_a_file_of_others_is_added_to_and_not_taken_from():
    own_set.FOLDER.mkdir(parents=True)
    (own_set.FOLDER / "cup.ndjson").write_bytes(b'{"drawing":[[[0,9],[0,9]]]}\nrubbish')
    assert own_set.last() is None and own_set.counts() == {"cup": 2}
    fill("cup", 1)
    assert own_set.counts() == {"cup": 3} and own_set.take_back(*own_set.last())
    assert own_set.last() is None
    pixels, categories = own_set.drawings()
    assert len(pixels) == 1 and categories.tolist() == ["cup"], "the broken line is left out"


def test_a_network_is_scored_on_what_it_knows():
    drawings = np.zeros((4, 28, 28), np.uint8)
    drawings[0, 0, 0] = 1
    names, categories = ("cup", "moon"), np.array(["moon", "cup", "moon", "axe"])
    answers = {0: [0.9, 0.1], 1: [0.2, 0.8]}
    said = own_set.score(lambda one: np.array(answers[one[0, 0]]), names, drawings, categories)
    assert said == (2, 3)


@settings(max_examples=30)
@given(NAMES)
def test_the_own_set_takes_official_names_alone(name):
    before = outside()
    assert answered(own_set.add, name, [[[0, 9], [0, 9]]]) is None
    assert answered(own_set.take_back, name, "0") is None
    assert outside() == before


def test_too_few_of_a_category_get_a_sentence(make_config):
    from doodle_core.training.parts import open_parts

    own_set.add("cup", [[[0, 9], [0, 255]]])
    own_set.add("moon", [[[0, 9], [0, 255]]])
    config = make_config(data=DataConfig(own_set.SOURCE, ("cup", "moon"), 0))
    with pytest.raises(ValueError, match="1 different drawings: too few for a train"):
        open_parts(config.data)


@pytest.fixture
def clock(monkeypatch):
    """Set the clock, in seconds since 1970."""

    def set_to(seconds):
        monkeypatch.setattr(time, "time_ns", lambda: int(seconds * 1e9))
        when = datetime.fromtimestamp(seconds, UTC)
        monkeypatch.setattr(own_set, "datetime", types.SimpleNamespace(now=lambda zone: when))

    return set_to


def test_a_clock_set_back_does_not_change_which_one_was_last(clock):
    clock(2e9)
    first = own_set.add("cup", SQUARE)
    for at, category in enumerate(("moon", "apple", "cup", "moon")):
        clock(1.9e9 - at)
        key = own_set.add(category, SQUARE)
        assert own_set.last() == (category, key) and key > first
    assert own_set.take_back(*own_set.last())
    assert own_set.last()[0] == "cup" and own_set.counts() == {"apple": 1, "cup": 2, "moon": 1}


def test_official_drawings_put_into_a_file_are_never_the_last():
    """Their keys are larger than those of today's clock."""
    own_set.FOLDER.mkdir(parents=True)
    official = {"countrycode": "US", "timestamp": "2099-01-01 00:00:00 UTC"}
    official |= {"key_id": "6755399441055744", "drawing": SQUARE}
    (own_set.FOLDER / "moon.ndjson").write_text(json.dumps(official))
    assert own_set.last() is None
    key = own_set.add("cup", SQUARE)
    assert own_set.last() == ("cup", key) and key < official["key_id"]
