"""The first N official Quick, Draw! bitmaps of a category, fetched by HTTP Range.

A category's file in Google's public bucket has about 100 MB; 10,000 drawings of it are 7.8 MB.
The drawings are Google's, CC BY 4.0 (https://github.com/googlecreativelab/quickdraw-dataset).

Beside `<category>.npy` there may lie
    `<category>.npy.part`  a half-fetched file: room for the header, then the rows so far;
    `<category>.npy.json`  which remote file the rows came from, so that more can be added;
    `<category>.npy.lock`  held by the process that fetches.
All three may be deleted whenever nothing is being fetched.
"""

import contextlib
import hashlib
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse, InvalidURL
from io import BytesIO, FileIO
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np
from filelock import FileLock
from numpy.lib import format as npy_format

from doodle_core.arrays import read_npy
from doodle_core.data.categories import check_category
from doodle_core.files import read_json, write_json

BASE_URL = "https://storage.googleapis.com/quickdraw_dataset/full/numpy_bitmap/"
ROW = 28 * 28  # bytes of a drawing
HEADER = 128  # bytes before the rows in the files written here, and in a part
HEAD = 1024  # bytes of the remote file read first: its header (80 bytes there) and some drawing
CHUNK = 1 << 16

Progress = Callable[[int, int], object]
Sleep = Callable[[float], object]
Version = tuple[str | None, int | None]


class FetchError(OSError):
    """Drawings could not be fetched; the text is one sentence for people."""


class _TryAgain(FetchError):
    """An attempt failed in a way that another may not."""


@dataclass(frozen=True)
class Remote:
    """What the server has.

    Attributes:
        url: its address.
        rows: drawings in the file.
        start: bytes before the first drawing.
        version: (ETag or date, bytes in all) as the server says, None where it does not.
        head: the first bytes of the file, at most HEAD.
    """

    url: str
    rows: int
    start: int
    version: Version
    head: bytes

    @property
    def mark(self) -> str:
        """64 letters that differ for another file or another version of it."""
        return hashlib.sha256(repr((self.version, self.head)).encode()).hexdigest()


def fetch(
    category: str,
    n: int,
    folder: str | Path,
    base_url: str | None = None,
    progress: Progress | None = None,
    retries: int = 4,
    timeout: float = 20,
    sleep: Sleep = time.sleep,
) -> Path:
    """Fetch the first `n` drawings of a category, unless they are there.

    Only what is missing is fetched: a shorter file grows, a half-fetched one is resumed, in this
    call or a later one. The file is replaced at once when all is there. A file in its place
    that is not a (N, 784) uint8 `.npy` is fetched anew.

    Args:
        category: official name.
        n: drawings wanted; fewer come if the official file has fewer.
        folder: where to put `<category>.npy`; made if need be.
        base_url: folder of the `.npy` files, http or https; default: the environment variable
            DOODLE_QUICKDRAW_URL, else Google's public bucket.
        progress: called with (bytes done, bytes in all) of the drawings as they come; not called
            when nothing is fetched. What it raises ends the fetch; what came is kept.
        retries: further attempts, 1, 2, 4, ... s apart, after one that brought little.
        timeout: seconds to wait for the server's next bytes.
        sleep: called with the seconds to wait.

    Returns:
        Path of the file: (min(n, available), 784) uint8 in C order; more rows if they were there.

    Raises:
        ValueError: unknown category, or `n` is not a whole number of at least 1.
        FetchError: no network, no such file, an answer that is not what it should be, full disk.
    """
    path = Path(folder) / f"{check_category(category)}.npy"
    if not isinstance(n, (int, np.integer)) or n < 1:
        raise ValueError(f"The drawings to fetch must be a whole number from 1, received {n!r}.")
    url = _url(base_url, path.name)
    report = progress or (lambda done, total: None)
    try:
        if not _has(path, n):
            path.parent.mkdir(parents=True, exist_ok=True)
            # A lock rather than a part per process: a part with one name can be resumed by
            # anyone, and who waited here finds the other's drawings instead of fetching them
            # again. The system lifts the lock when its process dies.
            with FileLock(f"{path}.lock"):
                if not _has(path, n):
                    _persist(url, int(n), path, report, retries, timeout, sleep)
    except FetchError:
        raise
    except OSError as error:
        raise FetchError(
            f"{path} could not be written ({error.strerror or error}); "
            "make room or choose a writable folder: what was fetched is kept."
        ) from error
    return path


def _url(base_url: str | None, name: str) -> str:
    """Address of a category's file."""
    base = base_url or os.environ.get("DOODLE_QUICKDRAW_URL") or BASE_URL
    if not base.lower().startswith(("http://", "https://")):
        raise FetchError(
            f"The address of the drawings must begin with http:// or https://, "
            f"received {base[:200]!r}."
        )
    return base.rstrip("/") + "/" + quote(name)


