"""Every page through Streamlit's AppTest: empty, full, damaged, and quick."""

import os
import time

import pytest

from doodle_core import runs
from doodle_core.files import MODELS
from support.apps import PAGES, check_apart, open_page, words

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
        "tour": "not decided",
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
    tables = " ".join(one.value.to_csv() for one in app.dataframe)
    choices = " ".join(str(option) for one in app.selectbox for option in one.options)
    said = f"{words(app)} {tables} {choices}"
    figure = "88.1\u00a0% (75.0 to 94.8)"  # of the good one
    wanted = {
        "home": ("good", figure, "without figures", "damaged"),
        "runs": ("good", figure, "without figures", "bad", "empty folder", "odd", "damaged"),
        "train": ("good", figure, "odd", "queued"),
        "errors": ("good", figure, "on 42 test drawings"),
        "inside": ("good", figure, "best.keras is missing"),
        "compare": ("good", "takes two finished runs; there is one"),
        "report": ("good", figure, "66.7\u00a0%"),
        "people": ("42 drawings, 1 network",),
        "data": ("not on this computer yet",),
        "sweeps": ("There is no sweep yet",),
        "curve": ("There is no learning curve yet",),
        "latent": ("No autoencoder has finished yet",),
        "generate": ("No autoencoder has finished yet",),
        "tour": ("which is not here", "not decided"),
        "draw": ("No finished classifier with weights is here yet",),
    }[page]
    assert not [one for one in wanted if one not in said], said
    others = "bad", "odd", "without figures"
    if page in ("errors", "inside", "compare", "report"):  # what has no figures is not offered
        assert not [one for one in others if one in choices]


def test_results_come_without_tensorflow(finished_run, finished_vae):
    finished_run()
    finished_vae()
    pages = ("home", "runs", "errors", "train", "report", "curve", "compare", "latent")
    check_apart(
        f"text = ' '.join(words(open_page(page)) for page in {pages})",
        "assert text.count('top-1') >= 3, text",
    )


def test_the_pages_of_results_offer_it(finished_run, finished_vae, no_worker):
    finished_run("one")
    finished_vae("two")
    for page, query in (("errors", "one"), ("compare", "one"), ("latent", "two")):
        app = open_page(page, run=query)
        labels = [button.proto.label for button in app.get("download_button")]
        assert ("Save as HTML" in labels) == (page != "compare")


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
