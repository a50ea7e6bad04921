"""Hostile names, files and run folders at every entry: one sentence or an answer, never a traceback.

The examples are hypothesis's, the same ones in every run.
"""

import io
import json
import shutil

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.apps import open_page, words
from support.hostile import JSON, MARKUP, NAMES, damages

from doodle_core import data, runs
from doodle_core.data import own_set, raster, sketch
from doodle_core.data.categories import check_category
from doodle_core.files import DATA, MODELS, explain, read_json
from doodle_core.lab import export, people
from doodle_core.lab.people import results as people_results
from doodle_core.runs import latents
from doodle_core.settings import DataConfig, RunConfig, VaeConfig

pytestmark = pytest.mark.usefixtures("no_worker")


def answered(call, *arguments):
    """What a call returns, or None after one readable sentence; any other exception fails."""
    try:
        return call(*arguments)
    except (ValueError, OSError) as error:
        text = explain(error)
        assert "\n" not in text and len(text) < 1000, text
        return None


def below(path, folder):
    return folder.resolve() in path.resolve().parents


def outside():
    """Everything beside `models/` and `data/`: it must stay as it is."""
    home = MODELS.parent
    return sorted(
        str(path)
        for path in home.rglob("*")
        if not any(one in (path, *path.parents) for one in (MODELS, DATA))
    )


# --- names ---------------------------------------------------------------------------------------


@given(NAMES)
def test_no_name_leads_out_of_the_models(name):
    before = outside()
    path = answered(runs.folder, name)
    assert path is None or (path.parent == MODELS and below(path, MODELS))
    if answered(check_category, name) is not None:
        assert name == check_category(name)
    answered(data.check_source, name)
    answered(DataConfig, f"folder:{name}")
    assert outside() == before


@given(st.sampled_from(["filters", "name", "source", "base", "seed", "epochs", "categories"]), JSON)
def test_no_setting_surprises(setting, value):
    for kind in (RunConfig, VaeConfig):
        made = answered(kind.from_dict, {"name": "x", setting: value})
        assert made is None or made == kind.from_dict(
            {key: one for key, one in made.to_dict().items() if key != "kind"}
        )
    answered(lambda: DataConfig(**{setting: value}) if setting in ("seed", "source") else 0)


# --- files ---------------------------------------------------------------------------------------


@given(damages())
def test_drawings_that_are_none(tmp_path, damage):
    file = tmp_path / "cup.npy"
    np.save(file, np.arange(3 * 784, dtype=np.uint8).reshape(3, 784))
    file.write_bytes(damage(file.read_bytes()))
    found = answered(data.read_npy, file)
    assert found is None or (found.dtype == np.uint8 and found.shape[1:] == (784,))


@given(JSON)
@example([[]])
@example([[[10**400], [0]]])
@example([[[1, 2], [3]]])
def test_strokes_that_are_none(tmp_path, content):
    file = tmp_path / "cup.ndjson"
    file.write_bytes(json.dumps({"drawing": content}).encode("utf-8", "surrogatepass"))
    found = answered(raster.read_ndjson, file)
    assert found is None or found.shape == (1, 784)


@given(JSON)
@example([[[0.0, float("nan")], [1, 2]]])
@example([[[1e308, -1e308], [1, 2]]])
def test_what_a_canvas_may_send(content):
    before = outside()
    found = answered(sketch.simplified, content)
    for line in found or []:
        assert np.isfinite(line).all()
    assert outside() == before


@settings(max_examples=30)
@given(NAMES)
def test_the_own_set_takes_official_names_alone(name):
    before = outside()
    assert answered(own_set.add, name, [[[0, 9], [0, 9]]]) is None
    assert answered(own_set.take_back, name, "0") is None
    assert outside() == before


@given(damages(), st.sampled_from(["PNG", "JPEG", "GIF", "TIFF"]))
def test_a_picture_that_is_none(damage, kind):
    file = io.BytesIO()
    Image.fromarray(np.eye(64, dtype=np.uint8) * 255).save(file, kind)
    found = answered(sketch.picture, damage(file.getvalue()))
    assert found is None or (found.shape, found.dtype) == ((28, 28), np.uint8)


@settings(max_examples=12)
@given(damages())
def test_a_damaged_network_is_refused(tmp_path_factory, stored_network, damage):
    from doodle_core.training import stored

    file = tmp_path_factory.mktemp("networks") / "best.keras"
    file.write_bytes(damage(stored_network))
    answered(stored.load, file)


@pytest.fixture(scope="module")
def stored_network(tmp_path_factory):
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    file = tmp_path_factory.mktemp("network") / "model.keras"
    model.save(file)
    return file.read_bytes()


# --- run folders ---------------------------------------------------------------------------------


@pytest.fixture
def spoil(finished_run, finished_vae):
    """Both kinds of run anew with one file damaged: the Runs."""
    whole = MODELS.parent / "whole"

    def spoiled(name, damage):
        if not whole.exists():
            for path in (finished_run("run"), finished_vae("vae")):
                (path / "notes.json").write_text('{"notes": "good", "tags": ["a"]}')
                (path / "suspects.csv").write_text("place,quality,suggested\n0,0.1,1\n")
                shutil.copytree(path, whole / path.name)
        shutil.rmtree(MODELS)
        shutil.copytree(whole, MODELS)
        for path in (MODELS / "run", MODELS / "vae"):
            if (path / name).exists():
                (path / name).write_bytes(damage((path / name).read_bytes()))
        return runs.all_runs()

    yield spoiled
    shutil.rmtree(whole, ignore_errors=True)


