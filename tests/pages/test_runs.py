import pytest

from doodle_core import runs
from support.apps import open_page, words

pytestmark = pytest.mark.usefixtures("no_worker")


def test_runs_marks_practice_data(make_config):
    from doodle_core.settings import DataConfig

    runs.create(make_config("p", data=DataConfig("practice")))
    assert "practice data" in words(open_page("runs"))
