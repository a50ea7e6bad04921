"""The Sweeps page through Streamlit's AppTest; trials are trained by a stand-in."""

import shutil
import time

import pytest

from doodle_core import runs
from doodle_core.files import MODELS
from doodle_core.lab import queue, sweep_worker, sweeps
from doodle_core.lab.sweeps import Dimension
from doodle_core.settings import DataConfig
from support import browser
from support.apps import check_apart, open_page, words
from support.sweeps import Trainer, busy

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
TWO = Dimension("batch_size", (8, 16, 32)), Dimension("dropout", (0.0, 0.5))


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    """Nothing is trained; gives the list of what would have been started."""
    started = []
    monkeypatch.delenv("DOODLE_STORAGE", raising=False)
    monkeypatch.setattr(sweeps, "start_worker", lambda: started.append("sweep"))
    monkeypatch.setattr(queue, "ensure", lambda: started.append("run"))
    return started


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def field(kind, label):
    return next(one for one in kind if one.label == label)


def test_without_sweeps_it_says_what_to_do():
    app = open_page("sweeps")
    assert "There is no sweep yet" in words(app) and "test part scores nothing" in words(app)
    assert not sweeps.FILE.exists()  # looking makes nothing


def test_start_stores_the_sweep_and_starts_a_worker(no_workers):
    app = open_page("sweeps")
    field(app.selectbox, "Sweep").set_value("width-depth").run()
    assert "2, 3 and 4" in words(app)
    field(app.number_input, "Epochs").set_value(3)
    field(app.text_input, "Name of the sweep").set_value("mine").run()
    app = press(app, "Start")
    study, sweep = sweeps.load(sweeps.open_storage(), "mine")
    assert (sweep.trials, sweep.base.epochs, sweep.base.network) == (9, 3, "report-flat")
    assert no_workers[-1] == "sweep"
    text = words(app)
    assert "No worker is at it" in text and "practice data" in text
    assert list(app.dataframe[0].value["filters"])[:4] == ["16", "16", "16", "32"]


def test_a_free_sweep_over_ranges(no_workers):
    app = open_page("sweeps")
    field(app.selectbox, "Sweep").set_value("free").run()
    field(app.multiselect, "Settings that vary").set_value(["dropout", "seed"]).run()
    field(app.text_input, "dropout").set_value("0..0.5").run()
    app = press(app, "Start")
    assert "grid needs values" in app.error[0].value
    field(app.selectbox, "Search").set_value("bayesian").run()
    field(app.number_input, "Trials").set_value(4).run()
    app = press(app, "Start")
    assert not app.error, app.error[0].value
    _, sweep = sweeps.load(sweeps.open_storage(), "sweep")
    assert (sweep.sampler, sweep.trials) == ("bayesian", 4)
    assert sweep.space == (Dimension("dropout", low=0.0, high=0.5), Dimension("seed", (0, 1, 2)))


@pytest.mark.parametrize("name", ["../x", "", "[x](http://x)"])
def test_a_hostile_name_gets_a_sentence(name):
    app = open_page("sweeps")
    field(app.text_input, "Name of the sweep").set_value(name).run()
    app = press(app, "Start")
    assert "name must" in app.error[0].value and "[x](" not in app.error[0].value


def test_values_that_are_none_get_a_sentence():
    app = open_page("sweeps")
    field(app.selectbox, "Sweep").set_value("free").run()
    field(app.text_input, "learning_rate").set_value("fast").run()
    assert not app.exception and "expected values" in app.error[0].value


def test_a_finished_sweep_with_intervals_chance_and_figures(make_sweep, storage):
    make_sweep(space=TWO)
    sweep_worker.pull(storage, None, Trainer())
    app = open_page("sweeps", sweep="s")
    text = words(app)
    assert ":material/check_circle: finished" in text and "chance 33.3\u00a0%" in text
    assert "practice" not in text
    frame = app.dataframe[0].value
    assert list(frame["state"]) == ["✓ done"] * 6
    assert all(" to " in cell for cell in frame["validation top-1 (95 %)"])
    # curves, heat map, one for each setting, importance, parallel coordinates
    assert len(app.get("plotly_chart")) == 6


def test_train_in_full_queues_a_run_with_the_trials_values(make_sweep, storage):
    make_sweep(space=(Dimension("schedule", tuple(sweeps.SCHEDULES)),))
    sweep_worker.pull(storage, None, Trainer())
    app = open_page("sweeps")
    trial = field(app.selectbox, "Trial")
    assert trial.options[0].endswith("constant (best)")
    trial.set_value(next(k for k, one in enumerate(sweeps.SCHEDULES, 1) if one == "plateau")).run()
    app.number_input(key="full epochs").set_value(7)
    app.text_input[-1].set_value("in full").run()
    press(app, "Train")
    run = runs.load(MODELS / "in full")
    assert run.state == "queued" and run.config.epochs == 7
    assert (run.config.plateau, run.config.schedule) == (5, "constant")


