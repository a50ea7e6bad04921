"""Files replaced at once, disk errors in words, and shipped runs brought to a home that has none."""

import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from doodle_core import files
from doodle_core.files import (
    HOME,
    ROOT,
    bring_shipped_runs,
    check_home,
    explain,
    is_inside,
    later,
    remove_left,
    stamp,
    write_json,
)


def test_many_threads_may_write_one_file(tmp_path):
    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(write_json, tmp_path / "x.json", {"i": i}) for i in range(200)]
    assert [write.exception() for write in writes] == [None] * 200
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_a_write_that_fails_keeps_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "notes.json"
    write_json(file, {"a": 1})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError):
        write_json(file, {"a": 2})
    assert file.read_text() == '{\n "a": 1\n}\n' and list(tmp_path.iterdir()) == [file]


def test_file_and_folder_are_flushed(tmp_path, monkeypatch):
    """The file before it takes its place, the folder after: else a power cut may undo the taking."""
    done = []
    true_flush, true_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda one: done.append(kind_of(one)) or true_flush(one))
    monkeypatch.setattr(os, "replace", lambda *two: done.append("replaced") or true_replace(*two))

    def kind_of(descriptor):
        is_folder = os.path.samestat(os.fstat(descriptor), tmp_path.stat())
        return "folder" if is_folder else "file"

    write_json(tmp_path / "x.json", {})
    assert done == ["file", "replaced", "folder"]


def test_a_folder_that_was_deleted_is_not_made_again(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_json(tmp_path / "gone" / "x.json", {})
    assert not list(tmp_path.iterdir())


def test_what_killed_processes_left_is_removed(tmp_path):
    (tmp_path / "deeper").mkdir()
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = [
        f".a.json.{dead.pid}-7.tmp.json",
        f"deeper/.b.weights.h5.{os.getpid()}-7.tmp.weights.h5",
    ]
    kept = [f".a.json.{os.getppid()}-7.tmp.json", ".b.tmp", "c.tmp.json"]
    for name in (*left, *kept):
        (tmp_path / name).touch()
    remove_left(tmp_path)
    found = {one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file()}
    assert found == set(kept)


def test_disk_errors_are_put_in_words():
    assert "disk is full" in explain(OSError(28, "No space left on device", "x"))
    assert "read-only" in explain(OSError(30, "Read-only file system", "x"))
    assert explain(ValueError("two\nlines")) == "two lines"


@pytest.fixture
def program(tmp_path):
    """An installed program whose files may only be read."""
    folder = tmp_path / "doodle_lab"
    (folder / "models" / "shipped" / "parts").mkdir(parents=True)
    (folder / "models" / "sweeps.db").write_text("sweeps")
    (folder / "models" / "shipped" / "parts" / "a.json").write_text("{}")
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755)


def test_the_first_start_brings_the_shipped_runs(program, tmp_path):
    home = tmp_path / "a new" / "home"
    bring_shipped_runs(program, home)
    copied = home / "models" / "shipped" / "parts" / "a.json"
    assert copied.read_text() == "{}" and (home / "models" / "sweeps.db").exists()
    assert copied.stat().st_mode & copied.parent.stat().st_mode & 0o200  # for its owner to delete
    assert [path.name for path in home.iterdir()] == ["models"]


def test_what_a_person_deleted_does_not_come_again(program, tmp_path):
    (tmp_path / "home" / "models").mkdir(parents=True)
    bring_shipped_runs(program, tmp_path / "home")
    assert not list((tmp_path / "home" / "models").iterdir())