def _persist(
    url: str, n: int, path: Path, report: Progress, retries: int, timeout: float, sleep: Sleep
) -> None:
    """Attempt until the file is there or `retries` attempts in a row brought little."""
    # urllib3's Retry would not do: it ends where an answer's bytes begin; most lines break later.
    part, met, failures = Path(f"{path}.part"), False, 0
    while True:
        before = _size(part)
        try:
            # Anew in each attempt: the file may have changed since the last.
            remote = _look(url, timeout)
            met = True
            return _attempt(remote, n, path, report, timeout)
        except _TryAgain as error:
            # Another try is for a line that broke; a machine without network need not wait.
            never_met = not met and isinstance(error.__cause__, (URLError, InvalidURL, ValueError))
            failures = 1 if _size(part) - before >= CHUNK else failures + 1
            if never_met or failures > retries:
                raise
        sleep(2 ** (failures - 1))


def _attempt(remote: Remote, n: int, path: Path, report: Progress, timeout: float) -> None:
    """Fetch what the part lacks, then put it in the file's place."""
    rows = min(n, remote.rows)
    total = rows * ROW
    with _open_part(path, remote) as file:
        done = min(file.seek(0, os.SEEK_END) - HEADER, total)
        file.seek(file.truncate(HEADER + done))  # it may hold more than is wanted
        report(done, total)
        for piece in _pull(remote, done, total, timeout):
            done += len(piece)
            while piece:  # a full disk may take some of it
                piece = piece[file.write(piece) :]
            report(done, total)
        if done < total:
            raise _TryAgain(
                f"The connection to {remote.url} broke after {done:,} of {total:,} bytes; "
                "what was fetched is kept, so try again to go on from there."
            )
        file.seek(0)
        header = {"descr": "|u1", "fortran_order": False, "shape": (rows, ROW)}
        npy_format.write_array_header_1_0(file, header)  # HEADER bytes
        os.fsync(file.fileno())
    os.replace(file.name, path)
    note = {"mark": remote.mark, "available": remote.rows, "crc32": _crc(path)}
    with contextlib.suppress(OSError):  # the drawings are there; without it they cannot grow
        write_json(f"{path}.json", note)


# The files here


def _has(path: Path, n: int) -> bool:
    """Whether the file holds `n` drawings, or all that there are."""
    rows = _rows_in(path)
    return rows >= n or (rows > 0 and _note(path).get("available") == rows)


def _rows_in(path: Path) -> int:
    """Drawings in a file here; 0 if there is none or it is not as it should be."""
    try:
        with open(path, "rb") as file:
            rows, start = _read_header(file)
    except (FileNotFoundError, ValueError):
        return 0
    return rows if _size(path) == start + rows * ROW else 0


def _note(path: Path) -> dict[str, Any]:
    """What is known of a file's origin: {} if nothing, or if it is not the file we fetched."""
    try:
        note = read_json(f"{path}.json", {})
        return note if note and note["crc32"] == _crc(path) else {}
    except (ValueError, KeyError, TypeError, FileNotFoundError):
        return {}


def _crc(path: Path) -> int:
    """Checksum of a file's drawings."""
    return zlib.crc32(read_npy(path).data)


def _open_part(path: Path, remote: Remote) -> FileIO:
    """Open the part of this very remote file, made from the finished file or empty if need be.

    A part begins with the remote file's mark, in the room that the header takes at the end.
    """
    part, mark = f"{path}.part", remote.mark.encode().ljust(HEADER)
    known = False
    with contextlib.suppress(FileNotFoundError), open(part, "rb") as file:
        known = file.read(HEADER) == mark
    if not known:
        with open(part, "wb") as file:
            file.write(mark)
            if _rows_in(path) and _note(path).get("mark") == remote.mark:
                file.write(read_npy(path).data)
    return open(part, "r+b", buffering=0)  # unbuffered: what came is in the file, come what may


def _read_header(file: BinaryIO) -> tuple[int, int]:
    """Read a `.npy` header. -> (drawings, bytes read)

    Raises:
        ValueError: it is none, or not one of (N, 784) uint8 in C order; the text says which.
    """
    readers = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}
    try:
        shape, fortran, dtype = readers[npy_format.read_magic(file)](file)
    except Exception:  # a hostile header can make NumPy's parser raise nearly anything
        raise ValueError("something that is not a .npy file") from None
    if dtype != np.uint8 or len(shape) != 2 or shape[1] != ROW or shape[0] < 1 or fortran:
        order = " in Fortran order" if fortran else ""
        raise ValueError(f"{str(dtype)[:40]} of shape {str(shape)[:80]}{order}")
    return shape[0], file.tell()


