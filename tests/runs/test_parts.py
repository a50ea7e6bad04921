"""What a run has learned from, told by the drawings that are here; or that this cannot be told."""

import shutil

import numpy as np
import pytest

from doodle_core import data, runs
from doodle_core.files import read_json, write_json
from doodle_core.runs.parts import PARTS, all_parts, learned
from doodle_core.settings import DataConfig
from support.drawings import CATEGORIES, make_drawings


@pytest.fixture
def folder(tmp_path):
    return make_drawings(tmp_path / "drawings")


def test_the_parts_hold_all_drawings_once(folder):
    arrays, test = all_parts(DataConfig(f"folder:{folder}", CATEGORIES, 0))
    assert [len(y) for _, y in arrays] == [126, 12, 42]  # 60 each: 42, 4 (56 % 4.5), 14
    assert arrays[2][0].shape == (42, 28, 28, 1) and len(test) == 42
    assert len({row.tobytes() for x, _ in arrays for row in x}) == 180


def test_what_was_learned_is_the_training_and_the_validation_part(finished_run, folder):
    run = runs.load(finished_run("one", folder=folder))
    arrays, _ = all_parts(run.config.data)
    for found, (expected, _) in zip(learned(run), arrays[:2], strict=True):
        assert np.array_equal(found, expected)


def test_drawings_that_moved_are_known_by_their_pixels(finished_run, folder, tmp_path):
    run = runs.load(finished_run("one", folder=folder))
    before = learned(run)
    moved = shutil.move(folder, tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        learned(run)
    assert np.array_equal(learned(run, f"folder:{moved}")[0], before[0])
    other = make_drawings(tmp_path / "other", n=70)
    with pytest.raises(FileNotFoundError):  # its own are what is missing
        learned(run, f"folder:{other}")


def test_drawings_that_changed_tell_nothing(finished_run, folder):
    run = runs.load(finished_run("one", folder=folder))
    make_drawings(folder, n=70)
    with pytest.raises(ValueError, match="The drawings that one began with have changed since"):
        learned(run)


def test_the_fingerprints_of_a_training_count_before_that_of_the_test_part(finished_run, folder):
    path = finished_run("one", folder=folder)
    arrays, _ = all_parts(runs.load(path).config.data)
    prints = {part: data.fingerprint(x) for part, (x, _) in zip(PARTS, arrays)}
    runs.write_fingerprints(path, prints)
    assert len(learned(runs.load(path))) == 2
    runs.write_fingerprints(path, prints | {"train": "other"})
    with pytest.raises(ValueError, match="have changed"):
        learned(runs.load(path))


def test_another_sources_test_part_says_nothing_of_the_training(finished_run, folder, tmp_path):
    path = finished_run("one", folder=folder)
    config = read_json(path / "config.json")
    config["data"]["test_source"] = f"folder:{make_drawings(tmp_path / 'other', n=70)}"
    write_json(path / "config.json", config)
    with pytest.raises(ValueError, match="have changed"):
        learned(runs.load(path))


def test_of_a_run_that_is_gone_nothing_is_known():
    with pytest.raises(FileNotFoundError, match="nobody is no longer here"):
        learned(runs.load(runs.folder("nobody")))
