"""A run as one HTML file: what is in it, that nothing gets in or out, and in a real browser."""

import json
import re
import shutil

from hypothesis import given, settings

from doodle_core import runs
from doodle_core.files import read_json, write_json
from doodle_core.lab import export
from doodle_core.lab.export.pieces import SHOWN
from support.apps import check_apart
from support.damaged import FILES
from support.hostile import answered, damages


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


def test_a_run_that_has_not_finished_has_its_settings(make_config):
    text = export.html(runs.load(runs.create(make_config("waiting"))))
    assert "it has no test figures yet" in text and "batch_size" in text


def test_it_needs_no_tensorflow(finished_run, finished_vae):
    finished_run("one")
    finished_vae("two")
    check_apart(
        "from doodle_core import runs; from doodle_core.lab import export",
        "assert all(len(export.html(run)) > 4e6 for run in runs.all_runs())",
    )


@settings(max_examples=8)
@given(FILES, damages())
def test_a_damaged_run_is_saved_as_html_or_refused(spoil, name, damage):
    for run in spoil(name, damage):
        text = answered(export.html, run)
        assert text is None or "<script>window.broken" not in text
