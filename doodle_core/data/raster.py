"""Strokes to 28x28 bitmaps, drawn the way the official Quick, Draw! bitmaps were.

The official bitmaps come from simplified strokes: a 256 box, a white line 16 wide with round
caps and joins on black, a margin of 24, the drawing centred, everything scaled to 28 x 28 with
antialiasing, one stroke painted over the other. Google did this with cairo, which has no wheels;
Pillow is already here (Streamlit needs it), so each stroke is drawn 19 times larger, where the pen
is exactly 28 pixels wide, and averaged down. Against cairo's own output on 1,160 real drawings the
inked pixels differ by 3.7 of 255 in the mean and 30 at the most: less than the width of a pen.
"""

import gzip
import itertools
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from doodle_core.files import open_file

Stroke = Sequence[Any] | NDArray[Any]
"""`(xs, ys)` or `(xs, ys, ts)`: equally long sequences of numbers."""
Strokes = Sequence[Stroke]

SIDE = 28
BOX = 256  # simplified strokes live in [0, 255]
MARGIN = 24
PEN = 16
SCALE = 19  # supersampling: the pen, 16 / 304 of the picture, is then exactly 28 pixels wide
MAX_STROKES = 500  # of a drawing in a file; of 7,000 real ones none has more than 55,
MAX_POINTS = 20_000  # more than 540 points (simplified),
MAX_LENGTH = 300  # or is longer than 141 of its own sides
MOST_LINE = 2_000_000  # bytes of a line of a file; a longer one is read past, not into memory
MOST_BAD = 1_000  # lines that are no drawings, and as many as there are drawings: no such file
PIECE = 20_000  # points of a line that are simplified together: the work grows with their square


def draw_strokes(strokes: Strokes) -> NDArray[np.uint8]:
    """Draw simplified strokes as the official bitmaps are drawn.

    Args:
        strokes: sequence of strokes, each `(xs, ys)` or `(xs, ys, ts)`: equally long sequences
            of numbers in [0, 255], x to the right, y down.

    Returns:
        (28, 28) uint8, 0 the ground, 255 the line.

    Raises:
        ValueError: no stroke, an empty stroke, unequal lengths, or numbers outside [0, 255].
    """
    lines = [_line(stroke) for stroke in strokes]
    if not lines:
        raise ValueError("A drawing must have at least one stroke, but it has none.")
    points = np.concatenate(lines, axis=1)
    corner = points.max(axis=1)
    if not (points.min() >= 0 and corner.max() < BOX):  # also for NaN
        wrong = ~((points >= 0) & (points < BOX)).all(axis=0)
        raise ValueError(
            f"Simplified strokes lie in [0, 255], but a point is at {points.T[wrong][0]}."
        )
    points = (points.T + MARGIN + (BOX - corner) / 2) * (SIDE * SCALE / (BOX + 2 * MARGIN))
    picture = np.zeros((SIDE, SIDE), np.float32)
    start = 0
    for line in lines:
        end = start + line.shape[1]
        _paint(picture, points[start:end])
        start = end
    return (picture + 0.5).astype(np.uint8)


def _line(stroke: Stroke) -> NDArray[np.float64]:
    """One stroke as a (2, n) float array, its form checked."""
    if len(stroke) < 2 or len(stroke[0]) != len(stroke[1]) or not len(stroke[0]):
        raise ValueError("A stroke must be two equally long lists, xs and ys, with a point each.")
    return np.array(stroke[:2], float)


