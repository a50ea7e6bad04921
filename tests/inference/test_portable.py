"""A portable network: asked by several at once, and refused where it is none."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from doodle_core.inference.portable import Portable
from support.networks import give_networks


@pytest.fixture
def network(finished_run):
    return Portable(give_networks(finished_run("done", network="compact")) / "network.tflite")


def test_what_it_answers(network):
    assert set(network.outputs) == {"answer", "gradient"}
    assert network.outputs["answer"]["probabilities"] == (1, 3)
    found = network("answer", drawing=np.zeros((70, 28, 28, 1), np.uint8))
    assert found["probabilities"].shape == (70, 3) and found["embedding"].shape[0] == 70
    assert found["filters_conv1"].shape == (3, 3, 1, 16)  # the same for any drawing


def test_many_at_once_get_what_each_would_alone(network):
    rng = np.random.default_rng(0)
    asked = [rng.integers(0, 256, (n, 28, 28, 1), dtype=np.uint8) for n in (1, 3, 64, 65) * 4]
    alone = [network("answer", drawing=one)["probabilities"] for one in asked]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: network("answer", drawing=one)["probabilities"], asked))
    for one, other in zip(found, alone):
        assert np.array_equal(one, other)


def test_after_an_error_it_answers_again(network):
    drawing = np.zeros((1, 28, 28, 1), np.uint8)
    before = network("answer", drawing=drawing)["logits"]
    with pytest.raises((ValueError, RuntimeError)):
        network("answer", drawing=np.zeros((1, 3, 3, 1), np.uint8))
    assert np.array_equal(network("answer", drawing=drawing)["logits"], before)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 5000])
def test_what_is_none_is_refused(tmp_path, content):
    file = tmp_path / "network.tflite"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="network.tflite is damaged"):
        Portable(file)


def test_flipped_bytes_never_end_the_process(network, tmp_path, finished_run):
    """LiteRT's verifier refuses them, or they are weights."""
    whole = (
        give_networks(finished_run("other", network="compact")) / "network.tflite"
    ).read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(30):
        content = np.frombuffer(whole, np.uint8).copy()
        content[-60_000 + rng.integers(0, 60_000, 40)] ^= rng.integers(1, 256, 40, dtype=np.uint8)
        (tmp_path / "network.tflite").write_bytes(content.tobytes())
        try:
            found = Portable(tmp_path / "network.tflite")
            found("answer", drawing=np.zeros((1, 28, 28, 1), np.uint8))
        except ValueError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 0
