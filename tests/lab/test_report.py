"""Which runs stand beside the report's table 1."""

import json
from dataclasses import replace

import pytest

from doodle_core import runs
from doodle_core.files import read_json, write_json
from doodle_core.lab import report
from support.drawings import CATEGORIES
from support.runs import write_scored
from support.tour import change


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


def test_the_largest_table_comes_first_and_the_largest_set_of_drawings(finished_run, make_config):
    one = finished_run("x")
    for name in ("a", "b", "c"):
        finished_run(name)
    change(one, test_pixels="others")
    config = make_config().data
    limited = replace(config, categories=config.categories[::-1])
    finished_run("turned", data=limited)
    tables = report.groups(runs.all_runs())
    assert [len(found) for found in tables.values()] == [4, 1]
    assert [key[0] for key in tables] == [CATEGORIES, CATEGORIES[::-1]]
    assert {key[1] for key in tables} == {"folder drawings"}
    (found, _) = tables.values()
    assert sorted(run.name for run in report.same_drawings(found)) == ["a", "b", "c"]
    assert report.same_drawings([]) == []
    change(one, test_pixels="")
    assert report.same_drawings([runs.load(one)]) == []


def test_runs_of_other_lengths_are_not_compared(finished_run):
    one, other = finished_run("one"), finished_run("two")
    whole = runs.results(other, 3)
    write_scored(
        other, whole.labels[1:], whole.rows[1:], whole.probabilities[1:], whole.embeddings[1:]
    )
    with pytest.raises(ValueError, match="not scored on the same drawings"):
        report.right_answers([runs.load(one), runs.load(other)])


def test_what_a_run_is_called_beside_the_reports(finished_run, transferred):
    scratch = runs.load(finished_run("scratch", loss="sigmoid"))
    theirs = runs.load(transferred("theirs", "report", "VGG19"))
    ours = runs.load(transferred("ours", "tuned", "VGG19"))
    assert [report.way(run) for run in (scratch, theirs, ours)] == ["", "report", "tuned"]
    names = [report.model_name(run) for run in (scratch, theirs)]
    assert names == ["report-base", "VGG19"]


def test_where_first_weights_came_from(finished_run, transferred):
    assert report.weights(runs.load(finished_run("scratch"))) == "from scratch"
    run = runs.load(transferred("photos", "tuned", "VGG19"))
    assert report.weights(run) == "ImageNet"
    run = runs.load(transferred("chance", "tuned", "VGG19", weights="random"))
    assert report.weights(run) == "random weights"
    run = runs.load(transferred("mine", "tuned", "VGG19", weights="/x/mine.weights.h5"))
    assert report.weights(run) == "a file"
    runs.write_environment(run.path, {"weights": "mine.weights.h5"})
    assert report.weights(run) == "mine.weights.h5"
    runs.write_environment(run.path, {"weights": "VGG19_imagenet_notop.weights.h5"})
    assert report.weights(run) == "ImageNet"
    (run.path / "environment.json").write_text("{")
    assert report.weights(run) == "a file"


def test_a_pair_needs_a_base_that_was_truly_tuned_and_the_reports_bases_come_first(transferred):
    for base in ("Xception", "MobileNetV2", "VGG19"):
        for way in ("report", "tuned"):
            path = transferred(f"{base} {way}", way, "VGG19")
            config = read_json(path / "config.json")
            config["transfer"]["base"] = base
            if (base, way) == ("MobileNetV2", "tuned"):
                config["transfer"]["fine_tune_epochs"] = 0
            write_json(path / "config.json", config)
    everything = runs.all_runs()
    names = [[run.name for run in report.both_ways(everything, norm)] for norm in (None, True)]
    assert names == [["VGG19 report", "VGG19 tuned"], ["Xception report", "Xception tuned"]]
    assert report.both_ways(everything, False)[0].name == "VGG19 report"
    assert report.both_ways([]) is None
