import json
import pickle

import numpy as np
import pytest
from support.drawings import CATEGORIES

from doodle_core import data
from doodle_core.settings import DataConfig


def save(path, array):
    np.save(path, array, allow_pickle=array.dtype == object)
    return path


def test_good_files_are_mapped_not_read(drawings_folder):
    array = data.read_npy(drawings_folder / "apple.npy")
    assert isinstance(array, np.memmap) and array.shape == (60, 784)


def test_bad_npy_files_get_a_sentence_each(tmp_path):
    good = np.zeros((5, 784), np.uint8)
    np.save(tmp_path / "good.npy", good)
    content = (tmp_path / "good.npy").read_bytes()
    (tmp_path / "truncated.npy").write_bytes(content[:-100])
    (tmp_path / "header.npy").write_bytes(content[:40])
    (tmp_path / "nothing.npy").write_bytes(b"")
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps(good))
    (tmp_path / "text.npy").write_text("<html>no</html>")
    save(tmp_path / "object.npy", np.array([{}], object))
    save(tmp_path / "float.npy", good.astype(float))
    save(tmp_path / "shape.npy", good[:, :700])
    save(tmp_path / "empty.npy", good[:0])
    np.savez(tmp_path / "archive.npz", good)
    (tmp_path / "archive.npz").rename(tmp_path / "archive.npy")
    expected = {
        "truncated": "truncated or damaged",
        "header": "truncated or damaged",
        "nothing": "truncated or damaged",
        "pickle": "pickled",
        "text": "refused",
        "object": "pickled",
        "float": "expected uint8",
        "shape": "expected shape",
        "empty": "no drawing",
        "archive": "archive",
    }
    for name, words in expected.items():
        with pytest.raises(ValueError, match=words) as refusal:
            data.read_npy(tmp_path / f"{name}.npy")
        assert str(refusal.value).startswith(f"{name}.npy") and "\n" not in str(refusal.value)
    with pytest.raises(FileNotFoundError, match="no file"):
        data.read_npy(tmp_path / "absent.npy")


def test_a_pickle_is_never_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "cup.npy").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError):
        data.read_npy(tmp_path / "cup.npy")
    assert not (tmp_path / "sprung").exists()


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


def test_a_folder_may_hold_strokes_and_long_official_names(tmp_path, drawings_folder):
    drawing = {"drawing": [[[0, 200], [0, 200]], [[200, 0], [0, 200]]]}
    (tmp_path / "full_simplified_cup.ndjson").write_text((json.dumps(drawing) + "\n") * 5)
    (drawings_folder / "moon.npy").rename(tmp_path / "full_numpy_bitmap_moon.npy")
    try:
        assert data.folder_categories(tmp_path) == ["cup", "moon"]
        cup, moon = data.open_drawings(f"folder:{tmp_path}", ("cup", "moon"))
        assert len(cup) == 5 and cup.max() > 200 and len(moon) == 60
        with pytest.raises(FileNotFoundError, match="neither apple.npy nor apple.ndjson"):
            data.open_drawings(f"folder:{tmp_path}", ("apple", "cup"))
    finally:
        (tmp_path / "full_numpy_bitmap_moon.npy").rename(drawings_folder / "moon.npy")


def test_scored_pixels_come_from_beyond_the_default_number(monkeypatch):
    """A run that asked for more practice drawings than the default finds all of its own again."""

    monkeypatch.setattr("doodle_core.data.sources.DEFAULT", 20)
    config = DataConfig("practice", CATEGORIES, 40)
    drawings = data.open_drawings("practice", CATEGORIES, 40)
    test = data.split(drawings, CATEGORIES)[2]
    assert test.rows.max() >= 20
    print_then = data.fingerprint(test.pixels(drawings))
    assert len(data.scored_pixels(config, test.labels, test.rows, print_then)) == len(test)


def test_scored_pixels_notice_that_the_drawings_changed(tmp_path):
    from support.drawings import make_drawings

    folder = make_drawings(tmp_path / "d")
    config = DataConfig(f"folder:{folder}", CATEGORIES, 0)
    drawings = data.stored_drawings(config.source, CATEGORIES)
    test = data.split(drawings, CATEGORIES)[2]
    print_then = data.fingerprint(test.pixels(drawings))
    assert data.scored_pixels(config, test.labels, test.rows, print_then).shape[1:] == (28, 28)
    make_drawings(folder, n=30)  # fewer: rows point beyond the end
    with pytest.raises(ValueError, match="changed since"):
        data.scored_pixels(config, test.labels, test.rows, print_then)


def test_description_counts_duplicates_and_means():
    drawings = [np.zeros((5, 784), np.uint8), np.full((5, 784), 200, np.uint8)]
    one, two = data.describe(drawings, ("cat", "dog"))
    assert (one["drawings"], one["duplicates"]) == (5, 4)
    assert two["mean"].tolist() == np.full((28, 28), 200).tolist() and two["ink"] == 1


def test_upsampling_is_bilinear_and_keeps_the_range():
    drawing = np.zeros((28, 28), np.uint8)
    drawing[14:] = 255
    large = data.upsample(drawing, 96)
    assert large.shape == (96, 96) and large.min() == 0 and large.max() == 255
    assert 0 < large[48, 50] < 255 or 0 < large[47, 50] < 255
