"""Where drawings come from, what that is called, and the same ones found again."""

import pytest

from doodle_core import data
from doodle_core.data import PRACTICE, is_practice, source_label
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
