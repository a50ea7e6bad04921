"""The tables of a training: written row by row, read with what was torn left out."""

import re

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.runs import tables

EPOCH = {"loss": 0.5, "accuracy": 0.75, "val_loss": 0.625, "learning_rate": 0.001, "stage": 1}


def test_epochs_come_back_and_count_from_1(tmp_path):
    assert runs.history(tmp_path).empty
    runs.append_epoch(tmp_path, 0, EPOCH)
    runs.append_epoch(tmp_path, 1, EPOCH | {"loss": float("nan"), "surprise": 1.0})
    lines = (tmp_path / "history.csv").read_bytes().decode().split("\r\n")
    assert lines[0] == "epoch,accuracy,learning_rate,loss,stage,val_loss" and lines[-1] == ""
    assert lines[1] == "0,0.75,0.001,0.5,1,0.625"
    frame = runs.history(tmp_path)
    assert list(frame) == runs.HISTORY and frame["epoch"].tolist() == [1, 2]
    assert frame.iloc[0][list(EPOCH)].to_dict() == EPOCH
    assert np.isnan(frame["loss"][1]) and frame["seconds"].isna().all()


def test_an_older_history_goes_on_with_its_own_columns(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,val_loss,loss,seconds\n0,0.9,1.0,5\n")
    runs.append_epoch(tmp_path, 1, EPOCH)
    frame = runs.history(tmp_path)
    assert frame["loss"].tolist() == [1.0, 0.5] and frame["val_loss"].tolist() == [0.9, 0.625]
    assert (
        np.isnan(frame["seconds"][1]) and "1,0.625,0.5,NA" in (tmp_path / "history.csv").read_text()
    )


@pytest.mark.parametrize("others", [{"accuracy": 0.5}, {"reconstruction": 100.0, "kl": 9.5}])
def test_steps_come_back(tmp_path, others):
    assert runs.steps(tmp_path).empty
    for epoch, loss in ((0.5, 2.0), (1.0, 1.234_567_8), (1.25, float("nan"))):
        runs.append_step(tmp_path, epoch, {"loss": loss, **others})
    frame = runs.steps(tmp_path)
    assert frame["epoch"].tolist() == [0.5, 1.0] and frame["loss"].tolist() == [2.0, 1.23457]
    assert all((frame[name] == value).all() for name, value in others.items())


def test_the_best_epoch_has_the_lowest_validation_loss(tmp_path):
    for epoch, loss in enumerate((0.9, 0.4, 0.6, float("nan"))):
        runs.append_epoch(tmp_path, epoch, EPOCH | {"val_loss": loss})
    frame = runs.history(tmp_path)
    assert runs.best_epoch(frame)["epoch"] == 2
    assert runs.best_epoch(frame, is_last=True)["epoch"] == 3
    assert runs.best_epoch(frame[3:]) == {} == runs.best_epoch(frame[:0])


def test_rows_of_unfinished_epochs_are_forgotten(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("epoch,loss\n0,1.5\n1,1.25\n2,1.1\n3,")
    runs.forget_from(file, 2)
    assert file.read_text() == "epoch,loss\n0,1.5\n1,1.25\n"
    steps = tmp_path / "steps.csv"
    steps.write_text("epoch,loss,accuracy\n0.50000,1,1\n1.00000,1,1\n1.20000,1,1\n")
    runs.forget_from(steps, 1)
    assert steps.read_text() == "epoch,loss,accuracy\n0.50000,1,1\n1.00000,1,1\n"
    runs.forget_from(file, 0)
    assert file.read_text() == ""
    runs.forget_from(tmp_path / "absent.csv", 0)
    assert not (tmp_path / "absent.csv").exists()


@pytest.mark.parametrize("torn", [b"\xff\xfe", b"x,y\n", b"\xff,1.0\n"])
def test_bytes_that_are_no_text_cost_their_own_row(tmp_path, torn):
    file = tmp_path / "history.csv"
    for epoch in range(3):
        runs.append_epoch(tmp_path, epoch, {"loss": 1.0, "val_loss": 1.0})
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], torn, *lines[2:]]))
    assert set(runs.history(tmp_path)["epoch"]) <= {1, 2, 3}
    runs.forget_from(file, 2)
    kept = file.read_bytes().splitlines(keepends=True)
    assert kept[:2] == lines[:2] and set(kept) <= set(lines[:3])


