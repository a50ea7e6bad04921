"""The JSON files of a run: each reader gets back what its writer was given, and refuses the rest."""

import json

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.files import write_json
from doodle_core.runs import facts
from doodle_core.settings.families import FAMILIES

TRAINING = {"epoch": 2, "epochs": 5, "step": 3, "steps": 9, "images_per_second": 80.5}
TRAINING |= {"seconds_left": 12.5, "loss": 1.25, "accuracy": 0.5}
LAYER = {"layer": "conv2d", "kind": "Conv2D", "output": "28 x 28 x 16", "parameters": 160}
RANGE = {"n": 40, "top1": 0.5, "top1_low": 0.4, "top1_high": 0.6}
METRICS = dict.fromkeys(FAMILIES["classifier"].numbers, 0.5)


@pytest.mark.parametrize(
    ("phase", "more"),
    [
        ("starting", {}),
        ("data", {"done": 0.25, "text": "Drawing practice data"}),
        ("training", TRAINING),
        ("scoring", {}),
    ],
)
def test_progress_comes_back(tmp_path, phase, more):
    facts.write_progress(tmp_path, phase, **more)
    assert facts.read_progress(tmp_path) == {"phase": phase, **more}


def test_figures_that_are_no_numbers_are_left_out_of_the_progress(tmp_path):
    grown = {"loss": float("inf"), "kl": float("nan"), "reconstruction": 1e30}
    facts.write_progress(tmp_path, "training", **TRAINING | grown)
    known = {name: one for name, one in TRAINING.items() if name != "loss"}
    assert facts.read_progress(tmp_path) == {"phase": "training", **known}


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": None},
        {"epoch": 0},
        {"epoch": 6},
        {"steps": 0},
        {"step": 10},
        {"step": -1},
        {"epochs": 0},
        {"images_per_second": None},
        {"seconds_left": -1},
        {"phase": None},
        {"phase": "[x](http://x)"},
    ],
)
def test_progress_that_cannot_be_is_not_known(tmp_path, change):
    write_json(tmp_path / "progress.json", {"phase": "training"} | TRAINING | change)
    assert facts.read_progress(tmp_path) == {}


@pytest.mark.parametrize("done", [None, -0.5, 1.5])
def test_a_share_that_is_none_is_left_out(tmp_path, done):
    write_json(tmp_path / "progress.json", {"phase": "data", "done": done, "text": "Reading"})
    assert facts.read_progress(tmp_path) == {"phase": "data", "text": "Reading"}


def test_metrics_come_back_as_plain_numbers(tmp_path, make_config):
    config = make_config()
    figures = METRICS | {"n": np.int64(7), "loss": np.float32(0.5), "test_pixels": "ab"}
    facts.write_metrics(tmp_path, config, figures)
    found = facts.read_metrics(tmp_path, config)
    assert found == METRICS | {"n": 7, "test_pixels": "ab"} and type(found["n"]) is int


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"loss": float("nan")}, "lacks the number 'loss'"),
        ({"loss": None}, "lacks the number 'loss'"),
        ({"ece": float("inf")}, "'ece' is not a share from 0 to 1"),
        ({"ece": [1]}, "'ece' is not a share from 0 to 1"),
        ({"judge": 5}, "'judge' is not a text"),
        ({"judge": "x" * 200_000}, "'judge' is not a text"),
        ({"top1": 7}, "'top1' is not a share from 0 to 1"),
        ({"val_top1_low": -0.5}, "'val_top1_low' is not a share from 0 to 1"),
        ({"n": 0}, "'n' is not a number above 0"),
        ({"temperature": 0.001}, "'temperature' is not a number from 0.01 to 100"),
        ({"temperature": 0}, "'temperature' is not a number from 0.01 to 100"),
    ],
)
def test_metrics_are_refused_in_writing_and_in_reading(tmp_path, make_config, change, words):
    config = make_config()
    with pytest.raises(ValueError, match=words):
        facts.write_metrics(tmp_path, config, METRICS | change)
    assert not (tmp_path / "metrics.json").exists()
    write_json(tmp_path / "metrics.json", METRICS | change)
    with pytest.raises(ValueError, match=words):
        facts.read_metrics(tmp_path, config)


def test_a_share_without_its_bounds_is_not_shown(tmp_path, make_config):
    torn = {"val_top1": 0.5, "val_top1_low": 0.4, "probe_high": 0.9, "iwae": None}
    whole = {"knn": 0.5, "knn_low": 0.4, "knn_high": 0.6, "top3": 0.9}
    write_json(tmp_path / "metrics.json", METRICS | torn | whole)
    assert facts.read_metrics(tmp_path, make_config()) == METRICS | whole


