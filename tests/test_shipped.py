"""The networks that come with the repository: they load, and name a drawing at once."""

import csv
import io
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.inference.autoencoder import load_generator
from doodle_core.inference.classifier import load_classifier
from doodle_core.inference.portable import Portable
from doodle_core.lab.export import network
from doodle_core.runs import latents, shipping
from support.browser import ROOT

Arrays = dict[str, NDArray[Any]]

with open(ROOT / "pyproject.toml", "rb") as _file:
    _BROUGHT = tomllib.load(_file)["tool"]["setuptools"]["package-data"]["doodle_lab"]
SHIPPED = sorted(
    path
    for one in _BROUGHT
    if one.startswith("models/") and one.endswith("/**")
    for path in ROOT.glob(one.removesuffix("/**"))
)
VAES = [path for path in SHIPPED if (path / "decoder.keras").exists()]
WITH_WEIGHTS = [path for path in SHIPPED if (path / "best.keras").exists()]


def tracked(folder):
    """The files of a folder that git keeps; where this is no clone, all that are there."""
    done = subprocess.run(["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True)
    kept = [ROOT / line for line in done.stdout.splitlines()]
    return kept or [file for file in folder.rglob("*") if file.is_file()]


def test_runs_are_shipped():
    """Else the tests below would pass with nothing to look at."""
    assert len(SHIPPED) >= 23 and len(VAES) >= 4 and len(WITH_WEIGHTS) >= 5
    assert {path.name for path in SHIPPED} >= {"report-seven-compact", "VGG16-tuned", "vae-2d"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_run_is_whole_and_names_no_place_of_its_machine(path):
    run = runs.load(path)
    assert run.state == "finished", run.error
    classes = len(run.config.data.categories)
    if run.kind == "vae":
        found = latents.points(path, "test", classes, run.config.latent)
        assert len(found) == run.metrics["n"]
        assert np.nanmean(found.losses.sum(axis=1)) == pytest.approx(run.metrics["loss"], rel=1e-2)
    else:
        found = runs.results(path, classes)
        right = (found.probabilities.argmax(axis=1) == found.labels).mean()
        assert run.metrics["top1"] == pytest.approx(right)
    assert run.config.data.source in ("practice", "official", "folder:data/quickdraw")
    for file in tracked(path):
        if file.suffix in (".json", ".csv", ".log"):
            text = file.read_text("utf-8")
            assert not any(place in text for place in ("/tmp/", "/home/", "/root/", "/Users/"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_run_written_again_is_the_same(path, tmp_path):
    """Every file that a reader gives back, its writer writes as it was: byte by byte, or array."""
    run = runs.load(path)
    classes = len(run.config.data.categories)
    runs.write_metrics(tmp_path, run.config, run.metrics)
    runs.write_environment(tmp_path, runs.read_environment(path))
    runs.write_layers(tmp_path, runs.read_layers(path))
    if prints := runs.read_fingerprints(path):
        runs.write_fingerprints(tmp_path, prints)
    for name, append in (("history", append_epoch), ("steps", append_step)):
        if (path / f"{name}.csv").exists():
            with open(path / f"{name}.csv", newline="") as rows:
                for row in csv.DictReader(rows):
                    append(tmp_path, row)
    runs.write_test_part(tmp_path, *runs.test_part(path, classes), classes)
    if run.kind == "vae":
        write_latents(tmp_path, path, classes, run.config.latent)
    else:
        runs.write_ranges(tmp_path, runs.read_ranges(path))
        found, validation = runs.results(path, classes), runs.validation(path, classes)
        names = run.config.data.categories
        runs.write_results(
            tmp_path, found.probabilities, np.zeros((len(found.rows), 1)), validation
        )
        said = found.probabilities.astype(float)
        runs.write_tables(tmp_path, names, found.labels, said)
        runs.write_suspects(tmp_path, evaluation.suspects(found.labels, said))
        assert (
            (runs.suspects(tmp_path, len(found.rows), classes)["place"]).tolist()
            == (runs.suspects(path, len(found.rows), classes)["place"]).tolist()
        )
        for name in ("suspects.csv", "test_embeddings.npy"):  # of rounded probabilities; not here
            (tmp_path / name).unlink()
    again = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    rest = {"config.json", "status.json", "fitted", "suspects.csv"}
    shipped = {
        file.relative_to(path) for file in tracked(path) if file.suffix not in (".keras", ".tflite")
    }
    assert {str(file) for file in shipped - again} <= rest and again <= shipped
    for file in again:
        if file.suffix == ".npz":
            with np.load(path / file) as one, np.load(tmp_path / file) as other:
                assert set(one) == set(other), file
                for name in one:
                    assert one[name].dtype == other[name].dtype, (file, name)
                    np.testing.assert_array_equal(one[name], other[name])
        else:
            assert (path / file).read_bytes() == (tmp_path / file).read_bytes(), file


def append_epoch(path, row):
    runs.append_epoch(path, int(row.pop("epoch")), {name: number(one) for name, one in row.items()})


def append_step(path, row):
    runs.append_step(path, float(row.pop("epoch")), {name: float(one) for name, one in row.items()})


def number(text):
    return int(text) if text.isdigit() else float(text)


def write_latents(target, path, classes, latent):
    for which in latents.SETS:
        points = latents.points(path, which, classes, latent)
        with np.load(path / f"latent_{which}.npz") as found:
            points.labels = points.labels.astype(found["labels"].dtype)
        latents.write_points(target, which, points, classes)
    latents.write_directions(target, latents.directions(path, latent))
    latents.write_categories(target, *latents.categories(path, classes, latent))
    found = latents.dimensions(path, latent)
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    whole = [row | {name: int(row[name]) for name in ("dimension", "active")} for row in rows]
    latents.write_dimensions(target, whole)
    for epoch in latents.snapshots(path):
        shown = latents.snapshot(path, epoch, classes, latent)
        shown.labels = shown.labels.astype(np.uint16)
        latents.write_snapshot(target, epoch, shown, classes)


@pytest.mark.parametrize("path", WITH_WEIGHTS, ids=lambda path: path.name)
def test_a_shipped_network_names_practice_drawings(path):
    """It learned from people's drawings, and few or none of the program's: most are named rightly."""
    run = runs.load(path)
    network = load_classifier(path, run.config)
    names = [name for name in REPORT_SEVEN if name in run.config.data.categories]
    assert len(names) >= 4
    right = []
    for name in names:
        place = run.config.data.categories.index(name)
        answers = network.probabilities(practice.draw(name, 40).reshape(-1, 28, 28))
        assert np.allclose(answers.sum(axis=1), 1, atol=1e-4)
        right.append((answers.argmax(axis=1) == place).mean())
    assert np.mean(right) > 0.7, dict(zip(names, right))


@pytest.mark.parametrize("path", VAES, ids=lambda path: path.name)
def test_a_shipped_autoencoder_draws_what_it_was_shown(path):
    """A practice drawing's reconstruction is nearer to it than another drawing's is."""
    run = runs.load(path)
    generator = load_generator(path, run.config)
    drawings, labels = practice.practice_set(run.config.data.categories)
    drawings, labels = drawings[::10], labels[::10]
    again = generator.decode(generator.encode(drawings, labels)[0], labels)
    kept = latents.points(path, "practice", len(run.config.data.categories), run.config.latent)
    np.testing.assert_allclose(again, kept.reconstructions[::10], atol=12)  # half precision
    distance = np.abs(again[:, None].astype(int) - drawings[None]).mean(axis=(2, 3))
    own, other = distance.diagonal(), np.median(distance, axis=1)
    assert (own < other).mean() > 0.9


def test_no_reconstruction_of_a_persons_drawing_is_published():
    files = [file for path in VAES for file in tracked(path)]
    assert {file.parent for file in files} >= {*VAES}
    for file in files:
        assert not file.name.startswith("reconstructions")
        if file.parent.name == "snapshots":
            with np.load(file) as found:
                assert set(found) == {"labels", "means"}


def test_the_list_of_what_is_shipped_is_of_what_git_keeps(monkeypatch):
    """`make shipped` writes it: a verdict rests on no other run."""
    monkeypatch.setattr(shipping, "LIST", ROOT / "models/shipped.json")
    paths = [path for path in SHIPPED if tracked(path)]
    if not paths:
        pytest.skip("this is no clone")
    assert shipping.read_list() == {path.name: shipping.digest(path) for path in paths}
    assert set(runs.shipped(map(runs.load, SHIPPED))) == {path.name for path in paths}


def test_both_networks_are_there():
    networks = {runs.load(path).config.network for path in WITH_WEIGHTS}
    assert {"report-base", "compact"} <= networks


def keras_says(path: Path) -> Iterator[tuple[str, Arrays, Arrays]]:
    """(name, inputs, outputs) of each network of a run, on 1,001 practice drawings, by Keras."""
    from doodle_core.training import portable

    drawings = np.concatenate([practice.draw(name, 143, seed=5) for name in REPORT_SEVEN])
    run = runs.load(path)
    classes, n = len(run.config.data.categories), len(drawings)
    inputs: Arrays = {"drawing": drawings.reshape(-1, 28, 28, 1)}
    for name, (model, outputs) in run.family.call("networks", path, run.config).items():
        given = {one.name for one in model.inputs}
        if "category" in given:
            inputs["category"] = np.eye(classes, dtype=np.float32)[np.arange(n) % classes]
        asked = {one: inputs[one] for one in given}
        expected = portable.in_keras(model, outputs)("answer", **asked)
        yield name, asked, expected
        inputs["latent"] = expected[outputs[0]]


@pytest.mark.slow
@pytest.mark.parametrize("path", WITH_WEIGHTS + VAES, ids=lambda path: path.name)
def test_a_shipped_network_answers_without_tensorflow_as_keras_does(path):
    for name, asked, expected in keras_says(path):
        found = Portable(path / f"{name}.tflite")("answer", **asked)
        for output, theirs in expected.items():
            assert np.abs(found[output] - theirs).max() <= 1e-5, (name, output)


@pytest.mark.skipif(not all(map(find_spec, network.CONVERTERS)), reason='needs the extra "onnx"')
@pytest.mark.slow
@pytest.mark.parametrize("path", WITH_WEIGHTS + VAES, ids=lambda path: path.name)
def test_a_shipped_network_answers_as_onnx_as_keras_does(path):
    import onnxruntime

    content = network.packed(runs.load(path), "onnx")
    files = {"network.onnx": content}
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    for name, asked, expected in keras_says(path):
        session = onnxruntime.InferenceSession(files[f"{name}.onnx"])
        outputs = [one.name for one in session.get_outputs()]
        assert outputs
        for output, found in zip(outputs, session.run(outputs, asked)):
            assert np.abs(found - expected[output]).max() <= 1e-5, (name, output)


def test_the_repository_stays_small():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone: what git keeps is not known")
    files = tracked(ROOT)
    assert sum(file.stat().st_size for file in files if file.exists()) < 75e6
