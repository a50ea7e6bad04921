"""Drawings as pages show and save them: enlarged, side by side, as PNG, GIF or `.npz`."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from doodle_core.data import raster
from doodle_core.data.splits import first_of_each


def describe(
    drawings: Sequence[NDArray[np.uint8]], categories: Sequence[str]
) -> list[dict[str, Any]]:
    """What the Data page tells of drawings.

    Args:
        drawings: list of (n, 784) uint8, one a category.

    Returns:
        list of dicts, one a category: `category`, `drawings`, `duplicates` (exact ones, of an
        earlier drawing of any category), `ink` (mean share of pixels above 127), and `mean`, the
        mean drawing, (28, 28) uint8.
    """
    stays = first_of_each(drawings)
    return [
        {
            "category": name,
            "drawings": len(array),
            "duplicates": len(array) - len(rows),
            "ink": float((array[::10] > 127).mean()),
            "mean": array.mean(axis=0).round().astype(np.uint8).reshape(raster.SIDE, raster.SIDE),
        }
        for name, array, rows in zip(categories, drawings, stays, strict=True)
    ]


def upsample(drawing: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A drawing enlarged bilinearly, as transfer learning sees it (figure 2, section 1.1).

    Args:
        drawing: (28, 28) uint8. side: int, 32 for VGG19 and ResNet152V2, 96 for MobileNetV2.

    Returns:
        (side, side) uint8.
    """
    picture = Image.fromarray(np.ascontiguousarray(drawing))
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))


def enlarge(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A square picture shown larger without smoothing. (n, n) uint8 -> (about side,) * 2 uint8."""
    times = max(1, round(side / len(picture)))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


GREYS = 64  # of an animation


# --- pictures ------------------------------------------------------------------------------------


def png(drawings: NDArray[np.uint8], across: int, scale: int = 4, gap: int = 1) -> bytes:
    """Drawings side by side as one PNG, ink dark on white, enlarged without smoothing.

    Args:
        drawings: (N, 28, 28) uint8. across: int, drawings a row. scale: int. gap: pixels between.

    Returns:
        bytes.
    """
    return _saved(_sheet(drawings, across, scale, gap), "PNG")


def gif(drawings: NDArray[np.uint8], scale: int = 8, seconds: float = 0.1) -> bytes:
    """Drawings one after the other, there and back, as an endless GIF in GREYS greys: bytes."""
    palette = [value for grey in range(GREYS) for value in 3 * [round(255 * grey / (GREYS - 1))]]
    frames = []
    for one in np.concatenate([drawings, drawings[-2:0:-1]]):
        frame = _sheet(one[None], 1, scale, 0).point(lambda value: value * GREYS // 256)
        frame.putpalette(palette)  # else Pillow looks for one itself, frame by frame
        frames.append(frame)
    return _saved(
        frames[0],
        "GIF",
        save_all=True,
        append_images=frames[1:],
        loop=0,
        duration=int(1000 * seconds),
        optimize=False,
    )


def npz(**arrays: ArrayLike) -> bytes:
    """Arrays as a compressed `.npz`: bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _sheet(drawings: NDArray[np.uint8], across: int, scale: int, gap: int) -> Image.Image:
    rows = -(-len(drawings) // across)
    side = 28 + gap
    sheet = np.zeros((rows * side + gap, across * side + gap), np.uint8)
    for place, drawing in enumerate(drawings):
        top, left = gap + place // across * side, gap + place % across * side
        sheet[top : top + 28, left : left + 28] = drawing
    picture = Image.fromarray(255 - sheet)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _saved(picture: Image.Image, kind: str, **settings: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **settings)
    return file.getvalue()
