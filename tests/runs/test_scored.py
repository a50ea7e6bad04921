"""What a run's test part holds: checked, or refused in one sentence."""

import numpy as np
import pytest

from doodle_core import runs


@pytest.mark.parametrize(
    "content",
    ["", "\0", "a,b\n1,2\n", "place,quality,suggested\n", b"\xff\xfe\0", None]
    + [
        f"place,quality,suggested\n{row}\n"
        for row in ("-1,0.5,0", "99,0.5,0", "0,0.5,7", "0,inf,0", "x,y,z")
    ],
)
def test_strange_suspects_are_left_out(tmp_path, content):
    file = tmp_path / "suspects.csv"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert runs.suspects(tmp_path, 50, 3).empty


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("labels", lambda array: array.astype(np.int64) - 5),
        ("labels", lambda array: array + 3),
        ("labels", lambda array: array.astype(float)),
        ("labels", lambda array: array[0]),
        ("labels", lambda array: array.astype(str)),
        ("rows", lambda array: array[:-1]),
        ("rows", lambda array: -array - 1),
        ("probabilities", lambda array: array[:, :2]),
        ("probabilities", lambda array: array.astype(complex)),
        ("probabilities", lambda array: array * np.nan),
        ("embeddings", lambda array: array[0]),
    ],
)
def test_arrays_that_are_not_what_they_should_be_are_refused(finished_run, file, change):
    path = finished_run()
    array = np.load(path / f"test_{file}.npy")
    np.save(path / f"test_{file}.npy", change(array))
    with pytest.raises(ValueError, match="damaged"):
        runs.results(path, 3)


def test_results_are_checked(finished_run):
    path = finished_run()
    assert len(runs.results(path, 3).labels) == len(runs.results(path, 3).embeddings)
    (path / "test_embeddings.npy").unlink()
    assert runs.results(path, 3).embeddings is None
    file = path / "test_probabilities.npy"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ValueError, match="test_probabilities.npy of done is missing or damaged"):
        runs.results(path, 3)
