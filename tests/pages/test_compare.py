"""The Compare page: two runs on the same drawings."""

import shutil

import numpy as np
import pytest

from doodle_core import evaluation, runs
from doodle_core.evaluation import p_words
from doodle_core.files import read_json, write_json
from doodle_core.lab.score import score
from support.apps import check_apart, open_page, words
from support.drawings import CATEGORIES, make_drawings
from support.runs import add_calibration, write_suspects, wrong


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


def test_they_need_neither_tensorflow_nor_cleanlab(pair):
    add_calibration(pair[0])
    write_suspects(pair[0], [(3, 0.01, 1)])
    check_apart(
        "assert 'ECE' in str(open_page('errors', run='first').metric)",
        "assert 'McNemar' in words(open_page('compare', run='first'))",
        without=("tensorflow", "keras", "cleanlab", "sklearn"),
    )


@pytest.mark.usefixtures("reads")
def test_two_networks_are_tested_on_the_same_other_drawings(pair, tmp_path):
    folder = make_drawings(tmp_path / "new", 20, ("apple", "dog", "cup"), edge=7)
    config = read_json(pair[1] / "config.json")
    config["data"]["categories"] = ["dog", "cup", "apple"]  # another network's, in another order
    write_json(pair[1] / "config.json", config)
    one, two = (score(runs.load(path), f"folder:{folder}", ("apple", "cup")) for path in pair)
    # bars at 3 and 11: the first network reads apple, cup; the second dog, apple
    app = open_page("compare", run="first", drawings=one.key, **{"with": "second"})
    assert not app.exception, app.exception
    assert app.dataframe[0].value.to_numpy().tolist() == [[0, 40], [0, 0]]
    text = words(app)
    assert "40 to 0" in text and "**first errs less**" in text and "on 40 drawings" in text
    assert app.dataframe[1].value["category"].tolist() == ["apple", "cup"]
    assert "not on moon" in text and "not on dog" in text
    app = open_page("compare", run="second", drawings=two.key, **{"with": "first"})
    assert app.dataframe[0].value.to_numpy().tolist() == [[0, 0], [40, 0]]


@pytest.mark.usefixtures("reads")
def test_other_drawings_are_compared_with_the_same_ones_only(pair, tmp_path):
    one = score(runs.load(pair[0]), f"folder:{make_drawings(tmp_path / 'new', edge=7)}")
    app = open_page("compare", run="first", drawings=one.key, **{"with": "second"})
    assert "were not scored on the same drawings" in app.info[0].value
