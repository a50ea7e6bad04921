"""A click opens the drawing that was clicked, on Compare, Errors and Inside, in a real browser."""

import shutil

import numpy as np
import pytest

from doodle_core import evaluation, runs
from support import browser
from support.drawings import CATEGORIES
from support.networks import give_networks
from support.runs import write_suspects, wrong


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_drawings_are_chosen_in_a_browser(tmp_path, pair):
    """Compare, suspected labels and Inside: a click opens the drawing that was clicked."""
    first, second = pair
    bad = np.flatnonzero(wrong(second))
    suspect = int(np.flatnonzero(~wrong(second))[4])
    write_suspects(first, [(int(bad[0]), 0.01, 1), (suspect, 0.2, 0)])
    give_networks(first)
    shutil.copytree(first.parent, tmp_path / "models")
    found = runs.results(first, 3)
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        view.goto(f"{address}/compare?run=first&with=second")
        browser.settle(view)
        only = evaluation.mcnemar(~wrong(first), ~wrong(second))["only_a"]
        view.get_by_label(f"drawing {only} of {only}, true:").first.click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text("Source index").wait_for()
        view.keyboard.press("Escape")

        view.goto(f"{address}/errors?run=first")
        browser.settle(view)
        view.get_by_label("drawing 2 of 2, given:").click()
        dialog = view.get_by_role("dialog")
        dialog.get_by_text(f"{found.rows[suspect]:,}", exact=True).wait_for()
        true = CATEGORIES[found.labels[suspect]]
        dialog.get_by_role("heading", name=f"{true}, called").wait_for()
        view.keyboard.press("Escape")

        view.goto(f"{address}/inside?run=first")
        browser.settle(view)
        view.get_by_text("Test drawing 0").wait_for(timeout=120_000)
        view.get_by_label("drawing 5 of 24").click()
        view.get_by_text("Test drawing 4").wait_for()
        view.get_by_text(f"true: {CATEGORIES[found.labels[4]]}").first.wait_for()
        assert faults == []
