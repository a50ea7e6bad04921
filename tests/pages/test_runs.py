"""The Runs page."""

import json

import pytest

from doodle_core import runs
from doodle_core.lab.score import score
from doodle_core.settings import DataConfig
from support.apps import open_page, words

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
