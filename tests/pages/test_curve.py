"""The learning curves' page."""

import pytest

from doodle_core import runs
from doodle_core.files import read_json, write_json
from doodle_core.settings import DataConfig
from support.apps import open_page, words
from support.drawings import CATEGORIES

pytestmark = pytest.mark.usefixtures("no_worker")


def test_the_page_without_curves_says_what_it_needs(finished_run):
    finished_run("alone")
    text = words(open_page("curve"))
    assert "no learning curve yet" in text


def test_runs_that_differ_in_their_limit_alone_make_a_line(finished_run, drawings_folder):
    for limit, n_wrong in ((5, 20), (10, 10), (20, 5)):
        data = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0, train_limit=limit)
        path = finished_run(f"curve-{limit}", n_wrong=n_wrong, data=data)
        write_json(path / "metrics.json", read_json(path / "metrics.json") | {"train_n": 3 * limit})
    finished_run("another", batch_size=32)
    app = open_page("curve")
    text = words(app)
    assert "twice the drawings leave" in text and "a person" in text
    assert "no learning curve yet" not in text


def test_the_page_queues_one_run_a_limit():
    app = open_page("curve")
    next(button for button in app.button if button.label == "Queue them").click().run()
    assert not app.exception
    limits = sorted(run.config.data.train_limit for run in runs.all_runs())
    assert limits == [100, 300, 1000, 3000]
