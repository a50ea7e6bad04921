"""The parts that a run trains and is judged on: none has another's drawings."""

import numpy as np

from doodle_core import data
from doodle_core.settings import DataConfig
from doodle_core.training.parts import load_parts, open_parts
from support.drawings import CATEGORIES, make_drawings


def test_practice_drawings_are_added_to_training_only(drawings_folder, tmp_path):
    plain = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0)
    mixed = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0, practice_added=5)
    folders = [tmp_path / "plain", tmp_path / "mixed"]
    [folder.mkdir() for folder in folders]
    before, after = map(load_parts, folders, (plain, mixed))
    assert len(after[0][0]) == len(before[0][0]) + 15
    for (x, y), (x_mixed, y_mixed) in zip(before[1:], after[1:]):
        assert (x == x_mixed).all() and (y == y_mixed).all()


def test_no_test_drawing_is_in_the_other_parts_wherever_they_come_from(tmp_path):
    folder = make_drawings(tmp_path / "d", n=90)
    other = make_drawings(tmp_path / "e", n=90)
    for name in CATEGORIES:  # half of the other source's drawings are the first source's
        mixed = np.load(other / f"{name}.npy")
        mixed[::2] = np.load(folder / f"{name}.npy")[:45]
        np.save(other / f"{name}.npy", mixed[::-1])
    crossed = DataConfig(f"folder:{folder}", CATEGORIES, 0, test_source=f"folder:{other}")
    parts = load_parts(tmp_path, crossed)
    train, validation, test = ({row.tobytes() for row in x} for x, _ in parts)
    assert not test & train and not test & validation
    assert len(parts[0][0]) < 189  # some were indeed left out
    assert all(len(x) == len(y) for x, y in parts)


def test_a_limit_cuts_the_training_part_alone(drawings_folder):
    source = f"folder:{drawings_folder}"
    (x, y), validation = open_parts(DataConfig(source, CATEGORIES, 0))
    (few, labels), same = open_parts(DataConfig(source, CATEGORIES, 0, train_limit=7))
    assert np.bincount(labels).tolist() == [7, 7, 7] and (same[0] == validation[0]).all()
    (more, _), _ = open_parts(DataConfig(source, CATEGORIES, 0, train_limit=9))
    assert data.without(few, more).sum() == 0  # a larger limit holds the smaller one's drawings


def test_another_sources_test_part_is_the_one_its_own_runs_have(drawings_folder, tmp_path):
    other = f"folder:{make_drawings(tmp_path / 'other', n=80)}"
    folders = [tmp_path / "own", tmp_path / "crossed"]
    [folder.mkdir() for folder in folders]
    own = load_parts(folders[0], DataConfig(other, CATEGORIES, 0))
    crossed = DataConfig(f"folder:{drawings_folder}", CATEGORIES, 0, test_source=other)
    x, y = load_parts(folders[1], crossed)[2]
    assert (x == own[2][0]).all() and (y == own[2][1]).all()
