"""The Runs page."""

import pytest

from doodle_core import runs
from doodle_core.settings import DataConfig
from support.apps import open_page, words

pytestmark = pytest.mark.usefixtures("no_worker")


def test_runs_marks_practice_data(make_config):
    runs.create(make_config("p", data=DataConfig("practice")))
    assert "practice data" in words(open_page("runs"))
