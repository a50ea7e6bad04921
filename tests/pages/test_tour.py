"""The tour: its verdicts follow from the figures, and every stop stands with and without runs."""

import io
import json
import shutil
import zipfile

import numpy as np
import pytest
from support import browser
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES
from support.sweeps import Trainer

from doodle_core import evaluation, runs
from doodle_core.data import practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.files import MODELS, read_json, write_json
from doodle_core.inference import report_base
from doodle_core.lab import sweep_worker, tour
from doodle_core.lab.tour import autoencoders
from doodle_core.settings import PRESETS, DataConfig, TransferConfig

pytestmark = pytest.mark.usefixtures("no_worker")
KEYS = [stop.key for stop in tour.STOPS]


def found(key):
    """A stop's finding on the runs that are there."""
    return next(stop for stop in tour.STOPS if stop.key == key).test(runs.all_runs())


def change(path, **figures):
    write_json(path / "metrics.json", read_json(path / "metrics.json") | figures)


def write_weights(path, seed=0, filters=(4, 5, 6)):
    """A best.keras as far as the tour reads it: the layers of a small base network."""
    import h5py

    rng, content = np.random.default_rng(seed), io.BytesIO()
    a, b, c = filters
    shapes = {"conv2d": (3, 3, 1, a), "conv2d_1": (3, 3, a, b), "conv2d_2": (3, 3, b, c)}
    shapes |= {"dense": (9 * c, 8), "dense_1": (8, 8), "dense_2": (8, 3)}
    with h5py.File(content, "w") as file:
        for name, shape in shapes.items():
            file[f"layers/{name}/vars/0"] = rng.normal(0, 0.3, shape).astype(np.float32)
            file[f"layers/{name}/vars/1"] = rng.normal(0, 0.1, shape[-1]).astype(np.float32)
    with zipfile.ZipFile(path / "best.keras", "w") as archive:
        archive.writestr("model.weights.h5", content.getvalue())


def test_each_verdict_says_what_it_comes_of():
    for stop in tour.STOPS:
        assert set(stop.why) <= {"holds", "half", "wrong"} and len(stop.why) >= 2, stop.key
        assert all(text.endswith(".") for text in stop.why.values())


@pytest.mark.parametrize("key", KEYS)
def test_without_runs_a_stop_says_what_to_do_and_the_tour_goes_on(key):
    app = open_page("tour", stop=key)
    assert "not tried here yet" in words(app) and "The report" in words(app)
    labels = {button.label: button.disabled for button in app.button}
    assert labels == {"Back": key == KEYS[0], "Next": key == KEYS[-1]}


@pytest.mark.slow
def test_next_and_back_and_the_list_lead_through_all_stops():
    app = open_page("tour")
    for key in KEYS[1:]:
        next(button for button in app.button if button.label == "Next").click().run()
        assert app.query_params["stop"] == key and not app.exception
    next(button for button in app.button if button.label == "Back").click().run()
    assert app.query_params["stop"] == KEYS[-2]
    app.selectbox[0].set_value("elbo").run()
    assert app.query_params["stop"] == "elbo" and "Autoencoders" in app.subheader[0].value
    assert "1. The drawings" in open_page("tour", stop="<b>nowhere").subheader[0].value


def test_the_network_in_numpy_convolves_as_scipy_does(finished_run):
    from scipy.signal import correlate2d

    path = finished_run()
    write_weights(path)
    layers = report_base.weights(path, 3)
    drawings = practice.draw("apple", 2, 5).reshape(-1, 28, 28)
    probabilities, maps = report_base.answers(layers, drawings)
    assert [one.shape for one in maps] == [(2, 28, 28, 4), (2, 14, 14, 5), (2, 7, 7, 6)]
    assert probabilities.shape == (2, 3) and np.allclose(probabilities.sum(axis=1), 1)
    kernel, bias = layers[1]
    pooled = maps[0].reshape(2, 14, 2, 14, 2, 4).max(axis=(2, 4))
    theirs = bias[2] + sum(
        correlate2d(pooled[1, ..., c], kernel[..., c, 2], "same") for c in range(4)
    )
    assert np.allclose(maps[1][1, ..., 2], np.maximum(theirs, 0), atol=1e-4)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_damaged_weights_are_one_sentence(finished_run, content):
    path = finished_run("one")
    write_weights(path)
    if content is not None:
        (path / "best.keras").write_bytes(content)
    else:
        with zipfile.ZipFile(path / "best.keras", "w") as archive:
            archive.writestr("model.weights.h5", b"nothing")
    app = open_page("tour", stop="convolution")
    assert "damaged" in app.error[0].value and len(app.button) == 2
    write_weights(path)
    with pytest.raises(ValueError, match="is not the report's base network"):
        report_base.weights(path, 4)  # of other categories


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


