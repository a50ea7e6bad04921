"""Practice data: the program's own doodles."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from doodle_core.data import raster
from doodle_core.data.practice import drawing as practice
from doodle_core.data.splits import fingerprint
from doodle_core.files import explain

ROOT = Path(__file__).resolve().parents[3]
CATEGORIES = practice.PRACTICE_CATEGORIES


@pytest.fixture(scope="module")
def drawings():
    """{category: (60, 784) uint8}"""
    return {category: practice.draw(category, 60, seed=3) for category in CATEGORIES}


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 10 drawings, so that few drawings make several blocks."""
    monkeypatch.setattr(practice, "BLOCK", 10)


@pytest.mark.parametrize("category", CATEGORIES)
def test_strokes_look_like_official_simplified_ones(category):
    rng = np.random.default_rng(1)
    for _ in range(50):
        lines = practice.strokes(category, rng)
        points = np.concatenate([np.array(line) for line in lines], axis=1)
        assert points.dtype.kind == "i"
        assert points.min() == 0 and points.max() == 255  # moved to 0, longer side 255
        assert (points.min(axis=1) == 0).all()


@pytest.mark.parametrize("category", CATEGORIES)
def test_drawings_are_white_on_black_and_all_different(drawings, category):
    pictures = drawings[category]
    assert pictures.shape == (60, 784) and pictures.dtype == np.uint8
    assert len(np.unique(pictures, axis=0)) == 60
    ink = (pictures > 127).mean(axis=1)
    assert ink.min() > 0 and 0.03 < ink.mean() < 0.4  # real drawings: 0.1 to 0.2


def test_people_use_more_than_one_number_of_strokes():
    rng = np.random.default_rng(2)
    for category in CATEGORIES:
        counts = {len(practice.strokes(category, rng)) for _ in range(80)}
        assert len(counts) >= 4


def test_categories_can_be_told_apart(drawings):
    """By the nearest mean of a rough picture, far above the 1/7 of guessing."""

    def rough(pictures):
        return pictures.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)

    means = np.stack([rough(drawings[category]).mean(axis=0) for category in CATEGORIES])
    right = []
    for label, category in enumerate(CATEGORIES):
        fresh = rough(practice.draw(category, 40, seed=4))
        distance = ((fresh[:, None] - means) ** 2).sum(axis=2)
        right.append((distance.argmin(axis=1) == label).mean())
    assert np.mean(right) > 0.5


def test_same_drawings_again(drawings):
    assert (practice.draw("moon", 60, seed=3) == drawings["moon"]).all()
    assert (practice.draw("moon", 60, seed=5) != drawings["moon"]).any(axis=1).all()


def test_fewer_drawings_are_the_beginning_of_more(small_blocks):
    more = practice.draw("canoe", 35, seed=1)
    for n in (0, 1, 10, 14, 35):
        assert (practice.draw("canoe", n, seed=1) == more[:n]).all()
    assert len(np.unique(more, axis=0)) == 35  # blocks do not repeat one another


def test_processes_change_nothing(small_blocks):
    alone = practice.draw("cup", 25)
    assert (practice.draw("cup", 25, processes=2) == alone).all()


def test_refuses_what_it_cannot_draw(tmp_path):
    sentence = "no practice recipe for 'zebra': practice data has lollipop, canoe, .* cup"
    with pytest.raises(ValueError, match=sentence):
        practice.strokes("zebra", np.random.default_rng(0))
    with pytest.raises(ValueError, match=sentence):
        practice.draw("zebra", 3)
    with pytest.raises(ValueError, match=sentence):
        practice.write(tmp_path / "new", ("apple", "zebra"), 3)
    assert not (tmp_path / "new").exists()


def test_write_makes_files_and_reports(tmp_path, small_blocks):
    reported = []
    practice.write(tmp_path / "new", ("apple", "moon"), 15, seed=2, progress=reported.append)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"apple.npy", "moon.npy"}
    stored = np.load(tmp_path / "new" / "moon.npy")
    assert (stored == practice.draw("moon", 15, seed=2)).all()
    assert reported[0] == 0 and reported[-1] == 1 and reported == sorted(reported)
    assert len(set(reported)) > 2


def test_write_with_processes(tmp_path, small_blocks, monkeypatch):
    monkeypatch.setattr(practice, "MOST_PROCESSES", 2)
    practice.write(tmp_path, ("apple", "moon", "cup"), 20)
    for name in ("apple", "moon", "cup"):
        assert (np.load(tmp_path / f"{name}.npy") == practice.draw(name, 20)).all()


def test_write_keeps_what_is_enough_and_mends_the_rest(tmp_path):
    practice.write(tmp_path, ("apple", "moon", "cup"), 4)
    before = (tmp_path / "apple.npy").stat().st_mtime_ns
    (tmp_path / "moon.npy").write_bytes((tmp_path / "moon.npy").read_bytes()[:-5])
    np.save(tmp_path / "cup.npy", np.zeros((9, 3), np.uint8))
    practice.write(tmp_path, ("apple", "moon", "cup"), 3)
    assert (tmp_path / "apple.npy").stat().st_mtime_ns == before
    assert np.load(tmp_path / "moon.npy").shape == (3, 784)
    assert np.load(tmp_path / "cup.npy").shape == (3, 784)
    practice.write(tmp_path, ("apple",), 6)
    assert np.load(tmp_path / "apple.npy").shape == (6, 784)


@pytest.fixture
def helpers(monkeypatch, small_blocks):
    """The helper processes that were started, two at a time."""
    monkeypatch.setattr(practice, "MOST_PROCESSES", 2)
    started, start = [], subprocess.Popen

    def remember(*args, **options):
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remember)
    return started