def test_other_columns_are_not_read(tmp_path):
    names, zeros = ",".join(f"c{place}" for place in range(500)), ",".join("0" * 500)
    (tmp_path / "history.csv").write_text(f"epoch,{names},loss\n0,{zeros},0.5\n")
    frame = runs.history(tmp_path)
    assert frame["loss"].tolist() == [0.5] and list(frame) == runs.HISTORY


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\0",
        "a,b\n1,2\n",
        "epoch," + "a," * 50_000 + "b\n0," + "1," * 50_000 + "1\n",  # took minutes
        None,
    ],
)
def test_a_history_that_is_no_table_is_said_to_be_damaged(finished_run, content):
    finished_run("good")
    path = finished_run("bad")
    (path / "history.csv").unlink()
    assert runs.load(path).error == ""  # some runs come without
    if content is None:
        (path / "history.csv").mkdir()
    else:
        (path / "history.csv").write_text(content)
    bad, good = sorted(runs.all_runs(), key=lambda run: run.name)
    assert (good.state, good.error, bad.state) == ("finished", "", "finished")
    assert re.fullmatch(r"history.csv of bad is damaged: [^\n]+[^.]\.", bad.error)
    assert runs.history(path).empty and bad.metrics == good.metrics


def test_a_table_that_is_too_large_is_not_read(tmp_path):
    with open(tmp_path / "history.csv", "wb") as file:
        file.write(b"epoch,loss\n0,1\n")
        file.truncate(10**12)
    assert runs.history(tmp_path).empty
    with pytest.raises(ValueError, match="larger than"):
        tables.check_history(tmp_path)


def test_a_row_that_is_no_row_is_left_out(tmp_path):
    rows = ["0,1,1", '"2,1,1', ",1,1", "x,1,1", "4,inf,x", "5,1,1\0", "6,1,1"]
    (tmp_path / "history.csv").write_text("\ufeffepoch,loss,val_loss\n" + "\n".join(rows))
    frame = runs.history(tmp_path)
    assert frame["epoch"].tolist() == [1, 5, 6]  # the last one has no end
    assert frame["loss"].fillna(-1).tolist() == [1, -1, 1]
    (tmp_path / "history.csv").write_text("epoch,loss\n0,0.5,1,1\n1,0.25,1,1\n")
    assert runs.history(tmp_path)["loss"].tolist() == [0.5, 0.25]  # by place, from the left


@pytest.mark.parametrize("content", ["epoch,loss\ninf,1\n", "a,b\n1,2\n", "epoch\n-3\n", "\0", ""])
def test_a_strange_history_is_no_history(make_config, content):
    path = runs.create(make_config())
    (path / "history.csv").write_text(content)
    frame = runs.history(path)
    assert list(frame) == runs.HISTORY and frame.empty
    (path / "history.csv").unlink()
    (path / "history.csv").mkdir()
    assert runs.history(path).empty


def test_a_history_being_written_is_read_as_far_as_it_goes(make_config):
    path = runs.create(make_config())
    assert runs.history(path).empty and runs.best_epoch(runs.history(path)) == {}
    (path / "history.csv").write_text("epoch,loss,val_loss\n0,1.0,2.0\n1,0.")
    frame = runs.history(path)
    assert frame["epoch"].tolist()[:1] == [1] and runs.best_epoch(frame)["epoch"] == 1
    (path / "history.csv").write_bytes(b"\xff\xfe\x00rubbish")
    runs.history(path)
