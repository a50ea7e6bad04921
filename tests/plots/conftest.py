"""What figures are made of."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def history():
    epochs = np.arange(1, 6)
    return pd.DataFrame(
        {
            "epoch": epochs,
            "loss": 1 / epochs,
            "accuracy": 1 - 0.5 / epochs,
            "val_loss": 1 / epochs + 0.1,
            "val_accuracy": 0.9 - 0.4 / epochs,
            "learning_rate": 1e-3,
        }
    )


@pytest.fixture
def matrix():
    return np.array([[5, 0, 1], [2, 7, 0], [0, 3, 4]])
