"""The Compare page, and what Errors says of calibration, F1 and suspected labels."""

import shutil
import time

import numpy as np
import pandas as pd
import pytest
from support import browser
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES

from doodle_core import evaluation, runs
from doodle_core.evaluation import p_words
from doodle_core.files import read_json, write_json
from doodle_core.plots import inside as inside_plots
from doodle_core.settings import DataConfig


@pytest.fixture
def pair(finished_run):
    """Two runs on the same drawings that err differently: the second on five, the first on none."""
    return finished_run("first", n_wrong=0), finished_run("second", n_wrong=5)


def wrong(path):
    found = runs.results(path, 3)
    return found.probabilities.argmax(axis=1) != found.labels


def test_two_runs_are_tested_on_the_same_drawings(pair):
    first, second = pair
    app = open_page("compare", run="first", **{"with": "second"})
    assert [box.value for box in app.selectbox] == ["first", "second"]
    expected = evaluation.mcnemar(~wrong(first), ~wrong(second))
    table = app.dataframe[0].value.to_numpy()
    assert table.tolist() == [
        [expected["both"], expected["only_a"]],
        [expected["only_b"], expected["neither"]],
    ]
    text = words(app)
    only = expected["only_a"], expected["only_b"]
    assert f"{sum(only)} drawings are named right by one run" in text
    assert f"{only[0]} to {only[1]}" in text and p_words(expected["p"]) in text
    assert text.count("chance 33.3") == 2 and text.count(" to ") >= 3
    by_category = app.dataframe[1].value
    assert by_category["drawings"].sum() == len(wrong(first))
    assert by_category["only 1st"].sum() == only[0]


def test_a_clear_difference_and_none_are_told_apart(finished_run):
    finished_run("good", n_wrong=0)
    finished_run("bad", n_wrong=25)
    finished_run("same", n_wrong=0)
    text = words(open_page("compare", run="good", **{"with": "bad"}))
    assert "**good errs less**" in text
    text = words(open_page("compare", run="good", **{"with": "same"}))
    assert "do not show that either run errs less" in text and "p = 1" in text


def test_runs_on_other_drawings_get_a_sentence(pair):
    _, second = pair
    metrics = read_json(second / "metrics.json")
    write_json(second / "metrics.json", metrics | {"test_pixels": "other"})
    app = open_page("compare", run="first", **{"with": "second"})
    assert "were not scored on the same drawings" in app.info[0].value
    assert not app.get("plotly_chart")


def test_labels_that_differ_are_not_the_same_drawings(pair):
    _, second = pair
    labels = np.load(second / "test_labels.npy")
    np.save(second / "test_labels.npy", labels[::-1])
    app = open_page("compare", run="first", **{"with": "second"})
    assert "were not scored on the same drawings" in app.info[0].value


def test_one_run_alone_cannot_be_compared(finished_run):
    finished_run("alone")
    assert "takes two finished runs" in open_page("compare").info[0].value


def test_without_the_drawings_the_test_stays(finished_run, tmp_path, drawings_folder):
    folder = tmp_path / "gone"
    shutil.copytree(drawings_folder, folder)
    for name, n_wrong in (("first", 0), ("second", 5)):
        finished_run(name, n_wrong=n_wrong, folder=folder)
    shutil.rmtree(folder)
    app = open_page("compare", run="first", **{"with": "second"})
    assert "not shown" in app.info[0].value and "p = " in words(app)


def test_practice_runs_are_marked(pair):
    for path in pair:
        config = runs.load(path).config.to_dict()
        config["data"]["practice_added"] = 5
        config["data"]["categories"] = list(CATEGORIES)
        write_json(path / "config.json", config)
    app = open_page("compare", run="first", **{"with": "second"})
    assert words(app).count("practice data") >= 2
    assert "practice" in app.get("plotly_chart")[0].proto.spec


def test_the_recalls_carry_their_intervals():
    rows = evaluation.per_category(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("a", "b"))
    figure = inside_plots.recalls(("a", "b"), {"x": rows, "<y>": rows})
    one, two = figure.data
    assert list(one.x) == [0.5, 1.0] and two.name == "&lt;y&gt;"
    assert list(one.error_x.array) == [row["recall_high"] - row["recall"] for row in rows]


# --- Errors --------------------------------------------------------------------------------------


def add_calibration(path, temperature=1.7):
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", metrics | {"temperature": temperature})


def test_errors_shows_calibration_before_and_after_scaling(finished_run):
    path = finished_run()
    before = {metric.label: metric.value for metric in open_page("errors").metric}
    assert set(before) == {"ECE, as trained"}
    add_calibration(path)
    app = open_page("errors")
    found = runs.results(path, 3)
    scaled = evaluation.ece(found.labels, evaluation.scale(found.probabilities, 1.7))
    after = {metric.label: metric.value for metric in app.metric}
    assert after["ECE, as trained"] == before["ECE, as trained"]
    assert after["ECE, temperature scaled"].replace("\u00a0", " ") == f"{100 * scaled:.1f} %"
    assert "**1.70**" in words(app) and "less sure" in words(app)