def test_stop_and_resume(make_sweep, storage, no_workers, monkeypatch):
    study, _ = make_sweep()
    monkeypatch.setattr(sweeps, "has_worker", lambda: True)
    app = press(open_page("sweeps"), "Stop")
    assert sweeps.is_paused(study) and "stopped" in words(app)
    app = press(app, "Resume")
    assert not sweeps.is_paused(study) and "sweep" in no_workers
    press(app, "Delete")
    assert sweeps.names(storage) == ["s"]  # asked, not done: the dialog is walked in a browser


def test_failed_trials_say_why_and_can_be_tried_again(make_sweep, storage):
    make_sweep()

    def fail(config, epoch):
        raise ValueError("Bad [luck](http://x).")

    sweep_worker.pull(storage, None, Trainer(fail))
    app = open_page("sweeps")
    assert list(app.dataframe[0].value["error"]) == ["Bad [luck](http://x)."] * 3
    press(app, "Try the failed again")
    sweep_worker.pull(storage, None, Trainer())
    assert "finished" in words(open_page("sweeps"))


def test_practice_data_is_marked(make_sweep, storage, make_config):
    base = make_config(data=DataConfig("practice"))
    sweeps.create(storage, sweeps.Sweep("p", base, TWO))
    sweep_worker.pull(storage, None, Trainer())
    app = open_page("sweeps")
    assert "practice data" in words(app)
    assert all("practice data" in one.proto.spec for one in app.get("plotly_chart"))


def test_a_damaged_file_gets_a_sentence():
    MODELS.mkdir(parents=True)
    sweeps.FILE.write_bytes(b"no data base" * 100)
    app = open_page("sweeps")
    assert "does not answer" in app.error[0].value


def test_a_server_that_is_not_there_gets_a_sentence(monkeypatch):
    monkeypatch.setenv("DOODLE_STORAGE", "postgresql://me:hush@127.0.0.1:1/db")
    app = open_page("sweeps")
    assert "does not answer" in app.error[0].value and "hush" not in app.error[0].value


@pytest.mark.slow
def test_it_comes_without_tensorflow(make_sweep, storage):
    make_sweep(space=TWO)
    sweep_worker.pull(storage, None, Trainer())
    check_apart("assert 'finished' in words(open_page('sweeps'))")


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_a_sweep_is_looked_at_and_deleted_in_a_browser(make_sweep, storage, tmp_path):
    make_sweep(space=TWO)
    sweep_worker.pull(storage, None, Trainer())
    (tmp_path / "models").mkdir()
    shutil.copy(sweeps.FILE, tmp_path / "models" / "sweeps.db")
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/sweeps?sweep=s")
        browser.settle(view)
        view.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 6")
        choice = view.get_by_test_id("stButtonGroup").filter(has_text="validation top-1").first
        choice.get_by_text("validation top-1").click()
        view.get_by_text("validation top-1 accuracy (share of drawings)").wait_for()
        browser.settle(view)
        view.get_by_role("button", name="Delete", exact=True).click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        view.get_by_text("There is no sweep yet").wait_for()
        assert faults == []


def test_sweeps_that_cannot_be_written_are_shown_without_buttons(make_sweep, storage, read_only):
    make_sweep("theirs")  # unfinished: its trials wait
    read_only()
    app = open_page("sweeps")
    assert "may not write models/sweeps.db" in words(app).replace("\\", "")
    assert len(app.dataframe[0].value) == 3
    assert [button.label for button in app.button] == ["Start"]  # a new one's
    app = press(app, "Start")
    assert "may only be read" in app.error[0].value


def test_a_busy_file_gets_a_sentence_after_a_glance(make_sweep, monkeypatch):
    make_sweep("mine")
    monkeypatch.setattr(sweeps, "GLANCE", 0.05)
    with busy():
        assert "written by another program" in open_page("sweeps").error[0].value
        assert "written by another program" in open_page("tour", stop="choice").error[0].value


def test_a_trial_that_ended_in_the_future_is_no_worker_at_it(make_sweep, monkeypatch):
    """The clock was set back since."""
    study, _ = make_sweep("mine")
    study.tell(study.ask(), 1.0)
    monkeypatch.setattr(sweeps, "has_worker", lambda: False)
    assert "No worker is at it" not in words(open_page("sweeps"))  # it ended just now
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - 3600)
    assert "No worker is at it" in words(open_page("sweeps"))
