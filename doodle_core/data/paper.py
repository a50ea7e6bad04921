"""Where on a picture of a drawing its line is: under any light, on a desk, framed or ruled.

A line is thinner than what it is drawn on. A closing (what is dark and thin goes) therefore leaves
the ground as it lies: its light, its shadows, and the desk, the frame or the thumb at its edge. What
is darker than that ground is the line. Light lines on a dark ground are the same, inverted.
Serra, Image Analysis and Mathematical Morphology (1982), calls this a top-hat transform.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

CONTRAST = 20  # of 255: with less than that between line and ground a picture is empty
FAINT = 0.12  # of a line's contrast: from which on a ruling is seen
WINDOW = 0.2  # of a picture's side: what is wider is no line
ROUGH = 256  # pixels of the longer side are enough to tell dark lines from light ones
DEEPEST = 4  # times darker than the lightest ground may a shadow be
SLANTS = np.tan(np.radians(np.arange(-5, 5.1, 0.5)))  # of a ruling
SQUARE = 0.82  # of its box a sheet fills at least, also seen from the side; a disc fills pi / 4
ACROSS = np.ones((3, 3), bool)  # neighbours, those at the corners too


@dataclass(frozen=True)
class Line:
    """What was found.

    Attributes:
        ink: (height, width) float32 in [0, 1], how much of each pixel is line.
        left_out: what else was there, in words.
    """

    ink: Plane
    left_out: tuple[str, ...]


def line(planes: Plane) -> Line:
    """The line on a picture.

    Args:
        planes: (height, width, n) float32 in [0, 255]: grey, or colours, or these and how opaque
            they are. A line may stand out in one of them alone.
    """
    each = list(np.moveaxis(planes, -1, 0))
    lines = [_thin_lines(plane) for plane in each]
    strongest = max(abs(one) for one in lines)
    found = [
        _on_ground(plane, one > 0)
        for plane, one in zip(each, lines, strict=True)
        if abs(one) >= 0.25 * strongest  # else what is thin on it is no line
    ]
    apart = np.maximum.reduce([one for one, _ in found])
    paper = np.logical_and.reduce([one for _, one in found])
    on_paper = np.where(ndimage.minimum_filter(paper, 5), apart, 0)  # a desk has lines of its own
    if np.percentile(on_paper, 99.8) >= CONTRAST:
        apart = on_paper
    most = np.percentile(apart, 99.8)
    if most < CONTRAST:
        return Line(np.zeros_like(apart), ())
    ink = np.clip((apart / most - 0.2) / 0.3, 0, 1)  # paper has shades, thin lines are pale
    left_out = [] if paper.all() else ["what surrounds the sheet"]
    for words, found_in in (
        ("the paper's ruling", partial(_ruling, apart > FAINT * most, paper)),
        ("a frame", _frames),
        ("what touches the edge", _touching),
        ("", _specks),
    ):
        other = found_in(ink)
        if words and (ink[other] > 0.5).any():
            left_out.append(words)
        ink[other] = 0
    return Line(ink, tuple(left_out))


# --- the ground -----------------------------------------------------------------------------------


def _on_ground(plane: Plane, is_dark: bool) -> tuple[Plane, Mask]:
    """As `_above_ground`; but gaps in a scribble are no lines, which its shape tells from a sheet."""
    apart, paper = _above_ground(plane, is_dark)
    return (apart, paper) if _is_sheet(paper) else _above_ground(plane, not is_dark)


def _above_ground(plane: Plane, is_dark: bool) -> tuple[Plane, Mask]:
    """How far a plane's line is from its ground, in [0, 255], and where the ground is paper.

    What is wide, but shut in by paper, is a filled part of the drawing.

    Args:
        is_dark: whether the line is darker than the ground.
    """
    value = plane if is_dark else 255 - plane
    size = _window(plane)
    # a closing is noise's upper edge; that of a smoothed picture is not, but loses sharp borders
    smooth = ndimage.uniform_filter(value, 3, mode="nearest")
    ground = np.minimum(_closed(value, size), _closed(smooth, size)).clip(value)
    paper = _paper(ground)
    filled = ~paper & ndimage.binary_fill_holes(paper)
    ground[filled] = np.median(ground[paper])
    apart = ground - value
    if is_dark:  # a shadow takes as much off the line as off the paper
        apart *= 255 / ground.clip(max(np.percentile(ground, 95) / DEEPEST, 1))
    return (apart - np.median(apart[paper])).clip(0), paper | filled


def _window(plane: Plane, share: float = WINDOW) -> int:
    """An odd number of pixels, so much of a plane's mean side."""
    return 2 * max(1, round(share * sum(plane.shape) / 4)) + 1