def _paint(picture: NDArray[np.float32], line: NDArray[np.float64]) -> None:
    """Paint one stroke, given in supersampled pixels, over `picture` (28, 28) float32 in place."""
    width = PEN * SIDE * SCALE // (BOX + 2 * MARGIN)
    radius = (width - 1) / 2  # Pillow's ellipses include both ends of their box
    margin = width // 2 + 2
    # plain numbers: on so few points numpy takes longer
    (left, top), (right, bottom) = line.min(axis=0).tolist(), line.max(axis=0).tolist()
    left, top = (max(0, int((low - margin) // SCALE)) for low in (left, top))
    right, bottom = (min(SIDE, int((high + margin) // SCALE) + 1) for high in (right, bottom))
    line = line - (left * SCALE, top * SCALE)
    mask = Image.new("L", ((right - left) * SCALE, (bottom - top) * SCALE))
    pen = ImageDraw.Draw(mask)
    if len(line) > 1:
        pen.line(line.ravel().tolist(), fill=255, width=width)
    boxes = np.concatenate([line - 0.5 - radius, line - 0.5 + radius], axis=1).round()
    for box in boxes.tolist():  # Pillow has neither round caps nor exact round joins
        pen.ellipse(box, fill=255)
    cover = np.asarray(mask.reduce(SCALE), np.float32)
    window = picture[top:bottom, left:right]
    window += (255 - window) * cover / 255


def simplify_raw(strokes: Strokes, epsilon: float = 2.0) -> list[list[list[int]]]:
    """Turn raw strokes (pixels of the player's screen) into simplified ones.

    As the dataset's authors did: moved to 0, scaled so that the longer side is 255, resampled at
    a spacing of 1, and simplified by Ramer-Douglas-Peucker.

    Args:
        strokes: sequence of `(xs, ys, ...)` in any units.
        epsilon: float, tolerance of the simplification in pixels of the 256 box.

    Returns:
        list of `[xs, ys]`, lists of int in [0, 255].
    """
    lines = [np.array(stroke[:2], float).T for stroke in strokes]
    everything = np.concatenate(lines)
    if not np.isfinite(everything).all():
        raise ValueError("Strokes must be finite numbers, but one is not.")
    low = everything.min(axis=0)
    extent = (everything.max(axis=0) - low).max()
    simple = []
    for line in lines:
        line = (line - low) * (255 / extent if extent else 1)
        line = _simplified(_resample(line), epsilon).round().astype(int)
        simple.append([line[:, 0].tolist(), line[:, 1].tolist()])
    return simple


def _resample(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points every 1 along the line, both ends kept. (n, 2) -> (m, 2)."""
    along = np.concatenate([[0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    at = np.append(np.arange(0, along[-1], 1.0), along[-1])
    return np.stack([np.interp(at, along, axis) for axis in line.T], axis=1)


def _simplified(line: NDArray[np.float64], epsilon: float) -> NDArray[np.float64]:
    """`_douglas_peucker`, piece by piece where a line is longer than any that a person draws."""
    cuts = [*range(0, max(1, len(line) - 1), PIECE), len(line) - 1]
    pieces = [_douglas_peucker(line[a : b + 1], epsilon) for a, b in itertools.pairwise(cuts)]
    return np.concatenate([line[:1], *(piece[1:] for piece in pieces)])


def _douglas_peucker(line: NDArray[np.float64], epsilon: float) -> NDArray[np.float64]:
    """Ramer-Douglas-Peucker, without recursion so that long scribbles cannot exhaust the stack."""
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        offset = line[first + 1 : last] - line[first]
        length = np.hypot(*chord)
        if length:
            distance = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / length
        else:
            distance = np.hypot(*offset.T)
        worst = int(distance.argmax())
        if distance[worst] > epsilon:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return line[keep]


def read_ndjson(
    path: Path | str, n: int = 0, bad: list[tuple[int, str]] | None = None
) -> NDArray[np.uint8]:
    """Read an official `.ndjson` file, simplified or raw, and draw every drawing in it.

    A line that is no drawing is left out; a byte order mark and gzip do not matter.

    Args:
        path: file with one JSON object a line; only its field `drawing` is used.
        n: int, at most so many drawings, the first of the file; 0 for all.
        bad: takes up (number, why) of each line that is left out.

    Returns:
        (N, 784) uint8.

    Raises:
        ValueError: no line, or one among many, is such an object; the sentence names the file and the first reason.
    """
    pictures: list[NDArray[np.uint8]] = []
    bad = [] if bad is None else bad
    for number, text in enumerate(_lines(path), 1):
        if n and len(pictures) == n:
            break
        if not text.strip():
            continue
        try:
            if len(text) > MOST_LINE:
                raise ValueError(f"longer than {MOST_LINE:,} bytes")
            pictures.append(draw_strokes(_simple(json.loads(text)["drawing"])).ravel())
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
            kind = "" if type(error) is ValueError else f"{type(error).__name__}: "
            bad.append((number, f"{kind}{error}".rstrip(".")[:200]))
            if len(bad) > MOST_BAD + len(pictures):
                break
    if not pictures or len(bad) > MOST_BAD + len(pictures):
        few = "hardly a" if pictures else "no"
        why = f": line {bad[0][0]} is not a Quick, Draw! drawing ({bad[0][1]})" if bad else ""
        raise ValueError(f"{Path(path).name} holds {few} drawing{why}.")
    return np.stack(pictures)


def _lines(path: Path | str) -> Iterator[bytes]:
    """The lines of a file, packed by gzip or not; of too long ones the beginning."""
    with open_file(path) as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if is_packed else file
        try:
            while line := stream.readline(MOST_LINE + 1):
                more = line
                while len(more) > MOST_LINE and not more.endswith(b"\n"):
                    more = stream.readline(MOST_LINE + 1)
                yield line.removeprefix(b"\xef\xbb\xbf")
        except (EOFError, gzip.BadGzipFile, zlib.error):
            yield b"the packed file ends early"  # no drawing: it is counted as one that is lost


def _simple(strokes: Strokes) -> Strokes:
    """Simplified strokes as they are, raw ones simplified; raw ones carry times.

    Raises:
        ValueError: they are more than any drawing has; a small file could else keep this at work
            for hours.
    """
    if len(strokes) > MAX_STROKES:
        raise ValueError(f"more than {MAX_STROKES} strokes")
    if sum(len(stroke[0]) for stroke in strokes) > MAX_POINTS:
        raise ValueError(f"more than {MAX_POINTS:,} points")
    lines = [np.array(stroke[:2], float) for stroke in strokes]
    extent = np.ptp(np.concatenate(lines, axis=1), axis=1).max() if lines else 0
    length = sum(np.hypot(*np.diff(line, axis=1)).sum() for line in lines)
    if length > MAX_LENGTH * extent:
        raise ValueError(f"lines longer than {MAX_LENGTH} of the drawing's sides")
    is_raw = any(len(stroke) > 2 for stroke in strokes) or any(
        isinstance(value, float) for stroke in strokes for axis in stroke for value in axis
    )
    return simplify_raw(strokes) if is_raw else strokes
