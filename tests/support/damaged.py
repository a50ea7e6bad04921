"""Run folders of both kinds with one file damaged."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from doodle_core import runs
from doodle_core.files import MODELS

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


@pytest.fixture
def spoil(
    finished_run: Callable[..., Path], finished_vae: Callable[..., Path]
) -> Iterator[Callable[..., list[runs.Run]]]:
    """Both kinds of run anew with one file damaged: the Runs."""
    whole = MODELS.parent / "whole"

    def spoiled(name: str, damage: Callable[[bytes], bytes] | None) -> list[runs.Run]:
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
