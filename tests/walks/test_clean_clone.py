"""The main walk in a real browser, as on a clean clone without network."""

import json
import shutil

import numpy as np
import pytest

from support import browser
from support.browser import choose_cell, choose_row, fill
from support.drawings import CATEGORIES

pytestmark = pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")


@pytest.mark.slow
def test_practice_data_training_curves_matrix_and_errors(tmp_path):
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(address)
        browser.settle(view)
        assert view.get_by_text("Nothing has been trained yet").is_visible()

        view.goto(f"{address}/data")
        browser.settle(view)
        fill(view, "Drawings of each category, at most", 300)
        view.get_by_role("button", name="Draw the practice data").click()
        view.get_by_text("drawn by this program; not real").wait_for(timeout=90_000)
        browser.settle(view)
        tile = view.get_by_label("drawing 1 of 18").first
        tile.click()
        view.get_by_role("dialog").get_by_text("Source index").wait_for()
        view.keyboard.press("Escape")

        view.goto(f"{address}/train")
        browser.settle(view)
        fill(view, "Epochs", 3)
        fill(view, "Drawings a category", 300)
        fill(view, "Name of the run", "walk")
        view.get_by_role("button", name="Start").click()
        view.get_by_text("running").first.wait_for(timeout=60_000)
        view.reload()  # a closed browser loses nothing
        view.get_by_text("finished").first.wait_for(timeout=120_000)
        browser.settle(view)
        status = json.loads((tmp_path / "models/walk/status.json").read_text())
        assert status["state"] == "finished"

        view.goto(f"{address}/errors")
        browser.settle(view)
        assert view.get_by_text("practice data").first.is_visible()
        choose_cell(view, 0, 0)
        view.get_by_text("lollipop called lollipop").wait_for()
        browser.settle(view)
        view.get_by_label("drawing 1 of").first.click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text("Source index").wait_for()
        assert dialog.get_by_text("Top 3").is_visible()
        view.keyboard.press("Escape")

        view.goto(f"{address}/runs")
        browser.settle(view)
        view.get_by_text("All numbers as CSV").wait_for()
        assert faults == []


@pytest.mark.slow
def test_the_chosen_cell_shows_its_own_drawings(tmp_path, finished_run):
    """In a run with wrong answers, each wrong cell shows as many drawings as it counts."""
    path = finished_run(n_wrong=9)
    shutil.copytree(path, tmp_path / "models" / "done")
    labels = np.load(path / "test_labels.npy")
    predicted = np.load(path / "test_probabilities.npy").argmax(axis=1)
    true, said = next(zip(labels[labels != predicted], predicted[labels != predicted]))
    count = int(((labels == true) & (predicted == said)).sum())
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/errors?run=done")  # the server's first page: not Home
        browser.settle(view)
        assert view.get_by_text("Laboratory").is_visible()
        choose_cell(view, int(true), int(said))
        words = f"{CATEGORIES[true]} called {CATEGORIES[said]}: {count} drawing"
        view.get_by_text(words).wait_for()
        view.get_by_label(f"drawing 1 of {count}").first.wait_for()
        assert faults == []


@pytest.mark.slow
def test_runs_are_compared_hidden_and_deleted_after_a_question(tmp_path, finished_run):
    for name in ("one", "two"):
        path = finished_run(name, batch_size={"one": 16, "two": 32}[name])
        shutil.copytree(path, tmp_path / "models" / name)
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/runs")
        browser.settle(view)
        choose_row(view, 0)
        view.get_by_role("heading", name="Notes").wait_for()
        view.get_by_role("textbox", name="Tags").fill("first, good")
        view.get_by_role("button", name="Save", exact=True).click()
        browser.settle(view)
        choose_row(view, 1)
        view.get_by_role("heading", name="Settings that differ").wait_for()
        view.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 2")

        view.get_by_role("button", name="Hide", exact=True).click()
        view.get_by_text("All runs are hidden").wait_for()
        hidden = [(tmp_path / f"models/{name}/notes.json").read_text() for name in ("one", "two")]
        assert all('"hidden": true' in text for text in hidden) and "good" in "".join(hidden)

        view.get_by_text("Show hidden runs").click()
        browser.settle(view)
        choose_row(view, 0)
        view.get_by_role("button", name="Delete", exact=True).click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text("This cannot be undone").wait_for()
        assert len(list((tmp_path / "models").iterdir())) == 2  # asked, not done
        dialog.get_by_role("button", name="Delete", exact=True).click()
        view.get_by_text("This cannot be undone").wait_for(state="hidden")
        browser.settle(view)
        left = [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()]
        assert len(left) == 1 and faults == []
