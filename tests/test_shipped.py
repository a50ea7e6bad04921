"""The networks that come with the repository: they load, and name a drawing at once."""

import subprocess

import numpy as np
import pytest
from browser import ROOT

from doodle_core import practice, runs
from doodle_core.categories import REPORT_SEVEN

SHIPPED = sorted(path.parent for path in (ROOT / "models").glob("*/config.json"))
WITH_WEIGHTS = [path for path in SHIPPED if (path / "best.keras").exists()]


def tracked(folder):
    """The files of a folder that git keeps; [] where this is no clone."""
    done = subprocess.run(
        ["git", "ls-files", str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    return [ROOT / line for line in done.stdout.splitlines()]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_run_is_whole_and_names_no_place_of_its_machine(path):
    if not tracked(path):
        pytest.skip("a run of this computer's own")
    run = runs.load(path)
    assert run.state == "finished", run.error
    found = runs.results(path, len(run.config.data.categories))
    right = (found.probabilities.argmax(axis=1) == found.labels).mean()
    assert run.metrics["top1"] == pytest.approx(right)
    assert run.config.data.source in ("practice", "official", "folder:data/quickdraw")
    for file in tracked(path):
        if file.suffix in (".json", ".csv", ".log"):
            text = file.read_text("utf-8")
            assert not any(place in text for place in ("/tmp/", "/home/", "/root/", "/Users/"))


@pytest.mark.parametrize("path", WITH_WEIGHTS, ids=lambda path: path.name)
def test_a_shipped_network_names_practice_drawings(path):
    """It learned from people's drawings, and few or none of the program's: most are named rightly."""
    if not tracked(path):
        pytest.skip("a run of this computer's own")
    from doodle_core import inside

    run = runs.load(path)
    network = inside.load(path, run.config)
    names = [name for name in REPORT_SEVEN if name in run.config.data.categories]
    assert len(names) >= 4
    right = []
    for name in names:
        place = run.config.data.categories.index(name)
        answers = network.probabilities(practice.draw(name, 40).reshape(-1, 28, 28))
        assert np.allclose(answers.sum(axis=1), 1, atol=1e-4)
        right.append((answers.argmax(axis=1) == place).mean())
    assert np.mean(right) > 0.7, dict(zip(names, right))


def test_both_networks_are_there():
    networks = {runs.load(path).config.network for path in WITH_WEIGHTS if tracked(path)}
    if not tracked(ROOT / "README.md"):
        pytest.skip("this is no clone")
    assert {"report-base", "compact"} <= networks


def test_the_repository_stays_small():
    files = tracked(ROOT)
    if not files:
        pytest.skip("this is no clone")
    assert sum(file.stat().st_size for file in files if file.exists()) < 60e6
