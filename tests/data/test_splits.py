"""Parts that are stratified, disjoint, complete and without duplicates."""

import hashlib
import zlib
from itertools import pairwise

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


def numbered(n, first=0):
    """Drawings that are all different: each has its number in its first four pixels."""
    found = np.zeros((n, 784), np.uint8)
    found[:, :4] = np.arange(first, first + n, dtype=np.uint32)[:, None].view(np.uint8)
    return found


def test_a_split_of_all_versions():
    """Runs find their test part again by the seed alone: it must come out as it always did."""
    drawings = [numbered(40), numbered(60, 100)]
    train, validation, test = data.split(drawings, ("cat", "dog"), seed=7)
    assert [len(part) for part in (train, validation, test)] == [70, 7, 23]
    for label, (n, name) in enumerate(((40, b"cat"), (60, b"dog"))):
        rows = np.random.default_rng([7, zlib.crc32(name)]).permutation(n)
        edges = [0, round(0.7 * n), round(0.775 * n), n]
        for part, (low, high) in zip((train, validation, test), pairwise(edges), strict=True):
            assert sorted(part.rows[part.labels == label]) == sorted(rows[low:high])
    order = np.random.default_rng(7).permutation(70)
    assert train.labels.tolist() == np.repeat([0, 1], [28, 42])[order].tolist()
    assert (train.labels.dtype, train.rows.dtype) == (np.uint16, np.int32)
    default, *_ = data.split(drawings, ("cat", "dog"))
    assert default.rows.tolist() == data.split(drawings, ("cat", "dog"), 0)[0].rows.tolist()


def test_a_split_has_the_shares_that_are_asked_for():
    parts = data.split([numbered(100)], ("cat",), shares=(0.5, 0.3, 0.2))
    assert [len(part) for part in parts] == [50, 30, 20]
    with pytest.raises(ValueError, match="cat has 3 different drawings: too few"):
        data.split([numbered(3)], ("cat",))
    assert [len(part) for part in data.split([numbered(9)], ("cat",))] == [6, 1, 2]


def test_a_fingerprint_is_of_every_pixel():
    drawings = numbered(5).reshape(5, 28, 28)
    found = data.fingerprint(drawings)
    assert found == hashlib.blake2b(drawings.tobytes(), digest_size=12).hexdigest()
    assert data.fingerprint(drawings[:, ::-1]) != found  # also where it is not contiguous
    assert data.fingerprint(drawings[:, ::-1][:, ::-1]) == found
    drawings[4, 27, 27] = 1
    assert data.fingerprint(drawings) != found


def test_drawings_that_are_not_among_others():
    few, many = numbered(6), numbered(100, 3)
    assert data.without(few, many).tolist() == [True] * 3 + [False] * 3
    assert data.without(few.reshape(-1, 28, 28, 1), few[:2]).tolist() == [False] * 2 + [True] * 4


def test_hashes_are_of_the_pixels_alone():
    drawings = np.random.default_rng(0).integers(0, 256, (2000, 784), dtype=np.uint8)
    hashes = data.pixel_hashes(drawings)
    assert len(np.unique(hashes)) == 2000 and hashes.dtype == np.uint64
    assert np.array_equal(data.pixel_hashes(drawings[::2]), hashes[::2])
    assert not (data.pixel_hashes(np.roll(drawings, 8, axis=1)) == hashes).any()
