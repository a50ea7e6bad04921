"""Every test works in a folder of its own: no network, no drawings but those made here."""

import os
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="doodle-tests-"))
os.environ["DOODLE_HOME"] = str(HOME)  # before doodle_core.files is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import shutil
import sys

import pytest

from doodle_core.files import MODELS

pytest_plugins = [
    "support.runs",
    "support.damaged",
    "support.networks",
    "support.sweeps",
    "support.named",
]


def pytest_sessionfinish():
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_runs(monkeypatch):
    """Each test begins without runs, and not with the precision of another's training.

    What came with the program is what `support.tour.ship` says.
    """
    monkeypatch.setattr("doodle_core.runs.shipping.LIST", MODELS / "shipped.json")
    yield
    if keras := sys.modules.get("keras"):
        keras.config.set_dtype_policy("float32")
    shutil.rmtree(MODELS, ignore_errors=True)


@pytest.fixture
def no_worker(monkeypatch):
    """Runs are queued, but nothing trains them."""
    from doodle_core.lab import queue

    monkeypatch.setattr(queue, "ensure", lambda: None)
