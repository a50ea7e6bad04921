"""What a classifier wrote about its test part: written, read, and refused where it does not fit."""

import numpy as np
import pandas as pd
import pytest

from doodle_core import evaluation, runs

C, N = 3, 12
RNG = np.random.default_rng(0)
LABELS = (np.arange(N) % C).astype(np.uint16)
ROWS = RNG.permutation(N).astype(np.int32)
SAID = RNG.dirichlet(np.ones(C), N)
EMBEDDINGS = RNG.normal(size=(N, 8))
VALIDATION = LABELS[:5].astype(int), SAID[:5]


def write(path, labels=LABELS, rows=ROWS, said=SAID, embeddings=EMBEDDINGS, validation=VALIDATION):
    runs.write_test_part(path, labels, rows, C)
    runs.write_results(path, said, embeddings, validation)


def test_results_come_back(tmp_path):
    write(tmp_path)
    found = runs.results(tmp_path, C)
    assert np.array_equal(found.labels, LABELS) and found.labels.dtype == np.uint16
    assert np.array_equal(found.rows, ROWS) and found.rows.dtype == np.int32
    assert np.array_equal(found.probabilities, SAID.astype(np.float32))
    assert np.array_equal(found.embeddings, EMBEDDINGS.astype(np.float16))
    labels, said = runs.validation(tmp_path, C)
    assert np.array_equal(labels, LABELS[:5]) and labels.dtype == np.uint16
    assert np.array_equal(said, SAID[:5].astype(np.float32))
    (tmp_path / "val_probabilities.npy").unlink()
    assert runs.validation(tmp_path, C)[1] is None


@pytest.mark.parametrize(
    "change",
    [
        {"labels": LABELS + 1},
        {"labels": LABELS[:0], "rows": ROWS[:0]},
        {"labels": LABELS.astype(float)},
        {"rows": ROWS[:-1]},
        {"rows": -ROWS},
        {"said": SAID[:-1]},
        {"said": SAID * np.nan},
        {"embeddings": EMBEDDINGS[:-1]},
        {"validation": (LABELS[:4], SAID[:5])},
        {"validation": (LABELS[:5], SAID[:5] * np.nan)},
        {"validation": (LABELS[:5], SAID[:5, :2])},
    ],
)
def test_what_would_be_refused_is_not_written(tmp_path, change):
    with pytest.raises(ValueError, match=r"is not written: [^\n]*\.$"):
        write(tmp_path, **change)
    with pytest.raises(ValueError, match="missing or damaged"):
        runs.results(tmp_path, C)


def test_a_validation_part_that_does_not_fit_is_refused(tmp_path):
    write(tmp_path)
    np.save(tmp_path / "val_labels.npy", LABELS[:4])
    with pytest.raises(ValueError, match="do not fit each other"):
        runs.validation(tmp_path, C)
    (tmp_path / "val_labels.npy").write_bytes(b"\x93NUMPY rubbish")
    with pytest.raises(ValueError, match="val_labels.npy of .* is missing or damaged"):
        runs.validation(tmp_path, C)


def test_tables_are_those_of_the_answers(tmp_path):
    """An asymmetric matrix, cell by cell: rows are true, columns predicted."""
    labels, predicted = np.array([0, 0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 1, 2, 2])
    names = ("apple", "moon", "cup")
    said = 0.05 + 0.85 * np.eye(C)[predicted]
    runs.write_tables(tmp_path, names, labels, said)
    runs.write_suspects(tmp_path, evaluation.suspects(labels, said))
    matrix = pd.read_csv(tmp_path / "confusion.csv", index_col=0)
    assert matrix.index.name == "true \\ predicted"
    assert matrix.index.tolist() == list(matrix) == list(names)
    assert matrix.to_numpy().tolist() == [[2, 2, 0], [0, 1, 1], [0, 0, 1]]
    rows = pd.read_csv(tmp_path / "per_category.csv")
    assert rows["category"].tolist() == list(names) and rows["n"].tolist() == [4, 2, 1]
    assert rows["recall"].tolist() == [0.5, 0.5, 1] and rows["precision"][1] == pytest.approx(1 / 3)
    suspects = runs.suspects(tmp_path, 7, C)
    assert {"place", "quality", "suggested"} == set(suspects)
    assert all(predicted[row.place] == row.suggested for row in suspects.itertuples())


@pytest.mark.parametrize(
    "row", ["", "-1,0.5,0", "99,0.5,0", "0,0.5,7", "0,inf,0", "x,y,z", "0,0.5"]
)
def test_strange_suspects_are_left_out(tmp_path, row):
    (tmp_path / "suspects.csv").write_text(f"place,quality,suggested\n{row}\n1,0.5,0\n2,0.5,0")
    assert runs.suspects(tmp_path, 50, 3)["place"].tolist() == [1]  # the last one is torn


@pytest.mark.parametrize("content", [b"", b"\0", b"a,b\n1,2\n", b"\xff\xfe\0", None])
def test_suspects_that_are_no_table_are_refused(tmp_path, content):
    file = tmp_path / "suspects.csv"
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(ValueError, match=r"^suspects.csv of .* is damaged: [^\n]*[^.]\.$"):
        runs.suspects(tmp_path, 50, 3)


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
