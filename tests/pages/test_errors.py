"""The Errors page: the matrix, calibration, F1 and suspected labels."""

import shutil

import numpy as np
import pytest

from doodle_core import evaluation, runs
from support.apps import open_page, words
from support.drawings import CATEGORIES, make_drawings
from support.runs import add_calibration, write_suspects

pytestmark = pytest.mark.usefixtures("no_worker")


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


def test_errors_shows_suspected_labels(finished_run):
    path = finished_run()
    assert "before suspected labels were kept" in words(open_page("errors"))
    write_suspects(path, [])
    assert "No label of the test part is suspected" in words(open_page("errors"))
    write_suspects(path, [(3, 0.01, 1), (7, 0.2, 0)])
    app = open_page("errors")
    assert "2 of 42 test drawings" in words(app)


def test_damaged_suspects_are_left_out_and_a_damaged_file_gets_a_sentence(finished_run):
    path = finished_run()
    rows = [(3, 0.01, 1), (4000, 0.2, 0), (1, 0.1, 9), (-1, 0.1, 0), ("x", 0.1, 0), (2, "inf", 0)]
    write_suspects(path, rows)
    assert runs.suspects(path, 42, 3)["place"].tolist() == [3]
    (path / "suspects.csv").write_bytes(b"\xff\x00,")
    assert "suspects.csv of done is damaged" in words(open_page("errors")).replace("\\", "")


def test_errors_shows_the_chosen_run(finished_run):
    finished_run("one")
    finished_run("two", n_wrong=2)
    app = open_page("errors", run="one")
    assert app.selectbox[0].value == "one"
    assert "practice" not in words(app)


def test_errors_without_the_drawings_keeps_the_figures(finished_run, tmp_path, drawings_folder):
    folder = tmp_path / "gone"
    shutil.copytree(drawings_folder, folder)
    finished_run("one", folder=folder)
    shutil.rmtree(folder)
    app = open_page("errors")
    assert "not shown" in app.info[0].value and "top-1" in words(app)


def test_errors_with_damaged_arrays_gets_a_sentence(finished_run):
    path = finished_run("one")
    (path / "test_probabilities.npy").write_bytes(b"x")
    app = open_page("errors")
    assert "damaged" in app.error[0].value


def test_a_folders_name_is_no_markup(finished_run, tmp_path):
    folder = make_drawings(tmp_path / "![x](http:__x.org)<b>")
    finished_run("one", folder=folder)
    for page in ("home", "errors"):
        text = words(open_page(page))
        assert "![x](" not in text and "<b>" not in text.replace("\\<b\\>", "")


def test_the_categories_of_a_run_are_those_asked_for(finished_run):
    assert runs.load(finished_run("one")).config.data.categories == CATEGORIES
