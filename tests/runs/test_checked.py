"""What readers of a run's arrays say where these are missing or damaged: one sentence, its names."""

import re

import numpy as np
import pytest

from doodle_core.arrays import write_npy, write_npz
from doodle_core.runs import checked


def refusal(call, *arguments):
    with pytest.raises(ValueError) as refused:
        call(*arguments)
    text = str(refused.value)
    assert re.fullmatch(r"[^\n]+\.", text)
    return text


def test_an_array_comes_back_or_its_file_is_named(tmp_path):
    write_npy(tmp_path / "a.npy", np.eye(2))
    assert (checked.array_of(tmp_path, "a.npy") == np.eye(2)).all()
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    text = refusal(checked.array_of, tmp_path, "a.npy")
    assert text == f"a.npy of {tmp_path.name} is missing or damaged."
    text = refusal(checked.array_of, tmp_path, "b.npy")
    assert text.startswith(f"b.npy of {tmp_path.name} is missing or damaged (")


def test_arrays_come_back_or_what_lacks_is_named(tmp_path):
    write_npz(tmp_path / "a.npz", {"x": np.eye(2), "words": np.array(["a"])})
    found = checked.arrays_of(tmp_path, "a.npz", ("x",), ("y",))
    assert list(found) == ["x"] and (found["x"] == np.eye(2)).all()
    name = f"a.npz of {tmp_path.name} is damaged"
    assert refusal(checked.arrays_of, tmp_path, "a.npz", ("x", "y")) == f"{name}: it lacks y."
    text = refusal(checked.arrays_of, tmp_path, "a.npz", ("words",))
    assert text == f"{name}: it holds other than numbers."
    (tmp_path / "a.npz").write_bytes(b"PK")
    assert "missing or damaged" in refusal(checked.arrays_of, tmp_path, "a.npz", ("x",))


def test_what_does_not_fit_is_not_written(tmp_path):
    stored = {"x": np.eye(2)}
    text = refusal(checked.write_arrays, tmp_path, "a.npz", stored, "x is too small")
    assert text == "a.npz is not written: x is too small." and not list(tmp_path.iterdir())
    checked.write_arrays(tmp_path, "a.npz", stored, "")
    assert (tmp_path / "a.npz").exists()


def test_an_array_of_nothing_that_would_take_hours_to_look_at_is_refused(tmp_path):
    write_npy(tmp_path / "a.npy", np.zeros(10))
    content = (
        (tmp_path / "a.npy").read_bytes().replace(b"(10,), }" + b" " * 12, b"(1000000000000,), }\n")
    )
    with open(tmp_path / "a.npy", "wb") as file:
        file.write(content[:127] + b"\n")
        file.truncate(8 * 10**12 + 128)
    text = refusal(checked.array_of, tmp_path, "a.npy")
    assert text == f"a.npy of {tmp_path.name} is damaged: it is larger than 4,000,000,000 bytes."


def test_numbers_that_are_none_are_found_in_any_piece(monkeypatch):
    monkeypatch.setattr(checked, "PIECE", 4)
    assert checked.is_finite(np.arange(10)) and checked.is_finite(np.zeros((0, 3)))
    for place in (0, 3, 4, 9):
        for value in (np.nan, -np.inf, 1e39):  # the last one is more than a float32 holds
            array = np.zeros((5, 2), order="F")
            array.flat[place] = value
            assert not checked.is_finite(array)
