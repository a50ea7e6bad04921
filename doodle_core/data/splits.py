"""Which drawings are trained on, validated on and tested on: split by a seed, no duplicates."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from doodle_core.data import raster

PIXELS = raster.SIDE * raster.SIDE
Drawings = NDArray[np.uint8]
Rows = list[NDArray[np.intp]]


@dataclass(frozen=True)
class Part:
    """A part of a split: which drawings, by category and row of its file.

    Attributes:
        labels: (N,) uint16, the place of the drawing's category.
        rows: (N,) int32, the drawing's row in its category's file (the source index).
    """

    labels: NDArray[np.uint16]
    rows: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self, drawings: Sequence[Drawings]) -> Drawings:
        """The drawings themselves. `drawings`: list of (n, 784) uint8. -> (N, 28, 28) uint8."""
        out = np.empty((len(self), PIXELS), np.uint8)
        for label, array in enumerate(drawings):
            mine = np.flatnonzero(self.labels == label)
            out[mine] = array[self.rows[mine]]
        return out.reshape(-1, raster.SIDE, raster.SIDE)


def first_of_each(drawings: Sequence[Drawings]) -> list[NDArray[np.intp]]:
    """Take exact duplicates out, within and across categories: the first one stays.

    Args:
        drawings: list of (n, 784) uint8.

    Returns:
        list of (m,) int: the rows that stay, rising.
    """
    hashes = np.concatenate([pixel_hashes(array) for array in drawings])
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    keep = np.zeros(len(hashes), bool)
    keep[first] = True
    starts = np.concatenate([[0], np.cumsum([len(array) for array in drawings])])
    for place in np.flatnonzero(
        ~keep
    ).tolist():  # few: make sure that equal hashes are equal drawings
        here, there = (_row(drawings, starts, at) for at in (place, first[inverse[place]]))
        keep[place] = not np.array_equal(here, there)
    return [np.flatnonzero(keep[a:b]) for a, b in pairwise(starts)]


def pixel_hashes(array: Drawings) -> NDArray[np.uint64]:
    """(n, 784) uint8 -> (n,) uint64: a random linear hash, 8 pixels at a time."""
    words = np.ascontiguousarray(array).view(np.uint64)
    weights = np.random.default_rng(784).integers(2**63, size=words.shape[1], dtype=np.uint64)
    words = words * (2 * weights + 1)
    hashes: NDArray[np.uint64] = (words ^ (words >> np.uint64(29))).sum(axis=1, dtype=np.uint64)
    return hashes


def _row(drawings: Sequence[Drawings], starts: NDArray[np.int64], place: int) -> Drawings:
    label = int(np.searchsorted(starts, place, side="right")) - 1
    row: Drawings = drawings[label][place - starts[label]]
    return row


def split(
    drawings: Sequence[Drawings],
    categories: Sequence[str],
    seed: int = 0,
    shares: Sequence[float] = (0.7, 0.075, 0.225),
) -> tuple[Part, Part, Part]:
    """Split drawings into train, validation and test parts.

    Stratified by category and disjoint: exact duplicates are taken out first. Unless it shares
    drawings with another one, a category's split does not depend on the categories beside it.

    Args:
        drawings: list of (n, 784) uint8, one a category.
        categories: their names.
        seed: int.
        shares: three positive numbers that add up to 1.

    Returns:
        (train, validation, test), three `Part`s; shuffled.

    Raises:
        ValueError: a category has too few drawings for all three parts.
    """
    cuts: tuple[Rows, Rows, Rows] = ([], [], [])
    for label, rows in enumerate(first_of_each(drawings)):
        name = categories[label]
        rows = np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(rows)
        edges = np.round(np.cumsum(shares)[:2] * len(rows)).astype(int)
        for cut, piece in zip(cuts, np.split(rows, edges), strict=True):
            if not len(piece):
                raise ValueError(
                    f"{name} has {len(rows)} different drawings: too few for a train, a "
                    "validation and a test part."
                )
            cut.append(piece)
    train, validation, test = (_part(cut, seed) for cut in cuts)
    return train, validation, test


def without(pixels: Drawings, other: Drawings) -> NDArray[np.bool_]:
    """Which drawings are not among others. (n, ...) and (m, ...) uint8 -> (n,) bool.

    Equal hashes count as equal drawings: of 100,000, none is expected to be left out wrongly.
    """
    return ~np.isin(
        pixel_hashes(pixels.reshape(-1, PIXELS)), pixel_hashes(other.reshape(-1, PIXELS))
    )


def _part(pieces: Rows, seed: int) -> Part:
    labels = np.repeat(np.arange(len(pieces), dtype=np.uint16), [len(piece) for piece in pieces])
    order = np.random.default_rng(seed).permutation(len(labels))
    return Part(labels[order], np.concatenate(pieces).astype(np.int32)[order])


def fingerprint(pixels: Drawings) -> str:
    """A short text that changes when any pixel does. `pixels`: uint8."""
    return hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=12).hexdigest()
