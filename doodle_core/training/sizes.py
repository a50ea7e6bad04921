"""How much memory a stored network will take, before it is built, and a bound to what is built.

A `.keras` file of some thousand bytes can ask for a layer of a billion units, or hold zeros that
unpack to gigabytes. So nothing is read that unpacks to many times the file's size, and no network is
built of more numbers than its file holds.
"""

import contextlib
import io
import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras

from doodle_core.arrays import may_unpack, open_archive, unpacked
from doodle_core.files import open_file

MEMBERS = ("metadata.json", "config.json", "model.weights.h5")
MOST_CONFIG = 10_000_000  # bytes of config.json; that of ResNet152V2 has 500,000
MOST_OUTPUT = 1 << 24  # numbers of one layer's answer to one drawing; VGG19's largest has 65,536
SPARE = 1_000  # numbers that a network may hold beside its weights: a generator's seed
_one_at_a_time = threading.Lock()


def stored_numbers(file: Path) -> int:
    """How many numbers the weights in a `.keras` file are.

    Raises:
        OSError: it cannot be opened.
        Exception: it is damaged, or larger unpacked than any network of this program.
    """
    with open_file(file) as stream, open_archive(stream) as archive:
        members = {info.filename: info for info in archive.infolist()}
        size = os.fstat(stream.fileno()).st_size
        if sorted(archive.namelist()) != sorted(MEMBERS):
            raise ValueError("it holds other files than a network's")
        if not may_unpack(sum(info.file_size for info in archive.infolist()), size):
            raise ValueError("it would fill the memory")
        if members["config.json"].file_size > MOST_CONFIG:
            raise ValueError("its description is too long")
        weights = io.BytesIO(unpacked(archive, members["model.weights.h5"]))
    found: list[h5py.Dataset] = []

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(item)

    with h5py.File(weights) as content:
        content.visititems(note)  # links are not followed
        if any(one.external or one.is_virtual for one in found):
            raise ValueError("its weights lie elsewhere")
        if not may_unpack(sum(one.nbytes for one in found), size):  # they may be compressed, too
            raise ValueError("it would fill the memory")
        return sum(int(one.size) for one in found)


@contextlib.contextmanager
def at_most(numbers: int) -> Iterator[None]:
    """While the block runs, this thread makes no layers of more weights than that (and SPARE).

    Raises:
        ValueError: a layer asks for more; nothing was allocated for it.
    """
    thread, left, make = threading.get_ident(), numbers + SPARE, keras.layers.Layer.add_weight

    def counted(layer: Any, shape: Any = None, *arguments: Any, **options: Any) -> Any:
        nonlocal left
        if threading.get_ident() == thread:
            left -= math.prod(shape or ())
            if left < 0:
                raise ValueError("it asks for more weights than its file holds")
        return make(layer, shape, *arguments, **options)

    with _one_at_a_time:
        keras.layers.Layer.add_weight = counted
        try:
            yield
        finally:
            keras.layers.Layer.add_weight = make


def check_outputs(model: Any) -> None:
    """Refuse a network in which a layer's answer to one drawing would fill the memory.

    Raises:
        ValueError: there is such a layer.
    """
    for operation in getattr(model, "operations", None) or getattr(model, "layers", ()):
        check_outputs(operation)
        for output in keras.tree.flatten(getattr(operation, "output", ())):
            if math.prod(side or 1 for side in output.shape) > MOST_OUTPUT:
                raise ValueError(f"{operation.name} answers with more than {MOST_OUTPUT:,} numbers")
