"""Arrays in files: what is written comes back; what is torn, crafted or huge is refused."""

import io
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest

from doodle_core import arrays

ARRAYS = {
    "rows": np.arange(6).reshape(2, 3),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "small": np.eye(3, dtype=np.float16),
    "none": np.zeros((0, 784), np.uint8),
    "one": np.array(3, np.int16),
    "texts": np.array(["a", "bc"]),
}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(text):
    """A `.npy` of version 1 with that header and a few bytes behind it."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"\0" * 64


CRAFTED = {
    "nothing": b"",
    "text": b"<html>no</html>",
    "no end": npy(ARRAYS["rows"])[:-1],
    "no header": npy(ARRAYS["rows"])[:40],
    "51 TiB": header("{'descr': '<f8', 'fortran_order': False, 'shape': (7, 1000000000000)}"),
    "below nothing": header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 8)}"),
    "no size": header("{'descr': '|S0', 'fortran_order': False, 'shape': (10000000,)}"),
    "no kind": header("{'descr': '<q9', 'fortran_order': False, 'shape': (1,)}"),
    "no Python": header("{'descr': '<f8', 'fortran_order': False, 'shape': (1,"),
    "deep": header("(" * 9000),
    "long": header(" " * 20_000 + "{}"),
    "dimensions": header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': {(1,) * 90}}}"),
    "version 9": b"\x93NUMPY\x09\x00" + npy(ARRAYS["rows"])[8:],
}


@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_written_comes_back(tmp_path, name):
    array = ARRAYS[name]
    arrays.write_npy(tmp_path / "x.npy", array)
    arrays.write_npz(tmp_path / "x.npz", {"x": array, "other": np.zeros(9)})
    arrays.write_npz(tmp_path / "plain.npz", {"x": array}, is_compressed=False)
    found = [arrays.read_npy(tmp_path / "x.npy"), np.load(tmp_path / "x.npy")]
    for file in ("x.npz", "plain.npz"):
        found.append(arrays.read_npz(tmp_path / file, ("x", "absent"))["x"])
    for one in found:
        assert one.dtype == array.dtype and one.shape == array.shape and (one == array).all()
    assert isinstance(found[0], np.memmap)


@pytest.mark.parametrize("name", CRAFTED)
def test_what_is_no_array_is_refused_and_takes_no_memory(tmp_path, name):
    (tmp_path / "x.npy").write_bytes(CRAFTED[name])
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", CRAFTED[name])
    tracemalloc.start()
    for read in (
        lambda: arrays.read_npy(tmp_path / "x.npy"),
        lambda: arrays.read_npz(tmp_path / "x.npz", ["x"]),
    ):
        with pytest.raises(ValueError, match="^it is truncated or damaged$"):
            read()
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_a_small_file_that_would_fill_the_memory_is_refused(tmp_path):
    empty = np.zeros(300_000_000, np.uint8)
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x.npy", "w") as member:
            np.save(member, empty)
        archive.writestr("y.npy", npy(ARRAYS["small"]))
    assert (tmp_path / "x.npz").stat().st_size < 1_000_000
    with pytest.raises(ValueError, match="damaged"):
        arrays.read_npz(tmp_path / "x.npz", ["x", "y"])
    assert (arrays.read_npz(tmp_path / "x.npz", ["y"])["y"] == ARRAYS["small"]).all()


def test_an_archive_is_no_single_array_and_the_other_way_round(tmp_path):
    np.savez(tmp_path / "x.npz", ARRAYS["rows"])
    np.save(tmp_path / "x.npy", ARRAYS["rows"])
    with pytest.raises(ValueError, match="an archive"):
        arrays.read_npy(tmp_path / "x.npz")
    with pytest.raises(ValueError, match="damaged"):
        arrays.read_npz(tmp_path / "x.npy", ["x"])
    for name in ("absent", "."):
        with pytest.raises(OSError):
            arrays.read_npy(tmp_path / name)
        with pytest.raises(OSError):
            arrays.read_npz(tmp_path / name, ["x"])


def test_pickles_are_neither_run_nor_written(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    trapped = np.array([Trap()], object)
    (tmp_path / "x.npy").write_bytes(pickle.dumps(Trap()))
    np.save(tmp_path / "y.npy", trapped, allow_pickle=True)
    np.savez(tmp_path / "x.npz", x=trapped)
    for read in (
        lambda: arrays.read_npy(tmp_path / "x.npy"),
        lambda: arrays.read_npy(tmp_path / "y.npy"),
        lambda: arrays.read_npz(tmp_path / "x.npz", ["x"]),
    ):
        with pytest.raises(ValueError, match="pickled"):
            read()
    with pytest.raises(ValueError):
        arrays.write_npy(tmp_path / "z.npy", trapped)
    assert not (tmp_path / "z.npy").exists() and not (tmp_path / "sprung").exists()


def test_bytes_overwritten_anywhere_are_noticed_or_do_not_matter(tmp_path):
    file, rng = tmp_path / "x.npz", np.random.default_rng(0)
    array = rng.integers(0, 9, (40, 30)).astype(np.uint8)
    arrays.write_npz(file, {"x": array})
    whole, refused = file.read_bytes(), 0
    for at in range(0, len(whole) - 40, 7):
        file.write_bytes(whole[:at] + rng.bytes(40) + whole[at + 40 :])
        try:
            found = arrays.read_npz(file, ["x"])
        except ValueError as error:
            assert str(error) == arrays.DAMAGED
            refused += 1
        else:
            assert not found or (found["x"] == array).all()
    assert refused > 20
