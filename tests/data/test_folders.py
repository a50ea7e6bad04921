"""A folder of somebody's drawings: what is taken from it, and what is refused in one sentence."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
from hypothesis import given

from doodle_core import data
from doodle_core.data import folders, practice, raster, sources
from doodle_core.data.categories import CATEGORIES
from doodle_core.files import DATA
from doodle_core.settings import DataConfig
from doodle_core.training.parts import open_parts
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


@pytest.mark.parametrize(
    "name, category",
    [
        ("moon.npy", "moon"),
        ("Moon.npy", "moon"),
        ("moon.NPY", "moon"),
        ("moon (1).npy", "moon"),
        ("moon(2).ndjson", "moon"),
        ("moon - Copy.npy", "moon"),
        ("moon copy 2.npy", "moon"),
        ("moon.ndjson.gz", "moon"),
        ("full_numpy_bitmap_moon.npy", "moon"),
        ("full%2Fnumpy_bitmap%2Fmoon.npy", "moon"),
        ("full-simplified-moon.ndjson", "moon"),
        ("full%2Fsimplified%2Fhot%20dog (3).ndjson", "hot dog"),
        ("full_raw_hot dog.ndjson", "hot dog"),
        ("hot_dog.npy", "hot dog"),
        ("hot+dog.npy", "hot dog"),
        ("quickdraw_dataset_full_numpy_bitmap_t-shirt.npy", "t-shirt"),
        ("T_Shirt.npy", "t-shirt"),
        ("the mona lisa.npy", "The Mona Lisa"),
        ("full_numpy_bitmap_The%20Eiffel%20Tower.npy", "The Eiffel Tower"),
        ("dog.npy", "dog"),
        ("my moon.npy", None),
        ("moons.npy", None),
        ("moon.npz", None),
        ("moon.npy.part", None),
        ("full_numpy_bitmap_.npy", None),
        (".npy", None),
    ],
)
def test_names_as_browsers_leave_them(name, category):
    assert folders.category_of(name) == category


def test_every_category_is_found_under_its_downloads_names():
    for name in CATEGORIES:
        for one in (
            f"{name}.npy",
            f"full_numpy_bitmap_{name}.npy",
            f"full/numpy_bitmap/{name}.npy".replace("/", "%2F").replace(" ", "%20"),
            f"{name.replace(' ', '_').upper()} (1).ndjson",
        ):
            assert folders.category_of(one) == name, one


def test_of_two_files_of_a_category_one_is_read_and_both_are_named(tmp_path):
    for value, name in enumerate(["Moon.npy", "moon (1).npy", "moon.npy"], 1):
        np.save(tmp_path / name, np.full((2, 784), value, np.uint8))
    (found,) = data.stored_drawings(f"folder:{tmp_path}", ("moon",))
    assert found[0, 0] == 3
    (said,) = data.left_out(f"folder:{tmp_path}", ("moon",))
    assert said == "Of moon, moon.npy is read and not Moon.npy, moon (1).npy."


def test_a_folder_without_what_is_wanted_says_what_it_holds(tmp_path):
    for name in ("a.txt", "b.npz", "my moon.npy"):
        (tmp_path / name).touch()
    with pytest.raises(
        FileNotFoundError, match=r"neither cup.npy nor .*, but a.txt, b.npz, my moon"
    ):
        data.stored_drawings(f"folder:{tmp_path}", ("cup",))
    assert data.folder_categories(tmp_path) == []
    assert "a.txt, b.npz, my moon.npy" in data.lacking(tmp_path)


def test_lines_that_were_left_out_are_counted(tmp_path):
    lines = ['{"drawing": [[[0, 9], [0, 9]]]}', '{"drawing": []}', '{"drawing": [[[-3], [256]]]}']
    (tmp_path / "cup.ndjson").write_text("\n".join(lines))
    source = f"folder:{tmp_path}"
    assert data.left_out(source, ("cup",)) == [], "nothing has been drawn yet"
    for _ in range(2):  # drawn, and kept
        assert len(data.open_drawings(source, ("cup",))[0]) == 1
        (said,) = data.left_out(source, ("cup",))
        assert said.startswith("2 lines of cup.ndjson were left out: line 2 is not")


# --- dark on light --------------------------------------------------------------------------------


@pytest.fixture
def inverted(tmp_path):
    """A folder with moon inverted, a few of cup inverted, and apple as it should be."""
    drawings = {name: practice.draw(name, 60, seed=1) for name in ("apple", "cup", "moon")}
    for name, rows in {"apple": 0, "cup": 9, "moon": 60}.items():
        turned = drawings[name].copy()
        turned[:rows] = 255 - turned[:rows]
        np.save(tmp_path / f"{name}.npy", turned)
    return tmp_path, drawings


def test_inverted_drawings_are_seen_and_turned_when_asked_for(inverted):
    folder, drawings = inverted
    names, source = tuple(drawings), f"folder:{folder}"
    assert data.inverted_in(source, names) == ["cup", "moon"]
    (said,) = data.remarks(source, names)
    assert "cup, moon" in said and f'"inverted:{folder}"' in said
    as_they_are = data.open_drawings(source, names)
    assert np.array_equal(as_they_are[2], 255 - drawings["moon"]), "nothing is turned unasked"
    turned = data.as_inverted(source)
    for _ in range(2):
        for found, name in zip(data.open_drawings(turned, names), names, strict=True):
            assert np.array_equal(found, drawings[name]), name
    assert data.inverted_in(turned, names) == [] and data.remarks(turned, names) == []
    assert [len(one) for one in data.open_drawings(turned, names, 7)] == [7, 7, 7]


def test_real_drawings_are_not_taken_for_inverted_ones(drawings_folder):
    assert data.inverted_in(f"folder:{drawings_folder}", ("apple", "cup", "moon")) == []
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 1:-1, 1:-1] = 255  # filled, but for its rim
    assert not folders.is_inverted(square.reshape(1, -1))


def test_a_run_on_turned_drawings_says_so_and_finds_them_again(inverted):
    folder, drawings = inverted
    config = DataConfig(data.as_inverted(f"folder:{folder}"), tuple(drawings), 0)
    assert data.source_label(config.source) == f"folder {folder.name}, turned to light on dark"
    first = open_parts(config)
    for kept in (DATA / "drawn").glob("*.npy"):
        kept.unlink()
    for (x, y), (again, labels) in zip(first, open_parts(config), strict=True):
        assert np.array_equal(x, again) and np.array_equal(y, labels)


def test_a_training_on_inverted_drawings_is_told(inverted, caplog):
    folder, drawings = inverted
    open_parts(DataConfig(f"folder:{folder}", tuple(drawings), 0))
    assert "dark on light" in caplog.text