def test_a_checkouts_runs_stay_where_they_are(tmp_path):
    bring_shipped_runs(ROOT, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_home_that_cannot_be_made_is_told(program, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        bring_shipped_runs(program, tmp_path / "file" / "home")


def test_starts_at_the_same_time_bring_them_once(program, tmp_path):
    home = tmp_path / "home"
    with ThreadPoolExecutor(8) as starts:
        list(starts.map(lambda _: bring_shipped_runs(program, home), range(16)))
    assert (home / "models" / "shipped" / "parts" / "a.json").read_text() == "{}"
    assert [path.name for path in home.iterdir()] == ["models"]


@pytest.mark.parametrize(
    "spelt", ["home", "./home/", "link", "x/../home", "{tmp}/home/", "{tmp}/x/../link", "~/home"]
)
def test_a_home_has_one_name_however_it_is_spelt(tmp_path, spelt):
    (tmp_path / "home").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "link").symlink_to("home")
    assert home(tmp_path, DOODLE_HOME=spelt.format(tmp=tmp_path)) == str(tmp_path / "home")


@pytest.mark.parametrize("given", [{}, {"DOODLE_HOME": ""}])
def test_a_checkout_is_its_own_home(tmp_path, given):
    assert home(tmp_path, **given) == str(ROOT)


def home(folder, **given):
    """The HOME of a program that is started in that folder."""
    others = {name: text for name, text in os.environ.items() if name != "DOODLE_HOME"}
    return subprocess.run(
        [sys.executable, "-c", "from doodle_core.files import HOME; print(HOME)"],
        cwd=folder,
        env=others | {"PYTHONPATH": str(ROOT), "HOME": str(folder)} | given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_time_is_later_than_those_before_it(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 100.0)
    assert later([], 1e9) == later([5.0, 99.0], 1e9) == 100.0
    assert 100.0 < later([100.0], 1e9) < 100.001
    assert 500.0 < later([5.0, 500.0], 1e9) < 500.001
    assert later([1e9, 2e9], 1e9) == 100.0  # no program of ours wrote those


def test_a_file_replaced_by_one_as_large_and_as_old_has_another_stamp(tmp_path):
    file = tmp_path / "x"
    assert stamp(file) is None
    file.write_text("one")
    before = stamp(file)
    assert stamp(file) == before
    (tmp_path / "y").write_text("two")
    os.utime(tmp_path / "y", ns=(before[0], before[0]))
    os.replace(tmp_path / "y", file)
    assert file.stat().st_mtime_ns == before[0] and stamp(file) != before


# --- reading -------------------------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path):
    file = tmp_path / "outside" / "secret"
    file.parent.mkdir()
    file.write_text('{"a": 1}')
    return file


@pytest.mark.parametrize("place", files.CLOSED, ids=["models", "people"])
def test_a_link_leads_out_of_no_run_and_no_session(outside, place):
    run = place / "run"
    run.mkdir(parents=True)
    try:
        (run / "own").write_text("own")
        (run / "inner").symlink_to(run / "own")
        (run / "file").symlink_to(outside)
        (run / "folder").symlink_to(outside.parent)
        (place / "other").symlink_to(outside.parent)
        (place / "twin").symlink_to(run)
        assert files.read_bytes(run / "own", 9) == files.read_bytes(run / "inner", 9) == b"own"
        for path in ("run/file", "run/folder/secret", "other/secret", "twin/own"):
            with pytest.raises(OSError, match="leads out"):
                files.read_bytes(place / path, 99)
            with pytest.raises(OSError, match="leads out"):
                files.read_json(place / path)
        for name in ("run", "other", "twin"):
            with pytest.raises(OSError, match="leads out"):
                files.check_folder(place / name)
        (run / "file").unlink()
        (run / "folder").unlink()
        files.check_folder(run)
    finally:
        shutil.rmtree(place)


def test_a_persons_own_links_are_followed(outside):
    (outside.parent / "link").symlink_to(outside)
    assert files.read_json(outside.parent / "link") == {"a": 1}


@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        socket.socket(socket.AF_UNIX).bind(str(path))
    for read in (files.open_file, files.read_json, lambda path: files.read_bytes(path, 9)):
        with pytest.raises(OSError) as refused:
            read(path)
        assert "\n" not in explain(refused.value) and explain(refused.value).endswith(f"({path}).")
    if kind != "folder":
        with pytest.raises(OSError, match="Not a regular file"):
            files.check_folder(tmp_path)


def test_no_more_is_read_than_was_said(tmp_path):
    (tmp_path / "x").write_bytes(b"123")
    assert files.read_bytes(tmp_path / "x", 3) == b"123"
    with pytest.raises(ValueError, match="x is larger than 2 bytes"):
        files.read_bytes(tmp_path / "x", 2)


def test_json_with_a_mark_of_its_encoding_is_json(tmp_path):
    (tmp_path / "x.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert files.read_json(tmp_path / "x.json") == {"a": 1}


def test_a_home_that_is_closed_to_this_account_is_told(monkeypatch):
    check_home()  # nothing is there yet

    def closed(folder="."):
        if not is_inside(folder, HOME):
            return true(folder)
        raise PermissionError(13, "Permission denied", str(folder))

    true = os.listdir
    monkeypatch.setattr(os, "listdir", closed)
    with pytest.raises(PermissionError) as caught:
        check_home()
    assert "Permission denied" in explain(caught.value) and "DOODLE_HOME" in explain(caught.value)
    app = AppTest.from_file(str(ROOT / "dashboard.py")).run()
    assert not app.title and "choose another DOODLE\\_HOME" in app.error[0].value
