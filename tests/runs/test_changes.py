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
