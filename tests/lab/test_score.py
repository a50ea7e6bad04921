"""A network on other drawings: its figures, what is left out, and that nothing else changes."""

import shutil

import numpy as np
import pytest

from doodle_core import data, evaluation, runs
from doodle_core.data import own_set
from doodle_core.files import read_json, write_json
from doodle_core.inference.classifier import load_classifier
from doodle_core.lab.score import score
from doodle_core.runs import shipping
from support.apps import check_apart
from support.drawings import CATEGORIES, make_drawings
from support.networks import give_networks

pytestmark = pytest.mark.usefixtures("reads")


@pytest.fixture
def run(finished_run, tmp_path):
    """A run whose drawings are `tmp_path / "own"`."""
    return runs.load(finished_run("one", folder=make_drawings(tmp_path / "own")))


def other(folder, n=20, categories=CATEGORIES, wrong=0):
    """Drawings that no run learned from; the first `wrong` moons are drawn as cups are."""
    make_drawings(folder, n, categories, edge=7)
    for name in categories:
        pixels = np.load(folder / f"{name}.npy").reshape(n, 28, 28)
        if name == "moon":
            pixels[:wrong, 3:20] = 0
            pixels[:wrong, 11:14, 4:24] = 255
            pixels[:, 26, 0] = np.arange(n)  # none is another's duplicate
        np.save(folder / f"{name}.npy", pixels.reshape(n, 784))
    return f"folder:{folder}"


def test_the_figures_are_those_of_these_drawings(run, tmp_path):
    found = score(run, other(tmp_path / "new", wrong=3))
    assert found.metrics["n"] == 60 and found.metrics["top1"] == 57 / 60
    assert found.metrics["macro_recall"] == pytest.approx((1 + 17 / 20 + 1) / 3)
    low, high = evaluation.wilson(57, 60)
    assert (found.metrics["top1_low"], found.metrics["top1_high"]) == pytest.approx((low, high))
    # 57 right at -ln 0.9, 3 wrong at -ln 0.05
    assert found.metrics["loss"] == pytest.approx(-(57 * np.log(0.9) + 3 * np.log(0.05)) / 60)
    assert found.metrics["ece"] == pytest.approx(57 / 60 - 0.9, abs=1e-6)
    assert found.metrics["chance"] == 1 / 3 and not found.remarks
    said = runs.results(found.path, 3)
    matrix = evaluation.confusion_matrix(said.labels, said.probabilities.argmax(axis=1), 3)
    assert matrix.tolist() == [[20, 0, 0], [0, 17, 3], [0, 0, 20]]
    shown = runs.scored_pixels(found)
    assert data.fingerprint(shown) == found.metrics["test_pixels"]
    assert (
        shown[said.labels == 0] == np.load(tmp_path / "new/apple.npy").reshape(-1, 28, 28)
    ).all()


def test_the_runs_own_figures_stay(run, tmp_path):
    files = {file: file.read_bytes() for file in run.path.iterdir() if file.is_file()}
    digest = shipping.digest(run.path)
    score(run, other(tmp_path / "new"))
    assert {file: file.read_bytes() for file in run.path.iterdir() if file.is_file()} == files
    assert shipping.digest(run.path) == digest
    assert [one.name for one in runs.all_runs()] == ["one"]


