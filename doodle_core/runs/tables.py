"""The tables of a training: `history.csv`, a row an epoch, and `steps.csv` within the epochs."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from doodle_core.files import open_file, replacing
from doodle_core.runs.checked import damaged

if TYPE_CHECKING:
    import pandas as pd  # where it is needed: it takes long to import

HISTORY = [
    *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"),
    *("binary_accuracy", "val_binary_accuracy", "stage"),
]
VAE_HISTORY = [
    f"{part}{name}" for part in ("", "val_") for name in ("reconstruction", "kl", "objective")
] + ["discriminator"]

MOST_TABLE = 32_000_000  # bytes of a table; a week of steps has about so many
MOST_HEAD = 20_000  # bytes of its first line


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

    Columns: HISTORY, NaN where there is no number, and those of VAE_HISTORY that are there. Of a
    damaged file (`check_history`) what can be read: a page has the other figures to show.
    """
    import pandas as pd

    try:
        found = read_table(Path(path) / "history.csv", (*HISTORY, *VAE_HISTORY))
    except (OSError, ValueError):
        found = pd.DataFrame(columns=HISTORY[:1], dtype=float)
    columns = HISTORY + [name for name in VAE_HISTORY if name in found]
    frame = found.reindex(columns=columns)
    frame = frame.replace([np.inf, -np.inf], np.nan)
    frame = frame[frame["epoch"].between(0, 1e6)].reset_index(drop=True)
    return frame.assign(epoch=frame["epoch"].astype(int) + 1)


def check_history(path: Path) -> None:
    """Refuse a `history.csv` that is no table of epochs; there need not be one.

    Raises:
        ValueError: it is damaged.
    """
    try:
        with open_file(path / "history.csv") as stream:
            _head(stream, "epoch")
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise damaged(path, "history.csv", error) from None


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
    try:
        found = read_table(Path(path) / "steps.csv", columns)
    except (OSError, ValueError):
        found = pd.DataFrame(columns=columns[:1], dtype=float)
    others = ["reconstruction", "kl"] if "kl" in found else ["accuracy"]
    return found.reindex(columns=["epoch", "loss", *others]).dropna()


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


def read_table(file: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Those columns of a CSV file of numbers that are there, NaN where there is no number.

    Rows without a number in the first of them are left out, as is a last one without its end: a kill
    may have torn them.

    Args:
        file: the file. columns: their names; the first must be there.

    Returns:
        DataFrame of float64, its columns in the order of `columns`.

    Raises:
        OSError: it is not there, or cannot be opened.
        ValueError: it is larger than any of ours, or has not the first column.
    """
    import pandas as pd

    with open_file(file) as stream:
        head = _head(stream, columns[0])
        stream.seek(-1, os.SEEK_END)
        is_torn = stream.read() != b"\n"
        stream.seek(0)
        wanted = [name for name in columns if name in head]
        frame = pd.read_csv(
            stream,
            usecols=wanted,
            quoting=csv.QUOTE_NONE,
            on_bad_lines="skip",
            encoding_errors="replace",
        )
    frame = frame[: len(frame) - is_torn][wanted]
    try:
        table = frame.apply(pd.to_numeric, errors="coerce")
    except OverflowError:  # of a whole number that no float can hold
        raise ValueError("a number in it has too many digits") from None
    found: pd.DataFrame = table.astype(float).dropna(subset=[columns[0]]).reset_index(drop=True)
    return found


def _head(stream: IO[bytes], column: str) -> list[str]:
    """The names in the first line of a CSV file.

    Raises:
        ValueError: as `read_table`; `column` is the one that must be there.
    """
    if os.fstat(stream.fileno()).st_size > MOST_TABLE:
        raise ValueError(f"it is larger than {MOST_TABLE:,} bytes")
    line = stream.readline(MOST_HEAD)
    names = line.decode("utf-8-sig", "replace").strip().split(",")
    if column not in names or len(line) == MOST_HEAD:
        raise ValueError(f"its first line does not name the column {column!r}")
    return names


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
