"""Run folders of both kinds with one file damaged."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from doodle_core import runs
from doodle_core.files import MODELS
from support.runs import write_suspects

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
        "val_labels.npy",
        "steps.csv",
        "progress.json",
        "environment.json",
        "network.json",
        "ranges.json",
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
                runs.annotate(path, notes="good", tags=["a"])
                write_suspects(path, [(0, 0.1, 1)])
                runs.write_progress(path, "data", done=0.5, text="Reading the drawings")
                runs.write_environment(path, {"keras": "3.15.1", "cores": 2})
                runs.write_layers(
                    path, [{"layer": "a", "kind": "Dense", "output": "3", "parameters": 9}]
                )
                share = {"n": 9, "top1": 0.5, "top1_low": 0.4, "top1_high": 0.6}
                runs.write_ranges(path, {"grey": share})
                runs.append_step(path, 0.5, {"loss": 1.0, "accuracy": 0.5})
                shutil.copytree(path, whole / path.name)
        shutil.rmtree(MODELS)
        shutil.copytree(whole, MODELS)
        for path in (MODELS / "run", MODELS / "vae"):
            if (path / name).exists():
                (path / name).write_bytes(damage((path / name).read_bytes()))
        return runs.all_runs()

    yield spoiled
    shutil.rmtree(whole, ignore_errors=True)
