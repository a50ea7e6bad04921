"""Pictures of drawings as scanners, cameras and drawing programs leave them, disturbed at random.

    content = KINDS["shadow"](line(strokes, rng), rng)

Each kind takes where the line is, (height, width) float in [0, 1], and a generator, and gives a file.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

SIDE = 420
BLACK, WHITE = np.zeros(3), np.full(3, 255.0)

Kind = Callable[[np.ndarray, np.random.Generator], bytes]
Scene = np.ndarray
"""(height, width, 3) float in [0, 255]."""


def line(strokes, rng, side=SIDE, pen=None, margin=None) -> np.ndarray:
    """Simplified strokes as a thick, smooth line: (side, side) float in [0, 1]."""
    times = 4 if side <= 1000 else 1
    pen = (rng.uniform(0.018, 0.04) if pen is None else pen) * side * times
    margin = (rng.uniform(0.1, 0.2) if margin is None else margin) * side * times
    image = Image.new("L", (side * times, side * times))
    brush = ImageDraw.Draw(image)
    points = np.concatenate([np.asarray(stroke[:2], float) for stroke in strokes], axis=1)
    low, extent = points.min(axis=1), max(1.0, np.ptp(points, axis=1).max())
    scale = (side * times - 2 * margin) / extent
    shift = (side * times - np.ptp(points, axis=1) * scale) / 2
    for stroke in strokes:
        dots = (np.asarray(stroke[:2], float).T - low) * scale + shift
        brush.line([tuple(dot) for dot in dots], fill=255, width=max(1, round(pen)))
        for x, y in dots:
            brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image.reduce(times), float) / 255


# --- scenes ---------------------------------------------------------------------------------------


def painted(ink: np.ndarray, paper=WHITE, pen=BLACK) -> Scene:
    return paper + (pen - paper) * ink[..., None]


def colour(rng, low, high) -> np.ndarray:
    return rng.uniform(low, high, 3)


def framed(scene: Scene, rng, widths, shades=(0, 60), sides=None) -> Scene:
    """A frame around a scene: on all sides, or on some."""
    tone = colour(rng, *shades) if rng.random() < 0.5 else np.full(3, rng.uniform(*shades))
    if sides is None:
        sides = np.ones(4, bool)
    pads = np.where(sides, rng.integers(widths[0], widths[1] + 1), 0)
    height, width = scene.shape[:2]
    whole = np.empty((height + pads[0] + pads[1], width + pads[2] + pads[3], 3))
    whole[:] = tone
    whole[pads[0] : pads[0] + height, pads[2] : pads[2] + width] = scene
    return whole


def some_sides(rng) -> np.ndarray:
    sides = rng.random(4) < 0.5
    sides[rng.integers(4)] = True
    return sides


def on_desk(scene: Scene, rng, tone, turn=0.0, cut=False, wide=(0.05, 0.3)) -> Scene:
    """A sheet on a desk, turned by so many degrees; `cut`: it leaves the picture on some sides."""
    height, width = scene.shape[:2]
    pads = (rng.uniform(*wide, 4) * SIDE).astype(int)
    extra = int(np.sin(np.radians(abs(turn))) * max(height, width) / 2) + 2
    pads += extra
    if cut:
        pads[rng.integers(4)] = 0
    sheet = np.pad(scene, ((*pads[:2],), (*pads[2:],), (0, 0)))
    mask = np.pad(np.ones((height, width)), ((*pads[:2],), (*pads[2:],)))
    if turn:
        sheet = ndimage.rotate(sheet, turn, (0, 1), reshape=False, order=1)
        mask = ndimage.rotate(mask, turn, reshape=False, order=1)
    sheet /= np.maximum(mask, 1e-3)[..., None]
    mask = mask[..., None]
    desk = np.broadcast_to(tone, sheet.shape) + rng.normal(0, 3, sheet.shape[:2])[..., None]
    return np.where(mask > 0.02, sheet * mask + desk * (1 - mask), desk)


def ramp(shape, rng, width, soft=False) -> np.ndarray:
    """From 1 at one side to 0 further in, along a random direction: (height, width)."""
    angle = rng.choice(4) * 90 + rng.uniform(-25, 25)
    y, x = np.mgrid[: shape[0], : shape[1]]
    along = np.cos(np.radians(angle)) * x / shape[1] + np.sin(np.radians(angle)) * y / shape[0]
    along = (along - along.min()) / np.ptp(along)
    reach = rng.uniform(*width)
    if soft:
        return np.clip(1 - along / reach, 0, 1)
    return np.clip((reach - along) / rng.uniform(0.01, 0.06) + 0.5, 0, 1)


def lit(scene: Scene, light: np.ndarray) -> Scene:
    return scene * light[..., None]


def vignette(shape, rng, depth) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    away = np.hypot(x - rng.uniform(-0.3, 0.3), y - rng.uniform(-0.3, 0.3)) / 1.5
    return 1 - rng.uniform(*depth) * np.clip(away, 0, 1) ** 2


def rules(shape, rng, squared=False, turn=0.0) -> np.ndarray:
    """How much of each pixel is ruling: (height, width) in [0, 1]."""
    step, thick = rng.uniform(0.05, 0.1) * shape[0], rng.uniform(1, 2.4)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    slope = np.tan(np.radians(turn))
    found = np.zeros(shape)
    for one in (y + slope * x, x - slope * y)[: 1 + squared]:
        away = np.abs((one + rng.uniform(0, step)) % step - step / 2)
        found = np.maximum(found, np.clip(thick / 2 + 0.5 - away, 0, 1))
    return found


def ruled(ink, rng, squared=False, margin=False, strength=(50, 130), turn=0.0) -> Scene:
    paper, blue = (
        WHITE - rng.uniform(0, 20),
        WHITE - rng.uniform(*strength) * np.array([1, 0.7, 0.3]),
    )
    lines = rules(ink.shape, rng, squared, turn) if not margin or rng.random() < 0.5 else 0 * ink
    scene = paper + (np.minimum(blue, paper) - paper) * lines[..., None]
    if margin:
        red = WHITE - rng.uniform(*strength) * np.array([0.2, 1, 1])
        x = np.mgrid[: ink.shape[0], : ink.shape[1]][1]
        away = np.abs(x - rng.choice([0.05, 0.1, 0.9, 0.95]) * ink.shape[1])
        bar = np.clip(rng.uniform(0.5, 1.5) + 0.5 - away, 0, 1)[..., None]
        scene = scene + (np.minimum(scene, red) - scene) * bar
    pen = colour(rng, 0, 70)
    return scene + (pen - scene) * ink[..., None]


def pencil(ink, rng) -> Scene:
    grain = ndimage.gaussian_filter(rng.normal(0, 1, ink.shape), 1)
    thin = ink * np.clip(0.85 + 0.5 * grain / grain.std() * 0.3, 0, 1)
    paper = np.full(3, rng.uniform(225, 255))
    pale = paper - rng.uniform(35, 110)
    return painted(thin, paper, pale) + rng.normal(0, 2, ink.shape)[..., None]


def noisy(scene: Scene, rng, sigma=(2, 12)) -> Scene:
    return scene + rng.normal(0, rng.uniform(*sigma), scene.shape)


# --- files ----------------------------------------------------------------------------------------


def image(scene: Scene) -> Image.Image:
    return Image.fromarray(np.clip(scene, 0, 255).round().astype(np.uint8))


def saved(picture: Image.Image, kind="PNG", **settings) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **settings)
    return file.getvalue()


def png(scene: Scene) -> bytes:
    return saved(image(scene))


def jpeg(scene: Scene, rng, quality=(30, 90)) -> bytes:
    return saved(image(scene), "JPEG", quality=int(rng.integers(*quality)))


def clear(ink: np.ndarray, pen: np.ndarray) -> bytes:
    """A line of one colour on a ground that is clear."""
    rgba = np.dstack([np.broadcast_to(pen, (*ink.shape, 3)), 255 * ink])
    return saved(Image.fromarray(rgba.round().astype(np.uint8)))


def deep(ink: np.ndarray, bits: int, is_light: bool = False) -> bytes:
    """A 16-bit PNG with values of so many bits."""
    values = (ink if is_light else 1 - ink) * (2**bits - 1)
    return saved(Image.fromarray(values.round().astype(np.uint16)))


def palette(ink, rng) -> bytes:
    scene = painted(ink, colour(rng, 180, 255), colour(rng, 0, 90))
    return saved(image(scene).quantize(int(rng.integers(2, 17))))


def turned(ink, rng) -> bytes:
    """A JPEG that its EXIF entry says to turn."""
    way, back = (
        {
            6: Image.Transpose.ROTATE_90,
            3: Image.Transpose.ROTATE_180,
            8: Image.Transpose.ROTATE_270,
        },
        Image.Exif(),
    )
    back[0x0112] = int(rng.choice(list(way)))
    return saved(image(painted(ink)).transpose(way[back[0x0112]]), "JPEG", exif=back, quality=90)


def cmyk(ink, rng) -> bytes:
    return saved(image(painted(ink, pen=colour(rng, 0, 80))).convert("CMYK"), "JPEG", quality=90)


def sized(ink, side) -> np.ndarray:
    found = Image.fromarray((255 * ink).astype(np.uint8)).resize((side, side), Image.Resampling.BOX)
    return np.asarray(found, float) / 255


DARK, MIDDLE = (10, 90), (60, 150)


def coloured_desk(ink, rng) -> Scene:
    tone = rng.permutation([rng.uniform(10, 60), rng.uniform(40, 150), rng.uniform(60, 170)])
    return on_desk(painted(ink), rng, tone)


def dark_desk(ink, rng, **options) -> Scene:
    return on_desk(painted(ink), rng, np.full(3, rng.uniform(*DARK)), **options)


KINDS: dict[str, Kind] = {
    "plain": lambda ink, rng: png(painted(ink)),
    "border of 1": lambda ink, rng: png(framed(painted(ink), rng, (1, 1), (0, 0))),
    "border of 4": lambda ink, rng: png(framed(painted(ink), rng, (4, 4), (0, 0))),
    "border": lambda ink, rng: png(framed(painted(ink), rng, (1, 16), (0, 140))),
    "border on some sides": lambda ink, rng: png(
        framed(painted(ink), rng, (1, 16), (0, 140), some_sides(rng))
    ),
    "border as JPEG": lambda ink, rng: jpeg(framed(painted(ink), rng, (1, 10), (0, 90)), rng),
    "dark desk": lambda ink, rng: png(dark_desk(ink, rng)),
    "coloured desk": lambda ink, rng: jpeg(coloured_desk(ink, rng), rng),
    "desk, turned": lambda ink, rng: jpeg(dark_desk(ink, rng, turn=rng.uniform(-8, 8)), rng),
    "desk on some sides": lambda ink, rng: jpeg(dark_desk(ink, rng, cut=True), rng),
    "shadow": lambda ink, rng: png(
        lit(painted(ink), 1 - rng.uniform(0.4, 0.8) * ramp(ink.shape, rng, (0.15, 0.6), True))
    ),
    "hard shadow": lambda ink, rng: jpeg(
        lit(painted(ink), 1 - rng.uniform(0.2, 0.6) * ramp(ink.shape, rng, (0.15, 0.6))), rng
    ),
    "gradient": lambda ink, rng: png(
        lit(painted(ink), 1 - rng.uniform(0.3, 0.75) * ramp(ink.shape, rng, (1, 1), True))
    ),
    "vignette": lambda ink, rng: jpeg(lit(painted(ink), vignette(ink.shape, rng, (0.3, 0.8))), rng),
    "lined": lambda ink, rng: png(ruled(ink, rng)),
    "squared": lambda ink, rng: png(ruled(ink, rng, squared=True)),
    "margin": lambda ink, rng: png(ruled(ink, rng, margin=True)),
    "lined, strong": lambda ink, rng: png(ruled(ink, rng, strength=(130, 200))),
    "squared, turned": lambda ink, rng: jpeg(
        ruled(ink, rng, squared=True, turn=rng.uniform(-3, 3)), rng
    ),
    "pencil": lambda ink, rng: png(pencil(ink, rng)),
    "yellow, clear": lambda ink, rng: clear(ink, np.array([255, 230, 0])),
    "white, clear": lambda ink, rng: clear(ink, WHITE),
    "any, clear": lambda ink, rng: clear(ink, colour(rng, 0, 255)),
    "coloured paper": lambda ink, rng: png(painted(ink, colour(rng, 130, 255), colour(rng, 0, 80))),
    "yellow on white": lambda ink, rng: png(painted(ink, WHITE, np.array([255, 225, 20]))),
    "noise": lambda ink, rng: jpeg(noisy(painted(ink, WHITE - 20), rng), rng, (10, 60)),
    "8 of 16 bits": lambda ink, rng: deep(ink, 8),
    "12 of 16 bits": lambda ink, rng: deep(ink, 12, rng.random() < 0.5),
    "16 bits": lambda ink, rng: deep(ink, 16),
    "palette": palette,
    "EXIF": turned,
    "CMYK": cmyk,
    "tiny": lambda ink, rng: png(painted(sized(ink, int(rng.integers(40, 90))))),
    "huge": lambda ink, rng: png(painted(sized(ink, 2600))),
    "light on dark": lambda ink, rng: png(painted(ink, colour(rng, 0, 60), colour(rng, 180, 255))),
    "light on dark, bordered": lambda ink, rng: png(
        framed(painted(ink, BLACK, WHITE), rng, (1, 10), (180, 255))
    ),
}
"""What is usual."""


def wavy(shape, rng, size, depth) -> np.ndarray:
    found = ndimage.gaussian_filter(rng.normal(0, 1, shape), size)
    return 1 - depth * (found - found.min()) / np.ptp(found)


def wooden(shape, rng) -> Scene:
    """A board with a grain along it."""
    grain = ndimage.gaussian_filter(rng.normal(0, 1, shape), (40, 1.5))
    return np.array([120, 80, 45]) * (1 + 0.15 * grain / grain.std())[..., None]


def on_wood(ink, rng) -> Scene:
    pad = int(rng.uniform(0.06, 0.2) * SIDE)
    board = wooden((ink.shape[0] + 2 * pad, ink.shape[1] + 2 * pad), rng)
    board[pad:-pad, pad:-pad] = painted(ink, np.full(3, 240.0))
    return board


def with_thumb(scene: Scene, rng) -> Scene:
    """A thumb over a corner."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[:height, :width]
    at = rng.choice([0, 1], 2) * (height, width)
    away = np.hypot(y - at[0], x - at[1]) / (rng.uniform(0.08, 0.16) * height)
    skin = np.clip((1.02 - away) / 0.04, 0, 1)[..., None]
    return scene + (np.array([200, 140, 120]) - scene) * skin


