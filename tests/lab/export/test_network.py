"""A run's network as one file."""

import io
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.inference.classifier import load_classifier
from doodle_core.lab import export
from doodle_core.lab.export import network
from support.networks import with_weights

needs_onnx = pytest.mark.skipif(
    not all(map(find_spec, network.CONVERTERS)), reason='needs the extra "onnx"'
)


@pytest.fixture
def drawings():
    return np.random.default_rng(0).integers(0, 256, (256, 28, 28, 1), dtype=np.uint8)


@pytest.mark.parametrize(("form", "name"), [("keras", "best.keras"), ("tflite", "network.tflite")])
def test_a_classifiers_is_its_file(run_with_weights, form, name):
    path = run_with_weights()
    run = runs.load(path)
    assert export.file_name(run, form) == f"done.{form}"
    assert export.packed(run, form) == (path / name).read_bytes() == export.packed_apart(run, form)


@pytest.mark.parametrize("form", ["keras", "tflite"])
def test_an_autoencoders_two_are_in_one_archive(finished_vae, form):
    path = with_weights(finished_vae)
    run = runs.load(path)
    assert export.file_name(run, form) == f"vae.{form}.zip"
    with zipfile.ZipFile(io.BytesIO(export.packed(run, form))) as archive:
        assert archive.testzip() is None
        for name in (f"encoder.{form}", f"decoder.{form}"):
            assert archive.read(name) == (path / name).read_bytes()
        assert len(archive.namelist()) == 2


@needs_onnx
def test_an_onnx_file_answers_as_the_page_does(run_with_weights, drawings):
    import onnxruntime

    path = run_with_weights()
    run = runs.load(path)
    session = onnxruntime.InferenceSession(export.packed(run, "onnx"))
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.type, made.name) == ("drawing", "tensor(uint8)", "probabilities")
    (found,) = session.run(None, {"drawing": drawings})
    expected = load_classifier(path, run.config).probabilities(drawings)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@needs_onnx
def test_an_autoencoders_onnx_files_know_their_inputs(finished_vae, drawings):
    import onnxruntime

    run = runs.load(with_weights(finished_vae, conditional=True))
    with zipfile.ZipFile(io.BytesIO(export.packed(run, "onnx"))) as archive:
        found = {}
        for name in archive.namelist():
            session = onnxruntime.InferenceSession(archive.read(name))
            given = {one.name for one in session.get_inputs()}
            found[name] = given, {one.name for one in session.get_outputs()}
    assert found == {
        "encoder.onnx": ({"drawing", "category"}, {"mean", "log_var"}),
        "decoder.onnx": ({"latent", "category"}, {"ink"}),
    }


def test_without_the_converter_there_is_a_sentence(run_with_weights, monkeypatch):
    run = runs.load(run_with_weights())
    monkeypatch.setattr(network, "CONVERTERS", ("tf2onnx", "a_package_that_is_not_there"))
    for make in (export.packed, export.packed_apart):
        with pytest.raises(ValueError, match="not installed here: pip install tf2onnx"):
            make(run, "onnx")


def test_what_is_not_here_is_a_sentence(finished_run, make_config):
    bare, waiting = runs.load(finished_run("bare")), runs.load(runs.create(make_config("waiting")))
    for form in export.FORMATS:
        assert export.lacking(bare, form) == "This run has no weights here."
        assert "queued: it has no trained network yet" in export.lacking(waiting, form)
    (bare.path / "config.json").write_text("{")
    assert "damaged" in export.lacking(runs.load(bare.path), "keras")
    with pytest.raises(ValueError, match="one of keras, tflite, onnx; received 'pickle'"):
        export.packed(waiting, "pickle")


def test_a_network_that_is_another_is_refused_before_it_is_converted(run_with_weights, monkeypatch):
    path = run_with_weights()
    (path / "best.keras").write_bytes(b"PK\x03\x04")
    monkeypatch.setattr(network, "CONVERTERS", ())
    with pytest.raises(ValueError, match=r"best\.keras is damaged"):
        export.packed(runs.load(path), "onnx")


def test_a_link_out_of_the_folder_is_not_followed(run_with_weights, tmp_path):
    path = run_with_weights()
    (tmp_path / "secret").write_text("mine")
    (path / "best.keras").unlink()
    (path / "best.keras").symlink_to(tmp_path / "secret")
    with pytest.raises((OSError, ValueError)):
        export.packed(runs.load(path), "keras")
