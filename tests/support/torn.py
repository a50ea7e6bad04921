"""Ways to damage a file, by its format: torn, overwritten, of other kinds, crafted."""

import copy
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

Contents = Iterator[tuple[str, Callable[[], bytes]]]
"""How a file is damaged, and what gives its bytes then: most runs of the tests want few of them."""

VALUES = [None, [], {}, "", -1, 0, 0.5, 1e15, True, [1], {"a": 1}, "x" * 200_000, 10**400]
VALUES += [float("inf"), float("nan"), "\ud800", "a\nb", "\0", "../../x", [[[[]]]]]
"""What may stand in a JSON file in the place of anything."""


def bytes_torn(whole: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """What may befall any file."""
    rng, n = np.random.default_rng(seed), len(whole)
    yield "empty", b""
    for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
        yield f"cut at {share}", whole[: int(share * n)]
    yield "without its last byte", whole[:-1]
    for at in rng.integers(0, max(n, 1), 12).tolist():
        yield f"a bit flipped at {at}", whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]
    for at in rng.integers(0, max(n, 1), 12).tolist():
        yield f"overwritten at {at}", whole[:at] + rng.bytes(40) + whole[at + 40 :]
    middle = n // 2
    for name, bad in (("no text", b"\xff\xfe\x80"), ("NUL", b"\0"), ("a line's end", b"\r\n")):
        yield f"{name} in it", whole[:middle] + bad + whole[middle:]
    yield "a mark of its encoding", b"\xef\xbb\xbf" + whole
    yield "in UTF-16", whole.decode("latin-1").encode("utf-16")
    yield "twice", whole + whole
    yield "zeros", bytes(n)
    yield "noise", rng.bytes(2_000)
    yield "deep", b"[" * 500_000
    yield "deeper", b'{"a":' * 200_000
    yield "a long word", b"a" * 1_000_000
    yield "commas", b"," * 1_000_000
    yield "lines", b"\n" * 1_000_000
    yield "a number of many digits", b"9" * 1_000_000
    yield "a page", b"<!doctype html><script>window.broken=1</script>"
    yield "a pickle", pickle.dumps({"a": print})
    yield "an archive's head", b"PK\x03\x04" + whole
    yield "an array's head", b"\x93NUMPY\x01\x00v\x00{'descr'"
    yield "compressed", zlib.compress(whole)


def json_torn(whole: bytes) -> Contents:
    """Each of VALUES in each place, each key left out, named twice, and others beside them."""
    content = json.loads(whole)
    for at in _places(content):
        for value in VALUES:
            yield f"{value!r:.20} at {at}", partial(_dumped, content, at, value)
        if at:
            yield f"without {at}", partial(_dumped, content, at, None, is_lacking=True)
    if isinstance(content, dict):
        yield "a key more", partial(_dumped, content, ("[x](http://x)",), "y")
        for key in content:
            twice = whole.rstrip()[:-1] + json.dumps({key: None}).replace("{", ",", 1).encode()
            yield f"{key} twice", partial(bytes, twice)


