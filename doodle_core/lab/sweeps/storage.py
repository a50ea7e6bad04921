"""Where sweeps are kept: a file, or PostgreSQL for several machines (an Optuna storage)."""

import contextlib
import json
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import optuna
import sqlalchemy

from doodle_core.files import MODELS, real

FILE = MODELS / "sweeps.db"
SHIPPED = MODELS / "report-sweeps.db"
"""The report's sweeps, run by us; they come with the repository, and FILE begins as their copy."""
HEARTBEAT = 15  # seconds
MISSED = 3  # so many heartbeats without one, and a trial's worker is dead
PATIENCE = 60  # seconds that a worker waits for a file that another process writes to
GLANCE = 2  # and that a page does, before it says so
REASONS = {
    "attempt to write a readonly database": "may only be read: choose a DOODLE_HOME of your own.",
    "unable to open database file": "cannot be opened: may this account write its folder?",
    "database is locked": "is being written by another program: try again when it is done.",
}
"""SQLite's words, and ours."""

warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)  # heartbeats
optuna.logging.set_verbosity(optuna.logging.ERROR)  # our own log says it in a sentence


# --- the storage ---------------------------------------------------------------------------------


class StorageError(RuntimeError):
    """The storage cannot be used; one sentence, without its password."""


def address(url: str | None = None) -> sqlalchemy.URL:
    """The storage's address: `url`, else DOODLE_STORAGE, else the local file. A SQLAlchemy URL.

    Raises:
        StorageError: it is no address, or of another kind. It is not repeated: it may hold a
            password.
    """
    text = url or os.environ.get("DOODLE_STORAGE") or ""
    if not text:
        return sqlalchemy.URL.create("sqlite", database=str(FILE))
    try:
        found = sqlalchemy.make_url(text)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        found = None
    kind = found.get_backend_name() if found else ""
    if found and kind in ("postgres", "postgresql"):
        return found.set(drivername="postgresql+psycopg")
    if found and kind == "sqlite" and found.database:
        return found.set(drivername="sqlite")
    raise StorageError(
        "The storage's address cannot be used: expected "
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:////PATH."
    )


def label(url: str | None = None) -> str:
    """The storage in a person's words, never with user or password."""
    found = address(url)
    if is_file(url):
        return "models/sweeps.db" if _is_ours(found) else Path(found.database or "").name
    port = f":{found.port}" if found.port else ""
    return f"PostgreSQL at {found.host or 'this machine'}{port}/{found.database or ''}"


def is_file(url: str | None = None) -> bool:
    """Whether the storage is a file, not a server."""
    return address(url).get_backend_name() == "sqlite"


def is_there(url: str | None = None) -> bool:
    """Whether there can be sweeps: a file that is not there yet holds none."""
    found = address(url)
    is_made = Path(found.database or "").exists() or (_is_ours(found) and SHIPPED.exists())
    return not is_file(url) or is_made


def is_read_only(url: str | None = None) -> bool:
    """Whether the storage is a file that this account cannot write: it can be looked at."""
    file = Path(address(url).database or "")
    there = [path for path in (file, file.parent) if path.exists()]
    return is_file(url) and not all(os.access(path, os.W_OK) for path in there)


def _is_ours(found: sqlalchemy.URL) -> bool:
    """Whether an address is that of FILE, however it is spelt."""
    return real(found.database or "") == real(FILE)


def heartbeat() -> int:
    """Seconds between two heartbeats, DOODLE_HEARTBEAT or 15."""
    text = os.environ.get("DOODLE_HEARTBEAT", "")
    return max(1, int(text)) if text.isdecimal() else HEARTBEAT


def open_storage(url: str | None = None, patience: float = PATIENCE) -> optuna.storages.RDBStorage:
    """The Optuna storage at `url` (see `address`); tables are made where there are none.

    `patience`: seconds to wait while another process writes to a file, now and later.

    Raises:
        StorageError: no connection, no permission, another format.
    """
    found, is_writable = address(url), not is_read_only(url)
    connect = {"timeout": patience} if is_file(url) else {"connect_timeout": 10}
    with answering(url):
        if is_file(url) and is_writable:
            Path(found.database or "").parent.mkdir(parents=True, exist_ok=True)
            if _is_ours(found):
                _begin_with_shipped()
        elif is_file(url):
            found = _for_reading(found)
        storage = optuna.storages.RDBStorage(
            found.render_as_string(hide_password=False),
            engine_kwargs={"connect_args": connect, "pool_pre_ping": True},
            heartbeat_interval=heartbeat(),
            grace_period=MISSED * heartbeat(),
        )
        if is_file(url) and is_writable:
            _one_at_a_time(storage.engine)
    return storage


def _for_reading(found: sqlalchemy.URL) -> sqlalchemy.URL:
    """A file's address that asks SQLite to read alone; the shipped sweeps' where there is none."""
    file = SHIPPED if _is_ours(found) and not FILE.exists() else Path(found.database or "")
    name = f"file:{quote(str(real(file)))}"
    return found.set(database=name, query={"mode": "ro", "uri": "true"})


def _begin_with_shipped() -> None:
    """Copy the shipped sweeps to FILE, unless it is there: whole or not at all, and only once."""
    if FILE.exists() or not SHIPPED.exists():
        return
    copy = FILE.with_name(f".{FILE.name}.{os.getpid()}")
    try:
        shutil.copyfile(SHIPPED, copy)
        try:
            os.link(copy, FILE)
        except FileExistsError:
            pass  # another process was quicker
        except OSError:  # a disk without hard links
            os.replace(copy, FILE)
    finally:
        copy.unlink(missing_ok=True)


def _one_at_a_time(engine: sqlalchemy.Engine) -> None:
    """Make SQLite's transactions begin with the lock for writing.

    Else two workers may both read that a trial waits before either takes it: SQLite knows no
    SELECT ... FOR UPDATE. (SQLAlchemy's documentation, "Serializable isolation / Savepoints".)
    """

    @sqlalchemy.event.listens_for(engine, "connect")
    def leave_transactions_to_us(connection: Any, record: Any) -> None:
        connection.isolation_level = None

    @sqlalchemy.event.listens_for(engine, "begin")
    def take_the_lock(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()  # connections from before


_DAMAGED = (
    *(json.JSONDecodeError, UnicodeError, LookupError, TypeError, AttributeError),
    *(AssertionError, ArithmeticError, RecursionError),
)
"""What Optuna, and whoever reads what it gives, raise on a file whose tables hold other things."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Around what Optuna alone reads: what it says of damaged content is a StorageError, too."""
    try:
        yield
    except ValueError as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> StorageError:
    """The sentence on tables that hold what is not ours; `error` is its cause."""
    return StorageError(f"The sweeps' storage is damaged ({type(error).__name__}).")


@contextlib.contextmanager
def answering(url: str | None = None) -> Iterator[None]:
    """Around work with a storage: its errors become one StorageError without the password."""
    try:
        yield
    except _DAMAGED as error:
        raise _damaged(error) from error
    except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        cause = error.__cause__ or error
        reason = " ".join(str(getattr(cause, "orig", None) or cause).split("\n")[0].split())
        for secret in filter(None, (address(url).password, address(url).query.get("password"))):
            reason = reason.replace(str(secret), "***")
        said = REASONS.get(reason, f"does not answer: {reason.rstrip('.')}.")
        raise StorageError(f"The sweeps' storage ({label(url)}) {said}") from None
