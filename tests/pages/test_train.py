"""The Train page: what it queues, what it refuses, and a training played back."""

import pytest

from doodle_core import runs
from doodle_core.files import MODELS
from support.apps import open_page, start, words

pytestmark = pytest.mark.usefixtures("no_worker")


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