def test_errors_shows_precision_recall_and_f1(finished_run):
    found = runs.results(finished_run(), 3)
    rows = evaluation.per_category(found.labels, found.probabilities.argmax(axis=1), CATEGORIES)
    table = open_page("errors").dataframe[0].value
    for name in ("precision", "recall", "f1"):  # in percent
        assert np.allclose(table[name], [100 * row[name] for row in rows])


def write_suspects(path, rows):
    frame = pd.DataFrame(rows, columns=["place", "quality", "suggested"])
    frame.to_csv(path / "suspects.csv", index=False)


def test_errors_shows_suspected_labels(finished_run):
    path = finished_run()
    assert "before suspected labels were kept" in words(open_page("errors"))
    write_suspects(path, [])
    assert "No label of the test part is suspected" in words(open_page("errors"))
    write_suspects(path, [(3, 0.01, 1), (7, 0.2, 0)])
    app = open_page("errors")
    assert "2 of 42 test drawings" in words(app)


def test_damaged_suspects_are_left_out(finished_run):
    path = finished_run()
    rows = [(3, 0.01, 1), (4000, 0.2, 0), (1, 0.1, 9), (-1, 0.1, 0), ("x", 0.1, 0), (2, "inf", 0)]
    write_suspects(path, rows)
    assert runs.suspects(path, 42, 3)["place"].tolist() == [3]
    (path / "suspects.csv").write_bytes(b"\xff\x00,")
    assert runs.suspects(path, 42, 3).empty
    open_page("errors")


@pytest.fixture
def large_run(make_config):
    """Two runs of the report's size: 15,750 test drawings of seven categories."""

    def make(name, seed):
        config = make_config(name, data=DataConfig("practice"))
        path = runs.create(config)
        rng = np.random.default_rng(seed)
        labels = np.arange(15_750) % 7
        logits = rng.normal(size=(15_750, 7)) + 6 * np.eye(7)[labels]
        probabilities = evaluation.scale(np.exp(logits), 1)
        np.save(path / "test_labels.npy", labels.astype(np.uint16))
        np.save(path / "test_rows.npy", labels.astype(np.int32))
        np.save(path / "test_probabilities.npy", probabilities.astype(np.float32))
        np.save(path / "test_embeddings.npy", rng.normal(size=(15_750, 128)).astype(np.float16))
        facts = {"best_epoch": 1, "parameters": 430_407, "seconds": 1.0, "temperature": 1.3}
        write_json(
            path / "metrics.json",
            evaluation.metrics(labels, probabilities) | facts | {"test_pixels": "same"},
        )
        write_suspects(path, [(place, 0.01, 1) for place in range(300)])
        runs.set_state(path, "finished")
        return path

    return make


@pytest.mark.parametrize("page", ["errors", "compare"])
def test_pages_are_quick_at_the_reports_size(page, large_run):
    large_run("one", 0)
    large_run("two", 1)
    app = open_page(page)
    times = []
    for _ in range(3):
        began = time.process_time()  # of this process alone: the machine may be busy
        assert not app.run().exception
        times.append(time.process_time() - began)
    assert min(times) < 1


def test_they_need_neither_tensorflow_nor_cleanlab(pair):
    add_calibration(pair[0])
    write_suspects(pair[0], [(3, 0.01, 1)])
    check_apart(
        "assert 'ECE' in str(open_page('errors', run='first').metric)",
        "assert 'McNemar' in words(open_page('compare', run='first'))",
        without=("tensorflow", "keras", "cleanlab", "sklearn"),
    )


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_drawings_are_chosen_in_a_browser(tmp_path, pair):
    """Compare, suspected labels and Inside: a click opens the drawing that was clicked."""
    from doodle_core.classifier import networks

    first, second = pair
    bad = np.flatnonzero(wrong(second))
    suspect = int(np.flatnonzero(~wrong(second))[4])
    write_suspects(first, [(int(bad[0]), 0.01, 1), (suspect, 0.2, 0)])
    networks.build(runs.load(first).config, 3).save(first / "best.keras")
    shutil.copytree(first.parent, tmp_path / "models")
    found = runs.results(first, 3)
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/compare?run=first&with=second")
        browser.settle(view)
        only = evaluation.mcnemar(~wrong(first), ~wrong(second))["only_a"]
        view.get_by_label(f"drawing {only} of {only}, true:").first.click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text("Source index").wait_for()
        view.keyboard.press("Escape")

        view.goto(f"{address}/errors?run=first")
        browser.settle(view)
        view.get_by_label("drawing 2 of 2, given:").click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text(f"{found.rows[suspect]:,}", exact=True).wait_for()
        true = CATEGORIES[found.labels[suspect]]
        dialog.get_by_role("heading", name=f"{true}, called").wait_for()
        view.keyboard.press("Escape")

        view.goto(f"{address}/inside?run=first")
        browser.settle(view)
        view.get_by_text("Test drawing 0").wait_for(timeout=120_000)
        view.get_by_label("drawing 5 of 24").click()
        view.get_by_text("Test drawing 4").wait_for()
        view.get_by_text(f"true: {CATEGORIES[found.labels[4]]}").first.wait_for()
        assert faults == []
