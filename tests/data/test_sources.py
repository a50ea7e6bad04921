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
