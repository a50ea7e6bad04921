"""Plots, tables and the report of a run are saved in a real browser, and the report opens."""

import shutil

import pytest

from support import browser
from support.drawings import CATEGORIES


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_plots_tables_and_the_report_are_saved_and_the_report_opens(tmp_path, finished_run):
    shutil.copytree(finished_run("done"), tmp_path / "models/done")
    with browser.dashboard(tmp_path) as address, browser.page() as (view, faults):
        # without the browser's own dialog, which no test can answer, a file is downloaded
        view.add_init_script("delete window.showSaveFilePicker")
        view.goto(f"{address}/errors?run=done")
        browser.settle(view)

        def saved(click):
            download = browser.saved(view, click)
            file = tmp_path / download.suggested_filename
            download.save_as(file)
            return file

        def camera():
            plot = view.locator(".js-plotly-plot").first
            plot.hover()
            plot.locator("[data-title^=Download]").first.click()

        png = saved(camera)
        assert png.suffix == ".png" and png.read_bytes()[:4] == b"\x89PNG"
        view.get_by_role("radio", name="SVG").click()
        browser.settle(view)
        svg = saved(camera)
        assert svg.suffix == ".svg" and svg.read_text("utf-8").startswith("<svg")
        browser.choose_cell(view, 0, 0)  # a plot that can be chosen in still is
        view.get_by_text(f"{CATEGORIES[0]} called {CATEGORIES[0]}").wait_for()
        csv = saved(lambda: view.get_by_label("Download as CSV").first.evaluate("b => b.click()"))
        assert csv.read_text("utf-8-sig").startswith("category,")
        report = saved(lambda: view.get_by_role("button", name="Save as HTML").click())
        assert report.name == "done.html"

        view.goto("about:blank")
        assert faults == []
        view.goto(report.as_uri())
        view.wait_for_function("document.querySelectorAll('.main-svg').length > 5")
        assert view.locator("figure.plot #scene canvas").count() == 1  # the cloud, under its policy
        assert [fault for fault in faults if str(report) not in fault] == []