def test_interrupted_write_leaves_whole_files_and_no_process(tmp_path, helpers):
    def stop(done):
        if done > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        practice.write(tmp_path, ("apple", "moon", "cup"), 20, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["apple.npy"]
    assert len(helpers) == 2 and all(helper.poll() is not None for helper in helpers)
    practice.write(tmp_path, ("apple", "moon", "cup"), 20)
    assert len(list(tmp_path.iterdir())) == 3


def test_who_stops_breaks_off_no_other_drawing(tmp_path, helpers):
    """People at one dashboard are threads of one process."""
    halfway = threading.Event()

    def stop(done):
        if done > 0.3:
            halfway.wait(30)
            raise KeyboardInterrupt

    def write_and_stop():
        with pytest.raises(KeyboardInterrupt):
            practice.write(tmp_path / "stopped", ("apple",), 100, progress=stop)

    def go_on(done):
        if done > 0.3:
            halfway.set()
            stopping.join(30)

    stopping = threading.Thread(target=write_and_stop)
    stopping.start()
    practice.write(tmp_path / "whole", ("apple",), 100, progress=go_on)
    assert len(helpers) == 4 and not list(tmp_path.glob("stopped/*"))
    assert (np.load(tmp_path / "whole" / "apple.npy") == practice.draw("apple", 100)).all()


def test_a_killed_helper_is_an_os_error(tmp_path, helpers):
    def kill(done):
        if done > 0:
            helpers[0].kill()

    with pytest.raises(OSError, match="ended before it was done") as caught:
        practice.write(tmp_path, ("cup",), 4000, progress=kill)  # it has not done its last job
    assert explain(caught.value) == "A process that drew practice data ended before it was done."
    assert all(helper.poll() is not None for helper in helpers)


def test_helpers_do_not_run_the_main_script_again(tmp_path, small_blocks):
    """Under Streamlit that would be the whole dashboard; its scripts are threads, too."""
    (tmp_path / "main.py").write_text(f"""
import sys, threading
print("the main script", flush=True)
sys.path.insert(0, {str(ROOT)!r})
from doodle_core.data.practice import drawing as practice
practice.BLOCK, practice.MOST_PROCESSES = 10, 2
thread = threading.Thread(target=practice.write, args=("drawn", ("cup",), 60))
thread.start()
thread.join()
""")
    command = [sys.executable, "main.py"]
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    assert subprocess.run(command, check=True, cwd=tmp_path, **told).stdout == b"the main script\n"
    assert (np.load(tmp_path / "drawn" / "cup.npy") == practice.draw("cup", 60)).all()


def test_killed_write_leaves_no_process_and_is_taken_up_again(tmp_path):
    code = f"from doodle_core.data import practice; practice.write({str(tmp_path)!r}, n=400)"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as writing:
        end = time.monotonic() + 30
        while not list(tmp_path.glob("[!.]*.npy")) and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(writing.pid, signal.SIGKILL)
        # Its helpers share its stderr, which ends when the last of them has; they say nothing.
        assert writing.communicate(timeout=30)[1] == b""
    whole = list(tmp_path.glob("[!.]*.npy"))
    assert whole and all(np.load(path).shape == (400, 784) for path in whole)
    practice.write(tmp_path, (whole[0].stem, "cup"), 20)
    assert len(np.load(whole[0])) == 400 and (tmp_path / "cup.npy").exists()


def test_two_writers_at_once(tmp_path):
    code = (
        f"from doodle_core.data import practice; practice.write({str(tmp_path)!r}, ('apple',), 100)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["apple.npy"]
    assert (np.load(tmp_path / "apple.npy") == practice.draw("apple", 100)).all()


def test_a_folder_that_cannot_be_written_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError):
        practice.write(tmp_path / "file", ("apple",), 2)


STROKES = {  # of its first 400 drawings
    "lollipop": "f6bcfdcb3ba67c04",
    "canoe": "c50daace6b2fde96",
    "penguin": "04a2fd199b0fb016",
    "eyeglasses": "b5e8c6b394e6617d",
    "apple": "7f2a6506e192e999",
    "moon": "09e7445b47a1d0bd",
    "cup": "47d6ed1cb3748242",
}
BITMAPS = {
    "lollipop": "a46b3e9a11fbe73b789bef7c",
    "canoe": "281921534a980586c7abef04",
    "penguin": "13ac6d5f57c1edb21587e310",
    "eyeglasses": "718428de4f0a1f9711be5ddd",
    "apple": "3fe1986eca7b6eeddbfa91f2",
    "moon": "b9801b243eac95a2da307c98",
    "cup": "285b8afd55e67f586b28968a",
}
"""Hashes of each category's drawings in version 1: of 400's strokes, and of 20 as they are kept."""


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_drawings_of_a_version_stay_as_they_are(category):
    """Runs find their practice drawings again by seed alone: where this fails, raise VERSION."""
    rng = np.random.default_rng([784, CATEGORIES.index(category)])
    lines = [practice.strokes(category, rng) for _ in range(400)]
    found = hashlib.blake2b(json.dumps(lines).encode(), digest_size=8).hexdigest()
    assert (practice.VERSION, found) == (1, STROKES[category])
    assert fingerprint(practice.draw(category, 20, seed=3)) == BITMAPS[category]


def test_a_practice_drawing_depends_on_its_category_seed_and_block():
    """Pinned, as the strokes are: which generator draws which drawing."""
    rng = np.random.default_rng([9, CATEGORIES.index("cup"), 1])
    expected = [raster.draw_strokes(practice.strokes("cup", rng)).ravel() for _ in range(2)]
    assert practice.BLOCK == 250
    assert np.array_equal(practice.draw("cup", 252, seed=9)[250:], expected)
    assert practice.draw("cup", 0).shape == (0, 784)
