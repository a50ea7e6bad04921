"""Runs read again, damaged ones among them, and practice data marked."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from doodle_core import runs
from doodle_core.files import MODELS, write_json
from doodle_core.runs import latents
from doodle_core.settings import DataConfig
from doodle_core.settings.families import FAMILIES
from support.damaged import FILES
from support.hostile import answered, damages

METRICS = dict.fromkeys(FAMILIES["classifier"].numbers, 0.5)


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


def test_links_and_hidden_folders_are_not_runs(tmp_path, make_config):
    runs.create(make_config("real"))
    (MODELS / "link").symlink_to(tmp_path)
    (MODELS / ".hidden").mkdir()
    assert [run.name for run in runs.all_runs()] == ["real"]


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
    practice = runs.load(runs.create(make_config("p", data=DataConfig("practice"))))
    assert practice.is_practice and practice.data_label == "practice data"
    config = make_config("m")
    mixed = replace(config, data=replace(config.data, practice_added=100))
    assert "practice" in runs.load(runs.create(mixed)).data_label


@settings(max_examples=80)
@given(FILES, damages())
def test_a_damaged_run_is_read_or_said_to_be_damaged(spoil, name, damage):
    found = spoil(name, damage)
    assert {run.name for run in found} == {"run", "vae"}
    for run in found:
        assert run.state in runs.STATES and "\n" not in run.error
        assert runs.history(run.path).columns[0] == "epoch"
        assert "loss" in runs.steps(run.path)
        runs.summary(run)
        for read in (runs.read_environment, runs.read_layers, runs.read_ranges):
            answered(read, run.path)
        if run.config is None:
            continue
        classes = len(run.config.data.categories)
        if run.kind == "classifier":
            found = answered(runs.results, run.path, classes)
            answered(runs.validation, run.path, classes)
            answered(runs.suspects, run.path, len(found.labels) if found else 0, classes)
            continue
        latent = run.config.latent
        for which in latents.SETS:
            answered(latents.points, run.path, which, classes, latent)
        answered(latents.directions, run.path, latent)
        answered(latents.categories, run.path, classes, latent)
        answered(latents.dimensions, run.path, latent)
        for epoch in latents.snapshots(run.path):
            answered(latents.snapshot, run.path, epoch, classes, latent)


def test_the_newest_is_first_though_the_clock_was_set_back(make_config, monkeypatch):
    for at, name in enumerate(("first", "second", "third")):
        monkeypatch.setattr(time, "time", lambda at=at: 1.7e9 - 3600 * at)
        runs.create(make_config(name))
    assert [run.name for run in runs.all_runs()] == ["third", "second", "first"]
    runs.set_state(runs.folder("first"), "stopped")  # the last change counts
    assert [run.name for run in runs.all_runs()] == ["first", "third", "second"]


@pytest.mark.parametrize("text", ['{"state": "queued", "time": 253402300799}', "{", None])
def test_what_stands_in_another_run_does_not_spoil_a_new_one(make_config, text):
    other = runs.create(make_config("other"))
    (other / "status.json").unlink() if text is None else (other / "status.json").write_text(text)
    assert runs.load(runs.create(make_config("new"))).state == "queued"


def test_runs_are_listed_the_newest_first(finished_run):
    times = iter((30.0, 10.0, 20.0))
    for name in ("c", "a", "b"):
        path = finished_run(name)
        write_json(path / "status.json", {"state": "finished", "time": next(times)})
    (MODELS / "damaged").mkdir()
    os.utime(MODELS / "damaged", (15, 15))
    assert [run.name for run in runs.all_runs()] == ["c", "b", "damaged", "a"]
    assert [run.name for run in runs.finished("classifier")] == ["c", "b", "a"]
    runs.annotate(MODELS / "b", hidden=True)
    runs.set_state(MODELS / "c", "stopped")
    assert [run.name for run in runs.finished("classifier")] == ["a"]
    assert runs.finished("vae") == [] == runs.finished("classifier", [])
    assert [run.name for run in runs.finished("classifier", [runs.load(MODELS / "a")])] == ["a"]


def test_hidden_folders_and_links_are_no_runs(finished_run, tmp_path):
    path = finished_run("one")
    path.with_name(".deleted-two-7").mkdir()
    path.with_name("link").symlink_to(path)
    path.with_name("file").write_text("x")
    path.with_name("a\nb").mkdir()
    assert [run.name for run in runs.all_runs()] == ["one"]


def test_what_a_run_says_of_its_drawings(make_config, finished_run, drawings_folder):
    def made(name, **changes):
        data = replace(make_config().data, **changes)
        return runs.load(runs.create(make_config(name, data=data)))

    folder = f"folder {drawings_folder.name}"
    plain = made("plain")
    assert plain.data_label == folder and not plain.is_practice and plain.practice_kind == ""
    assert runs.practice_note(plain) == ""
    added = made("added", practice_added=1000)
    assert added.data_label == f"{folder} + 1,000 practice drawings each"
    assert added.is_practice and added.practice_kind == "practice data added"
    scored = made("scored", test_source="practice")
    assert scored.data_label == f"{folder}, scored on practice data"
    assert scored.is_practice and scored.practice_kind == "practice data"
    assert runs.practice_note(scored) == scored.data_label
    elsewhere = made("elsewhere", test_source="folder:/else")
    assert elsewhere.data_label == f"{folder}, scored on folder else" and not elsewhere.is_practice


def test_random_weights_are_said_beside_practice_data(transferred):
    run = runs.load(transferred("random", "tuned", "VGG19", weights="random"))
    assert run.weights_note == runs.practice_note(run) == "random weights"
    assert runs.load(transferred("photos", "tuned", "VGG19")).weights_note == ""
    metrics = run.metrics | {"practice": 1}
    runs.write_metrics(run.path, run.config, metrics)
    run = runs.load(run.path)
    assert runs.practice_note(run) == f"{run.data_label}, random weights"
    assert run.data_label.endswith(", begun with practice data")


def test_a_run_that_says_it_is_running_must_hold_its_lock(make_config):
    path = runs.create(make_config())
    runs.set_state(path, "running")
    assert runs.load(path).state == "interrupted"
    with runs.lock(path):
        assert runs.load(path).state == "running"
    runs.set_state(path, "finished")
    runs.annotate(path, hidden=True)
    damaged = runs.load(path)  # there are no figures
    assert damaged.state == "damaged" and "without figures" in damaged.error
    assert damaged.notes == {"hidden": True}  # and stays hidden
    (path / "status.json").unlink()
    assert runs.load(path).state == "interrupted"


def test_a_network_is_here_where_its_last_file_is(finished_run, finished_vae):
    one, other = runs.load(finished_run("one")), runs.load(finished_vae("two"))
    assert not one.has_weights and not other.has_weights
    (one.path / "best.keras").touch()
    (other.path / "encoder.keras").touch()
    assert one.has_weights and not other.has_weights
    (other.path / "decoder.keras").touch()
    assert other.has_weights
    assert (one.kind, other.kind, one.name) == ("classifier", "vae", "one")
    (one.path / "config.json").write_text("{")
    assert runs.load(one.path).kind == ""


def test_a_folder_that_is_closed_to_this_account_is_not_called_damaged(make_config, monkeypatch):
    path = runs.create(make_config())
    true = os.scandir

    def closed(folder="."):
        if not isinstance(folder, int) and Path(folder) == path:
            raise PermissionError(13, "Permission denied", str(folder))
        return true(folder)

    monkeypatch.setattr(os, "scandir", closed)
    found = runs.load(path)
    assert found.state == "damaged" and "cannot be read: Permission denied" in found.error
