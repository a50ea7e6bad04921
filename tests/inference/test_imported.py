"""Networks from elsewhere: shown what they want, and refused where they could do harm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doodle_core.files import write_json
from doodle_core.inference.imported import (
    Imported,
    check_operations,
    load_imported,
    prepared,
    read_contract,
    write_contract,
)
from doodle_core.settings import Contract
from support.elsewhere import NAMES, drawn, make, write
from support.hostile import JSON


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A network in this program's own range, which gives logits."""
    folder = tmp_path_factory.mktemp("plain")
    return write(folder / "network.tflite", make(Contract(), activation=None))


def nearest(pixels):
    """What the nearest mean is, counted in NumPy."""
    learned, labels = drawn(seed=5)
    learned = learned.reshape(len(learned), -1) / 255
    means = np.stack([learned[labels == label].mean(axis=0) for label in range(3)])
    x = pixels.reshape(len(pixels), -1) / 255
    return ((x[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)


def test_drawings_in_each_range_polarity_size_and_channels():
    x = np.zeros((1, 28, 28), np.uint8)
    x[0, 0, 0] = 255
    for pixels, low, high in (("byte", 0, 255), ("unit", 0, 1), ("signed", -1, 1)):
        light = prepared(x, Contract(pixels=pixels))
        assert (light[0, 0, 0, 0], light[0, 9, 9, 0]) == (high, low)
        dark = prepared(x, Contract(pixels=pixels, ink="dark"))
        assert (dark[0, 0, 0, 0], dark[0, 9, 9, 0]) == (low, high)
    rgb = prepared(np.repeat(x, 2, axis=0), Contract(56, "rgb", "unit"))
    assert rgb.shape == (2, 56, 56, 3) and rgb.dtype == np.float32
    assert rgb[1, 0, 0].tolist() == [1, 1, 1] and rgb[1, 50, 50].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "contract",
    [Contract(), Contract(28, "rgb", "signed", "dark"), Contract(56, "grey", "unit", "dark")],
)
def test_each_is_shown_what_it_wants(tmp_path, contract):
    pixels, _ = drawn(seed=6, each=30)
    file = write(tmp_path / "network.tflite", make(contract))
    found = Imported(file, contract, 3)("answer", drawing=pixels[..., None])
    assert found["probabilities"].shape == (90, 3)
    np.testing.assert_allclose(found["probabilities"].sum(axis=1), 1, atol=1e-5)
    agreed = found["probabilities"].argmax(axis=1) == nearest(pixels)
    assert agreed.mean() > (0.95 if contract.side != 28 else 0.99)


def test_logits_become_probabilities(plain):
    pixels, _ = drawn(seed=6, each=3)
    raw = Imported(plain, Contract(), 3)("answer", drawing=pixels)["probabilities"]
    found = Imported(plain, Contract(), 3, is_logits=True)("answer", drawing=pixels)
    odds = np.exp(raw.astype(float))
    np.testing.assert_allclose(
        found["probabilities"], odds / odds.sum(axis=1, keepdims=True), rtol=1e-4
    )
    assert np.array_equal(found["logits"], raw)


def test_one_of_8_bits_is_asked_in_its_own_numbers(tmp_path):
    import tensorflow as tf

    pixels, _ = drawn(seed=6, each=20)
    converter = tf.lite.TFLiteConverter.from_keras_model(make(Contract(pixels="unit")))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    shown = prepared(pixels, Contract(pixels="unit"))
    converter.representative_dataset = lambda: ([row[None]] for row in shown)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (tmp_path / "network.tflite").write_bytes(converter.convert())
    network = Imported(tmp_path / "network.tflite", Contract(pixels="unit"), 3)
    found = network("answer", drawing=pixels)["probabilities"]
    assert (found.argmax(axis=1) == nearest(pixels)).mean() > 0.9
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=0.05)