def _size(path: Path) -> int:
    """Bytes in a file, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


# The server


def _look(url: str, timeout: float) -> Remote:
    """Ask for the head of the remote file."""
    with _ask(url, 0, HEAD, timeout) as answer:
        _, _, version = _span(url, answer, 0)
        head = b"".join(_read(answer, HEAD))
    size = version[1]
    if len(head) < min(HEAD, HEAD if size is None else size):
        raise _TryAgain(f"The connection to {url} broke at once; try again, or use practice data.")
    try:
        rows, start = _read_header(BytesIO(head))
    except ValueError as error:
        page = re.match(rb"\s*<[!a-z]", head, re.IGNORECASE)
        what = "a web page (does the network ask to sign in?)" if page else error
        raise FetchError(f"{url} should hold drawings, (N, 784) uint8, but is {what}.") from None
    if size not in (None, start + rows * ROW):
        raise FetchError(
            f"{url} is damaged or cut: its header promises {rows:,} drawings, "
            f"{start + rows * ROW:,} bytes, but the server says that it has {size:,}."
        )
    return Remote(url, rows, start, version, head)


def _pull(remote: Remote, done: int, total: int, timeout: float) -> Iterator[bytes]:
    """Yield the bytes of the drawings from byte `done` to `total`, as far as they come."""
    if done == total:
        return
    url, first, stop = remote.url, remote.start + done, remote.start + total
    with _ask(url, first, stop, timeout) as answer:
        begin, end, version = _span(url, answer, first)
        head = b"" if begin else b"".join(_read(answer, HEAD))  # from 0 if Range was ignored
        if version != remote.version or not remote.head.startswith(head):
            raise _TryAgain(
                f"{url} changes while it is fetched; try again later, or use practice data."
            )
        yield head[first:stop]
        begin += len(head)
        begin += sum(map(len, _read(answer, first - begin)))
        yield from _read(answer, min(stop, end or stop) - begin)
    # Leaving the block closes the connection, however much the server still has to say.


def _ask(url: str, first: int, stop: int, timeout: float) -> HTTPResponse:
    """Ask for the bytes from `first` up to, not with, `stop`. -> the open answer"""
    wanted = {"Range": f"bytes={first}-{stop - 1}", "User-Agent": "doodle-lab"}
    try:
        request = Request(url, headers=wanted)
        answer: HTTPResponse = build_opener(_OnlyHttp).open(request, timeout=timeout)
        return answer
    except FetchError:
        raise
    except HTTPError as error:
        error.close()
        raise _refusal(url, error.code) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        reason = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        reason = " ".join(str(reason).split())[:200]
        raise _TryAgain(
            f"{url} could not be reached ({reason}); check the network, or use practice data."
        ) from error


class _OnlyHttp(HTTPRedirectHandler):
    """Follow no redirect to ftp, files and the like."""

    def http_error_302(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> HTTPResponse | None:
        target = urljoin(req.full_url, headers.get("Location") or "")
        if not target.lower().startswith(("http://", "https://")):
            fp.close()
            raise FetchError(
                f"{req.full_url} leads to {target[:200]!r}, but only http and https are followed."
            )
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _refusal(url: str, code: int) -> FetchError:
    """The exception for an HTTP error."""
    name = f"{code} {HTTPStatus(code).phrase}" if code in list(HTTPStatus) else str(code)
    if code == 404:
        return FetchError(f"The server has no {url} ({name}); check DOODLE_QUICKDRAW_URL.")
    text = f"The server did not give {url} ({name}); try again later, or use practice data."
    # 416, no such bytes: the file became shorter, so that looking again will tell.
    return (_TryAgain if code in (408, 416, 425, 429) or code >= 500 else FetchError)(text)


def _span(url: str, answer: HTTPResponse, first: int) -> tuple[int, int | None, Version]:
    """Which bytes of which file an answer holds: (begin, end or None, version as in Remote).

    Raises:
        FetchError: it contradicts itself, or holds other bytes than those from `first`.
    """
    begin, end, size = 0, answer.length, answer.length
    if answer.status == 206:
        said = answer.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", said.strip())
        begin, end = (int(match[1]), int(match[2]) + 1) if match else (-1, -1)
        size = int(match[3]) if match and match[3] != "*" else None
        if begin != first or answer.length not in (None, end - begin):
            raise FetchError(
                f"The server of {url} was asked for the bytes from {first}, but says that it "
                f"sends {said[:80]!r} in {answer.length} bytes; use another server."
            )
    encoding = answer.headers.get("Content-Encoding", "identity")
    if answer.status not in (200, 206) or encoding != "identity":
        raise FetchError(
            f"The server of {url} should send the file's bytes as they are, but sends "
            f"status {answer.status}, encoding {encoding[:40]!r}."
        )
    date = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
    return begin, end, (date, size)


def _read(answer: HTTPResponse, count: int) -> Iterator[bytes]:
    """Yield up to `count` bytes of an answer as they come; fewer if it ends before."""
    try:  # read1() gives what is there; read() would wait for all
        while count > 0 and (piece := answer.read1(min(count, CHUNK))):
            count -= len(piece)
            yield piece
    except (OSError, HTTPException, ValueError):
        answer.close()  # a broken line is an end for good, like another: who reads counts
