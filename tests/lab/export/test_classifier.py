"""A classifier's report as one HTML file."""

import json
import shutil

from doodle_core import runs
from doodle_core.files import read_json, write_json
from support.export import body, figures


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


def test_practice_data_is_marked_above_and_in_every_figure(finished_run):
    path = finished_run("one")
    metrics = read_json(path / "metrics.json")
    write_json(path / "metrics.json", metrics | {"practice": 1})
    text = body(path)
    assert '<span class="badge">practice data</span>' in text
    assert all("practice data" in json.dumps(one["layout"]) for one in figures(text))
