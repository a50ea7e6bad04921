"""The Runs page."""

from pathlib import Path

import pytest

from doodle_core import runs
from doodle_core.lab import queue
from doodle_core.lab.export import network
from doodle_core.settings import DataConfig
from support.apps import check_apart, choose_run, open_page, words

pytestmark = pytest.mark.usefixtures("no_worker")


def test_runs_marks_practice_data(make_config):
    runs.create(make_config("p", data=DataConfig("practice")))
    assert "practice data" in words(open_page("runs"))


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