def _closed(value: Plane, size: int) -> Plane:
    """A closing by a square, as if what is at the edge went on beyond it."""
    around = np.pad(value, size // 2, "edge")
    wide = ndimage.maximum_filter(around, size, mode="nearest")
    inside = slice(size // 2, -(size // 2))
    narrow: Plane = ndimage.minimum_filter(wide, size)[inside, inside]
    return narrow


def _opened(value: Plane, size: int) -> Plane:
    return 255 - _closed(255 - value, size)


def _thin_lines(plane: Plane) -> float:
    """How much of a plane is thin and darker than what is around it; negative: and lighter.

    By the smallest of some windows that says so clearly. Gaps between lines are thin as well, but
    they go once the lines have gone, and the lines do not go with the gaps.
    """
    times = -(-max(plane.shape) // ROUGH)
    plane = np.asarray(Image.fromarray(plane).reduce(times))
    for share in (WINDOW / 4, WINDOW / 2, WINDOW):
        size = _window(plane, share)
        light, dark = _closed(plane, size), _opened(plane, size)
        thin = _closed(dark, size) - dark, light - _opened(light, size)
        darker, lighter = (float(one[one > CONTRAST].sum()) / plane.size for one in thin)
        if max(darker, lighter) > max(0.002 * CONTRAST, 2 * min(darker, lighter)):
            return darker if darker > lighter else -lighter
    width = max(1, min(plane.shape) // 50)
    frame = np.ones(plane.shape, bool)
    frame[width:-width, width:-width] = False
    return 1e-6 if np.median(plane[frame]) > 127 else -1e-6  # the edge is ground, most often


def _paper(ground: Plane) -> Mask:
    """Where a ground is paper, and not what surrounds it: the lighter part, by Otsu's threshold.

    All of it where the two parts are of about the same light, or no sharp edge is between them.
    """
    counts, edges = np.histogram(ground, 64, (0, 256))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = ground.size - below
    sums = np.cumsum(counts * middles)
    darker = sums[:-1] / below.clip(1)
    lighter = (sums[-1] - sums[:-1]) / above.clip(1)
    best = (below * above * (lighter - darker) ** 2).argmax()
    step = lighter[best] - darker[best]
    paper: Mask = ground > edges[best + 1]
    border = paper & ~ndimage.minimum_filter(paper, 3)
    if step > max(CONTRAST, 0.3 * lighter[best]) and border.any():
        steps = ndimage.maximum_filter(ground, 7) - ndimage.minimum_filter(ground, 7)
        if np.median(steps[border]) > step / 2:
            return paper
    return np.ones(ground.shape, bool)


def _is_sheet(paper: Mask) -> bool:
    """Whether paper that lies within a picture has about the shape of a rectangle, turned or not."""
    if np.concatenate([paper[0], paper[-1], paper[:, 0], paper[:, -1]]).mean() > 0.1:
        return True  # it goes on beyond the picture
    labels, _ = ndimage.label(ndimage.binary_opening(paper, ACROSS))
    sizes = np.bincount(labels.ravel())[1:]
    if not sizes.size:
        return False
    whole = ndimage.binary_fill_holes(labels == 1 + sizes.argmax())
    points = np.argwhere(whole & ~ndimage.binary_erosion(whole))
    angles = np.radians(np.arange(0, 90, 3))
    along, across = (
        points @ np.array([np.cos(angles), np.sin(angles)]),
        points @ np.array([-np.sin(angles), np.cos(angles)]),
    )
    box = (np.ptp(along, axis=0) + 1) * (np.ptp(across, axis=0) + 1)
    return bool(whole.sum() > SQUARE * box.min())


# --- what is no drawing ---------------------------------------------------------------------------


def _ruling(faint: Mask, paper: Mask, ink: Plane) -> Mask:
    """Where lines are ruled across the whole paper, but for where the pen crosses them."""
    pen = ink > 0.5
    across = _rules(faint, pen, paper)
    return across | _rules(faint.T, (pen & ~across).T, paper.T).T


def _rules(faint: Mask, pen: Mask, paper: Mask) -> Mask:
    """Straight thin lines from the paper's left edge to its right one, at the slant of most."""
    height, width = faint.shape
    thickest = 2 + round(0.02 * max(faint.shape))  # a band of a rule, as `thick` has it
    thick = ndimage.maximum_filter1d(faint, 3, axis=0)
    x = np.arange(width)[None]
    most, ruled = 0, np.zeros_like(faint)
    for slant in SLANTS:
        y = np.arange(height)[:, None] + np.round(slant * (x - width / 2)).astype(int)
        inside = (y >= 0) & (y < height)
        y = y.clip(0, height - 1)
        on_paper = paper[y, x] & inside
        full = _bands(_whole(thick[y, x] & on_paper, on_paper), thickest)
        if full.sum() > most:
            most = full.sum()
            rows = y, x, full
    if most:
        y, x, full = rows
        ink = pen[y, x]
        # where the pen crosses a rule, it goes on above or below
        crossed = ink & _reached(ink & ~full[:, None], thickest)
        ruled[y, np.broadcast_to(x, y.shape)] = full[:, None] & ~crossed
    return ruled


def _whole(hit: Mask, paper: Mask) -> Mask:
    """Which rows are inked over most of the paper, and at both its ends. -> (height,) bool."""
    width = hit.shape[1]
    count = paper.sum(axis=1)
    along = np.cumsum(paper, axis=1)
    end = np.maximum(2, 0.04 * count)[:, None]
    left, right = paper & (along <= end), paper & (along > count[:, None] - end)
    ends = np.minimum((hit & left).sum(axis=1), (hit & right).sum(axis=1))
    enough = (hit.sum(axis=1) > 0.75 * count) & (ends > end[:, 0] / 2)
    whole: Mask = enough & (count > width / 2)
    return whole


def _bands(rows: Mask, thickest: int) -> Mask:
    """Those of the rows that stand in bands of at most so many."""
    labels, _ = ndimage.label(rows)
    thin: Mask = rows & (np.bincount(labels)[labels] <= thickest)
    return thin


def _reached(ink: Mask, by: int) -> Mask:
    """Where ink is at most so many pixels above or below."""
    near: Mask = ndimage.maximum_filter1d(ink, 2 * by + 1, axis=0)
    return near


def _frames(ink: Plane) -> Mask:
    """Rectangles around everything else."""
    labels, _ = ndimage.label(ink > 0.3, ACROSS)
    frames = np.zeros(ink.shape, bool)
    for place, box in enumerate(ndimage.find_objects(labels), 1):
        size = [side.stop - side.start for side in box]
        if all(one > 0.85 * whole for one, whole in zip(size, ink.shape, strict=True)):
            part = labels[box] == place
            is_hollow = part.sum() < 0.5 * part.size
            if is_hollow and ndimage.binary_fill_holes(part).mean() > 0.9:
                frames[box] |= part
    return _if_left(0.1, frames, ink)


def _touching(ink: Plane) -> Mask:
    """What touches the picture's edge, or nearly."""
    labels, _ = ndimage.label(ink > 0.3, ACROSS)
    near = 1 + round(0.01 * max(ink.shape))
    edge = np.ones(ink.shape, bool)
    edge[near:-near, near:-near] = False
    return _if_left(0.5, np.isin(labels, labels[edge & (labels > 0)]), ink)


def _if_left(least: float, found: Mask, ink: Plane) -> Mask:
    """What was found with its soft border; nothing where less than such a share of ink is left."""
    if ink[~found].sum() < least * ink.sum():
        return np.zeros_like(found)
    soft: Mask = ndimage.maximum_filter(found, 3) & (ink <= 0.3)
    return found | soft


def _specks(ink: Plane) -> Mask:
    """What is far smaller than a dot of the pen."""
    labels, n = ndimage.label(ink > 0, ACROSS)
    mass = np.bincount(labels.ravel(), ink.ravel(), n + 1)
    specks: Mask = (mass < 0.002 * mass.sum())[labels] & (labels > 0)
    return specks
