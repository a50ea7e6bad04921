"""Which runs stand beside the report's table 1."""

import json

from doodle_core import runs
from doodle_core.lab import report
from support.drawings import CATEGORIES


def test_runs_that_share_test_drawings_are_compared(finished_run, make_config):
    finished_run("a")
    finished_run("b", n_wrong=2)
    other = finished_run("c")
    metrics = json.loads((other / "metrics.json").read_text()) | {"test_pixels": "others"}
    (other / "metrics.json").write_text(json.dumps(metrics))
    ((key, found),) = report.groups(runs.all_runs()).items()
    assert key[0] == CATEGORIES and len(found) == 3
    shared = report.same_drawings(found)
    assert {run.name for run in shared} == {"a", "b"}
    right = report.right_answers(sorted(shared, key=lambda run: run.name))
    assert (~right).sum(axis=1).tolist() == [5, 2]


def test_a_pair_is_one_base_both_ways(transferred):
    transferred("a", "report", "VGG19")
    transferred("b", "tuned", "MobileNetV2")
    assert report.both_ways(runs.all_runs()) is None
    transferred("c", "tuned", "VGG19")
    names = [run.name for run in report.both_ways(runs.all_runs())]
    assert names == ["a", "c"] and report.both_ways(runs.all_runs(), batch_norm=True) is None
    transferred("d", "report", "MobileNetV2")
    pair = report.both_ways(runs.all_runs(), batch_norm=True)
    assert [run.name for run in pair] == ["d", "b"]
