"""Notes, requests and deletion: nothing else is touched."""

import pytest

from doodle_core import runs
from doodle_core.files import MODELS


def test_a_damaged_run_can_be_hidden_and_keeps_its_notes(make_config):
    path = runs.create(make_config("bad"))
    runs.annotate(path, notes="mine")
    (path / "config.json").write_text("{")
    runs.annotate(path, hidden=True)
    assert runs.load(path).notes == {"notes": "mine", "hidden": True}


def test_notes_survive_and_do_not_touch_the_rest(finished_run):
    path = finished_run()
    runs.annotate(path, notes="good", tags=["a", "b"])
    runs.annotate(path, hidden=True)
    assert runs.load(path).notes == {"notes": "good", "tags": ["a", "b"], "hidden": True}
    assert runs.load(path).state == "finished"


@pytest.mark.parametrize("name", ["..", "../outside", "a/../../outside"])
def test_nothing_outside_models_is_deleted(name, make_config):
    runs.create(make_config("a"))
    outside = MODELS.parent / "outside"
    outside.mkdir(exist_ok=True)
    with pytest.raises(ValueError, match="not a run below"):
        runs.delete(MODELS / name)
    assert outside.exists()


def test_a_link_to_elsewhere_is_not_deleted_through(tmp_path):
    MODELS.mkdir(exist_ok=True)
    (tmp_path / "precious").write_text("x")
    (MODELS / "link").symlink_to(tmp_path)
    with pytest.raises(ValueError):
        runs.delete(MODELS / "link")
    assert (tmp_path / "precious").exists()


def test_requests_and_requeueing(make_config):
    path = runs.create(make_config())
    runs.request(path, "stop")
    assert runs.load(path).state == "stopped"  # it was queued: nobody to ask
    runs.requeue(path)
    assert runs.load(path).state == "queued"
    runs.set_state(path, "running")
    with runs.lock(path):
        runs.request(path, "finish")
        assert (path / "request").read_text() == "finish"


def test_a_requeued_run_does_not_stop_by_an_old_request(make_config):
    path = runs.create(make_config())
    runs.set_state(path, "running")
    with runs.lock(path):
        runs.request(path, "stop")
        runs.requeue(path)
        assert runs.load(path).state == "running" and (path / "request").exists()
    runs.requeue(path)
    assert runs.load(path).state == "queued" and not (path / "request").exists()
    assert runs.take_request(path) == ""
    runs.requeue(str(path))  # there is nothing to take away
    assert runs.load(path).state == "queued"


@pytest.mark.parametrize(
    ("wish", "heard"),
    [
        ("stop", "stop"),
        ("finish", "finish"),
        (" finish\n", "finish"),
        ("\xff", "stop"),
        ("", "stop"),
    ],
)
def test_a_request_is_heard_once(make_config, wish, heard):
    path = runs.create(make_config())
    (path / "request").write_text(wish, "latin-1")
    assert runs.take_request(path) == heard and not (path / "request").exists()
    assert runs.take_request(path) == ""


def test_deleting_takes_the_whole_folder_and_no_training_one(finished_run):
    path = finished_run("gone")
    with runs.lock(path), pytest.raises(RuntimeError, match="is training: stop it first"):
        runs.delete(path)
    assert (path / "config.json").exists()
    runs.delete(path)
    assert not list(MODELS.iterdir())
