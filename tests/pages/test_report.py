"""The page on the report's table 1: empty, full, queueing; and its numbers."""

import json

import numpy as np
import pandas as pd
import pytest
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation.given import BASES, GIVEN, WAYS, decoder_layers
from doodle_core.files import MODELS
from doodle_core.lab import report
from doodle_core.plots import report as report_plots
from doodle_core.settings import PRESETS, RunConfig, TransferConfig

HISTORY = (
    "epoch,accuracy,binary_accuracy,learning_rate,loss,stage,val_accuracy,val_binary_accuracy,"
    "val_loss\n"
    + "".join(
        f"{i},0.{i + 5},0.9,0.001,1.0,{1 + i // 2},0.{i + 4},0.85,0.{9 - i}\n" for i in range(4)
    )
)


@pytest.fixture
def transferred(finished_run):
    """A finished run on a base, made without training."""

    def make(name, way, base="MobileNetV2", weights="imagenet", n_wrong=5):
        settings = dict(PRESETS[f"{way}-{base}"].settings)
        settings["transfer"] = TransferConfig(**settings["transfer"] | {"weights": weights})
        path = finished_run(name, n_wrong=n_wrong, **settings)
        (path / "history.csv").write_text(HISTORY)
        figure = {"n": 50, "top1": 0.9, "top1_low": 0.8, "top1_high": 0.95}
        (path / "ranges.json").write_text(json.dumps({"grey": figure, "grey01": figure}))
        return path

    return make


def test_the_presets_are_the_reports_and_ours():
    for base in BASES:
        theirs, ours = (
            RunConfig(
                "x",
                **PRESETS[f"{way}-{base}"].settings
                | {"transfer": TransferConfig(**PRESETS[f"{way}-{base}"].settings["transfer"])},
            )
            for way in WAYS
        )
        assert (theirs.loss, theirs.optimizer, theirs.learning_rate) == ("sigmoid", "rmsprop", 1e-3)
        assert (theirs.batch_size, theirs.epochs, theirs.all_epochs) == (64, 20, 40)
        assert not theirs.transfer.recompile and theirs.transfer.batch_norm == "batch"
        assert ours.transfer.recompile and ours.transfer.batch_norm == "inference"
        assert ours.loss == "softmax" and ours.transfer.fine_tune_rate < ours.learning_rate


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
    transferred("theirs", "report")
    transferred("ours", "tuned", n_wrong=2)
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
    transferred("theirs", "report", weights="random")
    transferred("ours", "tuned", weights="random")
    app = open_page("report")
    table = app.dataframe[0].value
    assert (table["weights"][:2] == "random weights").all()
    specs = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    marked = ["random weights" in json.dumps(spec["layout"]) for spec in specs]
    assert sum(marked) == 5 and len(marked) == 6  # the decoder's is arithmetic
    assert "random weights" in words(open_page("errors", run="ours"))


def test_damaged_files_get_no_traceback(transferred):
    path = transferred("theirs", "report")
    transferred("ours", "tuned")
    (path / "ranges.json").write_text('{"grey": 3}')
    (path / "history.csv").write_bytes(b"\xff\x00")
    (path / "test_probabilities.npy").write_bytes(b"x")
    app = open_page("report")
    assert "missing or damaged" in app.error[0].value
    (MODELS / "ours" / "ranges.json").write_text("[")
    open_page("report")


def test_the_page_never_loads_tensorflow(transferred):
    transferred("theirs", "report")
    transferred("ours", "tuned")
    check_apart("assert 'theirs' in words(open_page('report'))")


# --- numbers -------------------------------------------------------------------------------------


def test_intervals_of_binary_accuracy_count_drawings(transferred):
    transferred("theirs", "report")
    rows = open_page("report").dataframe[0].value.set_index("run")
    run = runs.load(MODELS / "theirs")
    share = evaluation.Share.at(run.metrics["binary_accuracy"], run.metrics["n"])
    assert rows.loc["theirs", "binary accuracy"] == share.text
    assert evaluation.Share.at(0.9, 100).low == pytest.approx(0.8256, abs=1e-3)


def test_choosing_among_equals_by_a_half_flatters():
    """Runs of the same skill: what the choosing half adds is luck, and the other half shows it."""
    rng = np.random.default_rng(0)
    right = rng.random((12, 400)) < 0.9
    chosen, other = evaluation.choose_by_half(right)
    assert chosen.shape == other.shape == (1000,)
    assert chosen.mean() - other.mean() > 0.01
    best = right.mean(axis=1).max()
    assert other.mean() < best < chosen.mean()
    one = evaluation.choose_by_half(right[:1])
    assert one[0].mean() == pytest.approx(one[1].mean(), abs=0.003)  # nothing to choose
    assert np.isfinite(evaluation.choose_by_half(right[:, :2])).all()


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


def test_the_decoders_parameters():
    rows = {row["layer"]: row for row in decoder_layers()}
    assert rows["dense 100,352"]["parameters"] == 14 * 100_352 + 100_352
    assert rows["transposed conv 128"]["parameters"] == 25 * 128 * 128 + 128
    assert [row["layer"] for row in rows.values() if not row["used"]] == ["transposed conv 128"]


def test_the_switch_is_marked_in_the_curves():
    frame = pd.DataFrame({"epoch": [1, 2, 3], "val_loss": [3.0, 2.0, 1.0], "stage": [1, 1, 2]})
    figure = plots.curves({"run": frame})
    assert [shape.x0 for shape in figure.layout.shapes] == [2.5]
    assert any("fine-tuning begins" in a.text for a in figure.layout.annotations)
    assert not plots.curves({"run": frame.assign(stage=1)}).layout.shapes


def test_both_chance_lines_are_drawn():
    frame = pd.DataFrame({"epoch": [1, 2], "val_accuracy": [0.2, 0.3], "stage": [1, 1]})
    figure = report_plots.measures(frame.assign(val_binary_accuracy=0.86), 7, "practice data")
    assert sorted(shape.y0 for shape in figure.layout.shapes) == pytest.approx([1 / 7, 6 / 7])
    assert "practice data" in [a.text for a in figure.layout.annotations]
