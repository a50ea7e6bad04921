"""A look into networks: their answers are Keras's, and what gradients and maps must add up to."""

import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from doodle_core import runs
from doodle_core.classifier import networks, portable
from doodle_core.classifier.predict import predict
from doodle_core.inference.classifier import load_classifier
from doodle_core.settings import DataConfig, RunConfig
from doodle_core.settings.transfer import TransferConfig
from support.networks import with_weights

NETWORKS = ("report-base", "report-flat", "compact")


def build(folder, network, **settings):
    """A network with fresh weights: (the portable one, the Keras one)."""
    data = DataConfig("practice")
    config = RunConfig("x", data, network=network, blocks=2, test_views=False, **settings)
    keras.utils.set_random_seed(1)
    model = networks.build(config, 7)
    model.save(folder / "best.keras")
    portable.export(folder, config)
    return load_classifier(folder, config), model


@pytest.fixture(scope="module", params=NETWORKS)
def both(request, tmp_path_factory):
    return build(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def network(both):
    return both[0]


@pytest.fixture
def drawing():
    pixels = np.zeros((28, 28), np.uint8)
    pixels[6:9, 4:24] = 255
    pixels[6:22, 12:15] = 200
    return pixels


def test_it_answers_as_keras_does(both, drawing):
    network, model = both
    two = np.stack([drawing, drawing.T])
    found = network.probabilities(two)
    assert np.allclose(found, model.predict(two[..., None], verbose=0), atol=1e-6)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    softmax = np.exp(network.logits(two))
    assert np.allclose(found, softmax / softmax.sum(axis=1, keepdims=True), atol=1e-6)
    embed = keras.Model(model.input, model.get_layer("embedding").output)
    assert np.allclose(network.embeddings(two), embed.predict(two[..., None], verbose=0), atol=1e-5)


def test_any_number_of_drawings_is_answered_alike(network):
    many = np.random.default_rng(0).integers(0, 256, (150, 28, 28), dtype=np.uint8)
    found = network.probabilities(many)
    for some in (slice(0, 1), slice(60, 70), slice(149, 150)):
        assert np.allclose(network.probabilities(many[some]), found[some], atol=1e-6)


def test_five_views_are_those_of_the_score(both, drawing, tmp_path):
    network, model = both
    config = replace(network.config, test_views=True)
    viewed = type(network)(network.network, config).probabilities(drawing)
    scored = predict(model, drawing[None, ..., None], config)
    assert np.allclose(viewed, scored, atol=1e-4)  # a pixel in some views is a grey level off
    assert not np.allclose(viewed, network.probabilities(drawing), atol=1e-4)


def test_sigmoid_outputs_are_made_to_add_up(tmp_path, drawing):
    network, model = build(tmp_path, "report-base", loss="sigmoid")
    found, outputs = network.probabilities(drawing), model(drawing[None, ..., None]).numpy()
    assert np.allclose(found, outputs / outputs.sum(), atol=1e-6)


def test_every_convolution_shows_its_maps_after_its_activation(both, drawing):
    network, model = both
    maps = network.activations(drawing)
    assert list(maps) == [one.name for one in model.layers if isinstance(one, layers.Conv2D)]
    for name, found in maps.items():
        assert found.dtype == np.float32 and found.shape[2] == model.get_layer(name).filters
    signed = [name for name, found in maps.items() if found.min() < 0]
    sums = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert len(signed) == len(sums)  # a residual block's activation comes after its sum
    for name, kernel in network.filters().items():
        assert np.array_equal(kernel, model.get_layer(name).kernel.numpy())
    assert list(network.filters()) == list(network.convolutions)[:2]


def test_the_first_maps_agree_with_a_convolution_by_hand(tmp_path, drawing):
    network, _ = build(tmp_path, "report-base")
    pixels = np.pad(drawing / 127.5 - 1.0, 1)  # "same" padding is 0 on the scaled drawing
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3))
    kernel = network.filters()["conv1"][:, :, 0]
    expected = np.einsum("xyij,ijc->xyc", windows, kernel).clip(0)
    assert np.allclose(network.activations(drawing)["conv1"], expected, atol=1e-4)


@pytest.mark.parametrize("label", [0, 5])
def test_integrated_gradients_add_up_to_the_logits_gain(network, drawing, label):
    added = network.integrated_gradients(drawing, label)
    before, after = network.logits(np.stack([np.zeros_like(drawing), drawing]))[:, label]
    assert added.shape == (28, 28) and added.dtype == np.float32
    assert added.sum() == pytest.approx(after - before, abs=float(0.02 * np.abs(added).sum()))
    assert (added[drawing == 0] == 0).all()  # what is as empty as the ground adds nothing


