"""Live curves of a training."""

import json

import numpy as np
import pandas as pd

from doodle_core import plots


def test_live_thins_steps_and_keeps_validation(history):
    steps = pd.DataFrame({"epoch": np.linspace(0, 2, 5000), "loss": np.linspace(2, 1, 5000)})
    spec = plots.live(history[:2], steps, "loss", note="practice data")
    parts = {"training": [], "validation": []}
    for row in spec["data"]["values"]:
        parts[row["part"]].append(row["epochs done"])
    assert 500 <= len(parts["training"]) <= 1250 and parts["validation"] == [1, 2]
    assert spec["title"]["text"] == "practice data"
    json.dumps(spec, allow_nan=False)
