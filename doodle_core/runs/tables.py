"""The tables of a training: `history.csv`, a row an epoch, and `steps.csv` within the epochs."""

from pathlib import Path

import numpy as np

HISTORY = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"] + [
    "binary_accuracy",
    "val_binary_accuracy",
    "stage",
]
VAE_HISTORY = [
    f"{part}{name}" for part in ("", "val_") for name in ("reconstruction", "kl", "objective")
] + ["discriminator"]


def history(path):
    """`history.csv` as a DataFrame, `epoch` from 1; empty before the first epoch ends.

    Columns: HISTORY, NaN where there is no number, and those of VAE_HISTORY that are there.
    """
    import pandas as pd

    frame = read_table(Path(path) / "history.csv")
    frame = frame.reindex(columns=HISTORY + [name for name in VAE_HISTORY if name in frame])
    frame = frame.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    frame = frame[frame["epoch"].between(0, 1e6)]
    return frame.assign(epoch=frame["epoch"].astype(int) + 1)


def steps(path):
    """`steps.csv` as a DataFrame: `epoch` (1.5 is the middle of the second), `loss`, and
    `accuracy`, or, of a VAE, `reconstruction` and `kl`."""
    import pandas as pd

    frame = read_table(Path(path) / "steps.csv")
    others = ["reconstruction", "kl"] if "kl" in frame else ["accuracy"]
    frame = frame.reindex(columns=["epoch", "loss", *others])
    return frame.apply(pd.to_numeric, errors="coerce").dropna()


def read_table(file):
    import pandas as pd

    try:
        return pd.read_csv(file, on_bad_lines="skip")
    except (OSError, ValueError):  # pandas's own errors are ValueErrors
        return pd.DataFrame({"epoch": []})


def best_epoch(frame, is_last=False):
    """The row of the best epoch by validation loss, as a dict, or {} where there is none.

    With `is_last`, the last epoch that has a loss: a VAE-GAN's, which the loss does not measure.
    """
    if "val_loss" not in frame or frame["val_loss"].dropna().empty:
        return {}
    if is_last:
        return frame.loc[frame["val_loss"].last_valid_index()].to_dict()
    return frame.loc[frame["val_loss"].idxmin()].to_dict()