def test_grad_cam_weighs_the_maps_with_keras_gradients(both, drawing):
    network, model = both
    label = int(network.logits(drawing)[0].argmax())
    start, logits = model.get_layer("scale").output, model.get_layer("logits").output
    scaled = tf.constant(drawing[None, ..., None] / 127.5 - 1.0, tf.float32)
    for name, shown in portable.convolutions(model).items():
        inner = keras.Model(start, [model.get_layer(shown).output, logits])
        with tf.GradientTape() as tape:
            tape.watch(scaled)
            maps, found = inner(scaled)
            logit = found[0, label]
        weights = tf.reduce_mean(tape.gradient(logit, maps), axis=(0, 1, 2)).numpy()
        heat = (maps[0].numpy() @ weights).clip(0)
        wanted = np.asarray(Image.fromarray(heat).resize((28, 28), Image.Resampling.BILINEAR))
        mine = network.grad_cam(drawing, label, name)
        assert mine.shape == (28, 28) and mine.dtype == np.float32
        assert np.allclose(mine, wanted / (wanted.max() or 1), atol=1e-4)
    said, looked = network.look(drawing, name)
    assert np.array_equal(looked, mine)  # it looks for the likeliest category
    assert np.allclose(said, network.probabilities(drawing)[0], atol=1e-6)
    assert network.look(drawing)[1] is None


def test_occlusion_is_what_a_covered_window_costs(network, drawing):
    lost = network.occlusion(drawing, 2)
    assert lost.shape == (28, 28)
    covered = drawing.copy()
    covered[:4, :4] = 0  # the one window that covers the corner pixel
    before, after = network.logits(np.stack([drawing, covered]))[:, 2]
    assert lost[0, 0] == pytest.approx(before - after, abs=1e-5)
    covered = drawing.copy()
    covered[6:10, 4:8] = 0
    after = [before - lost[7, 5]]  # of four windows: their mean
    windows = [(4, 2), (4, 4), (6, 2), (6, 4)]
    costs = []
    for row, column in windows:
        covered = drawing.copy()
        covered[row : row + 4, column : column + 4] = 0
        costs.append(before - network.logits(covered)[0, 2])
    assert lost[7, 5] == pytest.approx(np.mean(costs), abs=1e-4)


def test_a_base_can_be_looked_into_without_gradients(tmp_path, drawing):
    """Depthwise convolutions, three channels, enlarging, nothing trainable."""
    base = TransferConfig(base="MobileNetV2", weights="random", input_size=32, pooling="avg")
    data = DataConfig("practice")
    config = RunConfig("x", data, network="transfer", transfer=base)
    networks.build(config, 7).save(tmp_path / "best.keras")
    portable.export(tmp_path, config)
    network = load_classifier(tmp_path, config)
    assert len(network.convolutions) == 52 and "expanded_conv_depthwise" in network.convolutions
    maps = network.activations(drawing, ["Conv1", "Conv_1"])
    assert maps["Conv1"].min() == 0  # after its ReLU
    shapes = {name: kernel.shape for name, kernel in network.filters().items()}
    assert shapes == {"Conv1": (3, 3, 3, 32), "expanded_conv_depthwise": (3, 3, 1, 32)}
    assert not network.has_gradient and network.look(drawing, "Conv_1")[1] is None
    assert np.isfinite(network.occlusion(drawing, 0)).all()


# --- files ---------------------------------------------------------------------------------------


def test_a_run_is_loaded(run_with_weights, drawing):
    path = run_with_weights(network="compact")
    assert load_classifier(path, runs.load(path).config).probabilities(drawing).shape == (1, 3)


def test_a_missing_file_is_named(finished_run):
    path = finished_run()
    with pytest.raises(FileNotFoundError, match="network.tflite is missing"):
        load_classifier(path, runs.load(path).config)


def truncated(file, other):
    file.write_bytes(file.read_bytes()[:2000])


def something_else(file, other):
    file.write_bytes(b"PK\x03\x04")


def of_other_categories(file, other):
    shutil.copy(other, file)


@pytest.mark.parametrize(
    "spoil, says",
    [(truncated, "damaged"), (something_else, "damaged"), (of_other_categories, "is not the")],
)
def test_a_bad_file_gets_one_sentence(run_with_weights, finished_vae, spoil, says):
    path = run_with_weights()
    spoil(path / "network.tflite", with_weights(finished_vae) / "decoder.tflite")
    with pytest.raises(ValueError, match=says) as caught:
        load_classifier(path, runs.load(path).config)
    assert "\n" not in str(caught.value)