FILES = st.sampled_from(
    [
        "config.json",
        "status.json",
        "metrics.json",
        "notes.json",
        "history.csv",
        "suspects.csv",
        "test_labels.npy",
        "test_rows.npy",
        "test_probabilities.npy",
        "latent_test.npz",
        "latent_samples.npz",
        "directions.npz",
        "categories.npz",
        "dimensions.csv",
        "snapshots/0002.npz",
        "reconstructions_test.npz",
    ]
)


@settings(max_examples=80)
@given(FILES, damages())
def test_a_damaged_run_is_read_or_said_to_be_damaged(spoil, name, damage):
    found = spoil(name, damage)
    assert {run.name for run in found} == {"run", "vae"}
    for run in found:
        assert run.state in runs.STATES and "\n" not in run.error
        assert runs.history(run.path).columns[0] == "epoch"
        runs.summary(run)
        if run.config is None:
            continue
        classes = len(run.config.data.categories)
        if run.kind == "classifier":
            found = answered(runs.results, run.path, classes)
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


@settings(max_examples=8)
@given(FILES, damages())
def test_a_damaged_run_is_saved_as_html_or_refused(spoil, name, damage):
    for run in spoil(name, damage):
        text = answered(export.html, run)
        assert text is None or "<script>window.broken" not in text


# --- a person's answers --------------------------------------------------------------------------


@settings(max_examples=40)
@given(NAMES)
def test_no_session_leads_out_of_the_data(name):
    before = outside()
    path = answered(people.folder, name)
    assert path is None or (path.parent == people.PEOPLE and below(path, DATA))
    answered(people.load, name)
    answered(people.delete, name)
    assert outside() == before


@pytest.fixture(scope="module")
def whole_session():
    """The files of a session that was answered: {name: bytes}."""
    session = people.begin_practice("whole", n=7)
    people.record(session, [{"n": 0, "answer": 1, "seconds": 1.5}])
    found = {file.name: file.read_bytes() for file in session.path.iterdir() if file.is_file()}
    shutil.rmtree(session.path)
    return found


@given(st.sampled_from(["session.json", "answers.csv", "drawings.npy"]), damages())
def test_a_damaged_session_is_read_or_said_to_be_damaged(whole_session, name, damage):
    path = people.folder("spoiled")
    path.mkdir(parents=True, exist_ok=True)
    for file, content in whole_session.items():
        (path / file).write_bytes(damage(content) if file == name else content)
    answered(people.all_sessions)
    session = answered(people.load, "spoiled")
    if session is not None:
        answered(people.drawings, session)
        found = answered(people.answers, session)
        if found is not None and found.said:
            answered(people_results.figures, session, found)
            answered(people_results.listed, session, found, {})
    shutil.rmtree(path)


@given(JSON)
def test_what_a_trial_may_send(whole_session, content):
    path = people.folder("spoiled")
    path.mkdir(parents=True, exist_ok=True)
    for file, kept in whole_session.items():
        (path / file).write_bytes(kept)
    session = people.load("spoiled")
    for events in (
        content,
        [content],
        [{"n": content, "answer": 1, "seconds": 1}],
        [{"n": 1, "answer": content, "seconds": 1}],
        [{"n": 2, "answer": 1, "seconds": content}],
    ):
        answered(people.record, session, events)
        assert 1 <= len(people.answers(session).said) <= session.n
    shutil.rmtree(path)


PAGES = st.sampled_from(
    ["home", "runs", "errors", "latent", "compare", "report", "train", "tour", "people"]
)


@settings(max_examples=16)
@given(PAGES, FILES, damages(), st.sampled_from(["run", "vae", MARKUP, "../run"]))
def test_a_page_stands_a_damaged_run(spoil, page, name, damage, asked):
    spoil(name, damage)
    before = outside()
    text = words(open_page(page, run=asked))
    assert "<script>" not in text and "[x](http" not in text
    assert outside() == before


def test_markup_in_every_text_of_a_run_is_shown_as_text(spoil):
    """Notes, tags, judge and folder names: what a stranger's run folder may hold."""
    for run in spoil("none", None):
        content = read_json(run.path / "metrics.json") | {"judge": MARKUP}
        (run.path / "metrics.json").write_text(json.dumps(content))
        (run.path / "notes.json").write_text(json.dumps({"notes": MARKUP, "tags": [MARKUP]}))
        status = {"state": "finished", "time": 1.0, "error": MARKUP}
        (run.path / "status.json").write_text(json.dumps(status))
        own = read_json(run.path / "config.json")
        own["data"]["source"] = f"folder:/{MARKUP}"
        (run.path / "config.json").write_text(json.dumps(own))
    for page in ("home", "runs", "errors", "latent", "compare", "report"):
        text = words(open_page(page))
        assert "<script>" not in text and "[x](http" not in text, page
    for run in runs.all_runs():
        text = export.html(run)
        assert "<img src=x" not in text and "window.broken=1</script>" not in text
