"""A session of test drawings, and none left behind."""

import shutil

import pytest

from doodle_core import data, runs
from doodle_core.lab import people


@pytest.fixture(autouse=True)
def no_sessions():
    yield
    shutil.rmtree(people.PEOPLE, ignore_errors=True)


@pytest.fixture
def begin(finished_run):
    """A session of test drawings: (Session, run)."""

    def make(name="me", n=12, seed=0, **settings):
        path = runs.folder("done")
        run = runs.load(path if path.exists() else finished_run("done", **settings))
        labels, rows = runs.test_part(run.path, 3)
        pixels = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
        return people.begin_test(name, run, pixels, n=n, seed=seed), run

    return make
