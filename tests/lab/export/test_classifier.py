"""A classifier's report as one HTML file."""

import json
import shutil

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.decomposition import PCA
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
)

from doodle_core import evaluation, runs
from doodle_core.files import read_json, write_json
from support.drawings import CATEGORIES
from support.export import array, body, figures, pictures, tables
from support.runs import write_scored


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


@pytest.fixture
def uneven(finished_run, drawings_folder):
    """A run that errs unevenly, its temperature 2.5: its folder, labels, rows and probabilities."""
    path = finished_run("uneven", n_wrong=0)
    labels, rows = runs.test_part(path, 3)
    labels, rows = np.array(labels), np.array(rows)
    rng = np.random.default_rng(6)
    said = labels.copy()
    first, second, third = (np.flatnonzero(labels == label) for label in range(3))
    said[first[:5]], said[first[5:6]], said[third[:2]] = 1, 2, 1  # apples and cups taken for moons
    logits = rng.uniform(1, 4, (len(labels), 1)) * np.eye(3)[said] + rng.uniform(
        0, 0.3, (len(labels), 3)
    )
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    embeddings = rng.normal(size=(len(labels), 8)) * [9, 1, 1, 5, 1, 3, 1, 1]
    write_scored(path, labels, rows, probabilities, embeddings)
    run = runs.load(path)
    figures = run.metrics | evaluation.metrics(labels, probabilities) | {"temperature": 2.5}
    runs.write_metrics(path, run.config, figures)
    return path, labels, rows, probabilities


def test_each_figure_of_the_report_stands_in_its_place(uneven):
    path, labels, rows, probabilities = uneven
    text, predicted = body(path), probabilities.argmax(axis=1)
    figures_table, categories, *_ = tables(text)
    matrix = confusion_matrix(labels, predicted)
    assert (matrix != matrix.T).any()
    precision, recall, f1, n = precision_recall_fscore_support(labels, predicted)
    assert categories[0] == ["category", "drawings", "precision", "recall", "F1"]
    for row, *expected in zip(categories[1:], CATEGORIES, n, precision, recall, f1, strict=True):
        name, count, *shares = expected
        assert [row[0], row[1], row[2], row[4]] == [
            name,
            str(count),
            *(f"{100 * share:.1f}\u00a0%" for share in (shares[0], shares[2])),
        ]
        own = binomtest(round(shares[1] * count), count).proportion_ci(method="wilson")
        assert row[3] == (
            f"{100 * shares[1]:.1f}\u00a0% ({100 * own.low:.1f} to {100 * own.high:.1f})"
        )
    top1 = accuracy_score(labels, predicted)
    own = binomtest(int((labels == predicted).sum()), len(labels)).proportion_ci(method="wilson")
    value = f"{100 * top1:.1f}\u00a0% ({100 * own.low:.1f} to {100 * own.high:.1f})"
    assert f"<h2>{value} top-1</h2>" in text
    assert figures_table[1] == ["top-1", value, "chance 33.3\u00a0%"]
    macro = balanced_accuracy_score(labels, predicted)
    assert ["macro recall", f"{100 * macro:.1f}\u00a0%"] in [row[:2] for row in figures_table]


def test_the_matrix_has_the_true_categories_downwards(uneven):
    path, labels, _, probabilities = uneven
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1))
    (figure,) = (one for one in figures(body(path)) if one["data"][0]["type"] == "heatmap")
    layout = figure["layout"]
    cells = {(one["y"], one["x"]): one["text"] for one in layout["annotations"] if "x" in one}
    cells = {cell: text for cell, text in cells.items() if text.isdigit()}
    assert cells == {
        (row, column): str(matrix[row, column]) for row, column in np.argwhere(matrix > 0)
    }
    assert layout["xaxis"]["ticktext"] == layout["yaxis"]["ticktext"] == list(CATEGORIES)
    assert layout["xaxis"]["title"]["text"] == "predicted category"
    assert layout["yaxis"]["title"]["text"] == "true category"


def test_the_temperature_is_applied(uneven):
    path, labels, _, probabilities = uneven
    said = np.load(path / "test_probabilities.npy").astype(float)
    softer = said**0.4 / (said**0.4).sum(axis=1, keepdims=True)
    words = [
        f"{100 * ece(labels, one):.1f}\u00a0% {name}"
        for name, one in (("as trained", said), ("divided by the temperature 2.50", softer))
    ]
    assert f"Expected calibration error: {'; '.join(words)}." in body(path)
    assert words[0][:4] != words[1][:4]


def ece(labels, probabilities):
    """Expected calibration error, bin by bin of fifteen."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = [(sure > low / 15) & (sure <= (low + 1) / 15) for low in range(15)]
    return sum(abs(right[one].sum() - sure[one].sum()) for one in bins) / len(labels)


def test_the_surest_errors_are_those_drawings_of_those_files(uneven, drawings_folder):
    path, labels, rows, probabilities = uneven
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = sorted(np.flatnonzero(said != labels), key=lambda place: -sure[place])
    assert len(wrong) == 8 and rows[wrong].tolist() != wrong
    shown = pictures(body(path))
    assert len(shown) == 8
    for (picture, words), place in zip(shown, wrong, strict=True):
        true = CATEGORIES[labels[place]]
        assert words == [
            f"true: {true}",
            f"{CATEGORIES[said[place]]} {100 * sure[place]:.1f}\u00a0%",
            f"index {rows[place]}",
        ]
        file = np.load(drawings_folder / f"{true}.npy")
        assert np.array_equal(picture, file[rows[place]].reshape(28, 28))


def test_embeddings_are_laid_along_their_widest_directions(uneven):
    path, labels, _, _ = uneven
    embeddings = np.load(path / "test_embeddings.npy").astype(float)
    pca = PCA().fit(embeddings)
    (figure,) = (one for one in figures(body(path)) if one["data"][0]["type"] == "scatter3d")
    titles = [figure["layout"]["scene"][f"{axis}axis"]["title"]["text"] for axis in "xyz"]
    shares = pca.explained_variance_ratio_
    assert titles == [f"PC {at + 1} ({100 * shares[at]:.1f}\u00a0%)" for at in range(3)]
    placed = pca.transform(embeddings)
    for axis, column in zip("xyz", range(3), strict=True):
        found = np.concatenate([array(trace[axis]) for trace in figure["data"]])
        order = np.argsort(labels, kind="stable")
        assert np.abs(found) == pytest.approx(np.abs(placed[order, column]), abs=0.02)


def test_a_run_that_came_without_its_embeddings_or_its_errors_says_so(finished_run):
    path = finished_run("one", n_wrong=0)
    assert "There is none." in body(path)
    (path / "test_embeddings.npy").unlink()
    text = body(path)
    assert "Embeddings" not in text and "Calibration" in text


def test_the_curves_are_of_loss_and_of_accuracy(finished_run):
    path = finished_run("one")
    history, drawn = runs.history(path), figures(body(path))
    lines = [array(one["data"][0]["y"]).tolist() for one in drawn[:2]]
    assert lines == [history["val_loss"].tolist(), history["val_accuracy"].tolist()]
    marks = [trace for one in drawn[:2] for trace in one["data"] if trace.get("mode") == "markers"]
    assert [array(trace["x"]).tolist() for trace in marks] == [[2], [2]]  # the epoch that was kept
