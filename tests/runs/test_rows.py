"""A run as a row of the table of all runs."""

from dataclasses import replace

import pytest

from doodle_core import runs
from doodle_core.settings import TransferConfig


def test_summary_has_the_best_epochs_figures_and_the_settings(finished_run):
    row = runs.summary(runs.load(finished_run(n_wrong=4)))
    assert row["best epoch"] == 2 and row["val accuracy"] == 0.8
    assert row["test top-1"] == pytest.approx(1 - 4 / row["test drawings"])
    assert row["low"] < row["test top-1"] < row["high"] and row["batch_size"] == 16
    assert row["practice data"] is False


def test_each_column_of_the_table_of_all_runs_has_its_own_figure(finished_run, finished_vae):
    path = finished_run(n_wrong=4, seed=11, batch_size=8, epochs=9)
    run = runs.load(path)
    figures = {"n": 41, "train_n": 7, "top1": 0.81, "top1_low": 0.72, "top1_high": 0.9}
    figures |= {"top3": 0.99, "macro_recall": 0.63, "loss": 0.54, "binary_accuracy": 0.95}
    figures |= {"chance": 0.33, "majority": 0.4, "parameters": 430_407, "seconds": 12.5}
    runs.write_metrics(path, run.config, figures)
    runs.annotate(path, tags=["a", "b"])
    row = runs.summary(runs.load(path))
    assert list(row)[:17] == [
        *("run", "state", "data", "practice data", "epochs trained", "best epoch"),
        *("val accuracy", "val loss", "test top-1", "low", "high", "test drawings"),
        *("macro recall", "binary accuracy", "chance", "parameters", "seconds"),
    ]
    assert [row[name] for name in list(row)[4:17]] == [
        *(3, 2, 0.8, 0.4, 0.81, 0.72, 0.9, 41, 0.63, 0.95, 0.33, 430_407, 12.5)
    ]
    assert (row["run"], row["state"], row["tags"]) == ("done", "finished", "a, b")
    assert (row["seed"], row["split_seed"], row["epochs asked"], row["batch_size"]) == (11, 0, 9, 8)
    assert row["categories"] == "apple, moon, cup" and row["shares"] == "0.7 / 0.075 / 0.225"
    assert "name" not in row and "transfer" not in row and "epochs" not in row
    row = runs.summary(runs.load(finished_vae("two")))
    assert [row[f"test {name}"] for name in ("loss", "reconstruction", "KL", "IWAE")] == [
        *(130.0, 110.0, 20.0, 126.0)
    ]
    assert row["best epoch"] == 2 and row["epochs trained"] == 3 and "low" not in row
    assert row["linear probe"] == 0.9 and row["kind"] == "vae"
    row = runs.summary(runs.load(finished_vae("gan", adversarial=1.0)))
    assert row["best epoch"] == 3  # a VAE-GAN keeps its last


def test_settings_of_a_base_and_of_the_split_stand_flat(make_config):
    transfer = TransferConfig("VGG19", pooling="max")
    config = make_config(network="transfer", transfer=transfer)
    flat = runs.flat_settings(replace(config, data=replace(config.data, seed=5)))
    assert (flat["base"], flat["pooling"], flat["split_seed"], flat["seed"]) == (
        "VGG19",
        "max",
        5,
        3,
    )
    assert "data" not in flat and flat["per_category"] == 0


def test_a_damaged_run_is_a_row_too(make_config):
    path = runs.create(make_config("bad"))
    (path / "config.json").write_text("{")
    assert runs.summary(runs.load(path)) == {"run": "bad", "state": "damaged"}
