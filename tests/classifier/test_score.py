"""A run's figures on the test part, counted again from what it stored."""

import shutil

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, log_loss

from doodle_core import data, evaluation, runs
from doodle_core.classifier import networks
from doodle_core.classifier import score as scoring
from doodle_core.files import HOME
from doodle_core.lab.train import train_run
from doodle_core.settings import DataConfig, RunConfig
from support.drawings import CATEGORIES

EPOCHS = ((0.9, 3.0), (0.4, 5.0), (0.6, 7.0))  # of a run: its validation loss and its seconds


@pytest.fixture(scope="module")
def parts():
    """Drawings that look like one category each, and labels of which some are another's."""
    rng = np.random.default_rng(0)

    def part(matrix):
        """As many drawings as the matrix says: a row the label, a column what it looks like."""
        cells = [(row, column) for row in range(3) for column in range(3)]
        counts = np.ravel(matrix)
        labels, looks = rng.permutation(np.repeat(cells, counts, axis=0)).T
        x = rng.integers(0, 100, (len(labels), 28, 28, 1), dtype=np.uint8)
        for at, look in enumerate(looks):
            x[at, 4 + 6 * look : 12 + 6 * look] += rng.integers(60, 150, dtype=np.uint8)
        return x, labels.astype(np.int32)

    return (
        part([[3, 0, 0], [0, 4, 0], [0, 0, 5]]),
        part([[24, 2, 4], [3, 16, 1], [0, 4, 6]]),
        part([[38, 12, 0], [3, 20, 7], [1, 0, 9]]),
    )


@pytest.fixture(scope="module")
def scored(parts, drawings_folder):
    """The folder of a run that was not trained but scored: its weights are by chance."""
    source = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    config = RunConfig("scored", source, loss="sigmoid", network="report-base")
    path = runs.create(config)
    keras.utils.set_random_seed(3)
    model = networks.build(config, 3)
    model.get_layer("logits").set_weights([np.float32(one) for one in head(model, parts[0])])
    model.save(path / "best.keras")
    for epoch, (loss, seconds) in enumerate(EPOCHS):
        runs.append_epoch(path, epoch, {"val_loss": loss, "seconds": seconds, "stage": 1})
    (_, _), (_, _), (x, y) = parts
    runs.write_test_part(path, y.astype(np.uint16), np.arange(len(y), dtype=np.int32), 3)
    scoring.score(path, config, parts)
    runs.set_state(path, "finished")
    return shutil.move(path, HOME / "scored")


def head(model, train):
    """A last layer that sees what a drawing looks like, and is too sure of it."""
    x, y = train
    embed = keras.Model(model.inputs, model.get_layer("embedding").output)
    features = embed.predict(x, verbose=0)
    middles = np.stack([features[y == label].mean(axis=0) for label in range(3)], axis=1)
    spread = features.std() ** 2
    noise = np.random.default_rng(1).normal(0, 0.4, middles.shape) * features.std()
    kernel = 3 * (middles - middles.mean(axis=1, keepdims=True)) / spread + noise
    return kernel, -(features.mean(axis=0) @ kernel) - 0.4


def outputs_of(path, x):
    return keras.models.load_model(path / "best.keras").predict(x, verbose=0)


