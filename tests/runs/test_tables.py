"""Histories: whole, being written, damaged."""

import pytest

from doodle_core import runs


def test_best_epoch_is_by_validation_loss_and_epochs_count_from_1(finished_run):
    frame = runs.history(finished_run())
    assert frame["epoch"].tolist() == [1, 2, 3]
    assert runs.best_epoch(frame)["epoch"] == 2


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
