"""The page on the report's table 1: empty, full, queueing."""

import json

import pytest

from doodle_core import evaluation, runs
from doodle_core.evaluation.given import BASES, GIVEN
from doodle_core.files import MODELS
from support.apps import check_apart, open_page, words


def test_without_runs_the_page_gives_the_reports_figures_and_offers_to_queue(no_worker):
    app = open_page("report")
    text = words(app)
    assert "No run as the report did it" in text and "This needs one base both ways" in text
    table = app.dataframe[0].value
    assert list(table["model"][:3]) == list(BASES)
    assert table["binary accuracy"][2].startswith("85.9\u00a0%") and table["top-1"][2] == ""
    next(button for button in app.button if button.key == "queue 2").click().run()
    assert not app.exception
    queued = {run.name: run for run in runs.all_runs()}
    assert set(queued) == {"report-VGG19-1", "tuned-VGG19-1"}
    assert queued["report-VGG19-1"].config.transfer.base == "VGG19"
    assert queued["report-VGG19-1"].config.data.per_category == 300


def test_the_six_runs_are_queued_as_asked(no_worker):
    app = open_page("report")
    boxes = {box.label: box for box in app.selectbox}
    boxes["Weights"].set_value("random")
    boxes["Epochs of each stage"].set_value(2)
    next(button for button in app.button if button.label == "Queue 6 runs").click().run()
    assert not app.exception
    found = runs.all_runs()
    assert len(found) == 6 and all(run.weights_note == "random weights" for run in found)
    assert all(run.config.all_epochs == 4 for run in found)


def test_all_runs_are_shown_by_both_measures_and_each_mistake_has_its_plot(
    finished_run, transferred
):
    finished_run("scratch")
    transferred("theirs", "report", "MobileNetV2")
    transferred("ours", "tuned", "MobileNetV2", n_wrong=2)
    app = open_page("report")
    table = app.dataframe[0].value
    assert len(table) == 3 + len(GIVEN)
    row = table[table["run"] == "theirs"].iloc[0]
    assert row["how"] == "as the report did" and row["weights"] == "ImageNet"
    assert " to " in row["top-1"] and " to " in row["binary accuracy"]
    assert len(app.get("plotly_chart")) == 6
    assert "Over 3 runs" in words(app) and "practice" not in words(app).split("Both ways")[0]
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Chance, top-1"] == "33.3\u00a0%"
    assert values["Chance, binary accuracy"] == "66.7\u00a0%"


def test_random_weights_are_marked_in_the_table_and_in_every_plot(transferred):
    transferred("theirs", "report", "MobileNetV2", weights="random")
    transferred("ours", "tuned", "MobileNetV2", weights="random")
    app = open_page("report")
    table = app.dataframe[0].value
    assert (table["weights"][:2] == "random weights").all()
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    marked = ["random weights" in json.dumps(spec["layout"]) for spec in specs]
    assert sum(marked) == 5 and len(marked) == 6  # the decoder's is arithmetic
    assert "random weights" in words(open_page("errors", run="ours"))


def test_what_is_to_be_said_of_weights_is_said_wherever_their_figures_are(transferred):
    for name, way in (("theirs", "report"), ("ours", "tuned")):
        path = transferred(name, way, "VGG19")
        note = {"weights": "VGG19_imagenet_notop.weights.h5", "weights_note": "[rounded](x)"}
        runs.write_environment(path, note)
    app = open_page("report")
    table = app.dataframe[0].value
    assert (table["weights"][:2] == "ImageNet, [rounded](x)").all()
    assert "VGG19, \\[rounded\\]" in words(app) and "[rounded](x)" not in words(app)
    for chart in app.get("plotly_chart")[:2]:
        layout = json.dumps(json.loads(chart.proto.spec)["layout"]).replace("<br>", " ")
        assert "VGG19, [rounded](x)" in layout
    assert "rounded" in words(open_page("errors", run="ours"))


def test_damaged_files_get_no_traceback(transferred):
    path = transferred("theirs", "report", "MobileNetV2")
    transferred("ours", "tuned", "MobileNetV2")
    (path / "ranges.json").write_text('{"grey": 3}')
    (path / "history.csv").write_bytes(b"\xff\x00")
    (path / "test_probabilities.npy").write_bytes(b"x")
    app = open_page("report")
    assert "missing or damaged" in app.error[0].value
    (MODELS / "ours" / "ranges.json").write_text("[")
    open_page("report")


def test_the_page_never_loads_tensorflow(transferred):
    transferred("theirs", "report", "MobileNetV2")
    transferred("ours", "tuned", "MobileNetV2")
    check_apart("assert 'theirs' in words(open_page('report'))")


def test_intervals_of_binary_accuracy_count_drawings(transferred):
    transferred("theirs", "report", "MobileNetV2")
    rows = open_page("report").dataframe[0].value.set_index("run")
    run = runs.load(MODELS / "theirs")
    share = evaluation.Share.at(run.metrics["binary_accuracy"], run.metrics["n"])
    assert rows.loc["theirs", "binary accuracy"] == share.text
    assert evaluation.Share.at(0.9, 100).low == pytest.approx(0.8256, abs=1e-3)
