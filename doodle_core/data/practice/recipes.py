"""The ways of drawing each category that practice data has: small recipes of parametric strokes.

Each recipe takes a NumPy Generator and returns one drawing, a list of strokes. Proportions come
from broad distributions; `practice` adds the hand that draws them, and its faults. RECIPES at the
end says how often each way is taken.

Points are complex numbers, x + 1j * y with y down; a stroke is a complex array. Angles are turns:
0 to the right, 0.25 down.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

T = TypeVar("T")
Stroke = NDArray[np.complex128]
"""(points,), x + 1j * y."""
Reals = NDArray[np.float64]
Ways = Sequence[tuple[float, Callable[[Generator], list[Stroke]]]]
"""How often each way is taken, and its recipe."""

# Chance


def between(rng: Generator, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def chance(rng: Generator, p: float) -> bool:
    return rng.random() < p


def about(rng: Generator, value: float, spread: float) -> float:
    """A positive number: `value` in the median, log-normal with standard deviation `spread`."""
    return value * math.exp(spread * rng.standard_normal())


def _side(rng: Generator) -> int:
    return 1 if rng.random() < 0.5 else -1


def choose(rng: Generator, table: Sequence[tuple[float, T]]) -> T:
    """The second item of one of `table`'s (weight, item) rows."""
    at = rng.random() * sum(weight for weight, _ in table)
    for weight, item in table:
        at -= weight
        if at < 0:
            return item
    return item


# Strokes


@cache
def _steps(n: int) -> Reals:
    return np.linspace(0, 1, n)


@cache
def _spline(n: int, closed: bool) -> Reals:
    """Matrix from n vertices to a Catmull-Rom curve through them, 3 steps a span."""
    rows = []
    for span in range(n if closed else n - 1):
        near = range(span - 1, span + 3)
        around = [i % n if closed else min(max(i, 0), n - 1) for i in near]
        for t in (0, 1 / 3, 2 / 3):
            weights = 0.5 * np.array(
                [
                    -t + 2 * t**2 - t**3,
                    2 - 5 * t**2 + 3 * t**3,
                    t + 4 * t**2 - 3 * t**3,
                    t**3 - t**2,
                ]
            )
            row = np.zeros(n)
            np.add.at(row, around, weights)
            rows.append(row)
    rows.append(np.eye(n)[0 if closed else n - 1])
    return np.array(rows)


def _poly(*points: complex) -> Stroke:
    return np.array(points, complex)


def _curve(*points: complex, closed: bool = False) -> Stroke:
    """A smooth stroke through `points`."""
    line: Stroke = _spline(len(points), closed) @ np.array(points, complex)
    return line


def _bow(a: complex, b: complex, sag: float, n: int = 7) -> Stroke:
    """A circular arc from a to b; `sag` is its height over half of the chord (1: a half circle).

    Going from left to right it hangs down where `sag` is positive.
    """
    half = 2 * math.atan(sag) if abs(sag) > 0.01 else 0.02
    angle = half * (2 * _steps(n) - 1)
    sin, cos = math.sin(half), math.cos(half)
    line: Stroke = (a + b) / 2 + (b - a) / 2 * (np.sin(angle) + 1j * (np.cos(angle) - cos)) / sin
    return line


def _arc(centre: float, rx: float, ry: float, start: float, stop: float, n: int = 9) -> Stroke:
    angle = 2 * math.pi * (start + (stop - start) * _steps(n))
    return centre + rx * np.cos(angle) + 1j * ry * np.sin(angle)


def _loop(
    rng: Generator,
    centre: complex,
    rx: float,
    ry: float,
    square: float | None = None,
    lumps: float = 0.05,
    n: int = 13,
) -> Stroke:
    """A closed shape drawn in a hurry: starts anywhere, seldom meets its start exactly.

    Args:
        square: 0 for an ellipse, 1 for nearly a rectangle, -1 for a rhombus; None for mostly 0.
        lumps: size of the dents.
    """
    if square is None:
        square = max(-0.5, min(0.9, 0.25 * rng.standard_normal()))
    span = 1 + 0.045 * rng.standard_normal()
    if chance(rng, 0.1):
        span += between(rng, -0.1, 0.25)
    start = -0.25 + 0.2 * rng.standard_normal()
    angle = 2 * math.pi * (start + _side(rng) * span * _steps(n))
    dents = lumps * rng.standard_normal(4)
    radius = 1 + dents[0] * np.cos(2 * angle) + dents[1] * np.sin(2 * angle)
    radius += dents[2] * np.cos(3 * angle) + dents[3] * np.sin(3 * angle)
    radius *= 1 + 0.06 * rng.standard_normal() * (_steps(n) - 0.5)
    radius *= 1 - 0.17 * square * np.cos(4 * angle)
    line: Stroke = centre + radius * (rx * np.cos(angle) + 1j * ry * np.sin(angle))
    return line


def _box(rng: Generator, centre: complex, rx: float, ry: float) -> Stroke:
    """A rectangle in one stroke, its corners missed a little."""
    xs = rx * (1 + 0.1 * rng.standard_normal(4))
    ys = ry * (1 + 0.1 * rng.standard_normal(4))
    a, b = -xs[0] - 1j * ys[0], xs[1] - 1j * ys[1]
    c, d = xs[2] + 1j * ys[2], -xs[3] + 1j * ys[3]
    return centre + _poly(a, b, c, d, a + 0.1 * rng.standard_normal() * rx)


def _shape(rng: Generator, centre: int, rx: float, ry: float) -> Stroke:
    """A loop or a box."""
    return _box(rng, centre, rx, ry) if chance(rng, 0.2) else _loop(rng, centre, rx, ry)


def _spiral(rng: Generator, centre: complex, rx: float, ry: float, turns: float) -> Stroke:
    """From near the middle out to (rx, ry), or the other way round."""
    n = int(6 * turns) + 4
    t = _steps(n)
    radius = between(rng, 0, 0.25) * (1 - t) + t ** between(rng, 0.7, 1.2)
    angle = 2 * math.pi * (rng.random() + _side(rng) * turns * t)
    line = centre + radius * (rx * np.cos(angle) + 1j * ry * np.sin(angle))
    return line[::-1] if chance(rng, 0.4) else line


def _zigzag(rng: Generator, a: complex, b: complex, width: float, teeth: int) -> Stroke:
    """To and fro from a to b, `width` to each side."""
    t = _steps(2 * teeth + 1)
    across = 1j * (b - a) / (abs(b - a) + 1e-9) * width
    swing = np.where(np.arange(2 * teeth + 1) % 2, 1, -1) * (1 + 0.3 * rng.standard_normal())
    return a + (b - a) * t + across * swing * (1 + 0.15 * rng.standard_normal(2 * teeth + 1))


def _fill(rng: Generator, centre: complex, rx: float, ry: float) -> Stroke:
    """Scribbling over an ellipse."""
    if chance(rng, 0.4):
        return _spiral(rng, centre, rx, ry, between(rng, 3, 5))
    n = int(between(rng, 10, 22))
    t = 2 * _steps(n) - 1
    across = np.sqrt(1.02 - t**2) * np.where(np.arange(n) % 2, 1, -1)
    tilt = np.exp(2j * math.pi * rng.random())
    line = (t + 1j * across) * tilt
    spiral: Stroke = centre + rx * line.real + 1j * ry * line.imag
    return spiral


def dot(rng: Generator, centre: complex, size: float) -> Stroke:
    """A dot, a tiny ring, or a tiny stroke."""
    at = rng.random()
    if at < 0.5:
        return centre + between(rng, 0.6, 1) * size * _arc(0, 1, 1, 0, 1.05, 6)
    if at < 0.7:
        return np.array([centre])
    return centre + size * _poly(0, np.exp(2j * math.pi * rng.random()))


def _waves(rng: Generator, start: complex, length: float, height: float, count: int) -> Stroke:
    n = 2 * count + 1
    line = start + length * _steps(n) + 1j * height * np.where(np.arange(n) % 2, 1, -1)
    return _curve(*line) if chance(rng, 0.6) else line


# Lollipop


