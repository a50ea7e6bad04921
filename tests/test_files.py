"""Files replaced at once, disk errors in words, and shipped runs brought to a home that has none."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from doodle_core.files import ROOT, bring_shipped_runs, explain, remove_left, write_json


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
