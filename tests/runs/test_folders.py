"""A run's folder: its name, its lock, its state."""

import os
import subprocess
import sys

import pytest
from hypothesis import given

from doodle_core import runs
from doodle_core.files import MODELS
from support.hostile import NAMES, answered, below, outside


def test_a_new_run_is_queued_and_its_name_is_taken(make_config):
    path = runs.create(make_config())
    assert path.parent == MODELS and runs.load(path).state == "queued"
    with pytest.raises(FileExistsError, match="a run named 'small' already"):
        runs.create(make_config())
    assert runs.load(path).config == make_config()


def test_a_run_whose_process_died_is_interrupted(make_config):
    path = runs.create(make_config())
    runs.set_state(path, "running")
    assert runs.load(path).state == "interrupted"
    with runs.lock(path):
        assert runs.load(path).state == "running"
    assert runs.load(path).state == "interrupted"


def test_the_lock_of_a_killed_process_is_free(make_config):
    path = runs.create(make_config())
    code = (
        "import sys, time; from doodle_core import runs; held = runs.lock(sys.argv[1]); "
        "print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(RuntimeError, match="being trained already"):
        runs.lock(path, wait=0)
    with pytest.raises(RuntimeError, match="is training: stop it first"):
        runs.delete(path)
    holder.kill()
    holder.wait()
    runs.delete(path)
    assert not path.exists()


def test_a_full_disk_leaves_no_half_run(make_config, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("doodle_core.runs.facts.write_json", full)
    with pytest.raises(OSError):
        runs.create(make_config())
    assert not (MODELS / "small").exists()


@given(NAMES)
def test_no_name_leads_out_of_the_models(name):
    before = outside()
    path = answered(runs.folder, name)
    assert path is None or (path.parent == MODELS and below(path, MODELS))
    assert outside() == before


@pytest.fixture
def of_another_account(monkeypatch):
    """Files of that name may only be read, or (0) not even that."""

    def forbid(name, modes):
        def opened(path, flags, *rest, **more):
            if str(path).endswith(name) and flags & 3 not in modes:
                raise PermissionError(13, "Permission denied", str(path))
            return true(path, flags, *rest, **more)

        true = os.open
        monkeypatch.setattr(os, "open", opened)

    return forbid


def test_another_accounts_training_is_seen(make_config, of_another_account):
    path = runs.create(make_config())
    runs.set_state(path, "running")
    with runs.lock(path):
        of_another_account("run.lock", {os.O_RDONLY})
        assert runs.load(path).state == "running"
    assert runs.load(path).state == "interrupted"


def test_a_lock_that_may_not_be_read_counts_as_held(make_config, of_another_account):
    path = runs.create(make_config())
    assert not runs.is_held(path / "run.lock")  # there is none
    with runs.lock(path):
        pass
    of_another_account("run.lock", set())
    assert runs.is_held(path / "run.lock")


def test_a_mark_a_lock_and_the_end_of_a_log(make_config):
    path = runs.create(make_config())
    assert runs.is_fitted(path) is False and runs.is_held(path / "run.lock") is False
    runs.set_fitted(path)
    assert runs.is_fitted(path) is True
    with runs.lock(path):
        assert runs.is_held(path / "run.lock") is True
    assert runs.is_held(path / "run.lock") is False
    assert runs.log_tail(path) == ""
    (path / "train.log").write_text("x" * 30_000 + "\nend")
    assert len(runs.log_tail(path)) == 20_000 and runs.log_tail(path).endswith("\nend")
    assert runs.log_tail(path, 3) == "end"


def test_a_run_that_could_not_be_made_leaves_its_name_free(make_config, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    for writer in ("write_config", "set_state"):
        with monkeypatch.context() as patch:
            patch.setattr(f"doodle_core.runs.folders.{writer}", full)
            with pytest.raises(OSError, match="No space left"):
                runs.create(make_config("full"))
        assert not (MODELS / "full").exists()
    assert runs.load(runs.create(make_config("full"))).state == "queued"


def test_free_names_are_counted_from_1(make_config):
    assert runs.free_name("a") == "a-1"
    runs.create(make_config("a-1"))
    assert runs.free_name("a") == "a-2"
