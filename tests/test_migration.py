"""What 059d89c left on a disk opens, resumes and exports: the last version before the packages."""

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from support.browser import ROOT

OLD = "059d89c"
DATA = ["--source", "practice", "--categories", "apple,moon,cup", "--per-category", "60"]
SESSION = """
from doodle_core import people
session = people.begin_practice("old", ("apple", "moon"), n=6)
people.record(session, [{"n": at, "answer": at % 2, "seconds": 1.5} for at in range(4)])
"""
GO_ON = """
from doodle_core.lab import people
from doodle_core.lab.people import results
session = people.load("old")
assert len(people.answers(session).said) == 4 and len(people.drawings(session)) == 6
people.record(session, [{"n": at, "answer": 0, "seconds": 2.0} for at in (4, 5)])
people.finish(session)
figures = results.figures(people.load("old"), people.answers(session))
assert figures["n"] == 6 and figures["timed"] == 6
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The old program, from this repository's history."""
    asked = ["git", "archive", OLD, "doodle_core"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True)
    if done.returncode:
        pytest.skip(f"the history up to {OLD} is not here: this is no full clone")
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"


def command(program: Path, home: Path, *arguments: str) -> list[str] | None:
    """Run a command of that program on that home; its lines."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=program,
        env=os.environ | {"DOODLE_HOME": str(home), "PYTHONPATH": str(program)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.splitlines()


def stopped(program: Path, home: Path, *arguments: str) -> None:
    """Start a training, and stop it after its second epoch."""
    name = arguments[arguments.index("--name") + 1]
    environment = os.environ | {"DOODLE_HOME": str(home), "PYTHONPATH": str(program)}
    child = subprocess.Popen(
        [sys.executable, "-m", "doodle_core", *arguments],
        cwd=program,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    history = home / "models" / name / "history.csv"
    end = time.monotonic() + 300
    while time.monotonic() < end and child.poll() is None:
        if history.exists() and len(history.read_text().splitlines()) > 2:
            (history.parent / "request").write_text("stop")
            break
        time.sleep(0.02)
    child.wait(timeout=300)
    assert '"stopped"' in (history.parent / "status.json").read_text()


def losses(home: Path, name: str) -> list[float]:
    table = np.genfromtxt(home / "models" / name / "history.csv", delimiter=",", names=True)
    return table["val_loss"].tolist()


@pytest.mark.parametrize(
    "asked",
    [["train", "--batch-size", "8"], ["train-vae", "--preset", "vae-2d", "--batch-size", "8"]],
)
def test_an_old_run_is_gone_on_with_and_is_as_if_never_stopped(
    old: Path, home: Path, asked: list[str]
) -> None:
    epochs = ["--epochs", "20", "--precision", "float32", *DATA]
    command(old, home, "-m", "doodle_core", *asked, "--name", "whole", *epochs)
    stopped(old, home, *asked, "--name", "broken", *epochs)
    assert 2 <= len(losses(home, "broken")) < 20
    command(ROOT, home, "-m", "doodle_core", "train", "--resume", "broken")
    assert losses(home, "broken") == pytest.approx(losses(home, "whole"), rel=1e-4)
    for name in ("whole", "broken"):
        command(ROOT, home, "-m", "doodle_core", "export", name)
        assert (home / "data" / f"{name}.html").stat().st_size > 1e6
    lines = command(ROOT, home, "-m", "doodle_core", "runs")
    assert lines == command(old, home, "-m", "doodle_core", "runs")


def test_an_old_sweep_is_tried_to_its_end(old: Path, home: Path) -> None:
    asked = ["sweep", "--preset", "dropout", "--name", "s", "--epochs", "1", *DATA]
    command(old, home, "-m", "doodle_core", *asked)
    command(ROOT, home, "-m", "doodle_core", "sweep-worker")
    (line,) = command(ROOT, home, "-m", "doodle_core", "sweeps") or [""]
    assert "5 done" in line and "top-1" in line


def test_an_old_session_is_gone_on_with(old: Path, home: Path) -> None:
    command(old, home, "-c", SESSION)
    command(ROOT, home, "-c", GO_ON)