def _stick(rng: Generator, top: float, length: float | None = None) -> list[Stroke]:
    """Below a head that ends at 1j * top: one line, two lines, or a narrow box."""
    length = length or about(rng, 2.1, 0.45)
    foot = 1j * (top + length) + 0.12 * length * rng.standard_normal()
    start = 1j * top * between(rng, 0.9, 1.05) + 0.1 * rng.standard_normal()
    at = rng.random()
    if at < 0.05:
        start = 1j * top * between(rng, -0.3, 0.8)
    if at < 0.68:
        bend = 0.05 * length * rng.standard_normal()
        return [_poly(start, (start + foot) / 2 + bend, foot)]
    half = between(rng, 0.08, 0.35)
    left, right = start - half, start + half
    if at < 0.84:
        return [_poly(left, foot - half, foot + half * between(rng, 0.6, 1.2), right)]
    down = [_poly(left, foot - half), _poly(right, foot + half * between(rng, 0.3, 1.2))]
    if chance(rng, 0.4):
        down.append(_poly(foot - half, foot + half))
    return down


def _head_size(rng: Generator) -> tuple[float, float]:
    wide = about(rng, 1, 0.22)
    return wide, 1 / wide * about(rng, 1, 0.1)


def _lollipop_plain(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    head = _loop(rng, 0, rx, ry, lumps=0.07)
    return [head] + _stick(rng, ry)


def _lollipop_small(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    head = _fill(rng, 0, rx, ry) if chance(rng, 0.15) else _shape(rng, 0, rx, ry)
    return [head] + _stick(rng, ry, between(rng, 3, 7))


def _lollipop_big(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    return [_shape(rng, 0, rx, ry)] + _stick(rng, ry, between(rng, 0.6, 1.6))


def _lollipop_swirl(rng: Generator) -> list[Stroke]:
    """A spiral in a ring, or a spiral that is the head."""
    rx, ry = _head_size(rng)
    swirl = _spiral(rng, 0, rx, ry, between(rng, 1.3, 4))
    if chance(rng, 0.6):
        inner = between(rng, 0.5, 0.95)
        swirl = swirl * inner + 0.08 * rng.standard_normal()
        return [_loop(rng, 0, rx, ry), swirl] + _stick(rng, ry)
    return [swirl] + _stick(rng, ry)


def _lollipop_ring(rng: Generator) -> list[Stroke]:
    """A smaller shape, an arc or a dot inside the head."""
    rx, ry = _head_size(rng)
    size = between(rng, 0.15, 0.75)
    inside = 0.2 * (rng.standard_normal() + 1j * rng.standard_normal()) * (1 - size)
    part = _loop(rng, inside, rx * size, ry * size)
    if chance(rng, 0.4):
        part = part[: int(between(rng, 4, 11))]
    return [_loop(rng, 0, rx, ry), part] + _stick(rng, ry)


def _lollipop_striped(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    turn = np.exp(2j * math.pi * rng.random()) if chance(rng, 0.5) else 1
    strokes = [_shape(rng, 0, rx, ry)]
    for at in np.linspace(-0.6, 0.6, int(between(rng, 1, 4))) + 0.1 * rng.standard_normal():
        line = turn * _bow(-0.9 + 1j * at, 0.9 + 1j * at, 0.3 * rng.standard_normal(), 4)
        strokes.append(rx * line.real + 1j * ry * line.imag)
    return strokes + _stick(rng, ry)


def _lollipop_filled(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    strokes = [_fill(rng, 0, rx, ry)]
    if chance(rng, 0.5):
        strokes.append(_loop(rng, 0, rx, ry))
    return strokes + _stick(rng, ry)


def _lollipop_one_line(rng: Generator) -> list[Stroke]:
    """Up the stick and round the head without lifting the pen."""
    rx, ry = _head_size(rng)
    down = 1j * (ry + about(rng, 2.2, 0.4)) + 0.4 * rng.standard_normal()
    way = _side(rng)
    loop = _arc(0, rx * way, ry, 0.25, 1.25 + 0.08 * rng.standard_normal(), 12)
    line = np.concatenate([[down], loop])
    return [line[::-1] if chance(rng, 0.3) else line]


def _lollipop_odd_head(rng: Generator) -> list[Stroke]:
    """Triangles, drops, half circles, hearts: any few-cornered head."""
    corners = int(between(rng, 3, 7))
    angle = 0.25 + (np.arange(corners) + between(rng, 0, 1)) / corners
    spread = between(rng, 0.6, 1.3) + 0.2 * rng.standard_normal(corners)
    ring = np.exp(2j * math.pi * angle) * spread
    head = _curve(*ring, closed=True) if chance(rng, 0.5) else np.append(ring, ring[0])
    return [head] + _stick(rng, head.imag.max())


def _lollipop_bow(rng: Generator) -> list[Stroke]:
    rx, ry = _head_size(rng)
    size = between(rng, 0.4, 0.8)
    knot = 1j * ry
    strokes = [_loop(rng, 0, rx, ry)] + _stick(rng, ry)
    for side in (-1, 1):
        wing = (0, side * size - 0.5j * size, side * size + 0.5j * size, 0)
        strokes.append(knot + _poly(*wing))
    return strokes


# Canoe


def _hull_outline(
    rng: Generator, sag_top: float, sag_bottom: float, lift: float = 0.0
) -> list[Stroke]:
    """Tip, lower edge, tip, upper edge. The tips lie at -1 and 1, `lift` lets the bow rise."""
    a, b = -1 + 1j * lift * rng.standard_normal(), 1 + 1j * lift * rng.standard_normal()
    lower = _bow(a, b, sag_bottom, 8)
    upper = _bow(a, b, sag_top, 6)
    if chance(rng, 0.5):
        return [np.concatenate([upper, lower[::-1]])]
    return [upper, lower] if chance(rng, 0.6) else [lower, upper[::-1]]


def _canoe_crescent(rng: Generator) -> list[Stroke]:
    """Both edges hang down, the upper one less."""
    bottom = between(rng, 0.2, 0.75)
    return _hull_outline(rng, bottom * between(rng, 0.1, 0.85), bottom, 0.08)


def _canoe_half(rng: Generator) -> list[Stroke]:
    """A straight upper edge over a hanging lower one."""
    return _hull_outline(rng, 0.04 * rng.standard_normal(), between(rng, 0.12, 0.7), 0.04)


def _canoe_lens(rng: Generator) -> list[Stroke]:
    """Seen from above, with seats or a hole."""
    bulge = between(rng, 0.15, 0.5)
    strokes = _hull_outline(rng, -bulge * between(rng, 0.5, 1.1), bulge, 0.03)
    at = rng.random()
    if at < 0.25:
        strokes.append(_loop(rng, 0, between(rng, 0.1, 0.5), bulge * between(rng, 0.3, 0.8)))
    elif at < 0.7:
        for x in np.linspace(-0.5, 0.5, int(between(rng, 1, 4))) + 0.1 * rng.standard_normal():
            height = bulge * (1 - x * x) * between(rng, 0.6, 1)
            strokes.append(_poly(x - 1j * height, x + 1j * height))
    elif at < 0.85:
        size = between(rng, 0.5, 0.85)
        strokes += [line * size for line in _hull_outline(rng, -bulge * 0.8, bulge)]
    return strokes


def _canoe_double(rng: Generator) -> list[Stroke]:
    """A rim: a lens-shaped opening above the hull."""
    bottom = between(rng, 0.3, 0.8)
    middle = bottom * between(rng, 0.35, 0.75)
    strokes = _hull_outline(rng, middle - between(rng, 0.15, 0.5), bottom, 0.08)
    strokes.append(_bow(-0.95 + 0j, 0.95 + 0j, middle))
    return strokes


def _canoe_boat(rng: Generator) -> list[Stroke]:
    """Flat bottom, slanting ends."""
    deep, foot = between(rng, 0.12, 0.45), between(rng, 0.5, 0.95)
    tips = 1j * deep * 0.3 * rng.standard_normal(2)
    left, right = -1 + tips[0], 1 + tips[1]
    low = foot * between(rng, 0.8, 1.1) + 1j * deep * between(rng, 0.7, 1.2)
    bottom = (-foot + 1j * deep, low)
    top = _bow(left, right, between(rng, -0.02, 0.25), 5)
    if chance(rng, 0.5):
        return [np.concatenate([top, [right, *bottom[::-1], left]])]
    if chance(rng, 0.5):
        return [top, _poly(left, *bottom, right)]
    return [top, _curve(left, *bottom, right)]


def _canoe_upturned(rng: Generator) -> list[Stroke]:
    """High, thick or hooked ends, as on old pictures."""
    deep, rise = between(rng, 0.25, 0.6), between(rng, 0.05, 0.45)
    inner = between(rng, 0.55, 0.85)
    sink = deep * between(rng, 0.0, 0.6)
    top = [-1 - 1j * rise, -inner + 1j * sink * 0.6, 1j * sink, inner + 1j * sink * 0.6]
    top.append(1 - 1j * rise * between(rng, 0.5, 1.4))
    low = [0.85 + 0.6j * deep, 0.45 + 1j * deep, -0.45 + 1j * deep, -0.85 + 0.6j * deep]
    if chance(rng, 0.6):
        return [_curve(*top, *low, closed=True)]
    return [_curve(*top), _curve(top[-1], *low, top[0])]


def _canoe_arc(rng: Generator) -> list[Stroke]:
    """One hanging line."""
    return [_bow(-1 + 0j, 1 + 0j, between(rng, 0.1, 0.6), 9)]


def _canoe_flat(rng: Generator) -> list[Stroke]:
    """A bar with square or round ends."""
    deep = between(rng, 0.05, 0.22)
    if chance(rng, 0.5):
        return [_box(rng, 0, 1, deep)]
    return [_loop(rng, 0, 1, deep, square=between(rng, -0.2, 0.8), n=15)]


def _canoe_side(rng: Generator) -> list[Stroke]:
    """One end blunt, one pointed."""
    deep = between(rng, 0.1, 0.4)
    back = -1 + 0.1 * rng.standard_normal()
    bow, keel = 1 - 0.2j * rng.random(), between(rng, 0.4, 0.9) + 1j * deep
    return [_poly(-1, bow, keel, back + 1j * deep, -1)]


def _canoe_scribbled(rng: Generator) -> list[Stroke]:
    deep = between(rng, 0.04, 0.25)
    strokes = [_zigzag(rng, -1 + 0j, 1 + 0j, deep, int(between(rng, 2, 8)))]
    return strokes + (_hull_outline(rng, 0.02, 2 * deep) if chance(rng, 0.6) else [])


def _canoe_with_more(rng: Generator) -> list[Stroke]:
    """Any hull with a paddle, a paddler, a mast, seats or water."""
    strokes = choose(rng, CANOES)(rng)
    at = rng.random()
    if at < 0.4:
        turn = np.exp(2j * math.pi * (0.25 + 0.1 * rng.standard_normal()))
        shaft = turn * _poly(-between(rng, 0.2, 0.6), between(rng, 0.2, 0.6))
        place = between(rng, -0.6, 0.6) + 0.15j
        strokes.append(shaft + place)
        if chance(rng, 0.6):
            blade = _loop(rng, 0, between(rng, 0.06, 0.16), between(rng, 0.04, 0.08), n=8)
            strokes.append(place + shaft[1] + turn * blade)
    elif at < 0.6:
        place = between(rng, -0.5, 0.5)
        tall = between(rng, 0.15, 0.45)
        strokes.append(_poly(place, place - 1j * tall))
        if chance(rng, 0.6):
            size = between(rng, 0.05, 0.15)
            strokes.append(_loop(rng, place - 1j * (tall + size), size, size, n=8))
        if chance(rng, 0.4):
            strokes.append(_poly(place - 0.2, place - 0.7j * tall, place + 0.25))
    elif at < 0.8:
        low = 1j * max(line.imag.max() for line in strokes) * between(rng, 0.5, 1.2)
        count = int(between(rng, 3, 7))
        strokes.append(_waves(rng, low - 1.1, 2.2, between(rng, 0.02, 0.07), count))
    else:
        for place in np.linspace(-0.5, 0.5, int(between(rng, 1, 4))):
            strokes.append(_poly(place, place + 0.05 * rng.standard_normal() + 0.25j))
    return strokes


# Penguin. The body is about 2 high and 1 wide, around 0; `w` is half its width.


def _feet(rng: Generator, w: float, bottom: float) -> list[Stroke]:
    apart = w * between(rng, 0.3, 0.7)
    size = between(rng, 0.12, 0.3)
    at = rng.random()
    strokes = []
    for side in (-1, 1):
        ankle = side * apart + 1j * bottom
        out = side * size
        if at < 0.4:
            strokes.append(_loop(rng, ankle + 0.5 * out, size, size * between(rng, 0.3, 0.7), n=9))
        elif at < 0.6:
            low = ankle + 1j * size
            strokes.append(_poly(ankle, low + out, low - 0.6 * out, ankle))
        elif at < 0.75:
            strokes.append(_poly(ankle - 0.1j, ankle + 1j * size, ankle + 1.3 * out + 1j * size))
        elif at < 0.9:
            toes = size * _poly(-0.6 + 1j, 0.5j, 0.6 + 1j, 1.2 + 0.5j)
            strokes.append(np.append(ankle, ankle + toes))
        else:
            leg = between(rng, 0.5, 2) * size * 1j
            toe = out if chance(rng, 0.5) else size
            strokes.append(_poly(ankle - 0.2j * size, ankle + leg, ankle + leg + toe))
    if chance(rng, 0.12):
        ground = 1j * (bottom + size)
        return [_bow(-w * 1.2 + ground, w * 1.2 + ground, 0.1 * rng.standard_normal(), 4)]
    return strokes


def _flippers(rng: Generator, w: float, top: float, bottom: float) -> list[Stroke]:
    """One on each side, hanging or spread: leaves, single lines, triangles, arcs."""
    shoulder = top + (bottom - top) * between(rng, 0.25, 0.45)
    reach = (bottom - top) * between(rng, 0.2, 0.5)
    swing = between(rng, 0.0, 0.18) if chance(rng, 0.75) else between(rng, 0.1, 0.35)
    thick = between(rng, 0.2, 0.5)
    at = rng.random()
    strokes = []
    for side in (-1, 1):
        root = side * w * between(rng, 0.8, 1) + 1j * shoulder
        way = np.exp(2j * math.pi * (0.25 - swing * (1 + 0.2 * rng.standard_normal()))) * reach
        tip, across = way, way * 1j
        if at < 0.45:
            line = _curve(0, 0.5 * tip - thick * across, tip, 0.4 * tip + 0.05 * across)
        elif at < 0.65:
            line = _poly(0, tip - 0.2 * thick * across, 0.45 * tip + 0.3 * thick * across)
        elif at < 0.8:
            line = _poly(0, 0.5 * tip - 0.1 * across, tip)
        else:
            line = _loop(rng, 0.5 * tip, 0.5 * reach * thick, 0.5 * reach, n=9)
            line = line if abs(swing) < 0.05 else _arc(0.5, 0.5, thick * 0.5, 0.5, 1.5, 9) * tip
        strokes.append(root + (line if side == 1 else -line.conj()))
    if chance(rng, 0.12):
        return strokes[:1]
    return strokes


def _face(rng: Generator, centre: complex, size: float) -> list[Stroke]:
    """Eyes and a beak; people leave out either."""
    strokes = []
    apart = size * between(rng, 0.25, 0.5)
    if chance(rng, 0.72):
        eye = size * between(rng, 0.08, 0.25)
        high = centre - 1j * size * between(rng, 0, 0.35)
        strokes += [dot(rng, high - apart, eye), dot(rng, high + apart, eye)]
    beak, low = size * between(rng, 0.15, 0.45), centre + 1j * size * between(rng, 0.05, 0.35)
    at = rng.random()
    if at < 0.4:
        strokes.append(low + beak * _poly(-0.7, 0.7, between(rng, 0.7, 1.6) * 1j, -0.7))
    elif at < 0.55:
        strokes.append(low + beak * _poly(-0.7, 1j, 0.7))
    elif at < 0.65:
        strokes.append(_loop(rng, low, beak, 0.5 * beak, n=8))
    return strokes


def _side_beak(rng: Generator, centre: complex, size: float) -> list[Stroke]:
    """A pointed beak to the left or right of a head."""
    way = _side(rng)
    length = size * between(rng, 0.4, 1.3)
    root, half = centre + way * size * between(rng, 0.75, 1), size * between(rng, 0.15, 0.4)
    tip = root + way * length + 1j * size * between(rng, -0.2, 0.4)
    strokes = [_poly(root - 1j * half, tip, root + 1j * half)]
    if chance(rng, 0.65):
        eye = centre + way * size * between(rng, 0, 0.5) - 0.2j * size
        strokes.append(dot(rng, eye, size * between(rng, 0.08, 0.22)))
    return strokes


def _belly(rng: Generator, w: float, top: float, bottom: float) -> list[Stroke]:
    """A loop inside the body, or an arch that stands on its bottom."""
    size = w * between(rng, 0.4, 0.8)
    low = bottom - (bottom - top) * between(rng, 0, 0.15)
    high = top + (bottom - top) * between(rng, 0.05, 0.35)
    if chance(rng, 0.65):
        return [_loop(rng, 0.5j * (high + low), size, 0.5 * (low - high), n=11)]
    return [
        _curve(
            -size + 1j * low,
            -size * 0.9 + 0.5j * (low + high),
            1j * high,
            size * 0.9 + 0.5j * (low + high),
            size + 1j * low,
        )
    ]


def _parts(rng: Generator, w: float, top: float, bottom: float) -> list[Stroke]:
    """Belly, flippers and feet, each mostly there, in the order in which people draw them."""
    strokes = _belly(rng, w, top, bottom) if chance(rng, 0.5) else []
    strokes += _flippers(rng, w, top, bottom) if chance(rng, 0.75) else []
    return strokes + (_feet(rng, w, bottom) if chance(rng, 0.8) else [])


def _penguin_egg(rng: Generator) -> list[Stroke]:
    """Head and body are one egg."""
    w = between(rng, 0.35, 0.8)
    body = _loop(rng, 0, w, 1, n=15)
    body = body + 0.15 * rng.random() * (body.imag * body.real / w)
    face = _face(rng, -0.55j, w * 0.8) if chance(rng, 0.75) else _side_beak(rng, -0.6j, w * 0.7)
    return [body] + face + _parts(rng, w, -0.6, 0.95)


def _penguin_arch(rng: Generator) -> list[Stroke]:
    """A bullet: an arch with a flat or open foot."""
    w = between(rng, 0.35, 0.85)
    foot = w * between(rng, 0.8, 1.15)
    arch = _curve(-foot + 1j, -w - 0.2j, -w * 0.7 - 0.8j, -1j, w * 0.7 - 0.8j, w - 0.2j, foot + 1j)
    base = [] if chance(rng, 0.25) else [_bow(-foot + 1j, foot + 1j, between(rng, 0, 0.4), 5)]
    face = _face(rng, -0.5j, w * 0.9) if chance(rng, 0.75) else _side_beak(rng, -0.6j, w * 0.7)
    return [arch] + base + face + _parts(rng, w, -0.5, 1)


def _penguin_two_balls(rng: Generator) -> list[Stroke]:
    """A head on a body."""
    w, head = between(rng, 0.4, 0.9), between(rng, 0.25, 0.45)
    body = _loop(rng, 0.3j, w, 0.75, n=13)
    high = -0.4 - head * between(rng, 0.5, 0.95)
    strokes = [_loop(rng, 1j * high, head * about(rng, 1, 0.12), head, n=11), body]
    if chance(rng, 0.4):
        strokes = strokes[::-1]
    face = _face(rng, 1j * high, head) if chance(rng, 0.5) else _side_beak(rng, 1j * high, head)
    return strokes + face + _parts(rng, w, -0.4, 1)


def _penguin_pin(rng: Generator) -> list[Stroke]:
    """One outline with a neck, like a bowling pin."""
    w, head = between(rng, 0.4, 0.8), between(rng, 0.25, 0.4)
    neck, foot = head * between(rng, 0.7, 1), w * between(rng, 0.5, 1)
    right = [head - 0.75j, neck - 0.5j, w + 0.1j, w * 0.95 + 0.5j, foot + 1j]
    corners = [-1.0j] + right + [-np.conj(point) for point in right[::-1]]
    points = np.array(corners) * (1 + 0.05 * rng.standard_normal(len(corners)))
    face = _face(rng, -0.7j, head) if chance(rng, 0.5) else _side_beak(rng, -0.75j, head)
    return [_curve(*points, closed=True)] + face + _parts(rng, w, -0.5, 1)


def _penguin_with_arms(rng: Generator) -> list[Stroke]:
    """One outline that takes in the flippers, as on a gingerbread man."""
    w, head = between(rng, 0.35, 0.6), between(rng, 0.25, 0.42)
    reach, drop = between(rng, 0.25, 0.7), between(rng, -0.1, 0.6)
    right = [
        head * 0.9 - 0.85j,
        head - 0.5j,
        w + reach + 1j * drop,
        w + 0.7 * reach + 1j * (drop + 0.12),
        w * 0.95 - 0.05j,
        w + 0.5j,
        w * 0.6 + 1j,
    ]
    points = np.array([-1.05j] + right + [-np.conj(point) for point in right[::-1]])
    points = points * (1 + 0.05 * rng.standard_normal(len(points)))
    outline = _curve(*points, closed=True) if chance(rng, 0.5) else np.append(points, points[0])
    strokes = [outline] + _face(rng, -0.7j, head)
    strokes += _belly(rng, w, -0.4, 1) if chance(rng, 0.4) else []
    return strokes + (_feet(rng, w, 1) if chance(rng, 0.7) else [])


def _penguin_profile(rng: Generator) -> list[Stroke]:
    """Seen from the side: beak, back, tail and chest in one line."""
    w, beak = between(rng, 0.18, 0.6), between(rng, 0.15, 0.8)
    tail = between(rng, 0, 0.35)
    corners = [
        0.12 - 0.62j,
        0.2 + beak - 0.72j + 0.2j * rng.random(),
        0.18 - 0.88j,
        -0.02 - 1.02j,
        -0.28 - 0.88j,
        -0.3 - 0.55j,
        -w - 0.05j,
        -w * 0.95 + 0.55j,
        -w * 0.9 - tail + 1j,
        -w * 0.2 + 0.97j,
        w * 0.7 + 0.9j,
        w + 0.35j,
        w * 0.8 - 0.15j,
        0.15 - 0.5j,
    ]
    wobble: Stroke = rng.standard_normal(14) + 1j * rng.standard_normal(14)
    points = np.array(corners, complex) + 0.045 * wobble
    line = points[int(between(rng, 0, 3)) :] if chance(rng, 0.3) else np.append(points, points[0])
    strokes: list[Stroke] = [_curve(*line) if chance(rng, 0.6) else line]
    if chance(rng, 0.7):
        strokes.append(dot(rng, -0.85j + 0.05, between(rng, 0.03, 0.08)))
    if chance(rng, 0.6):
        length, back = between(rng, 0.5, 1), between(rng, -0.6, 0.1) * w
        tip = back - 0.25j + length * (1j + between(rng, -0.6, 0.2))
        strokes.append(
            _curve(
                back - 0.25j,
                (back + tip - 0.25j) / 2 - 0.12,
                tip,
                (back + tip - 0.25j) / 2 + 0.15,
                back + 0.05 - 0.25j,
            )
        )
    if chance(rng, 0.4):
        strokes.append(_bow(0.1 - 0.5j, w * 0.3 + 0.9j, between(rng, -0.5, 0.5), 6))
    strokes += _feet(rng, w, 0.97) if chance(rng, 0.6) else []
    if chance(rng, 0.5):
        strokes = [-stroke.conj() for stroke in strokes]
    return strokes


def _penguin_bean(rng: Generator) -> list[Stroke]:
    """Seen from the side: a head with a beak, and a bent body from two arcs."""
    head, way = between(rng, 0.2, 0.35), _side(rng)
    neck, tail = -0.5j, 1j - way * between(rng, 0, 0.7)
    back = _bow(neck - way * head * 0.8, tail, way * between(rng, 0.1, 0.6), 8)
    chest = _bow(
        neck + way * head * 0.8, tail + way * between(rng, 0, 0.6), -way * between(rng, 0.1, 0.8), 8
    )
    strokes = [back, chest]
    if chance(rng, 0.3):
        strokes = [np.concatenate([back, chest[::-1]])]
    top = neck - 1j * head * 0.8
    skull = (
        _loop(rng, top, head, head, n=11)
        if chance(rng, 0.5)
        else _bow(back[0], chest[0], -way * between(rng, 1, 2.2), 8)
    )
    beak = top + way * head * between(rng, 0.7, 1)
    length, half = head * between(rng, 0.5, 2.5), 1j * head * between(rng, 0.1, 0.35)
    drop = 1j * head * between(rng, -0.1, 0.5)
    strokes += [skull, _poly(beak - half, beak + way * length + drop, beak + half)]
    if chance(rng, 0.6):
        strokes.append(dot(rng, top + 0.2 * way * head, head * 0.2))
    if chance(rng, 0.5):
        wing = (0, 0.5 * tail + 0.2, 0.8 * tail, 0.4 * tail - 0.15, 0)
        strokes.append(_curve(*wing) + neck * between(rng, 0.2, 0.6))
    if chance(rng, 0.7):
        strokes += [foot + tail.real * 0.7 + 0.1 * way for foot in _feet(rng, 0.4, 1)]
    return strokes


def _penguin_dark(rng: Generator) -> list[Stroke]:
    """With a scribbled coat."""
    strokes = _penguin_egg(rng) if chance(rng, 0.5) else _penguin_arch(rng)
    w = abs(strokes[0].real).max()
    for side in (-1, 1) if chance(rng, 0.5) else (_side(rng),):
        at = side * w * between(rng, 0.3, 0.8)
        strokes.append(_zigzag(rng, at - 0.5j, at + 0.8j, w * between(rng, 0.1, 0.35), 6))
    return strokes


# Eyeglasses. The lenses lie left and right of 0; `gap` is half of the bridge.


def _lens(rng: Generator, kind: str, centre: complex, rx: float, ry: float) -> Stroke:
    if kind == "round":
        return _loop(rng, centre, rx, ry, square=0.2 * rng.standard_normal(), n=11)
    if kind == "square":
        return _box(rng, centre, rx, ry)
    if kind == "soft":
        return _loop(rng, centre, rx, ry, square=between(rng, 0.3, 1), n=13)
    deep = between(rng, 0.9, 1.4)  # a half disc that hangs from a bar
    top = centre - 1j * ry
    return np.append(_bow(top - rx, top + rx, deep * ry / rx * 1.4, 9), [top - rx])


def _lenses(rng: Generator) -> tuple[list[Stroke], float, int, float]:
    """Two lenses and their bridge: strokes, half gap, rx, ry."""
    kind = choose(rng, LENSES)
    rx, ry = 1, about(rng, 0.85, 0.3)
    gap = about(rng, 0.42, 0.6)
    left = _lens(rng, kind, -gap - rx, rx * about(rng, 1, 0.1), ry * about(rng, 1, 0.1))
    right = _lens(rng, kind, gap + rx, rx * about(rng, 1, 0.1), ry * about(rng, 1, 0.1))
    high = -1j * ry * between(rng, -0.2, 0.9)
    bridge = _bow(-gap * 1.05 + high, gap * 1.05 + high, between(rng, -0.9, 0.15), 5)
    order = [left, bridge, right] if chance(rng, 0.5) else [left, right, bridge]
    if chance(rng, 0.06):
        order = [left, right]
    return order, gap, rx, ry


def _temple(rng: Generator, root: complex, way: complex) -> Stroke:
    """An arm from `root` along `way`, with or without a hook."""
    at = rng.random()
    if at < 0.33:
        return _poly(root, root + way)
    if at < 0.5:
        return _bow(root, root + way, 0.5 * rng.standard_normal(), 7)
    hook = way * np.exp(2j * math.pi * between(rng, 0.08, 0.3) * _side(rng))
    hook *= between(rng, 0.1, 0.35)
    if at < 0.75:
        return _poly(root, root + way, root + way + hook)
    return _curve(root, root + 0.7 * way, root + way, root + way + hook)


def _glasses_front(rng: Generator) -> list[Stroke]:
    return _lenses(rng)[0]


def _glasses_short_arms(rng: Generator) -> list[Stroke]:
    """Small ends to both sides."""
    strokes, gap, rx, ry = _lenses(rng)
    high = -1j * ry * between(rng, -0.1, 0.9)
    length = about(rng, 0.7, 0.7)
    for side in (-1, 1):
        way = side * length * about(rng, 1, 0.2) + 1j * between(rng, -0.5, 0.25) * length
        strokes.append(_temple(rng, side * (gap + 2 * rx * 0.95) + high, way))
    return strokes


def _glasses_raised_arms(rng: Generator) -> list[Stroke]:
    """Both arms rise, outwards as a V or upright."""
    strokes, gap, rx, ry = _lenses(rng)
    length, spread = about(rng, 1.8, 0.45), 0.7 * rng.standard_normal() + 0.5
    spread = spread if spread > -0.3 else -spread
    for side in (-1, 1):
        root = side * (gap + 2 * rx * between(rng, 0.85, 1)) - 1j * ry * between(rng, 0, 0.9)
        way = length * (side * spread + 0.12 * rng.standard_normal() - 1j * about(rng, 1, 0.12))
        strokes.append(_temple(rng, root, way / math.hypot(1, spread)))
    return strokes


def _glasses_turned(rng: Generator) -> list[Stroke]:
    """Seen from one side: both arms go the same way back."""
    strokes, gap, rx, ry = _lenses(rng)
    rise, length = between(rng, -0.2, 1.4), about(rng, 2.2, 0.45)
    way = length * (1 - 1j * rise) / math.hypot(1, rise)
    near = about(rng, 1, 0.2)
    for side, part in ((-1, near * between(rng, 0.3, 1)), (1, near)):
        root = side * (gap + 2 * rx * between(rng, 0.7, 1)) - 1j * ry * between(rng, 0.1, 0.95)
        lean = np.exp(1j * 0.15 * rng.standard_normal())
        strokes.append(_temple(rng, root, way * part * lean))
    if chance(rng, 0.15):
        del strokes[-2]
    shrink = between(rng, -0.12, 0.04)  # the far lens is smaller
    strokes = [line * (1 - shrink * line.real / 2) for line in strokes]
    if chance(rng, 0.4):
        strokes = [-line.conj() for line in strokes]
    return strokes


def _glasses_barred(rng: Generator) -> list[Stroke]:
    """One straight bar carries both lenses."""
    strokes, gap, rx, ry = _lenses(rng)
    out = gap + 2 * rx + between(rng, -0.2, 1.3)
    bar = _bow(-out - 1j * ry, out - 1j * ry, 0.05 * rng.standard_normal(), 4)
    strokes = [bar] + [line for line in strokes if len(line) > 5]
    if chance(rng, 0.4):
        way = between(rng, 0.3, 1.6) * (1 - 1j * between(rng, 0, 1))
        strokes += [_temple(rng, bar[0], -np.conj(way)), _temple(rng, bar[-1], way)]
    return strokes


def _glasses_dark(rng: Generator) -> list[Stroke]:
    """Any glasses, lenses scribbled over or with glints."""
    strokes = choose(rng, EYEGLASSES[:5])(rng)
    filled = chance(rng, 0.6)
    for lens in [line for line in strokes if len(line) > 7][:2]:
        low, high = lens.real.min() + 1j * lens.imag.min(), lens.real.max() + 1j * lens.imag.max()
        middle, half = (low + high) / 2, (high - low) / 2
        if filled:
            strokes.append(_fill(rng, middle, half.real, half.imag))
        else:
            strokes.append(dot(rng, middle, between(rng, 0.1, 0.5)))
    return strokes


def _glasses_one_line(rng: Generator) -> list[Stroke]:
    """Round one lens, across, round the other, without lifting the pen."""
    ry, gap = about(rng, 0.85, 0.2), between(rng, 0, 0.8)
    over = _side(rng)
    left = _arc(-1 - gap, 1, over * ry, 0, -1, 10)
    right = _arc(1 + gap, 1, _side(rng) * ry, 0.5, 1.5, 10)
    if chance(rng, 0.5):
        return [np.concatenate([left, right])]
    ends = _poly(-2 - gap - between(rng, 0.3, 1.5) - 1j * rng.random()), [2 + gap + rng.random()]
    return [np.concatenate([ends[0], [-2 - gap], left, right, [2 + gap], ends[1]])]


def _glasses_from_side(rng: Generator) -> list[Stroke]:
    """One lens, one arm, perhaps the edge of the other lens."""
    ry = about(rng, 0.9, 0.25)
    lens = _lens(rng, choose(rng, LENSES), 0j, 1, ry)
    way = between(rng, 1.2, 4) * np.exp(-1j * between(rng, -0.1, 0.9))
    strokes = [lens, _temple(rng, 0.95 - 1j * ry * between(rng, -0.1, 0.9), way)]
    if chance(rng, 0.6):
        edge = -1 - between(rng, 0.2, 0.9)
        strokes.append(_poly(-0.97 - 0.2j, edge - 0.2j))
        strokes.append(_loop(rng, edge - 0.35, between(rng, 0.15, 0.5), ry * 0.9, n=10))
    if chance(rng, 0.4):
        strokes = [-line.conj() for line in strokes]
    return strokes


def _glasses_goggles(rng: Generator) -> list[Stroke]:
    """One frame around both eyes, notched for the nose."""
    ry, notch = about(rng, 0.8, 0.25), between(rng, 0.1, 0.5)
    right = [1.9 - 1j * ry, 2 + 0.3j * ry, 1.4 + 1j * ry, 0.6 + 0.9j * ry, notch - 0.1j * ry]
    points = np.array(right + [-np.conj(point) for point in right[::-1]] + [right[0]])
    points += 0.05 * (rng.standard_normal(11) + 1j * rng.standard_normal(11))
    strokes = [_curve(*points) if chance(rng, 0.6) else points]
    length = between(rng, 0.3, 2.5)
    for side in (-1, 1):
        way = length * (side * between(rng, 0.1, 1) - 1j * between(rng, 0, 1))
        strokes.append(_temple(rng, side * 1.9 - 0.8j * ry, way))
    return strokes


def _glasses_on_face(rng: Generator) -> list[Stroke]:
    """Of a head, with or without pupils, hair and mouth; arms may reach the ears."""
    strokes, gap, rx, _ = _lenses(rng)
    wide = gap + 2 * rx + between(rng, 0, 0.8)
    for side in (-1, 1):
        if chance(rng, 0.4):
            strokes.append(dot(rng, side * (gap + rx), between(rng, 0.05, 0.4)))
        if chance(rng, 0.4):
            strokes.append(_poly(side * (gap + 2 * rx), side * wide * about(rng, 1, 0.1)))
    if chance(rng, 0.2):
        strokes.append(_zigzag(rng, -wide - 0.6j * wide, wide - 0.6j * wide, 0.3, 5))
    strokes.append(_loop(rng, 1j * wide * 0.3, wide, wide * about(rng, 1, 0.12)))
    if chance(rng, 0.7):
        low = 1j * wide * between(rng, 0.5, 0.8)
        strokes.append(_bow(low - 0.4 * wide, low + 0.4 * wide, between(rng, 0, 0.7), 5))
    return strokes


# Apple


def _apple_line(
    rng: Generator, dip: float | None = None, dent: float | None = None
) -> tuple[Stroke, float]:
    """The outline from the top dip round to it again, 2 wide and 2 high."""
    dip = between(rng, 0, 0.4) if dip is None else dip
    dent = max(0.0, between(rng, -0.15, 0.3)) if dent is None else dent
    top, foot = between(rng, 0.3, 0.65), between(rng, 0.2, 0.5)
    wide = between(rng, -0.45, 0.1)
    right = [top - 1j, 0.93 - 0.6j, 1 + 1j * wide, between(rng, 0.65, 0.95) + 0.6j, foot + 1j]
    left = [-np.conj(point) for point in right[::-1]]
    points = np.array([1j * (dip - 1), *right, 1j * (1 - dent), *left, 1j * (dip - 1)])
    n = len(points)
    points += 0.05 * (rng.standard_normal(n) + 1j * rng.standard_normal(n))
    if chance(rng, 0.2):  # the ends run on into the apple
        points[0] += 1j * between(rng, 0, 0.6) + 0.1 * rng.standard_normal()
        points[-1] += 1j * between(rng, 0, 0.6) + 0.1 * rng.standard_normal()
    return points, dip


def _stem(rng: Generator, root: complex) -> tuple[list[Stroke], complex]:
    """A line, an arc, or a narrow box that stands in the dip."""
    tall = about(rng, 0.5, 0.5)
    tip = root + tall * (-1j + 0.35 * rng.standard_normal())
    root += 0.3j * max(0.0, rng.standard_normal()) ** 2 * 0.5
    at = rng.random()
    if at < 0.2:
        return [_poly(root, tip)], tip
    if at < 0.7:
        return [_bow(root, tip, 0.35 * rng.standard_normal(), 5)], tip
    half = between(rng, 0.04, 0.14)
    return [_poly(root - half, tip - half, tip + half, root + half)], tip


def _leaf(rng: Generator, root: complex) -> Stroke:
    length = about(rng, 0.5, 0.4)
    way = length * np.exp(2j * math.pi * (-0.12 + 0.08 * rng.standard_normal()))
    thick = between(rng, 0.2, 0.7)
    kind = rng.random()
    if kind < 0.75:
        line = _poly(0, 0.5 - 0.5j * thick, 1, 0.5 + 0.5j * thick, 0)
        line = _curve(*line) if chance(rng, 0.6) else line
    else:
        line = _arc(0.5, 0.5, thick * 0.5, 0.5, 1.5, 9)
    line = root + way * line
    found: Stroke = line if chance(rng, 0.65) else 2 * root.real - line.conj()
    return found


def _top(rng: Generator, root: complex) -> list[Stroke]:
    """Stem and leaf, one of them, or nothing."""
    at = rng.random()
    if at < 0.05:
        return []
    strokes, tip = _stem(rng, root)
    if at < 0.12:
        return [_leaf(rng, root)]
    if at < 0.55:
        return strokes
    strokes.append(_leaf(rng, root + (tip - root) * between(rng, 0, 0.9)))
    if chance(rng, 0.15):
        strokes.append(_leaf(rng, root))
    return strokes


def _apple_dipped(rng: Generator) -> list[Stroke]:
    points, dip = _apple_line(rng)
    line = _curve(*points)
    if chance(rng, 0.15):
        line = -line.conj()
    return [line] + _top(rng, 1j * (dip - 1 + 0.2 * rng.random()))


def _apple_round(rng: Generator) -> list[Stroke]:
    line = _loop(rng, 0, 1, 1, square=between(rng, -0.1, 0.6), lumps=0.04, n=15)
    return [line] + _top(rng, -1j * between(rng, 0.8, 1.02))


def _apple_heart(rng: Generator) -> list[Stroke]:
    points, dip = _apple_line(rng, dip=between(rng, 0.2, 0.6), dent=-between(rng, 0, 0.3))
    points[5] *= between(rng, 0.6, 0.9)
    points[7] *= between(rng, 0.6, 0.9)
    return [_curve(*points)] + _top(rng, 1j * (dip - 1))


def _apple_lobed(rng: Generator) -> list[Stroke]:
    """Deep dents above and below."""
    points, dip = _apple_line(rng, dip=between(rng, 0.2, 0.5), dent=between(rng, 0.12, 0.45))
    return [_curve(*points)] + _top(rng, 1j * (dip - 1))


def _apple_halves(rng: Generator) -> list[Stroke]:
    """The right side, then the left one."""
    points, dip = _apple_line(rng)
    miss = 0.06 * (rng.standard_normal() + 1j * rng.standard_normal())
    return [_curve(*points[:7]), _curve(*points[6:][::-1]) + miss] + _top(rng, 1j * (dip - 1))


def _apple_cornered(rng: Generator) -> list[Stroke]:
    points, dip = _apple_line(rng)
    return [points] + _top(rng, 1j * (dip - 1))


def _apple_bitten(rng: Generator) -> list[Stroke]:
    points, dip = _apple_line(rng)
    deep, teeth = between(rng, 0.25, 0.5), int(between(rng, 1, 4))
    high, low = 0.95 - 0.4j, 0.9 + 0.45j
    steps = _steps(2 * teeth + 3)[1:-1]
    edge = np.where(np.arange(len(steps)) % 2, 0.55, 1) * deep
    bite = high + (low - high) * steps - edge
    line = np.concatenate([_curve(*points[:3]), [high], bite, [low], _curve(*points[4:])])
    if chance(rng, 0.3):
        line = -line.conj()
    if chance(rng, 0.25):  # as on computers: a leaf that floats, no stem
        return [line, _leaf(rng, 1j * (dip - 1 - between(rng, 0.05, 0.3)))]
    return [line] + _top(rng, 1j * (dip - 1))


def _apple_overdrawn(rng: Generator) -> list[Stroke]:
    """Round and round again."""
    strokes = _apple_round(rng) if chance(rng, 0.5) else _apple_dipped(rng)
    turns = between(rng, 1.2, 2.3)
    again = _arc(0, between(rng, 0.85, 1.05), between(rng, 0.85, 1.05), -0.25, turns - 0.25, 20)
    again = again + 0.05 * (rng.standard_normal(20) + 1j * rng.standard_normal(20))
    strokes[0] = again if chance(rng, 0.5) else np.concatenate([strokes[0], again[:13]])
    return strokes


def _apple_with_more(rng: Generator) -> list[Stroke]:
    """A glint, a worm hole, a bruise, or the line of a core."""
    strokes = choose(rng, APPLES)(rng)
    at = rng.random()
    if at < 0.5:
        side = _side(rng)
        shine = _bow(-0.35j, 0.3j, between(rng, -0.6, 0.6), 5)
        strokes.append(side * between(rng, 0.35, 0.7) + between(rng, 0.5, 1.3) * shine)
    elif at < 0.8:
        place = between(rng, -0.5, 0.5) + 1j * between(rng, -0.4, 0.5)
        strokes.append(dot(rng, place, between(rng, 0.08, 0.25)))
    else:
        strokes.append(_bow(-0.7j, 0.8j, 0.15 * rng.standard_normal(), 5))
    return strokes


# Moon


def _crescent(rng: Generator, thick: float) -> tuple[Stroke, Stroke]:
    """A crescent open to the right, radius about 1: one or two strokes."""
    half = between(rng, 0.17, 0.4)  # turns from its middle to a tip
    outer = _arc(0, 1, 1, 0.5 + half, 0.5 - half, 11)
    high, low = outer[0], outer[-1]
    back = high.real - (thick - 1)  # where the inner line is to pass
    inner = _bow(high, low, back / max(0.3, low.imag), 9)
    return outer, inner


def _turned(rng: Generator, strokes: list[Stroke]) -> list[Stroke]:
    """Either way round, leaning up to lying on its back."""
    lean = 0.06 * rng.standard_normal() if chance(rng, 0.7) else 0.15 * rng.standard_normal()
    turn = np.exp(2j * math.pi * lean)
    strokes = [line * turn for line in strokes]
    if chance(rng, 0.42):
        strokes = [-line.conj() for line in strokes]
    return strokes


def _moon_crescent(rng: Generator) -> list[Stroke]:
    outer, inner = _crescent(rng, between(rng, 0.2, 0.9))
    if chance(rng, 0.5):
        return _turned(rng, [np.concatenate([outer, inner[::-1]])])
    return _turned(rng, [outer[::-1], inner[::-1] + 0.04 * rng.standard_normal()])


def _moon_gibbous(rng: Generator) -> list[Stroke]:
    """From half discs to nearly full ones."""
    outer, inner = _crescent(rng, between(rng, 0.8, 1.4))
    return _turned(rng, [np.concatenate([outer, inner[::-1]])])


def _moon_banana(rng: Generator) -> list[Stroke]:
    """A crescent with blunt ends, or like a bean."""
    thick = between(rng, 0.25, 0.7)
    outer, inner = _crescent(rng, thick)
    blunt = 1j * between(rng, 0.05, 0.3)
    line = np.concatenate([outer[::2], inner[::-1][1:-1:2] + 0.1 * rng.random()])
    line[-1] += blunt * 0.3
    line = _curve(*line, closed=True)
    return _turned(rng, [line])


def _moon_cornered(rng: Generator) -> list[Stroke]:
    """A crescent of a few straight strokes."""
    outer, inner = _crescent(rng, between(rng, 0.25, 0.9))
    line = np.concatenate([outer[::3], outer[-1:], inner[::-1][1::3], outer[:1]])
    return _turned(rng, [line])


def _moon_arc(rng: Generator) -> list[Stroke]:
    """One bent line, sometimes with a second beginning."""
    half = between(rng, 0.12, 0.45)
    return _turned(rng, [_arc(0, between(rng, 0.6, 1.1), 1, 0.5 + half, 0.5 - half, 10)])


def _moon_full(rng: Generator) -> list[Stroke]:
    return [_loop(rng, 0, about(rng, 1, 0.1), 1, square=0.15 * rng.standard_normal(), lumps=0.04)]


def _moon_cratered(rng: Generator) -> list[Stroke]:
    strokes = _moon_full(rng)
    for _ in range(int(between(rng, 1, 9))):
        place = between(rng, 0, 0.75) * np.exp(2j * math.pi * rng.random())
        size = about(rng, 0.12, 0.4)
        crater = _loop(rng, place, size, size * about(rng, 1, 0.2), n=7)
        strokes.append(crater if chance(rng, 0.75) else dot(rng, place, size))
    return strokes


def _moon_face(rng: Generator) -> list[Stroke]:
    strokes = _moon_full(rng) if chance(rng, 0.6) else _moon_crescent(rng)
    middle = 0 if len(strokes[0]) == 13 else -0.55 * (1 if strokes[0].real.mean() < 0 else -1)
    apart = between(rng, 0.15, 0.4) if middle == 0 else 0.08
    strokes += [dot(rng, middle + side * apart - 0.25j, 0.08) for side in (-1, 1)]
    low = middle + 0.3j
    strokes.append(_bow(low - apart, low + apart, between(rng, 0.1, 1), 5))
    return strokes


def _moon_shaded(rng: Generator) -> list[Stroke]:
    if chance(rng, 0.5):
        return _moon_full(rng) + [_fill(rng, 0, 0.9, 0.9)]
    outer, inner = _crescent(rng, between(rng, 0.3, 0.8))
    to_and_fro = np.empty(18, complex)
    to_and_fro[::2], to_and_fro[1::2] = (line[1:10] for line in (outer, np.append(inner, inner)))
    return _turned(rng, [outer, inner, to_and_fro[:16]])


def _moon_and_sky(rng: Generator) -> list[Stroke]:
    """With stars, or clouds, or a horizon: the moon itself is small then."""
    strokes = choose(rng, MOONS)(rng)
    if chance(rng, 0.7):
        for _ in range(int(between(rng, 1, 5))):
            place = between(rng, 1.2, 2.2) * np.exp(2j * math.pi * rng.random())
            if chance(rng, 0.5):
                strokes.append(dot(rng, place, 0.15))
            else:
                strokes += [place + 0.25 * _poly(-1, 1), place + 0.25 * _poly(-1j, 1j)]
    else:
        strokes.append(_bow(-2 + 1.6j, 2.0 + 1.6j, 0.1 * rng.standard_normal(), 5))
    return strokes


def _moon_inner(rng: Generator) -> list[Stroke]:
    """A disc with the shadow's edge as a second arc."""
    line = _bow(-0.95j, 0.95j, between(rng, -0.9, 0.9), 7)
    return _moon_full(rng) + [line * np.exp(2j * math.pi * 0.05 * rng.standard_normal())]


# Cup. `top` and `foot` are half widths; the cup reaches from -height to height.


def _wall(rng: Generator, top: float, foot: float, height: float) -> list[Stroke]:
    """Left side, floor and right side in one stroke or three."""
    a, b = -top - 1j * height, -foot + 1j * height
    c, d = foot + 1j * height, top - 1j * height
    sag = between(rng, 0, 0.35) if chance(rng, 0.5) else 0.0
    floor = _bow(b, c, sag, 5) if sag else _poly(b, c)
    at = rng.random()
    if at < 0.55:
        return [np.concatenate([[a], floor, [d]])]
    if at < 0.75:
        belly = between(rng, -0.15, 0.2) * top
        return [np.concatenate([[a, (a + b) / 2 - belly], floor, [(c + d) / 2 + belly, d]])]
    return [_poly(a, b), _poly(d, c), floor]


def _rim(rng: Generator, top: float, height: float) -> list[Stroke]:
    """A line, an ellipse, or only its front edge."""
    high = -1j * height
    flat = between(rng, 0.08, 0.35)
    at = rng.random()
    if at < 0.35:
        return [_poly(high - top, high + top)]
    if at < 0.8:
        return [_loop(rng, high, top, top * flat, square=0.0, lumps=0.02, n=12)]
    if at < 0.9:
        return [_poly(high - top, high + top), _bow(high - top, high + top, flat, 5)]
    return []


def _handle(rng: Generator, side: int, top: float, foot: float, height: float) -> list[Stroke]:
    """One or two bows, or a square ear, on one side."""
    high, low = -height * between(rng, 0.2, 0.9), height * between(rng, -0.1, 0.85)
    edge = (top + foot) / 2
    a, b = side * top * 0.97 + 1j * high, side * (edge if low < 0.5 * height else foot) + 1j * low
    out = between(rng, 0.45, 1.5) * side
    at = rng.random()
    if at < 0.15:
        reach = out * (low - high) / 2
        return [_poly(a, a + reach, b + reach, b)]
    strokes = [_bow(a, b, -out, 8)]
    if at > 0.55:
        part = between(rng, 0.45, 0.8)
        middle = (a + b) / 2
        strokes.append(_bow(middle + (a - middle) * part, middle + (b - middle) * part, -out, 7))
    return strokes


def _sizes(rng: Generator) -> tuple[float, float, float]:
    """top, foot, height of a straight or tapered cup."""
    top = about(rng, 0.85, 0.25)
    foot = top * (between(rng, 0.85, 1.1) if chance(rng, 0.5) else between(rng, 0.4, 0.9))
    return top, foot, 1.0


def _cup_glass(rng: Generator) -> list[Stroke]:
    top, foot, height = _sizes(rng)
    top, foot = top * 0.8, foot * 0.8
    strokes = _wall(rng, top, foot, height) + _rim(rng, top, height)
    if chance(rng, 0.25):
        at = between(rng, -0.7, 0.2)
        half = (top + (foot - top) * (at + 1) / 2) * between(rng, 0.8, 1)
        strokes.append(_bow(1j * at - half, 1j * at + half, between(rng, -0.15, 0.25), 5))
    return strokes


def _cup_mug(rng: Generator) -> list[Stroke]:
    top, foot, height = _sizes(rng)
    side = 1 if chance(rng, 0.72) else -1
    handle = _handle(rng, side, top, foot, height)
    return _wall(rng, top, foot, height) + _rim(rng, top, height) + handle


def _cup_round_mug(rng: Generator) -> list[Stroke]:
    """A box or loop with an ear."""
    top = between(rng, 0.6, 1.2)
    body = _loop(rng, 0, top, 1, square=between(rng, 0.3, 1), n=14)
    side = 1 if chance(rng, 0.72) else -1
    strokes = [body] + _handle(rng, side, top, top, 1)
    if chance(rng, 0.5):
        high = -1j * between(rng, 0.6, 1)
        strokes.append(_bow(high - 0.9 * top, high + 0.9 * top, between(rng, 0, 0.35), 6))
    return strokes


def _cup_tea(rng: Generator) -> list[Stroke]:
    """A bowl, with handle, often with a saucer."""
    deep = between(rng, 0.55, 1.1)
    bowl = _bow(-1 + 0j, 1 + 0j, deep, 10)
    strokes = [bowl] + _rim(rng, 1.0, 0.0)
    side = 1 if chance(rng, 0.72) else -1
    if chance(rng, 0.85):
        a, b = side + 0.1j, side * between(rng, 0.6, 0.85) + 1j * deep * between(rng, 0.4, 0.7)
        strokes.append(_bow(a, b, -side * between(rng, 0.8, 1.6), 8))
    if chance(rng, 0.35):
        low = 1j * deep * between(rng, 0.95, 1.1)
        half = between(rng, 0.5, 1.3)
        saucer = _bow(low - half, low + half, between(rng, 0, 0.4), 6)
        strokes.append(saucer if chance(rng, 0.5) else _loop(rng, low, half, 0.2, n=11))
    return strokes


def _cup_drum(rng: Generator) -> list[Stroke]:
    """An ellipse for the rim, sides from its ends, a bent floor: a cylinder."""
    top, foot, height = _sizes(rng)
    flat = between(rng, 0.1, 0.45)
    a, b = -top - 1j * height, -foot + 1j * height
    walls = [_poly(a, b), _poly(-a.conjugate(), -b.conjugate())]
    floor = [_bow(b, -b.conjugate(), flat * between(rng, 0.3, 1.2), 6)]
    strokes = [_loop(rng, -1j * height, top, top * flat, square=0.0)] + walls + floor
    side = 1 if chance(rng, 0.72) else -1
    return strokes + (_handle(rng, side, top, foot, height) if chance(rng, 0.7) else [])


def _cup_with_more(rng: Generator) -> list[Stroke]:
    """Steam, a straw, a lid, a pattern, what is in it."""
    strokes = choose(rng, CUPS)(rng)
    high = min(line.imag.min() for line in strokes)
    at = rng.random()
    if at < 0.35:
        for x in np.linspace(-0.4, 0.4, int(between(rng, 1, 4))):
            wisp = _waves(rng, 0, between(rng, 0.4, 0.9), 0.08, int(between(rng, 1, 3)))
            strokes.append(x + 1j * (high - 0.1) - 1j * wisp)
    elif at < 0.55:
        tip = between(rng, -0.6, 0.6) + 1j * (high - between(rng, 0.4, 1))
        bend = _poly(0.1j, tip, tip + between(rng, -0.4, 0.4) - 0.05j)
        strokes.append(bend if chance(rng, 0.6) else bend[:2])
    elif at < 0.7:
        strokes.append(_loop(rng, 1j * high, between(rng, 0.6, 1), 0.2, square=0.8))
    elif at < 0.85:
        strokes.append(_loop(rng, 0.2j, between(rng, 0.15, 0.4), between(rng, 0.15, 0.4), n=9))
    else:
        for y in np.linspace(-0.5, 0.6, int(between(rng, 2, 4))):
            strokes.append(_waves(rng, -0.6 + 1j * y, 1.2, 0.06, int(between(rng, 1, 4))))
    return strokes


# The ways of drawing each category, with their weights

LENSES = [(0.5, "round"), (0.15, "square"), (0.22, "soft"), (0.13, "half")]

LOLLIPOPS = [
    (0.34, _lollipop_plain),
    (0.12, _lollipop_small),
    (0.08, _lollipop_big),
    (0.22, _lollipop_swirl),
    (0.06, _lollipop_ring),
    (0.04, _lollipop_striped),
    (0.05, _lollipop_filled),
    (0.04, _lollipop_one_line),
    (0.07, _lollipop_odd_head),
    (0.01, _lollipop_bow),
]
CANOES = [
    (0.22, _canoe_crescent),
    (0.16, _canoe_half),
    (0.10, _canoe_lens),
    (0.08, _canoe_double),
    (0.14, _canoe_boat),
    (0.10, _canoe_upturned),
    (0.05, _canoe_arc),
    (0.07, _canoe_flat),
    (0.03, _canoe_side),
    (0.02, _canoe_scribbled),
]
PENGUINS = [
    (0.20, _penguin_egg),
    (0.20, _penguin_arch),
    (0.24, _penguin_two_balls),
    (0.12, _penguin_pin),
    (0.08, _penguin_with_arms),
    (0.16, _penguin_profile),
    (0.07, _penguin_bean),
    (0.03, _penguin_dark),
]
EYEGLASSES = [
    (0.18, _glasses_front),
    (0.20, _glasses_short_arms),
    (0.24, _glasses_raised_arms),
    (0.22, _glasses_turned),
    (0.06, _glasses_barred),
    (0.05, _glasses_dark),
    (0.03, _glasses_one_line),
    (0.03, _glasses_from_side),
    (0.02, _glasses_goggles),
    (0.035, _glasses_on_face),
]
APPLES = [
    (0.36, _apple_dipped),
    (0.20, _apple_round),
    (0.07, _apple_heart),
    (0.10, _apple_lobed),
    (0.10, _apple_halves),
    (0.08, _apple_cornered),
    (0.06, _apple_bitten),
    (0.04, _apple_overdrawn),
]
MOONS = [
    (0.42, _moon_crescent),
    (0.06, _moon_gibbous),
    (0.10, _moon_banana),
    (0.06, _moon_cornered),
    (0.04, _moon_arc),
    (0.14, _moon_full),
    (0.08, _moon_cratered),
    (0.03, _moon_face),
    (0.03, _moon_shaded),
    (0.02, _moon_inner),
]
CUPS = [
    (0.36, _cup_glass),
    (0.36, _cup_mug),
    (0.10, _cup_round_mug),
    (0.13, _cup_tea),
    (0.05, _cup_drum),
]
RECIPES = {
    "lollipop": LOLLIPOPS,
    "canoe": CANOES + [(0.14, _canoe_with_more)],
    "penguin": PENGUINS,
    "eyeglasses": EYEGLASSES,
    "apple": APPLES + [(0.04, _apple_with_more)],
    "moon": MOONS + [(0.04, _moon_and_sky)],
    "cup": CUPS + [(0.10, _cup_with_more)],
}
