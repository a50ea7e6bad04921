"""A person's own drawing as the networks see it: from strokes, or from a picture file.

Strokes go the way of the official ones: simplified, then drawn (`raster`). A picture has no
strokes; it is cut out, its pen made as wide as the official one, and averaged down.
"""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFilter, ImageOps

from doodle_core.data import paper, raster

MOST_STROKES = 500
MOST_POINTS = 20_000
MOST_LENGTH = 100  # of all strokes together, in sides of the drawing
FURTHEST = 10_000  # a coordinate
MOST_BYTES = 5_000_000  # of a picture file
MOST_PIXELS = 25_000_000  # of a picture, as its header says
FORMATS = ("PNG", "JPEG")
WORKING = 768  # a picture's longer side while it is looked at, at most
MOST_INK = 0.45  # of a bitmap; of 75,000 official ones, one in a thousand has more


@dataclass(frozen=True)
class Picture:
    """A picture file as it was read.

    Attributes:
        bitmap: (28, 28) uint8, 0 the ground, 255 the line.
        remarks: a sentence or two on what was turned or left out, or "".
    """

    bitmap: NDArray[np.uint8]
    remarks: str


def checked(strokes: Any) -> list[NDArray[np.float64]]:
    """Strokes from outside, as arrays.

    Args:
        strokes: list of `[xs, ys]`, lists of numbers; x to the right, y down, in any unit.

    Returns:
        list of (2, n) float64; [] for an empty canvas.

    Raises:
        ValueError: they are no strokes, or more than a drawing has.
    """
    if not isinstance(strokes, list):
        raise ValueError("A drawing is a list of strokes.")
    if len(strokes) > MOST_STROKES:
        raise ValueError(f"A drawing has at most {MOST_STROKES} strokes, not {len(strokes):,}.")
    lines, count = [], 0
    for stroke in strokes:
        if not isinstance(stroke, list) or len(stroke) != 2:
            raise ValueError("A stroke must be two lists, xs and ys.")
        try:
            line = np.array(stroke)
        except ValueError:  # of unequal lengths
            line = np.array([])
        if line.ndim != 2 or not line.size or line.dtype.kind not in "iuf":
            raise ValueError("A stroke must be two equally long lists of numbers, xs and ys.")
        if not (np.abs(line) <= FURTHEST).all():  # also for NaN
            raise ValueError(f"A point lies further out than {FURTHEST:,}.")
        lines.append(line.astype(float))
        count += line.shape[1]
    if count > MOST_POINTS:
        raise ValueError(f"A drawing has at most {MOST_POINTS:,} points, not {count:,}.")
    return lines


def simplified(strokes: Any) -> list[list[list[int]]]:
    """A person's strokes as official simplified ones, by `raster.simplify_raw`.

    Args:
        strokes: as `checked` takes them, at least one.

    Returns:
        list of `[xs, ys]`, lists of int in [0, 255].

    Raises:
        ValueError: as `checked`; or there is none; or the lines are longer than a drawing's.
    """
    lines = checked(strokes)
    if not lines:
        raise ValueError("Nothing is drawn yet.")
    extent = np.ptp(np.concatenate(lines, axis=1), axis=1).max()
    length = sum(np.hypot(*np.diff(line, axis=1)).sum() for line in lines)
    if length > MOST_LENGTH * extent:
        raise ValueError("This is more ink than a drawing has: undo some strokes.")
    return raster.simplify_raw(lines)


def picture(content: bytes) -> NDArray[np.uint8]:
    """A picture file as a 28 x 28 bitmap like the official ones: `read_picture`'s."""
    return read_picture(content).bitmap


def read_picture(content: bytes) -> Picture:
    """A picture file as a 28 x 28 bitmap like the official ones.

    Its line is what is thin and stands out from the ground around it, dark on light or light on
    dark (`paper.line`).

    Args:
        content: bytes, PNG or JPEG.

    Raises:
        ValueError: too large, damaged, of another format, empty, or full of ink.
    """
    planes, is_turned = _decoded(content)
    found = paper.line(planes)
    ink = found.ink
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    if not rows.size:
        raise ValueError("This picture is empty: no line stands out from its ground.")
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    cut = Image.fromarray((255 * ink).astype(np.uint8))
    # Lines of the official bitmaps are 16 of 304 wide, so a drawing is 255 + 16 from edge to edge.
    side = raster.BOX + 2 * raster.MARGIN
    missing = max(0, round((raster.PEN - _pen_width(_reduced(cut, raster.BOX - 1))) / 2))
    cut = _reduced(cut, raster.BOX - 1 + raster.PEN - 2 * missing)
    whole = Image.new("L", (side, side))
    whole.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    bitmap = np.asarray(
        _widened(whole, missing).resize((raster.SIDE, raster.SIDE), Image.Resampling.BOX)
    )
    if (bitmap > 127).mean() > MOST_INK:
        raise ValueError(
            f"This is no picture of lines: more than {100 * MOST_INK:.0f} % of the drawing would be ink."
        )
    remarks = ["Turned upright, as the file asks."] if is_turned else []
    if found.left_out:
        remarks.append(f"Left out: {', '.join(found.left_out)}.")
    return Picture(bitmap, " ".join(remarks))


