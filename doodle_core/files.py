"""Where things are kept, and how they are written so that a reader never sees half a file."""

import contextlib
import errno
import json
import math
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `doodle_core`: a checkout, or where packages are installed."""
PROGRAM = ROOT if (ROOT / "dashboard.py").is_file() else ROOT / "doodle_lab"
"""What the program brings: dashboard.py, pages/ and the shipped models/."""
OWN_HOME = ROOT if PROGRAM == ROOT else Path(os.path.expanduser("~/doodle-lab"))
"""A checkout keeps runs and drawings in itself. An installed program keeps none among its packages:
that folder may be read-only, and goes with an update."""
HOME = Path(os.path.realpath(os.path.expanduser(os.environ.get("DOODLE_HOME") or OWN_HOME)))
"""However DOODLE_HOME is spelt, and through whichever links: one folder has one name in settings."""
MODELS = HOME / "models"
"""One folder a run."""
DATA = HOME / "data"
"""Fetched and practice drawings, which can be made again, and what people drew and answered."""
MOST_JSON = 16_000_000  # bytes of a JSON file that is read; the largest here has 100,000


def real(path: Path | str) -> Path:
    """Where a path leads: one name of a file or folder, by which paths are compared."""
    try:
        return Path(os.path.realpath(path))
    except ValueError:  # a name that this system cannot have, where a terminal knows ASCII alone
        return Path(os.path.abspath(path))


def is_inside(path: Path | str, folder: Path | str) -> bool:
    """Whether a path leads to something in a folder, or to the folder, however both are spelt."""
    return real(path).is_relative_to(real(folder))


def check_home() -> None:
    """Find out whether runs and drawings, where there are any, can be looked at.

    Raises:
        OSError: another account's are closed to this one, or a file stands in the folder's place.
    """
    for folder in (MODELS, DATA):
        with contextlib.suppress(FileNotFoundError):
            os.listdir(folder)


Stamp = tuple[int, int, int, int] | None
"""Of a file: when it was written and when it changed, in ns, its size and number; None of none."""


def stamp(path: Path | str) -> Stamp:
    """What is another one once a file was changed or replaced, by one as large and as old too."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def bring_shipped_runs(program: Path = PROGRAM, home: Path = HOME) -> None:
    """Copy the shipped runs of an installed program to a home that has no models/ yet.

    They become runs like a person's own: to hide, rename or delete. Whoever deletes one does not
    get it again. A checkout's are where they belong already, or left out by DOODLE_HOME.

    Raises:
        OSError: the home cannot be written to.
    """
    models = home / "models"
    if program == ROOT or models.exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".models-", dir=home) as folder:
        copy = Path(folder) / "models"
        for file in filter(Path.is_file, (program / "models").rglob("*")):
            target = copy / file.relative_to(program / "models")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)  # not its mode: the installed one may be read-only
        try:
            copy.rename(models)
        except OSError:
            if not models.is_dir():  # else another process was quicker
                raise


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block ends well.

    The file is flushed to the disk first, so that after a power cut there is the old or the new.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    who = f"{os.getpid()}-{threading.get_ident()}"  # the dashboard's sessions are threads
    temporary = path.with_name(f".{path.name}.{who}.tmp{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: str | Path, content: Any) -> None:
    """Write `content` as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, default=_plain) + "\n", "utf-8")


def _plain(value: Any) -> Any:
    """NumPy scalars and paths as JSON knows them."""
    return value.item() if hasattr(value, "item") else str(value)


def read_json(path: str | Path, default: Any = None) -> Any:
    """The JSON in `path`, or `default` where there is no such file.

    Raises:
        ValueError: the file is not JSON, or larger than any of ours.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_JSON:
            raise ValueError(f"larger than {MOST_JSON:,} bytes")
        return json.loads(path.read_text("utf-8"), parse_int=_whole)
    except FileNotFoundError:
        return default
    except (ValueError, RecursionError) as error:  # what json and UTF-8 raise are ValueErrors
        raise ValueError(f"{path.name} is damaged: it is not JSON ({error}).") from None


def _whole(digits: str) -> int:
    """An int of JSON; one that no float can hold would surprise whoever computes with it."""
    if len(digits) > 300:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def later(times: Iterable[float], most: float) -> float:
    """Now, in seconds since 1970, or just after the latest of `times`, where the clock was set back.

    For what orders things. Times after `most` are none that this program wrote.
    """
    latest = max((one for one in times if one < most), default=0.0)
    return max(time.time(), math.nextafter(latest, math.inf))


def explain(error: BaseException) -> str:
    """One sentence on an exception, for people: disk and permission errors get plain words."""
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        denied = f"Permission denied{where}: make it accessible or choose another DOODLE_HOME"
        reasons = {
            errno.ENOSPC: f"The disk is full{where}: free some space and resume",
            errno.EDQUOT: f"The disk quota is used up{where}: free some space and resume",
            errno.EROFS: f"The disk is read-only{where}: choose a writable DOODLE_HOME",
            errno.EACCES: denied,
            errno.EPERM: denied,
            errno.ENOTDIR: f"There is a file where a folder is needed{where}",
            errno.EEXIST: f"There is a file where a folder is needed{where}",
        }
        if error.errno in reasons:
            return reasons[error.errno] + "."
    if isinstance(error, MemoryError):
        return "The memory is full: choose fewer drawings or a smaller batch."
    text = " ".join(str(error).split())
    return text[:500] or type(error).__name__
