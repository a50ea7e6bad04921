"""Where things are kept, and how they are written so that a reader never sees half a file."""

import contextlib
import errno
import json
import os
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The program's own folder, which holds `doodle_core`."""
HOME = Path(os.environ.get("DOODLE_HOME") or ROOT)
MODELS = HOME / "models"
"""One folder a run."""
DATA = HOME / "data"
"""Fetched and practice drawings, which can be made again, and what people drew and answered."""
MOST_JSON = 16_000_000  # bytes of a JSON file that is read; the largest here has 100,000


@contextlib.contextmanager
def replacing(path):
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


def write_json(path, content):
    """Write `content` as JSON, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, default=_plain) + "\n", "utf-8")


def _plain(value):
    """NumPy scalars and paths as JSON knows them."""
    return value.item() if hasattr(value, "item") else str(value)


def read_json(path, default=None):
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


def _whole(digits):
    """An int of JSON; one that no float can hold would surprise whoever computes with it."""
    if len(digits) > 300:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def explain(error):
    """One sentence on an exception, for people: disk and permission errors get plain words."""
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        reasons = {
            errno.ENOSPC: f"The disk is full{where}: free some space and resume",
            errno.EDQUOT: f"The disk quota is used up{where}: free some space and resume",
            errno.EROFS: f"The disk is read-only{where}: choose a writable DOODLE_HOME",
            errno.EACCES: f"Permission denied{where}: make the folder writable",
            errno.EPERM: f"Permission denied{where}: make the folder writable",
        }
        if error.errno in reasons:
            return reasons[error.errno] + "."
    if isinstance(error, MemoryError):
        return "The memory is full: choose fewer drawings or a smaller batch."
    text = " ".join(str(error).split())
    return text[:500] or type(error).__name__
