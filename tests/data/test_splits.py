"""Parts that are stratified, disjoint, complete and without duplicates."""

import numpy as np
import pytest

from doodle_core import data
from support.drawings import CATEGORIES


def test_a_split_is_stratified_disjoint_and_complete(drawings_folder):
    drawings = data.stored_drawings(f"folder:{drawings_folder}", CATEGORIES)
    parts = data.split(drawings, CATEGORIES)
    seen = set()
    for part, size in zip(parts, (42, 4, 14)):
        assert np.abs(np.bincount(part.labels) - size).max() <= 1
        pairs = set(zip(part.labels.tolist(), part.rows.tolist()))
        assert len(pairs) == len(part) and not pairs & seen
        seen |= pairs
    assert len(seen) == 180


def test_a_split_depends_on_its_seed_and_not_on_other_categories(drawings_folder):
    def test_rows(categories, seed, name="moon"):
        drawings = data.stored_drawings(f"folder:{drawings_folder}", categories)
        test = data.split(drawings, categories, seed)[2]
        return sorted(test.rows[test.labels == categories.index(name)].tolist())

    assert test_rows(CATEGORIES, 0) == test_rows(("cup", "moon"), 0)
    assert test_rows(CATEGORIES, 0) != test_rows(CATEGORIES, 1)


def test_exact_duplicates_leave_one_whichever_category_they_are_in():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 50, 784), dtype=np.uint8)
    first[30] = first[7]
    second[[3, 44]] = first[7]
    second[9] = second[8]
    stay = data.first_of_each([first, second])
    assert set(range(50)) - set(stay[0].tolist()) == {30}
    assert set(range(50)) - set(stay[1].tolist()) == {3, 9, 44}
    pixels = [p.pixels([first, second]) for p in data.split([first, second], ("cat", "dog"))]
    rows = [{row.tobytes() for row in part} for part in pixels]
    assert not rows[0] & rows[1] and not rows[0] & rows[2] and not rows[1] & rows[2]


def test_different_drawings_with_equal_hashes_both_stay(monkeypatch):
    monkeypatch.setattr(
        "doodle_core.data.splits.pixel_hashes", lambda array: np.zeros(len(array), np.uint64)
    )
    array = np.arange(2 * 784, dtype=np.uint8).reshape(2, 784)
    array[1, 0] = 9
    assert data.first_of_each([array])[0].tolist() == [0, 1]


def test_too_few_drawings_are_refused(tmp_path):
    drawings = [np.eye(3, 784, dtype=np.uint8), np.eye(40, 784, k=3, dtype=np.uint8)]
    with pytest.raises(ValueError, match="cat has 3 different drawings: too few"):
        data.split(drawings, ("cat", "dog"))


def test_pixels_come_back_in_the_parts_order():
    drawings = [np.full((4, 784), 10, np.uint8), np.full((4, 784), 20, np.uint8)]
    drawings[1][2] = 99
    part = data.Part(np.array([1, 0, 1], np.uint16), np.array([2, 0, 1], np.int32))
    assert part.pixels(drawings)[:, 0, 0].tolist() == [99, 10, 20]