def test_a_fixed_batch_of_one_is_asked_one_by_one(tmp_path):
    import tensorflow as tf

    from doodle_core.training import portable

    model = make(Contract())

    @tf.function(input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.float32, "x")])
    def alone(x):
        return {"out": model(x)}

    portable.write(tmp_path / "network.tflite", {"serve": alone}, [model])
    pixels, _ = drawn(seed=6, each=2)
    found = Imported(tmp_path / "network.tflite", Contract(), 3)("answer", drawing=pixels)
    assert (found["probabilities"].argmax(axis=1) == nearest(pixels)).all()


@pytest.mark.parametrize(
    ("contract", "classes", "words"),
    [
        (Contract(32), 3, "its input is 28 x 28 x 1, and 32 x 32 x 1 was declared"),
        (Contract(channels="rgb"), 3, "its input is 28 x 28 x 1, and 28 x 28 x 3 was declared"),
        (Contract(), 4, r"none of its outputs names 4 categories \(it has outputs of 3\)"),
    ],
)
def test_what_does_not_fit_is_a_sentence(plain, contract, classes, words):
    with pytest.raises(ValueError, match=words):
        Imported(plain, contract, classes)


@pytest.mark.parametrize(
    "content", [b"", b"x" * 5000, b"\x1c\0\0\0TFL3", b"\xff" * 4 + b"TFL3" + b"\xff" * 400]
)
def test_what_is_no_network_is_a_sentence(tmp_path, content):
    (file := tmp_path / "network.tflite").write_bytes(content)
    with pytest.raises(ValueError, match=r"network\.tflite cannot be used: it is"):
        Imported(file, Contract(), 3)


def test_a_loop_is_refused(tmp_path):
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)])
    def endless(x):
        x = tf.while_loop(lambda y: True, lambda y: (y + 1,), (x,))[0]
        return tf.reshape(x, (-1, 784))[:, :3]

    asked = endless.get_concrete_function()
    content = tf.lite.TFLiteConverter.from_concrete_functions([asked]).convert()
    with pytest.raises(ValueError, match=r"refused here \(WHILE\)"):
        check_operations(content)


@settings(max_examples=40)
@given(st.data())
def test_damaged_bytes_are_read_to_the_end_or_refused(plain, data):
    """The reader of operations: what LiteRT itself makes of such files is seen in a process."""
    content = bytearray(plain.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        place = data.draw(st.integers(0, min(len(content) - 1, 600)))
        content[place] = data.draw(st.integers(0, 255))
    try:
        check_operations(bytes(content[: data.draw(st.integers(8, len(content)))]))
    except ValueError as error:
        assert str(error).startswith("it ")


def test_the_declaration_is_kept_and_a_damaged_one_refused(tmp_path, plain):
    contract = Contract(28, "grey", "unit", "dark")
    write_contract(tmp_path, contract, is_logits=True)
    assert read_contract(tmp_path) == (contract, True)
    (tmp_path / "network.tflite").write_bytes(plain.read_bytes())
    network = load_imported(tmp_path, len(NAMES))
    assert network.contract == contract and network.is_logits
    (tmp_path / "network.tflite").unlink()
    with pytest.raises(FileNotFoundError, match="no network here"):
        load_imported(tmp_path, len(NAMES))
    (tmp_path / "input.json").unlink()
    with pytest.raises(ValueError, match=r"input\.json is missing"):
        read_contract(tmp_path)


@settings(max_examples=40)
@given(JSON)
def test_any_other_json_is_no_declaration(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("declared")
    write_json(folder / "input.json", content)
    with pytest.raises(ValueError, match=r"input\.json"):
        read_contract(folder)
    write_json(folder / "input.json", {"is_logits": True, "side": content})
    if content != 28 or isinstance(content, (bool, float)):
        try:
            contract, _ = read_contract(folder)
        except ValueError as error:
            assert "input.json" in str(error)
        else:
            assert 8 <= contract.side <= 512
