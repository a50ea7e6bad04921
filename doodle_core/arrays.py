"""Arrays in files: one reader of `.npy` and one of `.npz`, both of which look before they read.

Files may come from strangers or be torn. Nothing in them is run (no pickles), and no memory is
taken that a header promises and the file does not hold. What is wrong is said as the end of a
sentence ("it is truncated or damaged"); who asked knows what the file is and begins it.
"""

import io
import math
import os
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from doodle_core.files import open_file, replacing

UNPACKED = 64_000_000  # bytes that an archive may unpack to, however small it is,
TIMES = 20  # and else so many times its size: deflate gets to 1,000 on what is made for that
CHUNK = 1 << 20

PICKLED = "it holds pickled Python objects, which could run code"
ARCHIVE = "it is an archive (.npz), not one array"
DAMAGED = "it is truncated or damaged"


def read_npy(file: Path) -> NDArray[Any]:
    """The array of a `.npy`, memory-mapped; of any numbers or texts, and any shape.

    Raises:
        OSError: it is not there, or cannot be opened.
        ValueError: PICKLED, ARCHIVE or DAMAGED.
    """
    with open_file(file) as stream:
        dtype, shape, order = _header(stream, os.fstat(stream.fileno()).st_size)
        try:
            return np.memmap(stream, dtype, "r", stream.tell(), shape, order)
        except (ValueError, OverflowError, OSError):  # more than 64 dimensions; no file to map
            raise ValueError(DAMAGED) from None


def write_npy(file: Path, array: NDArray[Any]) -> None:
    """Write a `.npy`, atomically."""
    with replacing(file) as temporary:
        np.save(temporary, array, allow_pickle=False)


def read_npz(file: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Those arrays of a `.npz` that are there; others are not unpacked.

    Raises:
        OSError: it is not there, or cannot be opened.
        ValueError: PICKLED or DAMAGED.
    """
    with open_file(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        try:
            with open_archive(stream) as archive:
                inside = {info.filename: info for info in archive.infolist()}
                found = {name: inside[f"{name}.npy"] for name in names if f"{name}.npy" in inside}
                if not may_unpack(sum(info.file_size for info in found.values()), size):
                    raise ValueError(DAMAGED)
                return {name: _member(archive, info) for name, info in found.items()}
        except Exception as error:  # a damaged archive raises whatever its reader meets
            raise ValueError(PICKLED if str(error) == PICKLED else DAMAGED) from None


def write_npz(file: Path, arrays: dict[str, NDArray[Any]], is_compressed: bool = True) -> None:
    """Write a `.npz`, atomically; what shrinks so much that it would be refused, uncompressed."""
    with replacing(file) as temporary:
        if is_compressed:
            np.savez_compressed(temporary, allow_pickle=False, **arrays)
            unpacked = sum(array.nbytes for array in arrays.values())
            is_compressed = may_unpack(unpacked, temporary.stat().st_size)
        if not is_compressed:
            np.savez(temporary, allow_pickle=False, **arrays)


def open_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """A zip archive whose list of contents is not larger than any of ours.

    Raises:
        zipfile.BadZipFile, ValueError and others: it is damaged.
    """
    return zipfile.ZipFile(_Pieces(stream))


def may_unpack(unpacked: int, size: int) -> bool:
    """Whether an archive of `size` bytes may hold `unpacked` bytes: more is made to fill memory."""
    return unpacked <= max(UNPACKED, TIMES * size)


class _Pieces(io.BufferedReader):
    """A file that gives no more than CHUNK bytes at once: zipfile reads the list in one piece."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)  # type: ignore[arg-type]

    def read(self, size: int | None = -1) -> bytes:
        is_small = size is not None and 0 <= size <= CHUNK
        content = super().read(size if is_small else CHUNK + 1)
        if len(content) > CHUNK:
            raise ValueError(DAMAGED)
        return content


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytearray:
    """A file of an archive, of the size that it is said to have; compared with its checksum.

    Raises:
        Exception: it is damaged.
    """
    with archive.open(info) as stream:
        return _filled(stream, info.file_size)


def _filled(stream: IO[bytes], size: int) -> bytearray:
    """What is left of a stream, which is to be so many bytes: read whole, it would be there twice."""
    content = bytearray(size)
    view, at = memoryview(content), 0
    while chunk := stream.read(CHUNK):
        view[at : at + len(chunk)] = chunk  # a ValueError where there is more than promised
        at += len(chunk)
    if at < size:
        raise ValueError(DAMAGED)
    return content


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    """An array of an archive, read to its end, where zipfile compares the checksum."""
    with archive.open(info) as stream:
        dtype, shape, order = _header(stream, info.file_size)
        content = _filled(stream, math.prod(shape) * dtype.itemsize)
        return np.frombuffer(content, dtype).reshape(shape, order=order)


def _header(stream: IO[bytes], size: int) -> tuple[np.dtype[Any], tuple[int, ...], Any]:
    """What a `.npy` says of itself: (dtype, shape, "C" or "F"). The stream is then at its numbers.

    Args:
        stream: at the beginning of a `.npy`. size: int, its bytes.

    Raises:
        ValueError: PICKLED, ARCHIVE or DAMAGED, also where it promises more than its size holds.
    """
    begin = stream.read(npy.MAGIC_LEN)
    if begin[:1] == b"\x80":
        raise ValueError(PICKLED)
    if begin[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        raise ValueError(ARCHIVE)
    try:
        version = npy.read_magic(io.BytesIO(begin))
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of odd headers; we judge the result
            shape, is_fortran, dtype = read(stream)
        promised = math.prod(shape) * dtype.itemsize
    except Exception:  # a header is read as Python source: it raises whatever that meets
        raise ValueError(DAMAGED) from None
    if dtype.hasobject:
        raise ValueError(PICKLED)
    if min(shape, default=0) < 0 or not dtype.itemsize or promised > size - stream.tell():
        raise ValueError(DAMAGED)
    return dtype, shape, "F" if is_fortran else "C"
