"""A few kills of the benchmark `benchmarks/kills.py`, which does a hundred."""

import os
import subprocess
import sys

import pytest

from support.browser import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["classifier", "transfer", "vae-gan"])
def test_killed_at_random_moments_nothing_is_lost(kind):
    """Three kills, one each in starting, epochs and scoring."""
    command = [sys.executable, "benchmarks/kills.py", "--kills", "3", "--kinds", kind]
    environment = {key: one for key, one in os.environ.items() if key != "DOODLE_HOME"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "3 killed" in done.stdout and "0 wrong" in done.stdout
