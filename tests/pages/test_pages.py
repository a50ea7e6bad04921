"""Every page through Streamlit's AppTest: empty, full, and with what can go wrong."""

import os
import shutil

import numpy as np
import pytest
from support.apps import PAGES, check_apart, open_page, words
from support.drawings import CATEGORIES

from doodle_core import runs
from doodle_core.files import MODELS

pytestmark = pytest.mark.usefixtures("no_worker")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_runs_says_what_to_do(page):
    app = open_page(page)
    assert app.title[0].value
    said = {
        "home": "Nothing has been trained yet",
        "runs": "There is no run yet",
        "errors": "No run has finished yet",
        "train": "Nothing trains now",
        "data": "not on this computer yet",
        "sweeps": "There is no sweep yet",
        "inside": "No run has finished yet",
        "compare": "No run has finished yet",
        "curve": "There is no learning curve yet",
        "latent": "No autoencoder has finished yet",
        "generate": "No autoencoder has finished yet",
        "report": "The report printed binary accuracy",
        "tour": "not tried here yet",
        "draw": "No finished classifier with weights is here yet",
        "people": "drawn by this program: no real drawings",
    }
    assert said[page] in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_damaged_runs(page, finished_run, make_config):
    finished_run("good")
    (MODELS / "empty folder").mkdir()
    bad = runs.create(make_config("bad"))
    (bad / "config.json").write_text("{")
    odd = runs.create(make_config("odd"))
    (odd / "history.csv").write_bytes(b"\xff\x00")
    (finished_run("without figures") / "metrics.json").unlink()
    (MODELS / "link").symlink_to(MODELS)
    os.mkdir(os.fsencode(MODELS) + b"/\xff")
    app = open_page(page)
    if page == "home":
        assert "good" in words(app) and "damaged" in words(app)


def test_results_come_without_tensorflow(finished_run, finished_vae):
    finished_run()
    finished_vae()
    pages = ("home", "runs", "errors", "train", "report", "curve", "compare", "latent")
    check_apart(
        f"text = ' '.join(words(open_page(page)) for page in {pages})",
        "assert text.count('top-1') >= 3, text",
    )


def test_home_shows_intervals_and_chance(finished_run):
    finished_run("a-run")
    text = words(open_page("home"))
    assert "a\\-run" in text and " to " in text and "chance 33.3\u00a0%" in text


def test_data_shows_a_folder(drawings_folder):
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(drawings_folder)).run()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert values == {"Categories": "3", "Drawings": "180", "Exact duplicates": "0"}


def test_data_refuses_a_bad_file_with_a_sentence(tmp_path):
    np.save(tmp_path / "cat.npy", np.zeros((3, 100), np.uint8))
    np.save(tmp_path / "dog.npy", np.zeros((3, 784), np.uint8))
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(tmp_path)).run()
    assert not app.exception
    assert "expected shape" in app.error[0].value


def start(app, name):
    app.text_input[0].set_value(name)
    next(button for button in app.button if button.label == "Start").click()
    return app.run()


@pytest.mark.parametrize("name", ["../../x", "", "CON", "a/b", "[x](http://x)"])
def test_a_hostile_name_is_refused_and_nothing_is_written(name):
    app = start(open_page("train"), name)
    assert not app.exception and "A run's name must" in app.error[0].value.replace("\\", "")
    assert not MODELS.exists() or not list(MODELS.iterdir())


def test_a_name_that_is_taken_is_refused(finished_run):
    finished_run("mine")
    app = start(open_page("train"), "mine")
    assert "already" in app.error[0].value and runs.load(MODELS / "mine").state == "finished"


def test_start_queues_a_run_with_what_was_asked():
    app = open_page("train")
    next(field for field in app.number_input if field.label == "Epochs").set_value(3)
    app = start(app, "first try")
    assert not app.exception
    run = runs.load(MODELS / "first try")
    assert (run.state, run.config.epochs, run.config.data.source) == ("queued", 3, "practice")
    next(button for button in app.button if button.label == "Take out").click().run()
    assert runs.load(MODELS / "first try").state == "stopped"


def test_an_interrupted_run_can_be_resumed_from_the_page(make_config):
    path = runs.create(make_config("broken off"))
    runs.set_state(path, "running")
    app = open_page("train")
    next(button for button in app.button if button.label == "Resume").click().run()
    assert not app.exception and runs.load(path).state == "queued"


def test_a_read_only_disk_gets_a_sentence(monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system", "models")

    monkeypatch.setattr("doodle_core.runs.facts.write_json", refuse)
    app = start(open_page("train"), "x")
    assert not app.exception and "read\\-only" in app.error[0].value


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
    from support.drawings import make_drawings

    folder = make_drawings(tmp_path / "![x](http:__x.org)<b>")
    finished_run("one", folder=folder)
    for page in ("home", "errors"):
        text = words(open_page(page))
        assert "![x](" not in text and "<b>" not in text.replace("\\<b\\>", "")


def test_runs_marks_practice_data(make_config):
    from doodle_core.settings import DataConfig

    runs.create(make_config("p", data=DataConfig("practice")))
    assert "practice data" in words(open_page("runs"))


def test_the_categories_of_a_run_are_those_asked_for(finished_run):
    assert runs.load(finished_run("one")).config.data.categories == CATEGORIES


def test_autoencoders_stand_beside_classifiers_and_not_among_them(finished_run, finished_vae):
    finished_run("named")
    finished_vae("drawn")
    for page in ("errors", "inside", "compare"):
        assert "drawn" not in open_page(page).selectbox[0].options
    text = words(open_page("home"))
    assert "130.0 nats a drawing" in text and "reconstruction 110.0 + KL 20.0" in text


def test_start_queues_an_autoencoder_with_what_was_asked():
    app = open_page("train", preset="report-vae-3")
    assert app.selectbox(key="preset of a vae").value == "report-vae-3"
    assert app.text_input(key="filters of report-vae-3").value == "16, 16"
    app.number_input(key="latent of report-vae-3").set_value(3)
    app.text_input(key="filters of report-vae-3").set_value("8, 4")
    field = next(one for one in app.text_input if one.label == "Name of the run")
    field.set_value("plane")
    next(button for button in app.button if button.label == "Start").click()
    app.run()
    assert not app.exception
    run = runs.load(MODELS / "plane")
    assert (run.state, run.config.latent, run.config.filters) == ("queued", 3, (8, 4))
    assert (run.config.amsgrad, run.config.clipnorm, run.config.batch_size) == (True, 1.0, 16)


def test_filters_that_are_no_numbers_are_refused_with_a_sentence():
    app = open_page("train", preset="vae")
    app.text_input(key="filters of vae").set_value("many")
    next(button for button in app.button if button.label == "Start").click()
    app.run()
    assert not app.exception and "filters must be two whole numbers" in app.error[0].value


def test_a_training_is_played_back_epoch_by_epoch(finished_vae):
    path = finished_vae("over")
    app = open_page("train")
    slider = app.select_slider(key="play over")
    assert slider.options == ["1", "2", "3"] and "After epoch 3" in words(app)
    slider.set_value(1).run()
    assert not app.exception and "After epoch 1" in words(app)
    (path / "snapshots/0002.npz").write_bytes(b"PK")
    app.select_slider(key="play over").set_value(2).run()
    assert not app.exception and "damaged" in app.error[0].value
