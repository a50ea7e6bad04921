"""Files of every format, torn or crafted: a reader returns what can be shown, or one sentence.

The quick ones are every 12th of them; `make test-slow` tries all.
"""

import io
import os
import re
import shutil
import sqlite3
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from doodle_core import data, runs
from doodle_core.data import own_set, raster, sketch
from doodle_core.evaluation import measures
from doodle_core.files import MODELS, explain
from doodle_core.lab import people, sweeps
from doodle_core.runs import clouds, latents
from support.people import answer
from support.torn import torn

EVERY = [pytest.param(12, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
OF_RUN = (
    *("config.json", "status.json", "metrics.json", "notes.json", "progress.json"),
    *("environment.json", "network.json", "ranges.json", "drawings.json", "history.csv"),
    *("steps.csv", "suspects.csv", "test_labels.npy", "test_rows.npy", "test_probabilities.npy"),
    *("test_embeddings.npy", "val_labels.npy", "val_probabilities.npy", "train.log", "request"),
)
OF_VAE = (
    *("config.json", "metrics.json", "history.csv", "dimensions.csv", "latent_test.npz"),
    *("latent_practice.npz", "latent_samples.npz", "reconstructions_test.npz", "directions.npz"),
    *("categories.npz", "snapshots/0002.npz"),
)


def said(call: Callable[[], object], how: str) -> str:
    """What a call says instead of an answer: "", or one sentence. Any other exception fails."""
    try:
        call()
    except (ValueError, OSError, RuntimeError) as error:
        text = explain(error)
        assert re.fullmatch(r"[^\n]{1,500}\.", text), (how, text)
        return text
    except Exception as error:
        raise AssertionError(f"{how}: {type(error).__name__}: {error!s:.200}") from error
    return ""


def asked_of_a_run(run: runs.Run) -> list[Callable[[], object]]:
    """What pages, tables and exports ask of a run, but for the drawing of it."""
    path = run.path
    asked = [
        lambda: runs.summary(run),
        lambda: runs.best_epoch(runs.history(path)),
        lambda: runs.steps(path),
        lambda: runs.read_environment(path),
        lambda: runs.read_layers(path),
        lambda: runs.read_ranges(path),
        lambda: runs.read_fingerprints(path),
        lambda: runs.log_tail(path),
    ]
    if run.config is None:
        return asked
    asked.append(lambda: (run.data_label, run.practice_kind, run.weights_note, run.has_weights))
    if run.metrics:
        family, known = run.family, run.metrics
        asked.append(lambda: (family.figure(known), family.detail(known), family.line(known)))
        tables = (measures.CLASSIFIER_FIGURES, measures.VAE_LOSS, measures.VAE_SPACE)
        asked.append(lambda: measures.as_table(known, *tables, measures.VAE_JUDGE))
    if run.progress.get("phase") == "training":
        asked.append(lambda: run.family.live(run.progress))
    classes = len(run.config.data.categories)
    if run.kind == "classifier":
        return [
            *asked,
            lambda: runs.results(path, classes),
            lambda: runs.validation(path, classes),
            lambda: runs.suspects(path, 42, classes),
        ]
    latent = run.config.latent
    return [
        *asked,
        *(lambda which=which: shown(path, which, classes, latent) for which in latents.SETS),
        lambda: latents.directions(path, latent),
        lambda: latents.categories(path, classes, latent),
        lambda: latents.dimensions(path, latent),
        *(
            lambda epoch=epoch: latents.snapshot(path, epoch, classes, latent)
            for epoch in latents.snapshots(path)
        ),
    ]


def shown(path, which, classes, latent):
    if found := latents.points(path, which, classes, latent):
        clouds.cloud(found)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where `whole` keeps its runs from test to test."""
    return tmp_path_factory.mktemp("whole") / "models"


@pytest.fixture
def whole(request, kept):
    """Both kinds of run with all their files, and a good one beside them; made once."""
    if not kept.exists():
        request.getfixturevalue("spoil")("none", None)
        shutil.copytree(MODELS / "run", MODELS / "good")
        path = MODELS / "run"
        training = {"epoch": 2, "epochs": 5, "step": 3, "steps": 9, "loss": 0.5, "accuracy": 0.5}
        training |= {"images_per_second": 9.0, "seconds_left": 9.0}
        runs.write_progress(path, "training", **training)
        runs.write_fingerprints(path, {"train": "ab", "test": "cd"})
        (path / "train.log").write_text("one\ntwo\n")
        (path / "request").write_text("finish")
        shutil.copytree(MODELS, kept)
    shutil.rmtree(MODELS, ignore_errors=True)
    shutil.copytree(kept, MODELS)
    return MODELS


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize(
    ("name", "file"), [("run", file) for file in OF_RUN] + [("vae", file) for file in OF_VAE]
)
def test_a_damaged_file_of_a_run_gets_one_sentence(whole, name, file, every):
    place = whole / name / file
    before, seen = place.read_bytes(), set()
    for how, content in torn(file, before, every):
        place.write_bytes(content)
        found = {run.name: run for run in runs.all_runs()}
        assert set(found) == {"good", "run", "vae"}, how
        assert found["good"].state == "finished" and not found["good"].error
        run = found[name]
        assert run.state in runs.STATES and re.fullmatch(r"([^\n]+\.)?", run.error), how
        seen |= {run.error, *(said(call, f"{file}: {how}") for call in asked_of_a_run(run))}
    quiet = ("train.log", "request", "steps.csv", "progress.json", "drawings.json")
    assert len(seen) > 1 or file in quiet  # something was noticed


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_of_a_run_gets_one_sentence(whole, kept, tmp_path, kind):
    """A pipe would be waited at for ever; a link could show, or be written to, anything."""
    secret = tmp_path / "outside"
    secret.write_text('{"notes": "secret"}\n')
    make = {"pipe": os.mkfifo, "link": lambda at: at.symlink_to(secret), "folder": os.mkdir}[kind]
    for file in (*OF_RUN, "best.keras", "run.lock", "snapshots", "backup"):
        shutil.rmtree(whole / "run")
        shutil.copytree(kept / "run", whole / "run")
        (whole / "run" / file).unlink(missing_ok=True)
        make(whole / "run" / file)
        found = {run.name: run for run in runs.all_runs()}
        assert found["good"].state == "finished" and set(found) == {"good", "run", "vae"}
        run = found["run"]
        if kind != "folder":
            assert run.state == "damaged" and re.fullmatch(r"[^\n]+\.", run.error)
            with pytest.raises(OSError, match="leads out|Not a regular file"):
                runs.lock(run.path)
        told = [said(call, file) for call in asked_of_a_run(run)]
        told += [runs.log_tail(run.path), str(runs.load(run.path).notes)]
        assert "secret" not in " ".join(told), file
        assert runs.take_request(run.path) in ("", "finish")
    assert secret.read_text() == '{"notes": "secret"}\n'


def session_of(finished_run):
    run = runs.load(finished_run())
    labels, rows = runs.test_part(run.path, 3)
    pixels = data.scored_pixels(run.config.data, labels, rows, run.metrics["test_pixels"])
    session = people.begin_test("me", run, pixels, n=12)
    people.keep_answers(session.path, "other", np.full((12, 3), 1 / 3))
    answer(session, [0, 1, 2])
    return session


def asked_of_sessions():
    found, damaged = people.all_sessions()
    for text in damaged.values():
        assert re.fullmatch(r"[^\n]+\.", text)
    for session in found:
        people.answers(session)
        people.drawings(session)
        for network in people.networks(session):
            people.said_by(session, network)
    return {session.name for session in found} | set(damaged)


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize(
    "file", ["session.json", "drawings.npy", "answers.csv", "networks/other.npy"]
)
def test_a_damaged_file_of_a_session_gets_one_sentence(finished_run, file, every):
    try:
        session = session_of(finished_run)
        place = session.path / file
        for how, content in torn(file, place.read_bytes(), every):
            place.write_bytes(content)
            said(asked_of_sessions, f"{file}: {how}")
            said(lambda: people.said_by(session, "other"), how)
            said(lambda: people.record(session, [{"n": 3, "answer": 1, "seconds": 1}]), how)
        for make in (os.mkfifo, lambda at: at.symlink_to("/etc/hostname")):
            place.unlink()
            make(place)
            assert people.all_sessions()[1].keys() == {"me"}
    finally:
        shutil.rmtree(people.PEOPLE)


@pytest.mark.parametrize("every", EVERY)
def test_damaged_drawings_get_one_sentence(tmp_path, every):
    strokes = [[[0, 200, 100], [0, 100, 255]], [[9], [9]]]
    own_set.add("apple", strokes)
    lines = own_set.FOLDER / "apple.ndjson"
    ndjson = lines.read_bytes() * 3
    np.save(tmp_path / "apple.npy", np.eye(9, 784, dtype=np.uint8))
    npy = (tmp_path / "apple.npy").read_bytes()
    try:
        for how, content in torn("apple.npy", npy, every):
            (tmp_path / "apple.npy").write_bytes(content)
            said(lambda: data.read_npy(tmp_path / "apple.npy").sum(), how)
        for how, content in torn("apple.json", lines.read_bytes(), every):
            lines.write_bytes(ndjson + content + b"\n")
            said(own_set.counts, how)
            said(own_set.last, how)
            said(own_set.drawings, how)
            said(lambda: raster.read_ndjson(lines), how)
    finally:
        shutil.rmtree(own_set.FOLDER)


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_damaged_picture_gets_one_sentence(kind, every):
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, kind)
    for how, content in torn(kind, file.getvalue(), every):
        said(lambda content=content: sketch.picture(content), how)


@pytest.mark.parametrize("every", EVERY)
def test_a_damaged_file_of_sweeps_gets_one_sentence(make_sweep, storage, every):
    study, sweep = make_sweep(sampler="grid")
    sweeps.take_up(study, sweep)
    storage.remove_session()
    storage.engine.dispose()
    before = sweeps.storage.FILE.read_bytes()
    for how, content in torn("sweeps.db", before, every):
        sweeps.storage.FILE.write_bytes(content)
        said(asked_of_sweeps, how)
    for column, text in [*sweep_texts()][:: min(every, 6)]:
        sweeps.storage.FILE.write_bytes(before)
        with sqlite3.connect(sweeps.storage.FILE) as database:
            table, name = column.split(".")
            database.execute(f"update {table} set {name} = ?", (text,))
        said(asked_of_sweeps, f"{column} = {text!r:.40}")


def sweep_texts():
    texts = ("null", "[]", "{}", "7", '"x"', "", "{", "[" * 100_000, '{"val_loss": [null, "x"]}')
    for column in ("study_user_attributes", "trial_user_attributes", "trial_system_attributes"):
        yield from ((f"{column}.value_json", text) for text in texts)
    for column in ("trials.state", "trials.datetime_start", "studies.study_name"):
        yield from ((column, text) for text in ("x", "", "COMPLETE", "2026-01-01"))


def asked_of_sweeps():
    with sweeps.answering():
        opened = sweeps.open_storage()
        try:
            for name in sweeps.names(opened):
                study, sweep = sweeps.load(opened, name)
                table = sweeps.rows(study, sweep, sweeps.take_up(study, sweep))
                sweeps.best(table, sweep.objective)
                sweeps.tally(table)
        finally:
            opened.remove_session()
            opened.engine.dispose()


@pytest.mark.slow
def test_a_damaged_network_gets_one_sentence(tmp_path):
    import keras

    from doodle_core.training import stored

    drawing = keras.Input((28, 28, 1))
    x = keras.layers.Dense(3, name="logits")(keras.layers.Flatten(name="embedding")(drawing))
    keras.Model(drawing, x).save(tmp_path / "best.keras")
    before = (tmp_path / "best.keras").read_bytes()
    for how, content in torn("best.keras", before):
        (tmp_path / "best.keras").write_bytes(content)
        said(lambda: stored.load(tmp_path / "best.keras"), how)
