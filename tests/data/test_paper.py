"""Drawings on paper under any light, on a desk, framed or ruled, against the same ones undisturbed."""

import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from scipy import ndimage

from doodle_core.data import practice, sketch
from support import disturbed

KINDS = disturbed.KINDS | disturbed.UNUSUAL
NAMES = practice.PRACTICE_CATEGORIES


def in_common(found, wanted):
    """How much of two bitmaps' ink lies within a pixel of the other's: in [0, 1]."""
    one, other = found > 127, wanted > 127
    near, around = (ndimage.binary_dilation(each, np.ones((3, 3))) for each in (one, other))
    return min((one & around).sum() / one.sum(), (other & near).sum() / other.sum())


def compared(kind, seed):
    """The ink in common of a practice drawing disturbed and not; 0 where it is refused."""
    rng = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    line = disturbed.line(practice.strokes(NAMES[seed % len(NAMES)], rng), rng)
    wanted = sketch.picture(disturbed.png(disturbed.painted(line)))
    try:
        return in_common(sketch.picture(KINDS[kind](line, rng)), wanted)
    except ValueError:
        return 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_disturbed_picture_is_read_as_the_plain_one(kind):
    assert compared(kind, zlib.crc32(kind.encode()) % 7) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_nine_in_ten_disturbed_pictures_are_read_as_the_plain_ones(kind):
    """Of what is unusual, eight in ten: a border and a shadow at once are read least."""
    found = np.mean([compared(kind, seed) > 0.8 for seed in range(100, 128)])
    assert found >= (0.9 if kind in disturbed.KINDS else 0.8)


def circle(pen=9):
    picture = Image.new("L", (420, 420), 255)
    ImageDraw.Draw(picture).ellipse((90, 90, 320, 320), outline=0, width=pen)
    return picture


def read(picture, **settings):
    return sketch.read_picture(disturbed.saved(picture, **settings))


def test_what_is_left_out_is_said():
    plain = read(circle())
    assert plain.remarks == "" and 0.1 < (plain.bitmap > 127).mean() < 0.2
    for width in (1, 4, 60):
        framed = read(ImageOps.expand(circle(), width, 0))
        assert framed.remarks == "Left out: what surrounds the sheet."
        assert in_common(framed.bitmap, plain.bitmap) == 1
    ruled = circle()
    for y in range(15, 420, 30):
        ImageDraw.Draw(ruled).line((0, y, 420, y), fill=150)
    assert read(ruled).remarks == "Left out: the paper's ruling."
    boxed = circle()
    ImageDraw.Draw(boxed).rectangle((15, 15, 404, 404), outline=0, width=3)
    assert read(boxed).remarks == "Left out: a frame."
    touched = circle()
    ImageDraw.Draw(touched).line((0, 30, 60, 0), fill=0, width=5)
    assert read(touched).remarks == "Left out: what touches the edge."
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = read(circle(), kind="JPEG", exif=exif)
    assert turned.remarks == "Turned upright, as the file asks."


def test_what_is_filled_and_what_is_straight_belongs_to_a_drawing():
    """A black disc wider than any line, a stick on it; then a bar nearly as wide as the paper."""
    picture = Image.new("L", (420, 420), 255)
    brush = ImageDraw.Draw(picture)
    brush.ellipse((60, 150, 200, 290), fill=0)
    brush.line((200, 220, 380, 220), fill=0, width=9)
    plain = read(picture)
    # 320 pixels become 256 of 304: a disc of 140, a stick of 180 x the pen of 16
    share = (np.pi * (70 * 255 / 320) ** 2 + 180 * 255 / 320 * 9 * 255 / 320) / 304**2
    assert (plain.bitmap > 127).mean() == pytest.approx(share, rel=0.25) and plain.remarks == ""
    assert in_common(read(ImageOps.invert(picture)).bitmap, plain.bitmap) == 1
    assert in_common(read(ImageOps.expand(picture, 40, 30)).bitmap, plain.bitmap) == 1
    bar = circle()
    ImageDraw.Draw(bar).line((40, 350, 380, 350), fill=0, width=5)
    assert read(bar).remarks == "" and (read(bar).bitmap[-6:] > 127).sum() >= 20


@pytest.mark.parametrize("is_dark", [True, False])
def test_a_scribble_with_gaps_is_no_sheet(is_dark):
    rng = np.random.default_rng(4)
    points = [(rng.uniform(80, 340), rng.uniform(120, 300)) for _ in range(60)]
    picture = Image.new("L", (420, 420), 255)
    ImageDraw.Draw(picture).line(points, fill=0, width=12, joint="curve")
    ink = np.asarray(picture) < 128
    cut = ink[np.ix_(ink.any(axis=1), ink.any(axis=0))]
    assert cut.mean() > 0.4, "this should be a scribble"
    try:
        found = read(picture if is_dark else ImageOps.invert(picture)).bitmap
    except ValueError as error:
        assert "more than 45 %" in str(error)
    else:
        assert (found[10:18, 8:20] > 127).mean() > 0.6


@pytest.mark.parametrize(
    "picture, says",
    [
        (ImageOps.expand(Image.new("L", (300, 300), 240), 60, 40), "empty|45 %"),
        (Image.fromarray(disturbed.rules((420, 420), np.random.default_rng(0)) < 0.5), "empty"),
        (Image.fromarray(np.tile(np.arange(420) < 210, (420, 1))), "empty"),
        (Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300), np.uint8)), "45 %"),
        (ImageOps.expand(Image.new("L", (300, 300)), 60, 255), "45 %"),
    ],
)
def test_a_picture_without_a_line_drawing_is_refused(picture, says):
    with pytest.raises(ValueError, match=says):
        read(picture)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("is_light", [True, False])
def test_values_of_few_bits_in_sixteen_are_read(bits, is_light):
    ink = 1 - np.asarray(circle(), float) / 255
    found = sketch.picture(disturbed.deep(ink, bits, is_light))
    assert np.abs(found.astype(int) - read(circle()).bitmap).max() <= 8


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (3, 3), (5, 400), (28, 28)])
def test_pictures_of_any_size_are_read_or_refused(size):
    rng = np.random.default_rng(0)
    for mode in ("L", "RGB", "RGBA"):
        picture = Image.fromarray(rng.integers(0, 2, (*size, 4), np.uint8) * 255).convert(mode)
        try:
            assert read(picture).bitmap.shape == (28, 28)
        except ValueError as error:
            assert str(error).endswith(".")
