"""Where drawings come from, what that is called, and the same ones found again."""

from dataclasses import replace

import numpy as np
import pytest

from doodle_core import data
from doodle_core.data import PRACTICE, SOURCES, is_practice, own_set, source_label
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.settings import DataConfig
from support.drawings import CATEGORIES, make_drawings


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
    folder = make_drawings(tmp_path / "d")
    config = DataConfig(f"folder:{folder}", CATEGORIES, 0)
    drawings = data.stored_drawings(config.source, CATEGORIES)
    test = data.split(drawings, CATEGORIES)[2]
    print_then = data.fingerprint(test.pixels(drawings))
    assert data.scored_pixels(config, test.labels, test.rows, print_then).shape[1:] == (28, 28)
    make_drawings(folder, n=30)  # fewer: rows point beyond the end
    with pytest.raises(ValueError, match="changed since"):
        data.scored_pixels(config, test.labels, test.rows, print_then)


def test_practice_data_is_called_so():
    assert source_label("practice") == "practice data"
    assert "practice" not in source_label("folder:/home/me/drawings")


def test_the_cache_of_practice_data_is_practice_data_under_any_name():
    assert (
        is_practice(f"folder:{PRACTICE}") and source_label(f"folder:{PRACTICE}") == "practice data"
    )
    assert not is_practice("folder:/home/me/practice")


@pytest.fixture
def spellings(tmp_path, monkeypatch):
    """Many ways to write where a folder is: a function of its path."""

    def spelt(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (tmp_path / "link").symlink_to(folder.parent)
        (tmp_path / "straight").symlink_to(folder)
        monkeypatch.chdir(folder.parent)
        return [
            str(folder),
            folder.name,
            f"./{folder.name}/",
            f"{folder}/../{folder.name}",
            str(tmp_path / "link" / folder.name),
            str(tmp_path / "straight"),
        ]

    return spelt


def test_practice_data_is_known_however_its_folder_is_spelt(spellings):
    for path in spellings(PRACTICE):
        assert is_practice(f"folder:{path}"), path
        assert source_label(f"folder:{path}") == "practice data"


def test_practice_data_of_another_home_is_known(tmp_path):
    assert is_practice(f"folder:{tmp_path}/home/data/practice-v1")
    assert not is_practice(f"folder:{tmp_path}/practice-v1")
    assert not is_practice(f"folder:{tmp_path}/data/practice-v1-of-mine")


def test_one_folder_is_one_source_however_it_is_spelt(spellings, tmp_path):
    folder = tmp_path / "drawings"
    for path in spellings(folder):
        assert data.is_same(f"folder:{path}", f"folder:{folder}"), path
    assert not data.is_same(f"folder:{folder}", f"folder:{folder}2")
    assert data.is_same("practice", "practice") and not data.is_same("practice", "official")
    assert not data.is_same("", f"folder:{folder}")


def test_a_folder_is_called_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "doodles").mkdir()
    monkeypatch.chdir(tmp_path / "doodles")
    for path in (".", "../doodles/", str(tmp_path / "doodles")):
        assert source_label(f"folder:{path}") == "folder doodles"


def test_the_fingerprint_decides_whether_drawings_are_those_of_a_run(tmp_path):
    """Other drawings, as many and at the same rows, are not shown under the old labels."""
    folder = make_drawings(tmp_path / "d")
    config = DataConfig(f"folder:{folder}", CATEGORIES, 0)
    drawings = data.stored_drawings(config.source, CATEGORIES)
    test = data.split(drawings, CATEGORIES)[2]
    pixels = test.pixels(drawings)
    asked = config, test.labels, test.rows
    assert np.array_equal(data.scored_pixels(*asked, data.fingerprint(pixels)), pixels)
    for wrong in (None, "", data.fingerprint(pixels[:-1])):
        with pytest.raises(ValueError, match="have changed since this run was scored"):
            data.scored_pixels(*asked, wrong)
    apple = np.load(folder / "apple.npy")
    place = int(test.rows[test.labels == 0][0])
    apple[place, 300] ^= 1
    np.save(folder / "apple.npy", apple)
    with pytest.raises(ValueError, match="have changed since this run was scored"):
        data.scored_pixels(*asked, data.fingerprint(pixels))


def test_a_limit_takes_the_first_of_each_file(tmp_path):
    folder = make_drawings(tmp_path / "d")
    whole = np.load(folder / "moon.npy")
    for n, expected in ((0, 60), (7, 7), (60, 60), (99, 60)):
        for read in (data.open_drawings, data.stored_drawings):
            apple, moon = read(f"folder:{folder}", ("apple", "moon"), n)
            assert len(apple) == len(moon) == expected
            assert np.array_equal(moon, whole[:expected])