@pytest.fixture
def transferred(finished_run):
    def make(name, way, base="VGG19", **settings):
        asked = dict(PRESETS[f"{way}-{base}"][1])
        asked["transfer"] = TransferConfig(**asked["transfer"])
        return finished_run(name, **asked | settings)

    return make


def test_table_1_is_judged_by_the_two_measures(transferred):
    path = transferred("theirs", "report")
    change(path, binary_accuracy=0.99, top1=0.7, top1_low=0.6, top1_high=0.8, n=1000)
    finding = found("table")
    assert finding.verdict == "wrong" and "99.0\u00a0%" in finding.words
    assert "66.7\u00a0%" in finding.words  # chance of three outputs
    change(path, binary_accuracy=0.75)
    assert found("table").verdict == "half"


def test_fine_tuning_is_judged_on_the_same_drawings(transferred):
    transferred("theirs", "report", n_wrong=14)
    ours = transferred("ours", "tuned", n_wrong=0)
    finding = found("tuning")
    assert finding.verdict == "wrong" and "p = " in finding.words
    change(ours, test_pixels="others")
    assert found("tuning").verdict == "open"


def test_batch_norm_is_judged_by_training_and_validation_of_the_frozen_stage(transferred):
    transferred("vgg theirs", "report")
    transferred("vgg ours", "tuned", n_wrong=0)
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


