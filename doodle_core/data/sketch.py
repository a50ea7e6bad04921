"""A person's own drawing as the networks see it: from strokes, or from a picture file.

Strokes go the way of the official ones: simplified, then drawn (`raster`). A picture has no
strokes; it is cut out, its pen made as wide as the official one, and averaged down.
"""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from doodle_core.data import raster

MOST_STROKES = 500
MOST_POINTS = 20_000
MOST_LENGTH = 100  # of all strokes together, in sides of the drawing
FURTHEST = 10_000  # a coordinate
MOST_BYTES = 5_000_000  # of a picture file
MOST_PIXELS = 25_000_000  # of a picture, as its header says
FORMATS = ("PNG", "JPEG")
WORKING = 1024  # a picture's longer side while it is looked at, at most
CONTRAST = 40  # of 255: with less than that between line and ground a picture is empty


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
    """A picture file as a 28 x 28 bitmap like the official ones.

    The ground is what the border shows; what is much darker than a light ground, or lighter than a
    dark one, is the drawing.

    Args:
        content: bytes, PNG or JPEG.

    Returns:
        (28, 28) uint8, 0 the ground, 255 the line.

    Raises:
        ValueError: too large, damaged, of another format, or empty.
    """
    ink = _ink(_grey(content))
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
    return np.asarray(
        _widened(whole, missing).resize((raster.SIDE, raster.SIDE), Image.Resampling.BOX)
    )


def _grey(content: bytes) -> NDArray[np.float32]:
    """A picture file as (height, width) float32, 0 black, 255 white; what is clear is white."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"A picture file has at most {MOST_BYTES / 1e6:.0f} MB.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:  # as its header says; nothing is decoded
                raise OverflowError
            found.draft("L", (WORKING, WORKING))  # a large JPEG is decoded smaller
            flat = _flat(ImageOps.exif_transpose(found))
    except (OverflowError, Image.DecompressionBombError):
        most = MOST_PIXELS // 1_000_000
        raise ValueError(f"A picture has at most {most} million pixels.") from None
    except Image.UnidentifiedImageError:
        raise ValueError("This file is neither a PNG nor a JPEG picture.") from None
    except Exception:  # a damaged file raises whatever its reader meets
        raise ValueError("This picture file is damaged.") from None
    return np.asarray(flat, np.float32)


def _flat(found: Image.Image) -> Image.Image:
    """An image in grey over white, its longer side at most WORKING."""
    if found.mode.startswith("I"):  # 16 bits
        found = Image.fromarray((np.asarray(found) >> 8).clip(0, 255).astype(np.uint8))
    times = -(-max(found.size) // WORKING)
    if found.has_transparency_data:
        found = found.convert("RGBA").reduce(times)
        return Image.alpha_composite(Image.new("RGBA", found.size, "white"), found).convert("L")
    return found.convert("L").reduce(times)


def _ink(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of each pixel is line: (height, width) float32 in [0, 1]."""
    width = max(1, min(grey.shape) // 50)
    frame = np.ones(grey.shape, bool)
    frame[width:-width, width:-width] = False
    ground = np.median(grey[frame])
    apart = ground - grey if ground > 127 else grey - ground
    most = apart.max(initial=0)
    if most < CONTRAST:
        return np.zeros_like(grey)
    ink: NDArray[np.float32] = np.clip((apart / most - 0.2) / 0.3, 0, 1)
    return ink  # paper has shades, thin lines are pale


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