def test_what_is_partly_known_is_scored_on_that(run, tmp_path):
    found = score(run, other(tmp_path / "new", categories=("moon", "cup", "dog")))
    assert found.drawings.categories == ("cup", "moon") and found.drawings.unknown == ("dog",)
    assert found.metrics["n"] == 40 and found.metrics["chance"] == 1 / 3
    said = " ".join(found.remarks)
    assert "2 of the 3 categories" in said and "not on apple" in said and "dog" in said
    table = (found.path / "per_category.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["category", "moon", "cup"]
    assert len(runs.scored_pixels(found)) == 40


def test_chosen_categories_and_numbers_count(run, tmp_path):
    found = score(run, other(tmp_path / "new"), ("apple", "dog"), 5)
    assert found.metrics["n"] == 5 and found.drawings.categories == ("apple",)
    assert found.drawings.unknown == ("dog",)


def test_of_its_own_drawings_the_test_part_is_what_it_did_not_learn(run):
    found = score(run, run.config.data.source)
    assert found.metrics["n"] == run.metrics["n"] == 42 and found.drawings.learned == 138
    _, _, test = data.split(data.stored_drawings(run.config.data.source, CATEGORIES), CATEGORIES)
    own = {*zip(test.labels.tolist(), test.rows.tolist())}
    result = runs.results(found.path, 3)
    assert {*zip(result.labels.tolist(), result.rows.tolist())} == own
    assert "138 drawings are left out" in " ".join(found.remarks)


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_copy_of_what_it_learned_is_found_out(run, tmp_path, is_gone):
    copy = shutil.copytree(tmp_path / "own", tmp_path / "copy")
    if is_gone:
        shutil.rmtree(tmp_path / "own")
    found = score(run, f"folder:{copy}")
    assert found.metrics["n"] == 42 and found.drawings.learned == 138


def test_nothing_but_learned_drawings_is_refused(run, tmp_path):
    drawings = data.stored_drawings(run.config.data.source, CATEGORIES)
    train, _, _ = data.split(drawings, CATEGORIES)
    seen = tmp_path / "seen"
    seen.mkdir()
    for label in range(3):  # under another name it is the same drawing
        at = CATEGORIES[label - 1]
        np.save(seen / f"{at}.npy", drawings[label][train.rows[train.labels == label]])
    with pytest.raises(ValueError, match="one learned from all of these drawings"):
        score(run, f"folder:{seen}")
    assert not runs.scorings(run)


def test_what_a_run_that_it_began_with_learned_is_left_out_too(run, finished_run, tmp_path):
    folder = other(tmp_path / "second")
    path = finished_run("two", folder=tmp_path / "second", start_from="one")
    assert folder == runs.load(path).config.data.source
    found = score(runs.load(path), run.config.data.source)
    assert found.metrics["n"] == 42 and found.drawings.learned == 138


def test_where_its_drawings_are_gone_the_figures_say_so(run, tmp_path):
    shutil.rmtree(tmp_path / "own")
    found = score(run, other(tmp_path / "new"))
    assert "could not all be looked up" in found.remarks[0]
    assert found.remarks == runs.scorings(run)[0].remarks


def test_drawings_that_changed_since_are_refused(run, tmp_path):
    make_drawings(tmp_path / "own", n=70)
    with pytest.raises(ValueError, match="can no longer be looked up"):
        score(run, run.config.data.source)


def test_practice_drawings_are_marked(run, tmp_path):
    found = score(run, "practice", ("apple", "moon"), 5)
    assert found.metrics["practice"] == 1 and found.is_practice
    assert "practice data" in runs.practice_note(found) and "practice data" in found.label
    assert not runs.load(run.path).is_practice
    assert not score(run, other(tmp_path / "new")).is_practice


def test_duplicates_count_once(run, tmp_path):
    source = other(tmp_path / "new")
    file = tmp_path / "new" / "apple.npy"
    np.save(file, np.tile(np.load(file)[:4], (3, 1)))
    assert score(run, source).metrics["n"] == 4 + 20 + 20


def test_the_order_of_categories_does_not_change_the_drawings(run, finished_run, tmp_path):
    path = finished_run("two", folder=tmp_path / "own")
    config = read_json(path / "config.json")
    config["data"]["categories"] = ["cup", "apple", "moon"]
    write_json(path / "config.json", config)
    source = other(tmp_path / "new")
    one, two = score(run, source), score(runs.load(path), source, ("moon", "cup", "apple"))
    assert one.metrics["test_pixels"] == two.metrics["test_pixels"] and one.key == two.key
    assert runs.results(two.path, 3).labels[:20].tolist() == [1] * 20


def test_what_cannot_be_scored_gets_one_sentence(run, make_config, tmp_path, finished_vae):
    with pytest.raises(ValueError, match="one knows none of these categories: cat"):
        score(run, other(tmp_path / "cats", categories=("cat",)))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match="no drawings of a Quick, Draw! category"):
        score(run, f"folder:{empty}")
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        score(run, f"folder:{tmp_path / 'nowhere'}")
    with pytest.raises(ValueError, match="A source is"):
        score(run, "nothing")
    waiting = runs.load(runs.create(make_config("waiting")))
    for one in (waiting, runs.load(finished_vae()), runs.load(runs.folder("nobody"))):
        with pytest.raises(ValueError, match="is no finished classifier"):
            score(one, "practice")
    assert not (run.path / "scored").exists()


@pytest.mark.parametrize("name", ["write_results", "write_tables", "write_metrics"])
def test_what_fails_on_the_way_leaves_nothing(run, tmp_path, monkeypatch, name):
    def full(*args):
        raise OSError(28, "No space left on device")

    source = other(tmp_path / "new")
    kept = score(run, source)
    monkeypatch.setattr(runs, name, full)
    with pytest.raises(OSError, match="No space"):
        score(run, source)
    assert [one.metrics for one in runs.scorings(run)] == [kept.metrics]
    assert {file.name for file in (run.path / "scored").iterdir()} <= {kept.key, ".lock"}


def test_the_command_needs_no_tensorflow_and_its_figures_are_the_networks(run, tmp_path):
    give_networks(run.path)
    source = other(tmp_path / "new")
    arguments = ["score", "one", "--source", source, "--per-category", "4"]
    check_apart("from doodle_core.__main__ import main", f"assert main({arguments}) == 0")
    (found,) = runs.scorings(run)
    said = runs.results(found.path, 3).probabilities
    network = load_classifier(run.path, run.config)
    assert np.allclose(said, network.probabilities(runs.scored_pixels(found)), atol=1e-6)


def test_a_kill_leaves_nothing_and_the_next_one_goes_through(run, tmp_path):
    give_networks(run.path)
    source = other(tmp_path / "new")
    check_apart(  # it dies with all arrays written
        "import os",
        "from doodle_core import runs",
        "from doodle_core.__main__ import main",
        "runs.write_metrics = lambda *args: os._exit(0)",
        f"main(['score', 'one', '--source', {source!r}])",
        "raise SystemExit('it went on')",
    )
    assert (run.path / "scored" / ".half" / "test_probabilities.npy").exists()
    assert not runs.scorings(run) and runs.load(run.path).state == "finished"
    found = score(run, source)
    assert {file.name for file in (run.path / "scored").iterdir()} == {found.key, ".lock"}


def test_progress_is_told(run, tmp_path):
    said = []
    score(run, other(tmp_path / "new"), report=lambda done, text: said.append((done, text)))
    assert said[-1] == (0, "Scoring")  # 60 drawings are one batch


def test_an_own_set_is_a_source_too(run):
    stroke = [[[10, 200], [100, 100]]]
    for n in range(3):
        own_set.add("apple", [[[10, 200], [100, 100 + 20 * n]], *stroke])
    try:
        found = score(run, own_set.SOURCE)
        assert found.metrics["n"] == 3 and found.label.endswith("3 of apple")
    finally:
        shutil.rmtree(own_set.FOLDER)
