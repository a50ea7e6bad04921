"""A run as one HTML file: what is in it, that nothing gets in or out, and in a real browser."""

import json
import re
import shutil

import numpy as np
import pytest
from support import browser
from support.apps import check_apart, open_page
from support.drawings import CATEGORIES

from doodle_core import runs
from doodle_core.__main__ import main
from doodle_core.files import DATA, read_json, write_json
from doodle_core.lab import export
from doodle_core.lab.export.pieces import SHOWN


def figures(text):
    """The figures in a report, as dicts."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    return [json.loads(one) for one in found]


def body(path):
    """A run's report without Plotly's script, which has words and pictures of its own."""
    return export.html(runs.load(path)).split("<script>")[0]


def test_a_classifiers_report_has_its_figures_and_drawings(finished_run):
    path = finished_run("one", n_wrong=4)
    run = runs.load(path)
    runs.annotate(path, notes="first try", tags=["good"])
    text = body(path)
    top1 = f"{run.metrics['top1']:.1%}".replace("%", "\u00a0%")
    for words in (
        top1,
        "chance 33.3\u00a0%",
        "Confusion matrix",
        "Calibration",
        "first try",
        "good",
        "learning_rate",
        "Embeddings",
        "Expected calibration error",
    ):
        assert words in text
    assert text.count("data:image/png;base64,") == 4  # the four errors
    kinds = [{trace["type"] for trace in one["data"]} for one in figures(text)]
    assert {"scatter3d"} in kinds and any("heatmap" in kind for kind in kinds)
    assert "practice data" not in text


def test_without_the_drawings_it_says_so(finished_run, drawings_folder, tmp_path):
    folder = tmp_path / "gone"
    shutil.copytree(drawings_folder, folder)
    path = finished_run("one", folder=folder)
    shutil.rmtree(folder)
    text = body(path)
    assert "not in this file" in text and "data:image/png" not in text
    assert "<th>true</th>" in text and str(tmp_path) not in text.split("Settings")[1]


def test_an_autoencoders_report_has_measures_samples_and_reconstructions(finished_vae):
    text = body(finished_vae("one"))
    for words in (
        "130.0 nats a drawing",
        "reconstruction 110.0 + KL 20.0",
        "Linear probe",
        "85.0 to 94.0",
        "68.5",
        "learned from none",
        "Samples",
        "Reconstructions",
    ):
        assert words in text
    assert text.count("data:image/png;base64,") == SHOWN + SHOWN // 2
    assert len(figures(text)) == 6 and "practice data" not in text.lower()


def test_practice_drawings_that_stand_in_are_marked(finished_vae):
    path = finished_vae("one")
    (path / "reconstructions_test.npz").unlink()
    assert "Practice data: drawings made by this program" in body(path)


def test_practice_data_is_marked_above_and_in_every_figure(finished_run):
    path = finished_run("one")
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", metrics | {"practice": 1})
    text = body(path)
    assert '<span class="badge">practice data</span>' in text
    assert all("practice data" in json.dumps(one["layout"]) for one in figures(text))


def test_names_and_notes_are_no_markup(finished_run, drawings_folder, tmp_path):
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    shutil.copytree(drawings_folder, folder)
    path = finished_run("one", folder=folder)
    runs.annotate(path, notes="</p><script>alert(2)</script>", tags=["<b>"])
    write_json(path / "environment.json", {"<i>": "</script><script>alert(3)</script>"})
    text = body(path)
    assert "<img src=x" not in text and "<script>alert" not in text and "<b>" not in text
    assert "&lt;script&gt;alert(2)" in text and "<i>" not in text


def test_its_policy_lets_its_own_scripts_run_and_nothing_else(finished_run):
    text = export.html(runs.load(finished_run("one")))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'") and "http" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert policy.count("sha256-") == 2 == text.count("<script>")
    assert not re.search(r'<(link|img|script|iframe)[^>]*(src|href)="(?!data:)', text)


def test_a_run_that_has_not_finished_has_its_settings(make_config):
    text = export.html(runs.load(runs.create(make_config("waiting"))))
    assert "it has no test figures yet" in text and "batch_size" in text


@pytest.mark.parametrize("file", ["test_probabilities.npy", "config.json", "network.json"])
def test_a_damaged_run_is_one_sentence(finished_run, capsys, file, tmp_path):
    (finished_run("bad") / file).write_bytes(b"{")
    assert main(["export", "bad", "-o", str(tmp_path / "x.html")]) == 1
    error = capsys.readouterr().err
    assert "damaged" in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_damaged_autoencoder_is_one_sentence(finished_vae, capsys, tmp_path):
    np.savez(finished_vae("bad") / "directions.npz", shares=np.ones(2))
    assert main(["export", "bad", "-o", str(tmp_path / "x.html")]) == 1
    assert "directions.npz of bad is damaged" in capsys.readouterr().err


def test_the_command_writes_the_file(finished_run, capsys, tmp_path):
    finished_run("one")
    file = tmp_path / "report.html"
    assert main(["export", "one", "-o", str(file)]) == 0
    assert capsys.readouterr().out.strip() == str(file)
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert main(["export", "one"]) == 0 and (DATA / "one.html").is_file()
    (DATA / "one.html").unlink()
    capsys.readouterr()
    assert main(["export", "nobody"]) == 1
    assert "There is no run named 'nobody'" in capsys.readouterr().err


def test_it_needs_no_tensorflow(finished_run, finished_vae):
    finished_run("one")
    finished_vae("two")
    check_apart(
        "from doodle_core import runs; from doodle_core.lab import export",
        "assert all(len(export.html(run)) > 4e6 for run in runs.all_runs())",
    )


def test_the_pages_of_results_offer_it(finished_run, finished_vae, no_worker):
    finished_run("one")
    finished_vae("two")
    for page, query in (("errors", "one"), ("compare", "one"), ("latent", "two")):
        app = open_page(page, run=query)
        labels = [button.proto.label for button in app.get("download_button")]
        assert ("Save as HTML" in labels) == (page != "compare")


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
            with view.expect_download() as download:
                click()
            file = tmp_path / download.value.suggested_filename
            download.value.save_as(file)
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