def _places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything in a JSON file, of long lists to the first entries."""
    yield at
    inner = content.items() if isinstance(content, dict) else enumerate(content[:2])
    for key, one in inner if isinstance(content, dict | list) else ():
        yield from _places(one, (*at, key)) if isinstance(one, dict | list) else [(*at, key)]


def _dumped(content: Any, at: tuple[Any, ...], value: Any, is_lacking: bool = False) -> bytes:
    """A JSON file in whose place `at` another value stands, or nothing."""
    whole = {"": copy.deepcopy(content)}
    where, last = whole, ""
    for key in at:
        where, last = where[last], key
    if is_lacking:
        del where[last]
    else:
        where[last] = value
    return json.dumps(whole[""], ensure_ascii=False).encode("utf-8", "surrogatepass")


def table_torn(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Each field replaced, columns and rows left out, doubled, and far too many of them."""
    rows = [line.split(",") for line in whole.decode().splitlines()]
    for value in ("", "NA", "x", "-1", "1e999", "nan", '"', '"a\n', "9" * 400, "\0", "1;2", " 1 "):
        for y, x in ((0, 0), (1, 0), (1, 1), (-1, -1)):
            changed = copy.deepcopy(rows)
            changed[y][x] = value
            yield f"{value!r:.9} in row {y}, column {x}", _lines(changed)
    for x in range(len(rows[0])):
        yield f"without column {x}", _lines([row[:x] + row[x + 1 :] for row in rows])
        yield f"column {x} twice", _lines([[*row, row[x]] for row in rows])
    yield "without its head", _lines(rows[1:])
    yield "its head alone", _lines(rows[:1])
    yield "its head twice", _lines([rows[0], *rows])
    yield "ragged", _lines([row[: 1 + place % 3] for place, row in enumerate(rows)])
    yield "longer rows", _lines([rows[0], *([*row, "1"] for row in rows[1:])])
    yield "100,000 columns", _lines([row + ["1"] * 100_000 for row in rows])
    yield "50,000 rows", _lines([rows[0], *rows[1:] * (50_000 // max(1, len(rows) - 1))])
    yield "semicolons", whole.replace(b",", b";")


def _lines(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def array_torn(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The same array of other shapes, kinds and numbers."""
    yield "one row less", array[:-1]
    yield "none", array[:0]
    yield "a number", np.array(3)
    yield "flat", array.reshape(-1)
    yield "an axis more", array[None]
    yield "turned", array.T[..., None]
    for kind in ("f8", "f2", "i8", "u1", "c8", "S3", "U2", "M8[s]", "?", "O", "V4", "i4,f4"):
        with np.errstate(all="ignore"):
            yield f"as {kind}", np.zeros(array.shape, kind)
    for value in (np.nan, np.inf, -1.0, 1e30, 70_000.0):
        changed = array.astype("f8")
        changed.flat[0] = value
        yield f"{value} in it", changed
    yield "-1 in it", np.concatenate([[array.flat[0]] * 0, array.reshape(-1).astype("i8")]) - 99
    yield "in columns", np.asfortranarray(array)
    yield "of big endian", array.astype(array.dtype.newbyteorder(">"))


def npy_torn(whole: bytes) -> Iterator[tuple[str, bytes]]:
    for how, array in array_torn(np.load(io.BytesIO(whole))):
        yield how, _saved(array)
    for how, head in (
        ("of 51 TiB", "{'descr': '<f8', 'fortran_order': False, 'shape': (7, 1000000000000)}"),
        ("below nothing", "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 8)}"),
        ("code in its head", "{'descr': __import__('os').getcwd(), 'shape': (1,)}"),
        ("an open bracket", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,"),
        ("an open string", "{'descr': '''<f8"),
        ("90 dimensions", f"{{'descr': '<f8', 'fortran_order': False, 'shape': {(1,) * 90}}}"),
        ("no dict", "7"),
    ):
        head = head.ljust(117) + "\n"
        start = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()
        yield how, start + whole[128:]


def npz_torn(whole: bytes) -> Contents:
    with np.load(io.BytesIO(whole)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    yield "another array", partial(_packed, arrays | {"surprise": np.array([None])})
    for name, array in arrays.items():
        without = {key: one for key, one in arrays.items() if key != name}
        yield f"without {name}", partial(_packed, without)
        for how, other in array_torn(array):
            yield f"{name}: {how}", partial(_packed, arrays | {name: other})
    yield "zeros", partial(_zeros, next(iter(arrays)))


def _saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def _packed(arrays: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=True, **arrays)
    return file.getvalue()


def _zeros(name: str) -> bytes:
    """A `.npz` of 100 KB that unpacks to 100 MB."""
    file, array = io.BytesIO(), np.zeros(100_000_000, np.uint8)
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{name}.npy", "w") as member,
    ):
        np.save(member, array)
    return file.getvalue()


def _made(found: Iterator[tuple[str, bytes]]) -> Contents:
    return ((how, partial(bytes, content)) for how, content in found)


TORN: dict[str, Callable[[bytes], Contents]] = {
    ".json": json_torn,
    ".csv": lambda whole: _made(table_torn(whole)),
    ".npy": lambda whole: _made(npy_torn(whole)),
    ".npz": npz_torn,
}
"""By a file's suffix, what may befall it beside `bytes_torn`."""


def torn(name: str, whole: bytes, every: int = 1) -> Iterator[tuple[str, bytes]]:
    """What a file of that name holds once it is damaged, each with how that was done.

    Args:
        name: its ending tells its format. whole: its content. every: one of so many ways, the same
            ones each time, but others for other names.
    """
    seed = zlib.crc32(name.encode())
    ways = [*_made(bytes_torn(whole, seed))]
    if more := TORN.get(name[name.rfind(".") :]):
        ways += more(whole)
    assert len(ways) >= 50
    return ((how, make()) for how, make in ways[seed % every :: every])