@pytest.mark.parametrize("source", ["practice", "official"])
def test_all_of_an_endless_source_are_ten_thousand(source, monkeypatch, tmp_path):
    """Where more lie on the disk for another run, "all" is what it always was."""
    assert data.DEFAULT == 10_000
    row = SOURCES[source]
    asked = []
    files = {name: tmp_path / f"{name}.npy" for name in ("apple", "moon")}
    for file in files.values():
        np.lib.format.open_memmap(file, "w+", np.uint8, (10_003, 784)).flush()
    known = replace(
        row,
        prepare=lambda names, n, report: asked.append((names, n)),
        files=lambda path, names, n: [files[name] for name in names],
    )
    monkeypatch.setitem(SOURCES, source, known)
    assert [len(one) for one in data.open_drawings(source, ("apple", "moon"))] == [10_000] * 2
    assert [len(one) for one in data.stored_drawings(source, ("apple",), 10_002)] == [10_002]
    data.open_drawings(source, ("moon",), 30)
    assert asked == [(("apple", "moon"), 10_000), (("moon",), 30)]


def test_a_source_is_named_as_settings_name_it():
    assert [
        (key, one.is_endless, one.is_practice, one.has_path) for key, one in SOURCES.items()
    ] == [
        ("practice", True, True, False),
        ("official", True, False, False),
        ("mine", False, False, False),
        ("folder", False, False, True),
        ("inverted", False, False, True),
    ]
    for good in ("practice", "official", "folder:/x", "inverted:/x", "folder:" + "x" * 1000):
        assert data.check_source(good) == good
    for bad in ("practice:/x", "official:x", "folder:", "folder", "mine", "", "folder:~x"):
        with pytest.raises(ValueError, match="A source is|plain text"):
            data.check_source(bad)
    with pytest.raises(ValueError, match="plain text of at most 1,000"):
        data.check_source("folder:" + "x" * 1001)
    assert source_label("official") == "Quick, Draw! (official)"
    assert source_label("folder:/home/me/drawings") == "folder drawings"


def test_drawings_are_here_or_not(tmp_path):
    folder = make_drawings(tmp_path / "d")
    assert data.is_here(DataConfig(f"folder:{folder}", CATEGORIES, 0))
    assert not data.is_here(DataConfig(f"folder:{folder}", (*CATEGORIES, "cat"), 0))
    assert not data.is_here(DataConfig(f"folder:{tmp_path / 'nowhere'}", CATEGORIES, 0))


def test_categories_that_cannot_be_drawn_are_named():
    data.check_practice(("apple", "moon"))
    with pytest.raises(ValueError, match="but not for cat, dog, fish, bird, book and others: ch"):
        data.check_practice(("apple", "cat", "dog", "fish", "bird", "book", "eye"))
    with pytest.raises(ValueError, match="but not for cat, dog, fish, bird, book: choose"):
        data.check_practice(("apple", "cat", "dog", "fish", "bird", "book"))


def test_how_far_fetching_and_drawing_have_come(monkeypatch):
    told = []

    def fetch(name, n, folder, progress):
        progress(0, 400)
        progress(200, 400)
        progress(0, 0)

    monkeypatch.setattr("doodle_core.data.official.fetch", fetch)
    SOURCES["official"].prepare(("cat", "dog"), 5, lambda done, text: told.append((done, text)))
    assert told == [
        *((0, "Fetching cat"), (0.25, "Fetching cat"), (0, "Fetching cat")),
        *((0.5, "Fetching dog"), (0.75, "Fetching dog"), (0.5, "Fetching dog")),
    ]


def test_a_source_can_be_named_by_the_key_that_only_chooses_it():
    assert data.named_source("mine") == own_set.SOURCE
    assert data.named_source("folder:/a b") == "folder:/a b"
    assert data.named_source("practice") == "practice"
    for text in ("", "folder", "folder:", "somewhere", "inverted"):
        with pytest.raises(ValueError, match="A source is"):
            data.named_source(text)


def test_a_source_says_which_categories_it_has(tmp_path):
    folder = make_drawings(tmp_path / "d", 3, ("moon", "cup"))
    assert data.categories_of(f"folder:{folder}") == ["cup", "moon"]
    assert not data.is_endless(f"folder:{folder}")
    assert len(data.categories_of("official")) == 345 and data.is_endless("official")
    assert data.categories_of("practice") == list(REPORT_SEVEN) and data.is_endless("practice")
    with pytest.raises(FileNotFoundError):
        data.categories_of("folder:/no/such")
