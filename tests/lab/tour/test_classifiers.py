"""What the report claims of classifiers: verdicts that follow from the figures."""

import numpy as np

from doodle_core import evaluation
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.files import read_json, write_json
from support.apps import open_page
from support.runs import write_scored
from support.tour import change, found, write_weights


def test_flipped_canoes_are_counted(finished_run, monkeypatch):
    path = finished_run("net")
    config = read_json(path / "config.json")
    config["data"]["categories"] = ["canoe", "moon", "cup"]
    write_json(path / "config.json", config)
    write_weights(path)

    def canoe_or_moon(layers, drawings):  # a moon is what has more ink above than below
        above = drawings[:, :14].sum(axis=(1, 2)) > drawings[:, 14:].sum(axis=(1, 2))
        return np.eye(3)[above.astype(int)], []

    monkeypatch.setattr("doodle_core.inference.report_base.answers", canoe_or_moon)
    finding = found("drawings")
    assert finding.verdict == "holds" and "upside down" in finding.words
    said = finding.more["captions"]
    assert said[:2] == ["canoe\ncalled canoe 100.0\u00a0%", "upside down\ncalled moon 100.0\u00a0%"]
    monkeypatch.setattr(
        "doodle_core.inference.report_base.answers",
        lambda _, some: (np.eye(3)[np.zeros(len(some), int)], []),
    )
    assert found("drawings").verdict == "wrong"


def test_the_base_network_holds_where_its_interval_reaches_the_reports(finished_run):
    path = finished_run("net")
    change(path, top1=0.95, top1_low=0.94, top1_high=0.96)
    assert found("scratch").verdict == "holds"
    change(path, top1_high=0.955)
    finding = found("scratch")
    assert finding.verdict == "wrong" and "nats a drawing" in finding.words
    assert "costs 0.40" in finding.words  # the best epoch's validation loss


def test_a_smaller_network_on_the_same_drawings_counts_only_if_it_is_surely_better(finished_run):
    finished_run("base", n_wrong=12)
    small = finished_run("small", n_wrong=0, network="compact")
    assert found("convolution").verdict == "holds"  # as many parameters
    change(small, parameters=100_000)
    finding = found("convolution")
    assert finding.verdict == "half" and "small has 100,000" in finding.words
    change(small, test_pixels="other drawings")
    assert found("convolution").verdict == "holds"


def test_table_1_is_judged_by_the_two_measures(transferred):
    path = transferred("theirs", "report", "VGG19")
    change(path, binary_accuracy=0.99, top1=0.7, top1_low=0.6, top1_high=0.8, n=1000)
    finding = found("table")
    assert finding.verdict == "wrong" and "99.0\u00a0%" in finding.words
    assert "66.7\u00a0%" in finding.words  # chance of three outputs
    change(path, binary_accuracy=0.75)
    assert found("table").verdict == "half"


def test_fine_tuning_is_judged_on_the_same_drawings(transferred):
    transferred("theirs", "report", "VGG19", n_wrong=14)
    ours = transferred("ours", "tuned", "VGG19", n_wrong=0)
    finding = found("tuning")
    assert finding.verdict == "wrong" and "p = " in finding.words
    change(ours, test_pixels="others")
    assert found("tuning").verdict == "open"


def test_batch_norm_is_judged_by_training_and_validation_of_the_frozen_stage(transferred):
    transferred("vgg theirs", "report", "VGG19")
    transferred("vgg ours", "tuned", "VGG19", n_wrong=0)
    assert found("norm").verdict == "open"  # VGG has no batch norm
    history = (
        "epoch,accuracy,learning_rate,loss,stage,val_accuracy,val_loss\n"
        "0,0.5,0.001,1.0,1,0.3,0.9\n1,0.75,0.001,0.5,1,{},0.4\n2,0.9,0.001,0.3,2,0.2,0.6\n"
    )
    for name, way, n_wrong, share in (("a", "report", 14, 0.25), ("b", "tuned", 0, 0.5)):
        path = transferred(name, way, "MobileNetV2", n_wrong=n_wrong)
        (path / "history.csv").write_text(history.format(share))
        np.save(path / "val_labels.npy", np.zeros(20, np.uint16))
        (path / "val_probabilities.npy").unlink()
        change(path, train_n=100)
    finding = found("norm")
    assert finding.verdict == "wrong" and [run.name for run in finding.runs] == ["a", "b"]
    assert "75.0\u00a0% (65.7 to 82.5) in training and 25.0\u00a0% (11.2 to 46.9)" in finding.words
    assert "50.0\u00a0% (29.9 to 70.1) in validation with ImageNet's" in finding.words
    app = open_page("tour", stop="norm")
    assert not app.exception and len(app.get("plotly_chart")) == 1
    assert [run.name for run in found("tuning").runs] == ["vgg theirs", "vgg ours"]


def test_what_choosing_adds_is_measured(finished_run):
    for place in range(3):
        finished_run(f"net {place}", n_wrong=place)
    finding = found("choice")
    assert len(finding.runs) == 3 and "Among 3 runs here" in finding.words
    assert "the intervals just miss" in finding.words  # 0.965 and 0.9589 of 15,750


def test_confusions_are_counted_by_category(finished_run, drawings_folder, tmp_path):
    path = finished_run("net")
    names = ["cup", "eyeglasses", "penguin", "moon"]
    config = read_json(path / "config.json")
    config["data"]["categories"] = names
    write_json(path / "config.json", config)
    labels = np.arange(4).repeat(5)

    def score(*said):
        given = labels.copy()
        for true, taken, count in said:
            given[np.flatnonzero(labels == true)[:count]] = taken
        write_scored(path, labels, np.arange(20), np.eye(4)[given], np.zeros((20, 8)))
        change(path, **evaluation.metrics(labels, np.eye(4)[given]))
        return found("errors")

    assert score((0, 1, 2), (2, 3, 1), (3, 1, 1)).verdict == "holds"
    finding = score((0, 1, 1), (2, 1, 2))
    assert finding.verdict == "half" and "cup taken for eyeglasses 1 of 5 times;" in finding.words
    assert "penguin taken for moon 0 of 5 times (more often for eyeglasses, 2)" in finding.words
    assert score().verdict == "wrong"


def test_the_person_stands_beside_the_best_network(finished_run):
    finding = found("people")
    assert finding.verdict == "open" and "97.0\u00a0% (93.6 to 98.6)" in finding.words
    path = finished_run("net")
    config = read_json(path / "config.json")
    config["data"]["categories"] = list(REPORT_SEVEN)
    write_json(path / "config.json", config)
    change(path, top1=0.96, top1_low=0.95, top1_high=0.97)
    assert found("people").verdict == "holds"
    change(path, top1=0.5, top1_low=0.45, top1_high=0.55)
    finding = found("people")
    assert finding.verdict == "wrong" and len(finding.more["rows"]) == 2
