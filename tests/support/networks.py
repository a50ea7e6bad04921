"""Classifiers and autoencoders with fresh weights: networks, but no training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from doodle_core import runs

_BUILT: dict[tuple, dict[str, bytes]] = {}


def give_networks(path: Path) -> Path:
    """Fresh trained networks, and the portable ones of them; equal ones are built once."""
    run = runs.load(path)
    config = run.config.to_dict() | {"name": "", "data": None, "test_views": False}
    key = (run.kind, len(run.config.data.categories), repr(sorted(config.items())))
    if key not in _BUILT:
        import keras

        keras.utils.set_random_seed(0)
        classes = len(run.config.data.categories)
        if run.kind == "vae":
            from doodle_core.vae.model import build_vae

            model = build_vae(run.config, classes)
            model.encoder.save(path / "encoder.keras")
            model.decoder.save(path / "decoder.keras")
        else:
            from doodle_core.classifier import networks

            networks.build(run.config, classes).save(path / "best.keras")
        run.family.call("export", path, run.config)
        files = (*run.family.weights, *run.family.portable)
        _BUILT[key] = {name: (path / name).read_bytes() for name in files}
    for name, content in _BUILT[key].items():
        (path / name).write_bytes(content)
    st.cache_resource.clear()
    return path


def with_weights(make: Callable[..., Path], **settings: Any) -> Path:
    """A run of `finished_vae` with networks."""
    return give_networks(make(**settings))


@pytest.fixture
def full(
    finished_vae: Callable[..., Path], finished_run: Callable[..., Path]
) -> Callable[..., Path]:
    """A VAE with networks, and a classifier with networks that judges it."""

    def make(**settings: Any) -> Path:
        give_networks(finished_run("done", network="compact"))
        return with_weights(finished_vae, **settings)

    return make


@pytest.fixture
def run_with_weights(finished_run: Callable[..., Path]) -> Callable[..., Path]:
    """A finished classifier with networks; equal settings give equal ones."""

    def make(name: str = "done", network: str = "report-base", **settings: Any) -> Path:
        return give_networks(finished_run(name, network=network, **settings))

    return make
