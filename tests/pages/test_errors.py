"""The Errors page: the matrix, calibration, F1 and suspected labels."""

import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from doodle_core import evaluation, runs
from doodle_core.lab.score import score
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


# --- other drawings ------------------------------------------------------------------------------


def labels(app):
    return [box.label for box in app.selectbox]


def dialog(name, folder):
    """What the button on Errors opens, with a folder named in it."""

    def script(name):
        from doodle_core import runs
        from pages.sections import scoring

        scoring.ask(runs.load(runs.folder(name)))

    app = AppTest.from_function(script, kwargs={"name": name}, default_timeout=60)
    app.session_state["score_kind"] = "folder"
    app.session_state["score_folder"] = str(folder)
    return app.run()


@pytest.mark.usefixtures("reads")
def test_other_drawings_are_asked_for_scored_and_opened(finished_run, tmp_path):
    path = finished_run("one")
    folder = make_drawings(tmp_path / "new", n=70, categories=("moon", "cup", "dog"), edge=7)
    app = dialog("one", folder)
    assert app.multiselect[0].value == ["moon", "cup"]  # those of the network
    next(button for button in app.button if button.label == "Score").click().run()
    assert runs.scorings(runs.load(path))[0].drawings.unknown == ("dog",)
    shutil.rmtree(path / "scored")
    app.multiselect[0].set_value(["moon", "dog"]).run()
    next(button for button in app.button if button.label == "Score").click().run()
    assert not app.exception, app.exception
    (found,) = runs.scorings(runs.load(path))
    assert app.query_params["drawings"] == found.key
    assert found.metrics["n"] == 70 and found.drawings.unknown == ("dog",)

    app = open_page("errors", run="one", drawings=found.key)
    shown = next(box for box in app.selectbox if box.label == "Scored on")
    assert shown.value == found.key
    text = words(app)
    # the bars of the first file stand where apples' do
    assert "**0.0 % (0.0 to 5.2) top-1** on 70 drawings" in text.replace("\u00a0", " ")
    assert "1 of the 3 categories" in text and "test drawings are put" not in text
    assert app.dataframe[0].value["category"].tolist() == ["moon"]
    shown.set_value("").run()
    assert "on 42 test drawings" in words(app) and "drawings" not in app.query_params


@pytest.mark.usefixtures("reads")
def test_what_cannot_be_scored_is_said_in_the_dialog(finished_run, tmp_path):
    finished_run("one")
    app = dialog("one", tmp_path / "nowhere")
    assert "There is no folder" in app.error[0].value
    app = dialog("one", make_drawings(tmp_path / "cats", categories=("cat", "dog")))
    next(button for button in app.button if button.label == "Score").click().run()
    assert "one knows none of these categories: cat, dog" in app.error[0].value.replace("\\", "")
    app.multiselect[0].set_value([]).run()
    next(button for button in app.button if button.label == "Score").click().run()
    assert "at least one category" in app.warning[0].value


@pytest.mark.usefixtures("reads")
def test_practice_drawings_are_marked_wherever_they_are_shown(finished_run):
    path = finished_run("one")
    found = score(runs.load(path), "practice", ("apple", "moon"), 5)
    app = open_page("errors", run="one", drawings=found.key)
    assert ":violet-badge[:material/smart_toy: practice data]" in words(app)
    assert all("practice data" in one.proto.spec for one in app.get("plotly_chart"))
    assert "practice" not in words(open_page("errors", run="one"))


@pytest.mark.usefixtures("reads")
def test_the_address_of_no_scoring_and_a_run_without_its_network(finished_run):
    finished_run("one")
    app = open_page("errors", run="one", drawings="../../x")
    assert "was not scored on" in app.warning[0].value and "Scored on" not in labels(app)
    button = next(one for one in app.button if one.label == "Score it on other drawings")
    assert button.disabled


@pytest.mark.usefixtures("reads")
def test_the_links_of_a_scoring_lead_to_it(finished_run, tmp_path):
    path = finished_run("one")
    folder = make_drawings(tmp_path / "new", 20, edge=7)
    found = score(runs.load(path), f"folder:{folder}")
    links = open_page("errors", run="one", drawings=found.key).get("page_link")
    assert len(links) >= 2
    assert all(f"drawings={found.key}" in link.proto.query_string for link in links)
    own = open_page("errors", run="one").get("page_link")
    assert not any("drawings=" in link.proto.query_string for link in own)