@pytest.mark.slow
def test_a_sweep_of_the_report_is_shown(make_sweep, storage):
    make_sweep("mine")
    make_sweep("theirs", preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    app = open_page("tour", stop="choice")
    assert len(app.get("plotly_chart")) == 1 and "Best is batch size" in words(app)
    assert [tab.label for tab in app.tabs] == ["Batch size"]


def test_confusions_are_counted_by_category(finished_run, drawings_folder, tmp_path):
    path = finished_run("net")
    names = ["cup", "eyeglasses", "penguin", "moon"]
    config = read_json(path / "config.json")
    config["data"]["categories"] = names
    write_json(path / "config.json", config)
    labels = np.array([0] * 5 + [1] * 5 + [2] * 5 + [3] * 5, np.uint16)

    def score(*said):
        given = labels.copy()
        for true, taken, count in said:
            given[np.flatnonzero(labels == true)[:count]] = taken
        np.save(path / "test_labels.npy", labels)
        np.save(path / "test_rows.npy", np.arange(20, dtype=np.int32))
        np.save(path / "test_probabilities.npy", np.eye(4, dtype=np.float32)[given])
        change(path, **evaluation.metrics(labels, np.eye(4)[given]))
        (path / "test_embeddings.npy").unlink(missing_ok=True)
        return found("errors")

    assert score((0, 1, 2), (2, 3, 1), (3, 1, 1)).verdict == "holds"
    finding = score((0, 1, 1), (2, 1, 2))
    assert finding.verdict == "half" and "cup taken for eyeglasses 1 of 5 times;" in finding.words
    assert "penguin taken for moon 0 of 5 times (more often for eyeglasses, 2)" in finding.words
    assert score().verdict == "wrong"


def test_two_dimensions_are_compared_with_more(finished_vae):
    finished_vae("plane", latent=2)
    deep = finished_vae("deep")
    change(deep, loss=100.0)
    finding = found("elbo")
    assert (
        finding.verdict == "holds" and "costs +30.0 nats here, +39.7 in the report" in finding.words
    )
    change(deep, loss=140.0)
    assert found("elbo").verdict == "wrong"


def test_the_latent_space_need_not_be_a_mess(finished_vae):
    plain, apart = finished_vae("plain"), finished_vae("apart", classifier=10.0)
    change(plain, silhouette=0.05)
    assert found("space").verdict == "half"
    change(apart, silhouette=0.01)
    finding = found("space")
    assert finding.verdict == "holds" and "with a classifier" in finding.words
    means = np.array([[0.0, 5], [0, 6], [1, 5], [1, 6]])
    assert evaluation.told_apart(means, np.array([0, 0, 1, 1])).tolist() == [1.0, 0.0]


def test_the_wrong_range_is_judged_by_its_intervals(finished_vae):
    path = finished_vae("one")
    assert found("ranges").verdict == "half"  # the same share both ways
    change(
        path, reconstructed01_top1=0.2, reconstructed01_top1_low=0.1, reconstructed01_top1_high=0.3
    )
    finding = found("ranges")
    assert finding.verdict == "wrong" and "20.0\u00a0% (10.0 to 30.0)" in finding.words
    assert [row["category"] for row in finding.more["rows"]] == list(autoencoders.JUDGED.values())
    change(path, judge_top1_high=None, probe_low=None)
    assert found("ranges").verdict == "open" and found("space").runs


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


@pytest.mark.slow
def test_every_stop_stands_with_runs_and_marks_practice_data(
    finished_run, finished_vae, transferred
):
    (MODELS / "no run at all").mkdir(parents=True)
    path = finished_run("a_b_c")
    write_weights(path)
    change(path, practice=1)
    finished_run("smaller", network="compact", rotation=5.0)
    finished_vae("plane", latent=2)
    finished_vae("deep", classifier=10.0)
    transferred("theirs", "report")
    transferred("ours", "tuned")
    for key in KEYS:
        app = open_page("tour", stop=key)
        assert not app.error, (key, app.error[0].value)
        charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
        if found(key).runs:
            assert charts or key == "drawings", key
        if key in ("scratch", "convolution"):
            assert "practice data" in words(app) and "a\\_b\\_c" in words(app)
            assert all("folder" in json.dumps(chart["layout"]) for chart in charts)


def test_hidden_runs_and_practice_scores_come_last(finished_run, make_config):
    finished_run("shown")
    runs.annotate(finished_run("hidden"), hidden=True)
    path = finished_run("newest")
    write_json(
        path / "config.json",
        make_config("newest", data=DataConfig("practice", CATEGORIES)).to_dict(),
    )
    assert [run.name for run in tour.finished_runs(runs.all_runs())] == ["shown", "newest"]


@pytest.mark.slow
def test_it_comes_without_tensorflow(finished_run, finished_vae):
    write_weights(finished_run("one"))
    finished_vae("two")
    check_apart(f"[open_page('tour', stop=key) for key in {KEYS}]")


def test_the_report_links_its_mistakes_to_autoencoders(finished_vae):
    finished_vae("judged")
    finished_vae("two", network="report-vae", filters=(64, 128), skip_widest=True)
    app = open_page("report")
    labels = [link.proto.label for link in app.get("page_link")]
    assert any("its measures" in label for label in labels)
    assert "two, as it was" in labels and "Train it with every layer" in labels
    assert "reconstructions rightly in the range" in words(app)


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_the_tour_in_a_browser_fetches_nothing_and_shows_its_formulas(tmp_path, finished_run):
    shutil.copytree(finished_run("net"), tmp_path / "models/net")
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/tour?stop=drawings")
        browser.settle(view)
        view.get_by_role("button", name="Next").click()
        view.locator(".katex").first.wait_for()
        browser.settle(view)
        assert view.locator(".katex").count() == 6 and "stop=scratch" in view.url
        assert view.locator(".katex-error").count() == 0
        view.get_by_role("link", name="Open Errors").click()
        view.get_by_role("heading", name="Errors").wait_for()
        assert "run=net" in view.url and faults == []
