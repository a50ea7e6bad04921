"""Scorings: written whole, read as runs, and refused where they are damaged."""

import os

import numpy as np
import pytest
from filelock import FileLock

from doodle_core import evaluation, runs
from doodle_core.files import read_json, write_json
from doodle_core.runs import scoring
from doodle_core.runs.scoring import Drawings, key_of, load_scoring, new_scoring

LABELS, ROWS = np.array([0, 2, 2], np.uint16), np.array([0, 0, 1], np.int32)
SAID = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2]])


@pytest.fixture
def run(finished_run):
    return runs.load(finished_run("one"))


def write(run, fingerprint="abcdef0123", source="folder:/a/My set", **facts):
    drawings = Drawings(source, ("apple", "cup"), **facts)
    with new_scoring(run, drawings, fingerprint) as path:
        runs.write_test_part(path, LABELS, ROWS, 3)
        runs.write_results(path, SAID, None, None)
        own = scoring.facts_of_training(run.metrics)
        figures = evaluation.metrics(LABELS, SAID) | own | {"test_pixels": fingerprint}
        runs.write_metrics(path, run.config, figures)
    return load_scoring(run, key_of(source, fingerprint))


def test_it_comes_back_as_a_run(run):
    found = write(run, per_category=2, unknown=("dog",), learned=4, unchecked="It is gone.")
    assert found.key == "folder-my-set-abcdef01" and found.name == "one"
    assert found.state == "finished" and found.metrics["top1"] == 2 / 3
    assert found.label == "folder My set: 3 of 2 categories"
    assert found.scored == Drawings(
        "folder:/a/My set", ("apple", "cup"), 2, ("dog",), 4, "It is gone."
    )
    assert runs.results(found.path, 3).labels.tolist() == [0, 2, 2]
    absent, unknown, learned, unchecked = found.remarks
    assert "2 of the 3" in absent and "moon" in absent and "dog" in unknown
    assert learned.startswith("4 drawings") and unchecked.endswith("It is gone.")
    assert "here scored on folder My set" in found.data_label


def test_the_newest_comes_first_and_the_same_drawings_replace(run):
    first, second = write(run), write(run, "1234567890")
    assert [one.key for one in runs.scorings(run)] == [second.key, first.key]
    write(run, learned=7)
    assert [one.key for one in runs.scorings(run)] == [first.key, second.key]
    assert runs.scorings(run)[0].drawings.learned == 7


def test_marks_of_the_network_stay(run):
    run.metrics["diverged"] = 3
    assert write(run).diverged_note == "diverged from epoch 3 on"
    assert write(run, source="practice").practice_kind == "practice data"
    assert not write(run).practice_kind


def test_a_name_leads_nowhere_else(run):
    for key in ("", ".", "..", "../..", "a/b", ".half", "x" * 500, "no-such"):
        with pytest.raises(ValueError, match="one has no scoring"):
            load_scoring(run, key)


@pytest.mark.parametrize(
    "change",
    [
        {"scored_on": 5},
        {"scored_on": "elsewhere"},
        {"categories": []},
        {"categories": ["dog"]},
        {"categories": [3]},
        {"per_category": "x"},
        {"per_category": -1},
        {"learned": None},
        {"unknown": 4},
        {"unchecked": {}},
        {"time": "x"},
        {"more": 1},
    ],
)
def test_damaged_facts_are_refused_and_not_listed(run, change):
    found = write(run)
    file = found.path / "drawings.json"
    write_json(file, read_json(file) | change)
    with pytest.raises(ValueError):
        load_scoring(run, found.key)
    assert runs.scorings(run) == []


@pytest.mark.parametrize("name", ["drawings.json", "metrics.json"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"\xff"])
def test_damaged_files_are_refused_and_not_listed(run, name, content):
    found = write(run)
    (found.path / name).unlink()
    if content is not None:
        (found.path / name).write_bytes(content)
    assert runs.scorings(run) == []


def test_a_link_out_of_the_run_is_not_followed(run, tmp_path):
    found = write(run)
    os.rename(found.path, tmp_path / "away")
    os.symlink(tmp_path / "away", found.path)
    assert runs.scorings(run) == []
    with pytest.raises(OSError, match="link"), new_scoring(run, found.drawings, "f" * 8):
        pass


def test_two_at_once_do_not_mix(run):
    write(run)
    with (
        FileLock(run.path / "scored" / ".lock"),
        pytest.raises(RuntimeError, match="one is being scored already"),
    ):
        write(run)
    assert len(runs.scorings(run)) == 1


def test_drawings_that_changed_are_not_shown(run, tmp_path):
    for name, n in (("apple", 1), ("cup", 2)):
        np.save(tmp_path / f"{name}.npy", np.full((n, 784), 9, np.uint8))
    found = write(run, source=f"folder:{tmp_path}")
    with pytest.raises(ValueError, match="have changed since"):
        runs.scored_pixels(found)
