"""Classifiers and autoencoders with fresh weights: networks, but no training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from doodle_core import runs
from doodle_core.settings import RunConfig

_BUILT: dict[tuple, list[bytes]] = {}


def with_weights(make: Callable[..., Path], **settings: Any) -> Path:
    """As `finished_vae(weights=True)`, but equal networks are built once."""
    key = tuple(sorted((name, value) for name, value in settings.items() if name != "folder"))
    path = make(weights=key not in _BUILT, **settings)
    files = [path / f"{name}.keras" for name in ("encoder", "decoder")]
    if key not in _BUILT:
        _BUILT[key] = [file.read_bytes() for file in files]
    for file, content in zip(files, _BUILT[key]):
        file.write_bytes(content)
    return path


@pytest.fixture(scope="session")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small classifier's `best.keras`."""
    import keras

    from doodle_core.classifier import networks

    file = tmp_path_factory.mktemp("judge") / "best.keras"
    keras.utils.set_random_seed(0)
    networks.build(RunConfig("x", network="compact"), 3).save(file)
    return file.read_bytes()


@pytest.fixture
def full(
    finished_vae: Callable[..., Path], finished_run: Callable[..., Path], judge_file: bytes
) -> Callable[..., Path]:
    """A VAE with weights, and a classifier with weights that judges it."""

    def make(**settings: Any) -> Path:
        judge = finished_run("done", network="compact")
        (judge / "best.keras").write_bytes(judge_file)
        return with_weights(finished_vae, **settings)

    return make


@pytest.fixture
def run_with_weights(finished_run: Callable[..., Path]) -> Callable[..., Path]:
    """A finished run with an untrained network of its own."""
    from doodle_core.classifier import networks

    def make(name: str = "done", network: str = "report-base", **settings: Any) -> Path:
        path = finished_run(name, network=network, **settings)
        networks.build(runs.load(path).config, 3).save(path / "best.keras")
        st.cache_resource.clear()
        return path

    return make
