"""Where things are kept, and how they are written so that a reader never sees half a file."""

import contextlib
import errno
import json
import math
import os
import re
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `doodle_core`: a checkout, or where packages are installed."""
PROGRAM = ROOT if (ROOT / "dashboard.py").is_file() else ROOT / "doodle_lab"
"""What the program brings: dashboard.py, pages/ and the shipped models/."""
SHIPPED = PROGRAM / "models" / "shipped.json"
"""The list of the runs that it brings (`runs.shipping`)."""
OWN_HOME = ROOT if PROGRAM == ROOT else Path(os.path.expanduser("~/doodle-lab"))
"""A checkout keeps runs and drawings in itself. An installed program keeps none among its packages:
that folder may be read-only, and goes with an update."""
HOME = Path(os.path.realpath(os.path.expanduser(os.environ.get("DOODLE_HOME") or OWN_HOME)))
"""However DOODLE_HOME is spelt, and through whichever links: one folder has one name in settings."""
MODELS = HOME / "models"
"""One folder a run."""
DATA = HOME / "data"
"""Fetched and practice drawings, which can be made again, and what people drew and answered."""
CLOSED = (MODELS, DATA / "people")
"""What lies in a folder of these, a run's or a session's, lies there in truth: such a folder may come
from a stranger, and a link in it could lead anywhere."""
MOST_JSON = 4_000_000  # bytes of a JSON file that is read; the largest here has 100,000


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
    models, listed = home / "models", program / "models" / SHIPPED.name
    if program == ROOT or models.exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".models-", dir=home) as folder:
        copy = Path(folder) / "models"
        for file in filter(Path.is_file, (program / "models").rglob("*")):
            if file == listed:
                continue  # it is read where it is, and goes with an update
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

    File and folder are flushed to the disk, so that after a power cut there is the old or the new,
    and the new one once this has returned.

    Raises:
        FileNotFoundError: the folder is not there. It is not made: one that was renamed or deleted
            while a process worked in it would come back, empty but for that process's last file.
    """
    path = Path(path)
    who = f"{os.getpid()}-{threading.get_ident()}"  # the dashboard's sessions are threads
    kind = "".join(path.suffixes)  # all of them: Keras goes by ".weights.h5"
    temporary = path.with_name(f".{path.name}.{who}.tmp{kind}")
    try:
        yield temporary
        flush(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush(path.parent)


def flush(path: str | Path) -> None:
    """Have a file's content, or the names in a folder, on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if not os.path.isdir(path):  # some network disks flush no folder: theirs are safe, or not
            raise
    finally:
        os.close(descriptor)


def remove_left(folder: Path) -> None:
    """Remove what `replacing` left in a folder, and below it, when its process was killed."""
    for file in folder.rglob(".*.tmp*"):
        process = re.search(r"\.(\d+)-\d+\.tmp", file.name)
        if process and not _is_alive(int(process[1])):
            file.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    """Whether another process has this number."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except PermissionError:  # another user's
        return True
    except (OSError, OverflowError):
        return False
    return True


# --- reading -------------------------------------------------------------------------------------


def open_file(path: str | Path) -> IO[bytes]:
    """Open a file to read; what is no file, or lies elsewhere in truth, is refused.

    A pipe would be waited at for ever, a device has no end.

    Raises:
        FileNotFoundError: it is not there.
        OSError: it cannot be opened, is no regular file, or a link leads out of its `CLOSED` folder.
    """
    check_place(path)
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115  whoever asked closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return file


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for who writes to a pipe; Windows has no pipes in folders."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(path: str | Path, most: int) -> bytes:
    """What is in a file, as of `open_file`.

    Args:
        path: the file. most: int, bytes; of a larger file no more is read than that.

    Raises:
        OSError: as `open_file`.
        ValueError: it is larger.
    """
    with open_file(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"{Path(path).name} is larger than {most:,} bytes.")
    return content


def check_place(path: str | Path) -> None:
    """Refuse a path that a link leads out of the run's or session's folder that it names.

    `models/` may itself be a link, and so may whatever is not in `CLOSED`: that is a person's own.

    Args:
        path: as this program makes them: absolute.

    Raises:
        OSError: it leads elsewhere.
    """
    text = os.fspath(path)
    for place in CLOSED:
        within = f"{place}{os.sep}"
        if text.startswith(within) and _has_link(place, text[len(within) :].split(os.sep)):
            closed = place.resolve() / Path(text).relative_to(place).parts[0]
            if not Path(text).resolve().is_relative_to(closed):
                raise OSError(errno.ELOOP, "A link leads out of its folder", text)


def _has_link(place: Path, parts: list[str]) -> bool:
    """Whether any step of the way from `place` on is a link: much quicker than resolving it."""
    ways = (os.path.join(place, *parts[:n]) for n in range(1, len(parts) + 1))
    return any(map(os.path.islink, ways))


def check_folder(path: str | Path) -> None:
    """Refuse a run's or a session's folder that is not made of files and folders of its own.

    Whoever writes to one, or hands its files to a library, calls this first.

    Raises:
        OSError: it is a link, or holds one that leads out, or a pipe, socket or device.
    """
    check_place(path)
    for entry in os.scandir(path):
        if entry.is_symlink():
            check_place(entry.path)
        elif entry.is_dir():
            check_folder(entry.path)
        elif not entry.is_file():
            raise OSError(errno.EINVAL, "Not a regular file", entry.path)


# --- JSON ----------------------------------------------------------------------------------------


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
        OSError: as `open_file`.
        ValueError: the file is not JSON, or larger than any of ours.
    """
    try:
        content = read_bytes(path, MOST_JSON)
    except FileNotFoundError:
        return default
    try:
        return json.loads(content.decode("utf-8-sig"), parse_int=_whole)
    except (ValueError, RecursionError) as error:  # what json and UTF-8 raise are ValueErrors
        raise ValueError(f"{Path(path).name} is damaged: it is not JSON ({error}).") from None


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
        if error.errno and error.strerror:
            return f"{error.strerror}{where}."
    if isinstance(error, MemoryError):
        return "The memory is full: choose fewer drawings or a smaller batch."
    text = " ".join(str(error).split())
    return (text if len(text) <= 500 else f"{text[:496]} ...") or type(error).__name__
