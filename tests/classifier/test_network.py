"""A look into networks: what gradients and maps must add up to, and files that must be refused."""

import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from doodle_core import runs
from doodle_core.classifier import networks
from doodle_core.classifier.network import Network, load_network
from doodle_core.settings import DataConfig, RunConfig

NETWORKS = ("report-base", "report-flat", "compact")


def build(network, **settings):
    config = RunConfig("x", DataConfig("practice"), network=network, blocks=2, **settings)
    keras.utils.set_random_seed(1)
    return Network(networks.build(config, 7), config)


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    return build(request.param)


@pytest.fixture
def drawing():
    pixels = np.zeros((28, 28), np.uint8)
    pixels[6:9, 4:24] = 255
    pixels[6:22, 12:15] = 200
    return pixels


def test_probabilities_are_those_of_the_network(network, drawing):
    both = np.stack([drawing, drawing.T])
    found = network.probabilities(both)
    assert np.allclose(found, network.model.predict(both[..., None], verbose=0), atol=1e-6)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    softmax = np.exp(network.logits(both))
    assert np.allclose(found, softmax / softmax.sum(axis=1, keepdims=True), atol=1e-6)


def test_sigmoid_outputs_are_made_to_add_up(drawing):
    found = build("report-base", loss="sigmoid").probabilities(drawing)
    assert found.shape == (1, 7) and found.sum() == pytest.approx(1, abs=1e-6)


def convolutions(model):
    return [layer.name for layer in model.layers if isinstance(layer, layers.Conv2D)]


def test_every_convolution_shows_its_maps_after_its_activation(network, drawing):
    maps = network.activations(drawing)
    assert list(maps) == convolutions(network.model)
    for name, found in maps.items():
        assert found.dtype == np.float32
        assert found.shape[2] == network.model.get_layer(name).filters
    signed = [name for name, found in maps.items() if found.min() < 0]
    sums = [layer for layer in network.model.layers if isinstance(layer, layers.Add)]
    assert len(signed) == len(sums)  # a residual block's activation comes after its sum
    first = next(iter(maps))
    assert network.filters(first).shape == (3, 3, 1, maps[first].shape[2])


def test_the_first_maps_agree_with_a_convolution_by_hand(drawing):
    network = build("report-base")
    pixels = np.pad(drawing / 127.5 - 1.0, 1)  # "same" padding is 0 on the scaled drawing
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3))
    expected = np.einsum("xyij,ijc->xyc", windows, network.filters("conv1")[:, :, 0]).clip(0)
    assert np.allclose(network.activations(drawing)["conv1"], expected, atol=1e-4)


@pytest.mark.parametrize("label", [0, 5])
def test_integrated_gradients_add_up_to_the_logits_gain(network, drawing, label):
    added = network.integrated_gradients(drawing, label, steps=200)
    before, after = network.logits(np.stack([np.zeros_like(drawing), drawing]))[:, label]
    assert added.shape == (28, 28) and added.dtype == np.float32
    assert added.sum() == pytest.approx(after - before, abs=float(0.02 * np.abs(added).sum()))
    assert (added[drawing == 0] == 0).all()  # what is as empty as the ground adds nothing


def test_grad_cam_is_the_weighed_sum_of_the_maps(drawing):
    """Before a global mean and a dense layer, the gradients are the dense layer's weights."""
    network = build("compact")
    label = int(network.logits(drawing).argmax())
    last = list(network.convolutions)[-1]
    weights = network.model.get_layer("logits").weights[0].numpy()[:, label]
    expected = (network.activations(drawing, [last])[last] @ weights).clip(0)
    heat = network.grad_cam(drawing, label, last)
    assert heat.shape == (28, 28) and heat.dtype == np.float32
    assert heat.min() >= 0 and heat.max() == pytest.approx(1)
    side = len(expected)
    middle = ((np.arange(side) + 0.5) * 28 / side).astype(int)  # of the large pixels
    at_middle = heat[np.ix_(middle, middle)]
    assert np.corrcoef(at_middle.ravel(), expected.ravel())[0, 1] > 0.9


def test_grad_cam_of_every_convolution(network, drawing):
    for name in network.convolutions:
        heat = network.grad_cam(drawing, 2, name)
        assert heat.shape == (28, 28) and np.isfinite(heat).all() and heat.max() <= 1


def test_a_frozen_base_can_be_looked_into(drawing):
    """Depthwise convolutions, three channels, enlarging, nothing trainable: as in transfer."""
    inputs = keras.Input((28, 28, 1), dtype="uint8")
    x = layers.Concatenate()([inputs] * 3)
    x = layers.Rescaling(1 / 127.5, -1, dtype="float32")(x)
    x = layers.Resizing(32, 32)(x)
    base = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_tensor=x, input_shape=(32, 32, 3), alpha=0.35
    )
    x = layers.GlobalAveragePooling2D(name="embedding")(base.output)
    x = layers.Softmax(name="probabilities")(layers.Dense(7, name="logits")(x))
    model = keras.Model(inputs, x)
    model.trainable = False
    network = Network(model, RunConfig("x"))
    assert len(network.convolutions) == 52 and "expanded_conv_depthwise" in network.convolutions
    maps = network.activations(drawing, ["Conv1", "Conv_1"])
    assert maps["Conv1"].min() == 0  # after its ReLU
    assert network.filters("Conv1").shape == (3, 3, 3, 16)
    assert network.filters("expanded_conv_depthwise").shape == (3, 3, 1, 16)
    assert network.grad_cam(drawing, 0, "Conv1").shape == (28, 28)
    added = network.integrated_gradients(drawing, 0, steps=8)
    assert added.shape == (28, 28) and np.isfinite(added).all()


# --- files ---------------------------------------------------------------------------------------


def test_a_run_is_loaded(run_with_weights, drawing):
    path = run_with_weights(network="compact")
    assert load_network(path, runs.load(path).config).probabilities(drawing).shape == (1, 3)


def test_a_missing_file_is_named(finished_run):
    path = finished_run()
    with pytest.raises(FileNotFoundError, match="has no weights here"):
        load_network(path, runs.load(path).config)


def hostile(path):
    code = layers.Lambda(lambda x: x)
    keras.Sequential([keras.Input((28, 28, 1)), code, layers.Flatten()]).save(path)


def truncated(path):
    path.write_bytes(path.read_bytes()[:2000])


def other(path):
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(5)])
    model.save(path)


def archive(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "[]")


@pytest.mark.parametrize(
    "spoil, says",
    [(hostile, "holds code"), (truncated, "damaged"), (archive, "damaged"), (other, "is not the")],
)
def test_a_bad_file_gets_one_sentence(run_with_weights, spoil, says):
    path = run_with_weights()
    spoil(path / "best.keras")
    with pytest.raises(ValueError, match=says) as caught:
        load_network(path, runs.load(path).config)
    assert "\n" not in str(caught.value)