def test_a_state_has_a_time_that_a_calendar_has(tmp_path):
    facts.set_state(tmp_path, "failed", error="The disk is full.")
    assert facts.read_status(tmp_path)["error"] == "The disk is full."
    for time in (-1, 1e14):
        write_json(tmp_path / "status.json", {"state": "failed", "time": time})
        with pytest.raises(ValueError, match="is not a time up to the year 9999"):
            facts.read_status(tmp_path)


def test_notes_come_back(tmp_path):
    notes = {"notes": "good", "tags": ["a"], "hidden": True}
    facts.write_notes(tmp_path, notes)
    assert facts.read_notes(tmp_path) == notes
    for tags in ([1], 0, "", {}):
        with pytest.raises(ValueError, match="'tags' is not a list of texts"):
            facts.write_notes(tmp_path, {"tags": tags})


KEPT = {
    "environment.json": (
        runs.write_environment,
        runs.read_environment,
        {"keras": "3.15.1", "cores": 2, "weights": None, "is_new": True},
        [[1], {"keras": [1]}, {"cores": float("nan")}, "x"],
    ),
    "network.json": (
        runs.write_layers,
        runs.read_layers,
        [LAYER, LAYER | {"layer": "dense", "parameters": 0}],
        [{"a": 1}, [5], [{}], [LAYER | {"parameters": "x"}], [LAYER | {"kind": 5}], [LAYER, None]],
    ),
    "ranges.json": (
        runs.write_ranges,
        runs.read_ranges,
        {"grey": RANGE, "binary01": RANGE},
        [[], {"else": RANGE}, {"grey": 1}, {"grey": {"n": 4}}, {"grey": RANGE | {"n": 0}}]
        + [{"grey": RANGE | {"top1": value}} for value in (1.5, -1, None, "x", float("nan"))],
    ),
}


@pytest.mark.parametrize("file", KEPT)
def test_what_is_kept_comes_back_and_the_rest_is_refused(tmp_path, file):
    write, read, content, others = KEPT[file]
    assert not read(tmp_path)
    write(tmp_path, content)
    assert read(tmp_path) == content
    before = (tmp_path / file).read_bytes()
    for other in others:
        with pytest.raises(ValueError, match=f"^{file} is damaged: [^\n]*\\.$"):
            write(tmp_path, other)
        assert (tmp_path / file).read_bytes() == before
    for other in others:
        (tmp_path / file).write_text(json.dumps(other))
        with pytest.raises(ValueError, match=f"^{file} is damaged: [^\n]*\\.$"):
            read(tmp_path)


def test_fingerprints_come_back(tmp_path):
    assert runs.read_fingerprints(tmp_path) == {}
    runs.write_fingerprints(tmp_path, {"train": "ab", "test": "cd"})
    assert runs.read_fingerprints(tmp_path) == {"train": "ab", "test": "cd"}
    write_json(tmp_path / "drawings.json", ["ab"])
    with pytest.raises(ValueError, match="is damaged"):
        runs.read_fingerprints(tmp_path)


def test_a_request_is_taken_once(tmp_path, make_config):
    assert runs.take_request(tmp_path) == ""
    for asked, found in (("finish", "finish"), ("stop", "stop"), (b"\xff", "stop")):
        (tmp_path / "request").write_bytes(asked if isinstance(asked, bytes) else asked.encode())
        assert runs.take_request(tmp_path) == found and runs.take_request(tmp_path) == ""


def test_a_large_json_file_is_not_read(tmp_path):
    with open(tmp_path / "config.json", "wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(ValueError, match="larger than"):
        facts.read_config(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"epoch": 1}, {"epoch": 5}, {"step": 0}, {"step": 9}, {"steps": 3}, {"seconds_left": 0}],
)
def test_progress_at_its_bounds_is_known(tmp_path, change):
    facts.write_progress(tmp_path, "training", **TRAINING | change)
    assert facts.read_progress(tmp_path) == {"phase": "training"} | TRAINING | change
    for done in (0, 1):
        facts.write_progress(tmp_path, "data", done=done, text="Reading")
        assert facts.read_progress(tmp_path)["done"] == done


@pytest.mark.parametrize(("temperature", "is_known"), [(0.01, True), (100, True), (100.1, False)])
def test_a_temperature_at_its_bounds(tmp_path, make_config, temperature, is_known):
    write_json(tmp_path / "metrics.json", METRICS | {"temperature": temperature})
    if is_known:
        assert facts.read_metrics(tmp_path, make_config())["temperature"] == temperature
    else:
        with pytest.raises(ValueError, match="'temperature' is not a number from 0.01 to 100"):
            facts.read_metrics(tmp_path, make_config())
