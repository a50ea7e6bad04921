"""The Tour page: every stop stands with and without runs."""

import json
import shutil

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.files import MODELS, PROGRAM
from doodle_core.lab import sweep_worker, tour
from support import browser
from support.apps import check_apart, open_page, words
from support.networks import give_networks
from support.sweeps import Trainer
from support.tour import STOPS, change, ship, validate

pytestmark = pytest.mark.usefixtures("no_worker")
KEYS = [stop.key for stop in tour.STOPS]


@pytest.mark.parametrize("key", KEYS)
def test_without_runs_a_stop_says_what_to_do_and_the_tour_goes_on(key):
    app = open_page("tour", stop=key)
    assert "not decided" in words(app) and "The report" in words(app)
    labels = {button.label: button.disabled for button in app.button}
    assert labels == {"Back": key == KEYS[0], "Next": key == KEYS[-1]}


@pytest.mark.slow
def test_next_and_back_and_the_list_lead_through_all_stops():
    app = open_page("tour")
    for key in KEYS[1:]:
        next(button for button in app.button if button.label == "Next").click().run()
        assert app.query_params["stop"] == key and not app.exception
    next(button for button in app.button if button.label == "Back").click().run()
    assert app.query_params["stop"] == KEYS[-2]
    app.selectbox[0].set_value("elbo").run()
    assert app.query_params["stop"] == "elbo" and "Autoencoders" in app.subheader[0].value
    assert "1. The drawings" in open_page("tour", stop="<b>nowhere").subheader[0].value


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04"])
def test_damaged_weights_are_one_sentence(finished_run, content):
    path = finished_run("stand-in-base-0")
    give_networks(path)
    ship()
    (path / "network.tflite").write_bytes(content)
    app = open_page("tour", stop="convolution")
    assert "damaged" in app.error[0].value and len(app.button) == 2


@pytest.mark.slow
def test_a_sweep_of_the_report_is_shown(make_sweep, storage):
    make_sweep("mine")
    make_sweep("theirs", preset="batch-size")
    sweep_worker.pull(storage, None, Trainer())
    app = open_page("tour", stop="choice")
    assert len(app.get("plotly_chart")) == 1 and "batch size 8" in words(app)
    assert [tab.label for tab in app.tabs] == ["Batch size"]


@pytest.fixture
def evidence(finished_run, finished_vae, transferred):
    """Made runs of the shipped ones' names, so that every stop has something to show."""
    (MODELS / "no run at all").mkdir(parents=True)
    path = finished_run("report-seven-base")
    give_networks(path)
    change(path, practice=1)
    for seed in range(5):
        validate(finished_run(f"stand-in-base-{seed}", seed=seed), np.arange(50) % 9 > seed)
    give_networks(MODELS / "stand-in-base-0")
    for way, more in (("plain", {"rotation": 5.0}), ("still", {})):
        finished_run(f"stand-in-compact-{way}-0", network="compact", **more)
    change(finished_run("stand-in-compact-0", network="compact"), val_top1=0.9)
    change(MODELS / "stand-in-compact-plain-0", parameters=9)
    for seed in range(5):
        change(MODELS / f"stand-in-base-{seed}", val_top1=0.8)
    finished_vae("vae-2d", latent=2)
    finished_vae("vae")
    for stem in ("VGG16", "MobileNetV2", "stand-in-VGG19"):
        transferred(f"{stem}-as-reported", "report", "MobileNetV2")
        transferred(f"{stem}-tuned", "tuned", "MobileNetV2")
    ship()


@pytest.mark.slow
def test_every_stop_stands_with_runs_and_marks_practice_data(evidence):
    for key in KEYS:
        app = open_page("tour", stop=key)
        assert not app.error, (key, app.error[0].value)
        charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
        if STOPS[key].find(runs.all_runs()).runs:
            assert charts or key in ("drawings", "errors"), key
            assert "Evidence:" in words(app), key
        if key == "scratch":
            assert "practice data" in words(app) and "report\\-seven\\-base" in words(app)
            assert all("folder" in json.dumps(chart["layout"]) for chart in charts)


@pytest.mark.slow
def test_a_stop_whose_runs_differ_in_more_is_shown(evidence):
    for name, changes in (
        ("stand-in-compact-plain-0", {"dropout": 0.5}),
        ("vae-2d", {"target": "binary", "classifier": 3.0}),
    ):
        path = MODELS / name / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    ship()
    for key in ("turns", "elbo"):
        app = open_page("tour", stop=key)
        assert not app.error and not app.exception and "not decided" in words(app)


def test_own_runs_stand_beside_a_verdict_where_asked_for(finished_run):
    finished_run("report-seven-base")
    finished_run("mine_", n_wrong=0)
    ship("mine_")
    app = open_page("tour", stop="scratch")
    assert not app.dataframe
    before = words(app)
    app.toggle[0].set_value(True).run()
    assert list(app.dataframe[0].value["run"]) == ["mine_"]
    assert words(app) == before


@pytest.mark.slow
def test_it_comes_without_tensorflow(finished_run, finished_vae):
    give_networks(finished_run("stand-in-base-0"))
    finished_vae("vae")
    ship()
    theirs = "from doodle_core.runs import shipping; from doodle_core.files import MODELS"
    check_apart(
        f"{theirs}; shipping.LIST = MODELS / 'shipped.json'",
        f"[open_page('tour', stop=key) for key in {KEYS}]",
    )


def test_the_report_links_its_mistakes_to_autoencoders(finished_vae):
    finished_vae("vae")
    finished_vae("two", network="report-vae", filters=(64, 128), skip_widest=True)
    ship("two")
    app = open_page("report")
    labels = [link.proto.label for link in app.get("page_link")]
    assert any("its measures" in label for label in labels)
    assert "two, as it was" in labels and "Train it with every layer" in labels
    assert "reconstructions rightly in the range" in words(app)


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_the_tour_in_a_browser_fetches_nothing_and_shows_its_formulas(tmp_path):
    shutil.copytree(PROGRAM / "models/report-seven-base", tmp_path / "models/mine")
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/tour?stop=drawings")
        browser.settle(view)
        view.get_by_role("button", name="Next").click()
        view.get_by_role("button", name="Next").click()
        view.locator(".katex").first.wait_for()
        browser.settle(view)
        assert view.locator(".katex").count() == 6 and "stop=scratch" in view.url
        assert view.locator(".katex-error").count() == 0
        view.get_by_role("link", name="Open Errors").click()
        view.get_by_role("heading", name="Errors").wait_for()
        assert "run=mine" in view.url and faults == []
