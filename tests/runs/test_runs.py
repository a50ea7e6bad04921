import json
import os
import subprocess
import sys

import pytest

from doodle_core import runs
from doodle_core.files import MODELS, write_json
from doodle_core.settings import DataConfig
from doodle_core.settings.families import FAMILIES

METRICS = dict.fromkeys(FAMILIES["classifier"].numbers, 0.5)


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


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "{"),
        ("config.json", "[]"),
        ("config.json", '{"name": "x", "data": 5}'),
        ("config.json", '{"name": "../x"}'),
        ("config.json", '{"name": "x", "surprise": 1}'),
        ("config.json", "[" * 100_000),
        ("config.json", None),
        ("status.json", '{"state": "<script>"}'),
        ("status.json", "7"),
        ("status.json", "\x00"),
        ("metrics.json", '"x"'),
        ("metrics.json", "[]"),
        ("metrics.json", '{"top1": "x"}'),
        ("metrics.json", '{"top1": ' + "9" * 400 + "}"),
        ("metrics.json", json.dumps(METRICS | {"temperature": -1})),
        ("metrics.json", json.dumps(METRICS | {"ms_per_drawing": "fast"})),
        ("metrics.json", json.dumps({name: 0 for name in METRICS if name != "train_n"})),
        ("status.json", '{"state": "finished", "time": 1}'),
        ("progress.json", '{"epoch": "![x](http://x)"}'),
        ("progress.json", '{"phase": 5}'),
        ("notes.json", '{"tags": [1, 2]}'),
        ("config.json", '{"name": "x", "data": {"source": "folder:/\\ud800"}}'),
        ("config.json", '{"name": "x", "transfer": [1]}'),
        ("config.json", '{"name": "x", "network": ["transfer"]}'),
        ("config.json", '{"name": "x", "network": "transfer"}'),
        ("config.json", '{"name": "x", "network": "transfer", "transfer": {"base": "../x"}}'),
        ("config.json", '{"name": "x", "network": "transfer", "transfer": {"recompile": "no"}}'),
        ("config.json", '{"name": "x", "start_from": "../x"}'),
    ],
)
def test_a_damaged_run_is_shown_and_the_others_stay(make_config, file, content):
    runs.create(make_config("good"))
    path = runs.create(make_config("bad"))
    if content is None:
        (path / file).unlink()
    else:
        (path / file).write_text(content)
    found = {run.name: run for run in runs.all_runs()}
    assert found["good"].state == "queued"
    assert found["bad"].state == "damaged" and "damaged" in found["bad"].error
    assert runs.summary(found["bad"]) == {"run": "bad", "state": "damaged"}


def test_a_damaged_run_can_be_hidden_and_keeps_its_notes(make_config):
    path = runs.create(make_config("bad"))
    runs.annotate(path, notes="mine")
    (path / "config.json").write_text("{")
    runs.annotate(path, hidden=True)
    assert runs.load(path).notes == {"notes": "mine", "hidden": True}


def test_links_and_hidden_folders_are_not_runs(tmp_path, make_config):
    runs.create(make_config("real"))
    (MODELS / "link").symlink_to(tmp_path)
    (MODELS / ".hidden").mkdir()
    assert [run.name for run in runs.all_runs()] == ["real"]


def test_many_threads_may_write_one_file(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(write_json, tmp_path / "x.json", {"i": i}) for i in range(200)]
    assert [write.exception() for write in writes] == [None] * 200
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_notes_survive_and_do_not_touch_the_rest(finished_run):
    path = finished_run()
    runs.annotate(path, notes="good", tags=["a", "b"])
    runs.annotate(path, hidden=True)
    assert runs.load(path).notes == {"notes": "good", "tags": ["a", "b"], "hidden": True}
    assert runs.load(path).state == "finished"


def test_summary_has_the_best_epochs_figures_and_the_settings(finished_run):
    row = runs.summary(runs.load(finished_run(n_wrong=4)))
    assert row["best epoch"] == 2 and row["val accuracy"] == 0.8
    assert row["test top-1"] == pytest.approx(1 - 4 / row["test drawings"])
    assert row["low"] < row["test top-1"] < row["high"] and row["batch_size"] == 16
    assert row["practice data"] is False


def test_a_run_that_began_with_practice_data_says_so(make_config, finished_run):
    practice = runs.create(make_config("first", data=DataConfig("practice")))
    runs.create(make_config("second", start_from="first"))
    third = runs.load(runs.create(make_config("third", start_from="second")))
    assert third.is_practice and "practice data" in third.data_label
    assert [run.name for run in runs.ancestors(third.config)] == ["second", "first"]
    write_json(practice / "config.json", make_config("first", start_from="third").to_dict())
    again = runs.load(third.path)  # a circle, by hand
    assert not again.is_practice and len(runs.ancestors(again.config)) == 3
    done = finished_run("done", start_from="first")
    write_json(done / "metrics.json", runs.load(done).metrics | {"practice": 1})
    runs.delete(practice)
    assert runs.load(done).is_practice and "practice data" in runs.load(done).data_label


def test_practice_runs_say_so(make_config):
    from dataclasses import replace

    practice = runs.load(runs.create(make_config("p", data=DataConfig("practice"))))
    assert practice.is_practice and practice.data_label == "practice data"
    config = make_config("m")
    mixed = replace(config, data=replace(config.data, practice_added=100))
    assert "practice" in runs.load(runs.create(mixed)).data_label


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


def test_a_full_disk_leaves_no_half_run(make_config, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("doodle_core.runs.facts.write_json", full)
    with pytest.raises(OSError):
        runs.create(make_config())
    assert not (MODELS / "small").exists()


def test_a_write_that_fails_keeps_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "notes.json"
    write_json(file, {"a": 1})
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError):
        write_json(file, {"a": 2})
    assert file.read_text() == '{\n "a": 1\n}\n' and list(tmp_path.iterdir()) == [file]


def test_disk_errors_are_put_in_words():
    from doodle_core.files import explain

    assert "disk is full" in explain(OSError(28, "No space left on device", "x"))
    assert "read-only" in explain(OSError(30, "Read-only file system", "x"))
    assert explain(ValueError("two\nlines")) == "two lines"


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