def _decoded(content: bytes) -> tuple[NDArray[np.float32], bool]:
    """A picture file as planes of [0, 255], and whether its EXIF entry turned it.

    Returns:
        ((height, width, n) float32, bool): grey; or red, green and blue; or these over black or
        white, and how opaque they are.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"A picture file has at most {MOST_BYTES / 1e6:.0f} MB.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:  # as its header says; nothing is decoded
                raise OverflowError
            found.draft(None, (WORKING, WORKING))  # a large JPEG is decoded smaller
            turned = found.getexif().get(ExifTags.Base.Orientation, 1) != 1
            return _planes(ImageOps.exif_transpose(found)), turned
    except (OverflowError, Image.DecompressionBombError):
        most = MOST_PIXELS // 1_000_000
        raise ValueError(f"A picture has at most {most} million pixels.") from None
    except Image.UnidentifiedImageError:
        raise ValueError("This file is neither a PNG nor a JPEG picture.") from None
    except Exception:  # a damaged file raises whatever its reader meets
        raise ValueError("This picture file is damaged.") from None


def _planes(found: Image.Image) -> NDArray[np.float32]:
    """An image as (height, width, n) float32 in [0, 255], its longer side at most WORKING."""
    if found.mode.startswith("I"):
        found = _eight_bits(np.asarray(found))
    times = -(-max(found.size) // WORKING)
    if found.has_transparency_data:
        rgba = np.asarray(found.convert("RGBA").reduce(times), np.float32)
        colour, opaque = rgba[..., :3], rgba[..., 3:]
        if opaque.min() < 255:
            # over what is unlike the colours that are there
            mean = (colour * opaque).sum() / max(3 * opaque.sum(), 1)
            ground = 0 if mean > 127 else 255
            return np.concatenate([ground + (colour - ground) * opaque / 255, opaque], axis=-1)
    mode = "L" if found.mode in ("1", "L", "LA") else "RGB"
    planes = np.asarray(found.convert(mode).reduce(times), np.float32)
    return np.atleast_3d(planes)


def _eight_bits(values: NDArray[Any]) -> Image.Image:
    """16-bit grey as 8-bit: a file may hold 8-, 10-, 12- or 14-bit values in 16."""
    most = int(values.max(initial=0))
    bits = next(bits for bits in (8, 10, 12, 14, 16, 32) if most < 2**bits)
    return Image.fromarray((values >> (bits - 8)).clip(0, 255).astype(np.uint8))


def _reduced(cut: Image.Image, side: int) -> Image.Image:
    """An image of ink, its longer side `side`; thin lines are widened before they would fade."""
    times = max(cut.size) / side
    if times > 1:
        cut = cut.filter(ImageFilter.MaxFilter(2 * int((times + 0.5) / 2) + 1))
    size = [max(1, round(one / times)) for one in cut.size]
    return cut.resize(size, Image.Resampling.BOX if times > 1 else Image.Resampling.BILINEAR)


def _pen_width(cut: Image.Image) -> float:
    """About how wide the lines are, in pixels, at least 2.5: by what is left once peeled."""
    cut = ImageOps.expand(cut, 1)
    whole, left = (np.asarray(one).sum() for one in (cut, cut.filter(ImageFilter.MinFilter(3))))
    # (w - 2) / w is left of a straight line; a square takes 4 / pi as much off a slanted one
    return float(8 / np.pi / (1 - left / max(whole, 1)))


def _widened(picture: Image.Image, by: int) -> Image.Image:
    """An image of ink grown by so many pixels on all sides, in octagons; nothing is at its edge."""
    ink = np.asarray(picture)
    for step in range(by):
        shifts = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
        if step % 2:
            shifts += [(1, 1), (1, -1), (-1, 1), (-1, -1)]
        ink = np.maximum.reduce([np.roll(ink, shift, (0, 1)) for shift in shifts])
    return Image.fromarray(ink)
