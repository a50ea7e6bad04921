"""The tables of a training: `history.csv`, a row an epoch, and `steps.csv` within the epochs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from doodle_core.files import replacing

if TYPE_CHECKING:
    import pandas as pd  # where it is needed: it takes long to import

HISTORY = [
    *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"),
    *("binary_accuracy", "val_binary_accuracy", "stage"),
]
VAE_HISTORY = [
    f"{part}{name}" for part in ("", "val_") for name in ("reconstruction", "kl", "objective")
] + ["discriminator"]


def append_epoch(path: Path, epoch: int, figures: Mapping[str, float]) -> None:
    """Add an epoch's row to `history.csv`. Arguments as of `with_epoch`."""
    write_history(path, with_epoch(history_text(path), epoch, figures))


def with_epoch(text: str, epoch: int, figures: Mapping[str, float]) -> str:
    """A history with one more row; the first one names the columns.

    As Keras's CSVLogger writes it, which made the histories of older runs.

    Args:
        text: the history so far, as `history.csv` has it; "" for none.
        epoch: int, from 0. figures: numbers by name.
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    columns = text.partition("\n")[0].strip().split(",") if text else []
    if not columns:
        columns = ["epoch", *sorted(figures)]
        writer.writerow(columns)
    writer.writerow([epoch, *(figures.get(name, "NA") for name in columns[1:])])
    return text + lines.getvalue()


def write_history(path: Path, text: str) -> None:
    """Write `history.csv`, at once and flushed: a power cut leaves the epochs said to be over."""
    with replacing(path / "history.csv") as temporary:
        temporary.write_bytes(text.encode())


def history_text(path: Path) -> str:
    """`history.csv` as it is; "" where there is none."""
    try:
        return (path / "history.csv").read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def history(path: Path | str) -> pd.DataFrame:
    """`history.csv` as a DataFrame, `epoch` from 1; empty before the first epoch ends.

    Columns: HISTORY, NaN where there is no number, and those of VAE_HISTORY that are there.
    """
    import pandas as pd

    frame = read_table(Path(path) / "history.csv", (*HISTORY, *VAE_HISTORY))
    frame = frame.reindex(columns=HISTORY + [name for name in VAE_HISTORY if name in frame])
    frame = frame.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    found: pd.DataFrame = frame[frame["epoch"].between(0, 1e6)]
    return found.assign(epoch=found["epoch"].astype(int) + 1)


def append_step(path: Path, epoch: float, figures: Mapping[str, float]) -> None:
    """Add a row to `steps.csv`; the first one names the columns.

    Args:
        path: the run's folder. epoch: float, 1.5 is the middle of the second.
        figures: `loss`, and `accuracy` or, of a VAE, `reconstruction` and `kl`.
    """
    file = path / "steps.csv"
    is_new = not _columns(file)
    with open(file, "a", encoding="utf-8") as lines:
        if is_new:
            lines.write(",".join(("epoch", *figures)) + "\n")
        lines.write(",".join([f"{epoch:.5f}", *(f"{one:.6g}" for one in figures.values())]) + "\n")


def steps(path: Path | str) -> pd.DataFrame:
    """`steps.csv` as a DataFrame: `epoch` (1.5 is the middle of the second), `loss`, and
    `accuracy`, or, of a VAE, `reconstruction` and `kl`."""
    import pandas as pd

    columns = ("epoch", "loss", "accuracy", "reconstruction", "kl")
    frame = read_table(Path(path) / "steps.csv", columns)
    others = ["reconstruction", "kl"] if "kl" in frame else ["accuracy"]
    frame = frame.reindex(columns=["epoch", "loss", *others])
    found: pd.DataFrame = frame.apply(pd.to_numeric, errors="coerce").dropna()
    return found


def forget_from(file: Path, epoch: int) -> None:
    """Drop the rows of a table from `epoch` (from 0) on, and torn lines: they come again."""
    if not file.exists():
        return
    text = file.read_bytes().decode("utf-8", "replace")
    header, *lines = text.splitlines(keepends=True) or [""]
    kept = []
    for line in lines:
        first = line.partition(",")[0]
        whole = line.endswith("\n") and line.count(",") == header.count(",")
        try:
            is_before = float(first) < epoch + ("." in first) * 1e-9
        except ValueError:
            is_before = False
        if whole and is_before:
            kept.append(line)
    with replacing(file) as temporary:
        temporary.write_bytes(((header if kept else "") + "".join(kept)).encode())


def read_table(file: Path, columns: Iterable[str]) -> pd.DataFrame:
    """Those columns of a CSV file that are there, as they are; none of a file that is no table."""
    import pandas as pd

    wanted = set(columns)
    try:
        return pd.read_csv(
            file,
            usecols=lambda name: name in wanted,
            on_bad_lines="skip",
            encoding_errors="replace",
        )
    except (OSError, ValueError):  # pandas's own errors are ValueErrors
        return pd.DataFrame({"epoch": []})


def _columns(file: Path) -> list[str]:
    """The names in a CSV file's first line; [] where there is none."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            first = lines.readline().strip()
    except FileNotFoundError:
        return []
    return first.split(",") if first else []


def best_epoch(frame: pd.DataFrame, is_last: bool = False) -> dict[str, Any]:
    """The row of the best epoch by validation loss, as a dict, or {} where there is none.

    With `is_last`, the last epoch that has a loss: a VAE-GAN's, which the loss does not measure.
    """
    known = frame.dropna(subset=["val_loss"]) if "val_loss" in frame else frame[:0]
    if known.empty:
        return {}
    row = len(known) - 1 if is_last else int(known["val_loss"].to_numpy(float).argmin())
    return {str(name): value for name, value in known.iloc[row].to_dict().items()}


def diverged_at(frame: pd.DataFrame) -> int | None:
    """The epoch (from 1) from which on there is no loss, in training or validation; or None."""
    is_known = frame[["loss", "val_loss"]].notna().all(axis=1).to_numpy()
    if is_known.size == 0 or is_known[-1]:
        return None
    first = int(np.flatnonzero(is_known).max(initial=-1)) + 1
    return int(frame["epoch"].iloc[first])


def diverged_words(epoch: float) -> str:
    """What is to be said of a training whose loss is none from this epoch (from 1) on."""
    return (
        f"The loss is not a number from epoch {epoch:.0f} on: the run diverged; choose a lower "
        "learning rate."
    )