def board(ink, rng) -> Scene:
    """Chalk on a blackboard in a wooden frame."""
    slate = painted(
        ink * np.clip(rng.normal(0.9, 0.1, ink.shape), 0, 1), np.array([40, 60, 50]), WHITE - 30
    )
    return framed(slate, rng, (6, 20), (150, 200))


def tilted(scene: Scene, rng) -> Scene:
    """Seen from the side: a sheet's corners move, a dark desk shows."""
    height, width = scene.shape[:2]
    whole = image(np.pad(scene, ((60, 60), (60, 60), (0, 0)), constant_values=40))
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]) * (width + 120, height + 120)
    moved = corners + rng.uniform(-30, 30, (4, 2))
    rows = []
    for (x, y), (u, v) in zip(corners, moved):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    terms = np.linalg.solve(np.array(rows, float), moved.ravel())
    return np.asarray(
        whole.transform(whole.size, Image.Transform.PERSPECTIVE, terms, 2, fillcolor=(40, 40, 40)),
        float,
    )


UNUSUAL: dict[str, Kind] = {
    "crumpled": lambda ink, rng: jpeg(lit(painted(ink), wavy(ink.shape, rng, 30, 0.35)), rng),
    "wood": lambda ink, rng: jpeg(on_wood(ink, rng), rng),
    "thumb": lambda ink, rng: jpeg(with_thumb(painted(ink, WHITE - 25), rng), rng),
    "blackboard": lambda ink, rng: jpeg(board(ink, rng), rng),
    "tilted": lambda ink, rng: jpeg(tilted(painted(ink), rng), rng),
    "blurred": lambda ink, rng: saved(
        image(painted(ink)).filter(ImageFilter.GaussianBlur(rng.uniform(1, 5))), "JPEG"
    ),
    "shadow on a turned sheet on a desk": lambda ink, rng: jpeg(
        (
            lambda scene: lit(
                scene, 1 - rng.uniform(0.3, 0.6) * ramp(scene.shape, rng, (0.2, 0.6), True)
            )
        )(dark_desk(ink, rng, turn=rng.uniform(-6, 6))),
        rng,
    ),
    "lined sheet on a desk": lambda ink, rng: jpeg(
        on_desk(ruled(ink, rng), rng, np.full(3, rng.uniform(*DARK))), rng
    ),
    "bordered and shadowed": lambda ink, rng: jpeg(
        framed(
            lit(painted(ink), 1 - rng.uniform(0.3, 0.7) * ramp(ink.shape, rng, (0.2, 0.6), True)),
            rng,
            (1, 8),
            (0, 60),
        ),
        rng,
    ),
    "white, then black border": lambda ink, rng: png(
        framed(framed(painted(ink), rng, (2, 8), (0, 60)), rng, (3, 20), (255, 255))
    ),
    "pencil under a vignette": lambda ink, rng: jpeg(
        lit(pencil(ink, rng), vignette(ink.shape, rng, (0.2, 0.5))), rng, (60, 95)
    ),
    "sheet on clear ground": lambda ink, rng: saved(
        (
            lambda sheet: Image.merge(
                "RGBA", (*sheet.split(), Image.new("L", sheet.size, 255))
            ).rotate(rng.uniform(-10, 10), expand=True)
        )(image(painted(ink)))
    ),
    "cut to the line": lambda ink, rng: png(
        painted(
            (lambda r, c: ink[r[0] : r[-1] + 1, c[0] : c[-1] + 1])(
                np.flatnonzero(ink.max(1) > 0.5), np.flatnonzero(ink.max(0) > 0.5)
            )
        )
    ),
    "two colours, clear": lambda ink, rng: saved(
        Image.fromarray(
            np.dstack(
                [
                    np.where(
                        (np.arange(ink.shape[1]) < ink.shape[1] // 2)[None, :, None], BLACK, WHITE
                    )
                    + 0 * ink[..., None],
                    255 * ink,
                ]
            ).astype(np.uint8)
        )
    ),
}
"""What nothing was fitted to."""
