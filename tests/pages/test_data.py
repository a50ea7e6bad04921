"""The Data page."""

import os

import numpy as np
import pytest

from doodle_core import data
from doodle_core.data import PRACTICE
from support.apps import open_page, words
from support.drawings import CATEGORIES, make_drawings

pytestmark = pytest.mark.usefixtures("no_worker")


def test_data_shows_a_folder(drawings_folder):
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(drawings_folder)).run()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert values == {"Categories": "3", "Drawings": "180", "Exact duplicates": "0"}


def test_data_refuses_a_bad_file_with_a_sentence(tmp_path):
    np.save(tmp_path / "cat.npy", np.zeros((3, 100), np.uint8))
    np.save(tmp_path / "dog.npy", np.zeros((3, 784), np.uint8))
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    app.text_input(key="data_folder").set_value(str(tmp_path)).run()
    assert not app.exception
    assert "expected shape" in app.error[0].value


def opened(folder):
    app = open_page("data")
    app.segmented_control(key="data_kind").set_value("folder").run()
    return app.text_input(key="data_folder").set_value(str(folder)).run()


def test_data_shows_what_is_in_a_file_now(tmp_path):
    """Replaced by as many others, as old as those: the figures are not those of the old file."""
    app = opened(make_drawings(tmp_path / "drawings"))
    assert {one.label: one.value for one in app.metric}["Exact duplicates"] == "0"
    file = tmp_path / "drawings" / "apple.npy"
    stat = file.stat()
    np.save(file, np.repeat(np.load(file)[:1], 60, axis=0))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    app.run()
    assert {one.label: one.value for one in app.metric}["Exact duplicates"] == "59"


def test_practice_data_opened_as_a_folder_is_marked(tmp_path):
    data.open_drawings("practice", CATEGORIES, 9)
    (tmp_path / "link").symlink_to(PRACTICE)
    app = opened(tmp_path / "link")
    assert "drawn by this program; not real" in words(app)


def said(app):
    return " ".join(one.value.replace("\\", "") for one in app.warning)


def test_inverted_drawings_are_seen_and_turned(drawings_folder, tmp_path):
    for name in ("apple", "cup", "moon"):
        drawings = np.load(drawings_folder / f"{name}.npy")
        np.save(tmp_path / f"{name}.npy", 255 - drawings if name == "cup" else drawings)
    app = opened(tmp_path)
    assert "Drawings of cup are dark on light" in said(app)
    (toggle,) = app.toggle
    assert not toggle.value, "nothing is turned unasked"

    def ink(app):
        return dict(app.dataframe[0].value[["category", "ink"]].values)

    before = ink(app)
    toggle.set_value(True).run()
    assert not app.exception and ink(app)["apple"] == before["apple"]
    assert before["cup"] > 60 > ink(app)["cup"]
    assert not opened(drawings_folder).toggle


def test_what_is_not_read_is_said(drawings_folder, tmp_path):
    line = '{"drawing": [[[0, 9], [0, 9]]]}\n'
    (tmp_path / "cup.ndjson").write_text(line * 12 + '{"drawing": [')
    np.save(tmp_path / "Moon.npy", np.load(drawings_folder / "moon.npy"))
    np.save(tmp_path / "moon (1).npy", np.load(drawings_folder / "moon.npy"))
    app = opened(tmp_path)  # nothing has been drawn of the strokes before this
    assert "1 line of cup.ndjson was left out: line 13" in said(app)
    assert "Of moon, Moon.npy is read and not moon (1).npy." in said(app)


def test_a_folder_without_a_category_says_what_it_holds(tmp_path):
    (tmp_path / "my moon.npy").touch()
    assert "there is my moon.npy" in said(opened(tmp_path))
