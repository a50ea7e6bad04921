"""Damaged and hostile files of finished runs: every results page keeps what can still be shown."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doodle_core import runs
from doodle_core.files import MODELS, read_json, write_json
from doodle_core.lab import export
from doodle_core.settings import TransferConfig
from support.apps import open_page, words
from support.damaged import FILES
from support.hostile import MARKUP, damages, outside

pytestmark = pytest.mark.usefixtures("no_worker")
NAME = "[x](http://x)<b>"
RANGES = (
    "[]",
    "{",
    '{"grey": 1}',
    '{"grey": {"n": 1, "top1": 1e999, "top1_low": NaN, "top1_high": -5}}',
    '{"grey": {"n": ' + "9" * 400 + ', "top1": 0, "top1_low": 0, "top1_high": 0}}',
    '{"[x](http://x)": {"n": 9, "top1": 0.5, "top1_low": 0.4, "top1_high": 0.6}}',
)


@pytest.fixture
def hostile(finished_run):
    """A finished transfer run whose new files hold rubbish; its settings hold markup."""
    base = TransferConfig(base="NoSuchBase", weights=f"/{NAME}", fine_tune_epochs=3)
    path = finished_run("hostile", network="transfer", transfer=base, loss="sigmoid")
    for name in ("val_labels", "val_probabilities"):
        (path / f"{name}.npy").write_bytes(b"\x93NUMPY rubbish")
    (path / "suspects.csv").write_text(f"place,quality,suggested\n0,0.1,1\n-4,0.1,1\n{NAME},0,0\n")
    write_json(path / "environment.json", {"weights": NAME, "weights_sha256": 5})
    (path / "history.csv").write_text("epoch,val_accuracy,stage\n0,x,9\n1,inf,\n2,0.5,2\n")
    extreme = {"temperature": 100, "ece": 1, "ms_per_drawing": 1e14, "trainable": -1, "frozen": 0.5}
    write_json(path / "metrics.json", read_json(path / "metrics.json") | extreme)
    return path


@pytest.mark.parametrize("page", ["home", "runs", "errors", "compare", "curve", "train"])
def test_a_page_stands_hostile_files(page, hostile, finished_run):
    finished_run("good")
    before = sorted(file.name for file in hostile.iterdir())
    app = open_page(page, run="hostile")
    text = words(app)
    assert NAME not in text and app.title[0].value
    if page == "errors":
        assert "1 of 42 test drawings" in text
    assert before == sorted(file.name for file in hostile.iterdir())


def test_the_reports_page_stands_hostile_ranges(hostile, finished_run):
    finished_run("good")
    for content in RANGES:
        (hostile / "ranges.json").write_text(content)
        assert NAME not in words(open_page("report"))


def test_what_no_page_can_compute_with_is_damaged_not_lost(hostile, finished_run):
    finished_run("good")
    write_json(hostile / "metrics.json", read_json(hostile / "metrics.json") | {"temperature": -1})
    (MODELS / "odd").mkdir()
    write_json(MODELS / "odd" / "config.json", {"name": "odd", "transfer": [1]})
    text = words(open_page("home"))
    assert "good" in text and text.count("damaged") >= 2
    assert np.load(hostile / "test_labels.npy").size == 42
    assert "temperature" in runs.load(hostile).error


PAGES = st.sampled_from(
    ["home", "runs", "errors", "latent", "compare", "report", "train", "tour", "people"]
)


@settings(max_examples=16)
@given(PAGES, FILES, damages(), st.sampled_from(["run", "vae", MARKUP, "../run"]))
def test_a_page_stands_a_damaged_run(spoil, page, name, damage, asked):
    spoil(name, damage)
    before = outside()
    text = words(open_page(page, run=asked))
    assert "<script>" not in text and "[x](http" not in text
    assert outside() == before


def test_markup_in_every_text_of_a_run_is_shown_as_text(spoil):
    """Notes, tags, judge and folder names: what a stranger's run folder may hold."""
    for run in spoil("none", None):
        content = read_json(run.path / "metrics.json") | {"judge": MARKUP}
        (run.path / "metrics.json").write_text(json.dumps(content))
        (run.path / "notes.json").write_text(json.dumps({"notes": MARKUP, "tags": [MARKUP]}))
        status = {"state": "finished", "time": 1.0, "error": MARKUP}
        (run.path / "status.json").write_text(json.dumps(status))
        own = read_json(run.path / "config.json")
        own["data"]["source"] = f"folder:/{MARKUP}"
        (run.path / "config.json").write_text(json.dumps(own))
    for page in ("home", "runs", "errors", "latent", "compare", "report"):
        text = words(open_page(page))
        assert "<script>" not in text and "[x](http" not in text, page
    for run in runs.all_runs():
        text = export.html(run)
        assert "<img src=x" not in text and "window.broken=1</script>" not in text


@pytest.mark.parametrize(
    "progress",
    [
        {"phase": "training", "steps": 9, "step": 3, "epochs": 5},
        {"phase": "training", "epoch": 2, "epochs": 5, "step": 3, "steps": 0},
        {"phase": "data", "done": None, "text": None},
        {"phase": "data", "done": 7.5, "text": "Reading the drawings"},
        {"phase": "training", "epoch": 9, "epochs": 5, "step": 3, "steps": 2, "loss": None},
    ],
)
def test_train_stands_the_progress_of_a_training(make_config, no_worker, progress):
    path = runs.create(make_config("live"))
    runs.set_state(path, "running")
    write_json(path / "progress.json", progress)
    with runs.lock(path):
        app = open_page("train")
        assert "live" in words(app) and runs.load(path).state == "running"
