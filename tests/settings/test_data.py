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
