"""Where things are kept, and how they are written so that a reader never sees half a file."""

import contextlib
import errno
import json
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds `doodle_core`: a checkout, or where packages are installed."""
PROGRAM = ROOT if (ROOT / "dashboard.py").is_file() else ROOT / "doodle_lab"
"""What the program brings: dashboard.py, pages/ and the shipped models/."""
OWN_HOME = ROOT if PROGRAM == ROOT else Path.home() / "doodle-lab"
"""A checkout keeps runs and drawings in itself. An installed program keeps none among its packages:
that folder may be read-only, and goes with an update."""
HOME = Path(os.environ.get("DOODLE_HOME") or OWN_HOME).absolute()
MODELS = HOME / "models"
"""One folder a run."""
DATA = HOME / "data"
"""Fetched and practice drawings, which can be made again, and what people drew and answered."""
CLOSED = (MODELS, DATA / "people")
"""What lies in a folder of these, a run's or a session's, lies there in truth: such a folder may come
from a stranger, and a link in it could lead anywhere."""
MOST_JSON = 4_000_000  # bytes of a JSON file that is read; the largest here has 100,000


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


def explain(error: BaseException) -> str:
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
        if error.errno and error.strerror:
            return f"{error.strerror}{where}."
    if isinstance(error, MemoryError):
        return "The memory is full: choose fewer drawings or a smaller batch."
    text = " ".join(str(error).split())
    return (text if len(text) <= 500 else f"{text[:496]} ...") or type(error).__name__