def naive_ece(labels, probabilities):
    """Expected calibration error bin by bin, of fifteen."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    found = 0.0
    for low in range(15):
        inside = (sure > low / 15) & (sure <= (low + 1) / 15)
        if inside.any():
            found += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    return found


def test_the_figures_are_those_of_the_stored_networks_answers(scored, parts):
    _, _, (x, y) = parts
    outputs, metrics = outputs_of(scored, x), runs.load(scored).metrics
    probabilities = outputs / outputs.sum(axis=1, keepdims=True)
    found = runs.results(scored, 3)
    assert found.probabilities == pytest.approx(probabilities, abs=1e-5)
    predicted = probabilities.argmax(axis=1)
    assert metrics["top1"] == accuracy_score(y, predicted) and 0.5 < metrics["top1"] < 0.9
    assert metrics["macro_recall"] == pytest.approx(balanced_accuracy_score(y, predicted))
    assert metrics["loss"] == pytest.approx(log_loss(y, probabilities), rel=1e-3)
    binary = ((outputs > 0.5) == np.eye(3)[y]).mean()
    assert metrics["binary_accuracy"] == pytest.approx(binary)
    # what it would be of the probabilities, which add up to 1
    assert binary != pytest.approx(((probabilities > 0.5) == np.eye(3)[y]).mean())
    assert (metrics["n"], metrics["train_n"], metrics["majority"]) == (90, 12, 50 / 90)
    embed = keras.models.load_model(scored / "best.keras")
    embed = keras.Model(embed.inputs, embed.get_layer("embedding").output)
    assert found.embeddings == pytest.approx(embed.predict(x, verbose=0), rel=2e-3, abs=1e-3)


def test_the_validation_part_has_figures_of_its_own(scored, parts):
    _, (x, y), _ = parts
    outputs, metrics = outputs_of(scored, x), runs.load(scored).metrics
    top1 = accuracy_score(y, outputs.argmax(axis=1))
    assert metrics["val_top1"] == top1 != metrics["top1"] and metrics["val_n"] == 60
    low, high = evaluation.wilson(round(60 * top1), 60)
    assert (metrics["val_top1_low"], metrics["val_top1_high"]) == pytest.approx((low, high))
    labels, said = runs.validation(scored, 3)
    assert labels.tolist() == y.tolist()
    assert said == pytest.approx(outputs / outputs.sum(axis=1, keepdims=True), abs=1e-5)


def test_the_temperature_is_the_validation_parts_and_is_applied_to_the_test_part(scored):
    metrics, (labels, said) = runs.load(scored).metrics, runs.validation(scored, 3)

    def softened(probabilities, temperature):
        found = probabilities.astype(float) ** (1 / temperature)
        return found / found.sum(axis=1, keepdims=True)

    temperature = metrics["temperature"]
    losses = [log_loss(labels, softened(said, temperature * by)) for by in (0.97, 1, 1.03)]
    assert losses[1] == min(losses) and abs(np.log(temperature)) > 0.1
    found = runs.results(scored, 3)
    assert metrics["ece"] == pytest.approx(naive_ece(found.labels, found.probabilities), abs=1e-4)
    scaled = softened(found.probabilities, temperature)
    assert metrics["ece_scaled"] == pytest.approx(naive_ece(found.labels, scaled), abs=1e-4)
    assert metrics["ece_scaled"] != pytest.approx(metrics["ece"], abs=1e-3)


def test_the_confusion_matrix_has_the_true_categories_in_its_rows(scored, parts):
    _, _, (x, y) = parts
    predicted = outputs_of(scored, x).argmax(axis=1)
    matrix = pd.read_csv(scored / "confusion.csv", index_col=0)
    assert matrix.to_numpy().tolist() == confusion_matrix(y, predicted).tolist()
    assert (matrix.to_numpy() != matrix.to_numpy().T).any()
    assert matrix.to_numpy().sum(axis=1).tolist() == [50, 30, 10]
    assert matrix.index.tolist() == list(matrix) == list(CATEGORIES)


def test_drawings_are_shown_in_the_wrong_ranges_too(scored, parts, monkeypatch):
    """As grey of [0, 1] where [-1, 1] was learned, 128 to 255; binarised, above 191 is white."""
    _, _, (x, y) = parts
    binary = np.zeros_like(x)
    binary[x >= 192] = 255
    shown = {"grey": x, "binary": binary}
    shown |= {"grey01": 128 + x // 2, "binary01": np.where(binary, 255, 128).astype(np.uint8)}
    right = {
        k: int((outputs_of(scored, one).argmax(axis=1) == y).sum()) for k, one in shown.items()
    }
    ranges = runs.read_ranges(scored)
    assert list(ranges) == list(shown) and len(set(right.values())) > 1
    for name, found in ranges.items():
        low, high = evaluation.wilson(right[name], 90)
        assert found == pytest.approx(
            {"n": 90, "top1": right[name] / 90, "top1_low": low, "top1_high": high}
        )


def test_the_rest_comes_from_the_history_and_the_network(scored, parts):
    metrics = runs.load(scored).metrics
    assert (metrics["best_epoch"], metrics["epochs"], metrics["seconds"]) == (2, 3, 15)
    model = keras.models.load_model(scored / "best.keras")
    assert metrics["parameters"] == metrics["trainable"] == model.count_params()
    assert metrics["frozen"] == metrics["practice"] == 0 and metrics["ms_per_drawing"] > 0
    assert metrics["test_pixels"] == data.fingerprint(parts[2][0])


@pytest.mark.slow
def test_sigmoid_runs_are_scored_by_both_accuracies(make_config):
    """The report's way: outputs that are no distribution, binary accuracy beside top-1."""
    path = runs.create(make_config("sigmoid", loss="sigmoid", optimizer="rmsprop", epochs=1))
    assert train_run(path)
    run, found = runs.load(path), runs.results(path, 3)
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)
    pixels = data.scored_pixels(
        run.config.data, found.labels, found.rows, run.metrics["test_pixels"]
    )
    outputs = outputs_of(path, pixels[..., None])
    binary = ((outputs > 0.5) == np.eye(3)[found.labels]).mean()
    assert run.metrics["binary_accuracy"] == pytest.approx(binary)
    history = runs.history(path)
    assert history["val_binary_accuracy"].between(0, 1).all()
    assert (history["stage"] == 1).all()
