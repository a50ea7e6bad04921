"""Files replaced at once, and disk errors in words."""

import os

import pytest

from doodle_core.files import explain, write_json


def test_many_threads_may_write_one_file(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

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


def test_disk_errors_are_put_in_words():
    assert "disk is full" in explain(OSError(28, "No space left on device", "x"))
    assert "read-only" in explain(OSError(30, "Read-only file system", "x"))
    assert explain(ValueError("two\nlines")) == "two lines"
