"""The Runs page."""

import json
from pathlib import Path

import pytest

from doodle_core import runs
from doodle_core.lab import imported, queue
from doodle_core.lab.export import network
from doodle_core.lab.score import score
from doodle_core.settings import Contract, DataConfig
from support.apps import PAGES, check_apart, choose_run, open_page, words
from support.elsewhere import NAMES, make, write

pytestmark = pytest.mark.usefixtures("no_worker")


def test_runs_marks_practice_data(make_config):
    runs.create(make_config("p", data=DataConfig("practice")))
    assert "practice data" in words(open_page("runs"))


@pytest.mark.usefixtures("reads")
def test_what_was_scored_later_stands_beside(finished_run):
    path = finished_run("one")
    assert "on other drawings" not in open_page("runs").dataframe[0].value
    found = score(runs.load(path), "practice", ("apple", "moon"), 5)
    app = open_page("runs")
    (said,) = app.dataframe[0].value["on other drawings"]
    assert said.startswith(f"practice data: {found.metrics['n']} of 2 categories: ")
    states = app._tree.get_widget_states()
    state = states.widgets.add()
    state.id = app.dataframe[0].proto.id
    state.string_value = json.dumps({"selection": {"rows": [0], "columns": [], "cells": []}})
    app._run(states)
    text = words(app)
    assert not app.exception and "On other drawings" in [one.value for one in app.subheader]
    table = next(one.value for one in app.dataframe if "not covered" in one.value)
    assert "practice data" in table["marks"][0] and "not on cup" in table["not covered"][0]
    assert "apart from the test figures" in text


EVERY_RUN = {"Save as HTML", "All numbers as CSV"}


def saved(app):
    """The labels of the buttons that save a file."""
    return [one.proto.label for one in app.get("download_button")]


def test_a_network_is_saved_in_the_formats_that_are_here(run_with_weights, monkeypatch):
    run_with_weights("one")
    monkeypatch.setattr(network, "CONVERTERS", ("a_package_that_is_not_there",))
    app = choose_run("one")
    assert set(saved(app)) == EVERY_RUN | {"Save .keras", "Save .tflite", "Save the model card"}
    assert "not installed here" in words(app)


def test_of_a_run_without_weights_there_is_the_card(finished_run):
    finished_run("one")
    app = choose_run("one")
    assert set(saved(app)) == EVERY_RUN | {"Save the model card"}
    assert "This run has no weights here" in words(app)


def test_what_waits_has_no_network_to_save(make_config):
    runs.create(make_config("waiting"))
    assert set(saved(choose_run("waiting"))) == EVERY_RUN


def test_a_file_that_must_be_made_is_made_when_asked(run_with_weights, monkeypatch):
    run_with_weights("one")
    asked = []

    def complete(arguments, log):
        asked.append(arguments)
        Path(arguments[-1]).write_bytes(b"onnx")

    monkeypatch.setattr(network, "CONVERTERS", ())
    monkeypatch.setattr(queue, "complete", complete)
    app = choose_run("one")
    assert not asked and "Save .onnx" not in saved(app)
    button = next(one for one in app.button if one.label == "Make .onnx")
    assert "Save .onnx" in saved(button.click().run())
    assert asked[0][:4] == ["export", "one", "--as", "onnx"]


def test_a_file_that_cannot_be_made_is_one_sentence(run_with_weights, monkeypatch):
    run_with_weights("one")

    def complete(arguments, log):
        raise ValueError("The network could not be converted: no Mish here")

    monkeypatch.setattr(network, "CONVERTERS", ())
    monkeypatch.setattr(queue, "complete", complete)
    button = next(one for one in choose_run("one").button if one.label == "Make .onnx")
    (error,) = button.click().run().error
    assert "no Mish here" in error.value


def test_saving_needs_no_tensorflow(run_with_weights):
    run_with_weights("one")
    check_apart(
        "from support.apps import choose_run",
        "from doodle_core import runs",
        "from doodle_core.lab import export",
        "choose_run('one')",
        "run = runs.load(runs.folder('one'))",
        "assert export.card(run) and all(export.packed(run, form) for form in ('keras', 'tflite'))",
    )


def asked_to_import(name, content, categories="apple, moon, cup"):
    """The page after the form's button Import, given a file."""
    app = open_page("runs")
    next(one for one in app.button if one.label == "Import a network").click().run()
    app.file_uploader[0].set_value((name, content, "application/octet-stream"))
    next(one for one in app.text_input if one.label == "Categories").set_value(categories)
    next(one for one in app.number_input if one.label == "Drawings a category").set_value(100)
    app.run()
    return next(one for one in app.button if one.label == "Import").click().run()


def test_a_network_is_imported_and_what_was_found_is_said(tmp_path):
    file = write(tmp_path / "theirs.tflite", make(Contract(ink="dark")))
    app = asked_to_import("theirs.tflite", file.read_bytes())
    assert not app.exception and not app.error
    (doubt,) = [one.value for one in app.warning]
    assert "What goes in may be declared wrongly" in doubt  # light is what the form begins with
    assert "Top\\-1" in app.success[0].value
    assert runs.load(runs.folder("imported-1")).is_imported
    assert "imported, scored on practice data" in str(open_page("runs").dataframe[0].value["data"])


def test_what_cannot_be_imported_is_one_sentence():
    app = asked_to_import("theirs.tflite", b"\0\0\0\0TFL3" + bytes(100))
    assert [one.value for one in app.error] and "was not imported" in app.error[0].value
    app = asked_to_import("theirs.tflite", b"\0\0\0\0TFL3", "apple, unicorn")
    assert "unicorn" in app.error[0].value and not runs.all_runs()


@pytest.mark.slow
def test_every_page_opens_with_an_imported_run(imported_run):
    for page in PAGES:
        app = open_page(page, run=imported_run.name)
        assert not app.error, page


def test_an_imported_run_is_chosen_and_compared(finished_run, imported_run):
    app = choose_run(imported_run.name)
    assert "Save .tflite" in saved(app) and "Save .keras" not in saved(app)
    inside = open_page("inside", run=imported_run.name)
    assert "imported, scored on" in words(inside) and not inside.error
    finished_run("other")
    app = open_page("compare", run=imported_run.name, **{"with": "other"})
    assert not app.error


@pytest.fixture
def imported_run(tmp_path, drawings_folder):
    """A run made of a `.tflite` file."""
    file = write(tmp_path / "theirs.tflite", make(Contract()))
    data = DataConfig(f"folder:{drawings_folder}", NAMES, 0)
    imported.bring(file, imported.asked_for("theirs", data), Contract())
    return runs.load(runs.folder("theirs"))
