"""Which runs the tour takes for evidence."""

from doodle_core import runs
from doodle_core.files import write_json
from doodle_core.lab import tour
from doodle_core.settings import DataConfig
from support.drawings import CATEGORIES


def test_hidden_runs_and_practice_scores_come_last(finished_run, make_config):
    finished_run("shown")
    runs.annotate(finished_run("hidden"), hidden=True)
    path = finished_run("newest")
    write_json(
        path / "config.json",
        make_config("newest", data=DataConfig("practice", CATEGORIES)).to_dict(),
    )
    assert [run.name for run in tour.finished_runs(runs.all_runs())] == ["shown", "newest"]
