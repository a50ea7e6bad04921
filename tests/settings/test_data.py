"""Which drawings a run is asked to take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doodle_core.settings import DataConfig
from support.hostile import JSON, NAMES, answered, outside


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"source": "ftp://x"}, "A source is"),
        ({"source": "folder:"}, "A source is"),
        ({"categories": ("apple",)}, "at least 2"),
        ({"categories": ("apple", "apple")}, "twice"),
        ({"categories": ("apple", "unicorn")}, "unicorn"),
        ({"categories": ("apple", "cat")}, "not for cat"),
        ({"practice_added": 5}, "to real ones only"),
        ({"source": "folder:/d", "test_source": "practice", "practice_added": 5}, "to real ones"),
        ({"source": "folder:~/d"}, "plain text"),
        ({"source": "folder:" + "x" * 5000}, "plain text"),
        ({"source": "folder:/\ud800"}, "plain text"),
        ({"shares": (float("nan"),) * 3}, "add up to 1"),
        ({"shares": (0.5, 0.5, 0.5)}, "add up to 1"),
        ({"shares": (1.0, 0.0, 0.0)}, "add up to 1"),
    ],
)
def test_data_that_cannot_be_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        DataConfig(**change)


@given(NAMES)
def test_no_source_surprises(name):
    before = outside()
    answered(DataConfig, name)
    answered(DataConfig, f"folder:{name}")
    assert outside() == before


@given(st.sampled_from(["source", "seed"]), JSON)
def test_no_setting_surprises(setting, value):
    answered(lambda: DataConfig(**{setting: value}))


def test_shares_are_three_and_add_up_to_one():
    assert DataConfig(shares=[0.5, 0.25, 0.25]).shares == (0.5, 0.25, 0.25)
    assert DataConfig(shares=(0.7, 0.075, 0.225 + 1e-7)).shares[2] > 0.225
    for shares in ((0.7, 0.3), (0.7, 0.075, 0.22501), (0.8, 0.3, -0.1), (0.25,) * 4):
        with pytest.raises(ValueError, match="three positive numbers that add up to 1"):
            DataConfig(shares=shares)


def test_scored_on_is_the_source_where_nothing_else_is_said():
    assert DataConfig("folder:/d").scored_on == "folder:/d"
    assert DataConfig("folder:/d", test_source="folder:/e").scored_on == "folder:/e"
    two = DataConfig("folder:/d", ("cat", "apple"))
    assert two.categories == ("cat", "apple")


def test_practice_drawings_must_be_able_to_be_drawn_wherever_they_stand():
    for change in ({"test_source": "practice"}, {"practice_added": 1}):
        with pytest.raises(ValueError, match="not for cat"):
            DataConfig("folder:/d", ("apple", "cat"), **change)
        assert DataConfig("folder:/d", ("apple", "moon"), **change)
    assert DataConfig("folder:/d", ("apple", "cat"), test_source="folder:/e")
