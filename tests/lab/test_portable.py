"""A run's portable networks: made at its end, or by a process of its own where they are missing."""

import pytest

from doodle_core import runs
from doodle_core.lab import portable
from support.networks import give_networks


@pytest.fixture
def path(finished_run):
    return give_networks(finished_run("done", network="compact"))


def test_how_well_they_agree_is_kept(path):
    (path / "network.tflite").unlink()
    before = runs.read_environment(path)
    portable.export(path)
    found = runs.read_environment(path)
    assert 0 <= found.pop("portable_difference") < 1e-4
    assert found == {key: one for key, one in before.items() if key != "portable_difference"}
    assert runs.load(path).has_portable


def test_nothing_is_started_where_they_are_here(path, monkeypatch):
    monkeypatch.setattr(portable.queue, "complete", lambda *_: pytest.fail("no process is needed"))
    portable.ensure(runs.load(path))


def test_without_weights_it_is_said(path):
    for file in ("network.tflite", "best.keras"):
        (path / file).unlink()
    with pytest.raises(FileNotFoundError, match="no weights here"):
        portable.ensure(runs.load(path))


@pytest.mark.slow
def test_a_process_makes_them_or_says_why_not(path):
    (path / "network.tflite").unlink()
    portable.ensure(runs.load(path))
    assert runs.load(path).has_portable and not (path / portable.LOG).exists()
    (path / "network.tflite").unlink()
    (path / "best.keras").write_bytes(b"PK")
    with pytest.raises(ValueError, match="best.keras"):
        portable.ensure(runs.load(path))
