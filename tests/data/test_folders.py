"""A folder of somebody's drawings: what is taken from it, and what is refused in one sentence."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
from hypothesis import given

from doodle_core import data
from doodle_core.data import raster, sources
from doodle_core.files import DATA
from support.hostile import answered, damages


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


@given(damages())
def test_drawings_that_are_none(tmp_path, damage):
    file = tmp_path / "cup.npy"
    np.save(file, np.arange(3 * 784, dtype=np.uint8).reshape(3, 784))
    file.write_bytes(damage(file.read_bytes()))
    found = answered(data.read_npy, file)
    assert found is None or (found.dtype == np.uint8 and found.shape[1:] == (784,))


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


def lines(n):
    return "".join(f'{{"drawing":[[[0,{9 + at}],[0,9]]]}}\n' for at in range(n))


@pytest.fixture
def drawn():
    """The bitmaps that are kept of `.ndjson` files."""
    shutil.rmtree(DATA / "drawn", ignore_errors=True)
    return lambda: sorted((DATA / "drawn").iterdir())


def test_bitmaps_of_an_older_state_of_a_file_go(tmp_path, drawn):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cup.ndjson").write_text(lines(3))
        data.stored_drawings(f"folder:{tmp_path / folder}", ["cup"])
    data.stored_drawings(f"folder:{tmp_path / 'one'}", ["cup"], 2)  # of fewer drawings
    before = drawn()
    assert len(before) == 3
    (DATA / "drawn" / "cup-0123456789abcdef.npy").touch()  # as earlier versions called them
    (tmp_path / "one" / "cup.ndjson").write_text(lines(4))
    assert [len(one) for one in data.stored_drawings(f"folder:{tmp_path / 'one'}", ["cup"])] == [4]
    left = drawn()
    assert len(left) == 2 and len(set(left) & set(before)) == 1, "the other folder's stays"


def test_a_file_replaced_by_one_as_large_and_as_old_is_drawn_anew(tmp_path, drawn):
    file, source = tmp_path / "cup.ndjson", f"folder:{tmp_path}"
    file.write_text('{"drawing":[[[0,9],[0,9]]]}')
    stat, before = file.stat(), np.array(data.stored_drawings(source, ["cup"])[0])
    file.write_text('{"drawing":[[[0,9],[9,0]]]}')
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size and file.stat().st_mtime_ns == stat.st_mtime_ns
    assert not np.array_equal(before, data.stored_drawings(source, ["cup"])[0])


def test_a_file_is_opened_before_the_next_one_is_drawn(tmp_path, monkeypatch):
    """Else another process could prune it meanwhile."""
    for name in ("cup", "moon"):
        (tmp_path / f"{name}.ndjson").write_text(lines(2))
    done = []
    read_ndjson, read_npy = raster.read_ndjson, data.read_npy
    monkeypatch.setattr(raster, "read_ndjson", lambda *a: done.append("draw") or read_ndjson(*a))
    monkeypatch.setattr(sources, "read_npy", lambda *a: done.append("open") or read_npy(*a))
    data.stored_drawings(f"folder:{tmp_path}", ["cup", "moon"])
    assert done == ["draw", "open", "draw", "open"]


def test_strokes_are_drawn_once_for_each_limit_and_state_of_the_file(tmp_path):
    """A cache that forgot the limit would give a run fewer drawings than it asked for."""
    lines = [
        json.dumps({"drawing": [[[0, 200], [0, place]], [[200, 0], [0, 200]]]})
        for place in range(0, 250, 25)
    ]
    file = tmp_path / "cup.ndjson"
    file.write_text("\n".join(lines) + "\n")
    kept = {n: data.folder_file(tmp_path, "cup", n) for n in (3, 5, 0)}
    assert {n: len(np.load(one)) for n, one in kept.items()} == {3: 3, 5: 5, 0: 10}
    assert np.array_equal(np.load(kept[5])[:3], np.load(kept[3]))
    times = {one: one.stat().st_mtime_ns for one in kept.values()}
    assert [data.folder_file(tmp_path, "cup", n) for n in (3, 5, 0)] == [*kept.values()]
    assert {one: one.stat().st_mtime_ns for one in kept.values()} == times
    whole = np.load(kept[0])
    file.write_text("\n".join(lines[::-1]) + "\n")  # as many bytes, written later
    os.utime(file, ns=(1, 2))
    assert np.array_equal(np.load(data.folder_file(tmp_path, "cup", 3)), whole[:-4:-1])


@pytest.mark.parametrize("shape", [(4, 784), (4, 28, 28)])
def test_drawings_may_be_flat_or_square(tmp_path, shape):
    pixels = np.arange(4 * 784, dtype=np.uint8).reshape(shape)
    np.save(tmp_path / "cup.npy", pixels)
    assert np.array_equal(data.read_npy(tmp_path / "cup.npy"), pixels.reshape(4, 784))
    for wrong in (pixels[:, :14], pixels[None], pixels.ravel()):
        np.save(tmp_path / "cup.npy", wrong)
        with pytest.raises(ValueError, match=r"expected shape \(N, 784\)"):
            data.read_npy(tmp_path / "cup.npy")


def test_a_category_as_typed_comes_before_one_as_downloaded(tmp_path):
    for place, name in enumerate(("cup", "full_numpy_bitmap_cup", "full_numpy_bitmap_moon")):
        np.save(tmp_path / f"{name}.npy", np.full((1, 784), place, np.uint8))
    assert data.folder_file(tmp_path, "cup").name == "cup.npy"
    assert data.folder_file(tmp_path, "moon").name == "full_numpy_bitmap_moon.npy"
    (tmp_path / "apple.npy").mkdir()
    assert data.folder_categories(str(tmp_path)) == ["cup", "moon"]
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        data.folder_categories(tmp_path / "nowhere")
