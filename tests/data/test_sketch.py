"""A person's own drawings: strokes and pictures as the networks see them."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from doodle_core.data import practice, raster, sketch
from support.hostile import JSON, answered, damages, outside

SQUARE = [[[0, 100, 100, 0, 0], [0, 0, 100, 100, 0]]]


def drawn(strokes, side=600, pen=24, light=255, ink=0, at=(80, 30)):
    """A picture of simplified strokes, not in its middle."""
    image = Image.new("L", (side + 200, side + 120), light)
    brush = ImageDraw.Draw(image)
    for xs, ys in strokes:
        points = [(at[0] + x * side / 255, at[1] + y * side / 255) for x, y in zip(xs, ys)]
        brush.line(points, fill=ink, width=pen)
        for x, y in points:
            brush.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=ink)
    return image


def saved(image, kind="PNG", **settings):
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def apart(one, other):
    """How much two bitmaps differ, in the mean of the pixels that have ink in either."""
    inked = (one > 127) | (other > 127)
    return np.abs(one[inked].astype(float) - other[inked]).mean()


# --- strokes -------------------------------------------------------------------------------------


def test_strokes_go_the_official_way():
    simple = practice.strokes("apple", np.random.default_rng(1))
    raw = [[[3.7 * x + 40 for x in xs], [3.7 * y + 11 for y in ys]] for xs, ys in simple]
    again = sketch.simplified(raw)
    assert again == raster.simplify_raw(raw)
    low = np.min([np.min(stroke, axis=1) for stroke in simple], axis=0)[:, None]
    moved = [(np.array(stroke) - low).tolist() for stroke in simple]
    assert apart(raster.draw_strokes(again), raster.draw_strokes(moved)) < 25


def test_a_dot_can_be_drawn():
    bitmap = raster.draw_strokes(sketch.simplified([[[5], [7]]]))
    assert bitmap[13:15, 13:15].min() > 90 and bitmap.sum() == bitmap[12:16, 12:16].sum()


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        5,
        "x",
        [5],
        [[]],
        [[[1]]],
        [[[1, 2], [1]]],
        [[[], []]],
        [[["a"], ["b"]]],
        [[[None], [1]]],
        [[[1], [float("nan")]]],
        [[[1e9], [1]]],
        [[[10**400], [1]]],
        [[[True], [False]]],
        [[[[1]], [[1]]]],
        [{"xs": 1}],
        [[[1], [2], [3]]],
        [[[1], [2]]] * 501,
        [[[0] * 20_001, [0] * 20_001]],
    ],
)
def test_what_is_no_drawing_gets_a_sentence(strokes):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        sketch.checked(strokes)


def test_an_empty_canvas_and_too_much_ink():
    assert sketch.checked([]) == []
    with pytest.raises(ValueError, match="Nothing is drawn"):
        sketch.simplified([])
    forth = [0, 255] * 9_000
    with pytest.raises(ValueError, match="more ink"):
        sketch.simplified([[forth, forth]])


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "side, pen, settings",
    [
        (255, 16, {}),
        (255, 3, {}),
        (600, 24, {}),
        (1500, 40, {}),
        (900, 2, {}),
        (600, 24, {"ink": 110}),
        (600, 24, {"light": 0, "ink": 255}),
        (600, 24, {"light": 40, "ink": 170}),
    ],
)
def test_a_picture_looks_like_the_official_bitmap(side, pen, settings):
    rng = np.random.default_rng(5)
    differences = []
    for category in practice.PRACTICE_CATEGORIES:
        strokes = practice.strokes(category, rng)
        found = sketch.picture(saved(drawn(strokes, side, pen, **settings)))
        assert found.shape == (28, 28) and found.dtype == np.uint8
        assert found.max() > 200, "a thin line must stay visible"
        differences.append(apart(found, raster.draw_strokes(strokes)))
    assert np.mean(differences) < 30, differences


def test_it_is_centred_with_the_official_margin():
    whole = [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]
    found = sketch.picture(saved(drawn(whole, side=510, pen=32, at=(150, 25)))).astype(int)
    assert np.abs(found - raster.draw_strokes(whole)).max() < 40


def test_kinds_of_files_give_the_same_bitmap():
    strokes = practice.strokes("cup", np.random.default_rng(2))
    image = drawn(strokes)
    wanted = sketch.picture(saved(image))
    ink = ImageOps.invert(image)
    clear = Image.merge("LA", (Image.new("L", image.size, 0), ink))
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn it by 270 degrees"
    exif_turned = saved(turned, "JPEG", exif=exif, quality=95)
    wide = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    for content in (
        saved(image.convert("RGB"), "JPEG", quality=95),
        saved(clear),
        saved(image.convert("1")),
        saved(image.convert("P")),
        saved(image.convert("CMYK"), "JPEG", quality=95),
        exif_turned,
        saved(wide),
        saved(image.convert("RGB"), "JPEG", quality=95, progressive=True),
    ):
        assert apart(sketch.picture(content), wanted) < 12


def test_a_photo_s_shade_is_not_ink():
    image = np.asarray(drawn(practice.strokes("moon", np.random.default_rng(3))), float)
    height, width = image.shape
    shade = np.linspace(0, 30, width)[None] + np.random.default_rng(0).normal(0, 4, image.shape)
    photo = np.clip(image * 0.8 + 40 - shade, 0, 255).astype(np.uint8)
    found = sketch.picture(saved(Image.fromarray(photo), "JPEG"))
    assert apart(found, sketch.picture(saved(Image.fromarray(image.astype(np.uint8))))) < 25


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def bomb(width, height):
    """A PNG of few bytes that says it is so large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


GOOD = saved(drawn(SQUARE))


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "neither a PNG nor a JPEG"),
        (b"<svg onload=alert(1)>", "neither a PNG nor a JPEG"),
        (saved(drawn(SQUARE), "GIF"), "neither a PNG nor a JPEG"),
        (saved(drawn(SQUARE), "BMP"), "neither a PNG nor a JPEG"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (GOOD[:40], "neither a PNG"),
        (saved(drawn(SQUARE), "JPEG")[:900], "damaged"),
        (bomb(30_000, 30_000), "million pixels"),
        (bomb(6_000, 6_000), "million pixels"),
        (bomb(400, 400), "damaged"),
        (saved(Image.new("L", (300, 300), 255)), "empty"),
        (saved(Image.new("L", (1, 1))), "empty"),
        (saved(Image.new("L", (300, 300), 0)), "empty"),
        (b"\0" * 5_000_001, "5 MB"),
        (saved(Image.new("LA", (90, 90), (0, 0))), "empty"),
    ],
)
def test_a_hostile_picture_gets_a_sentence(content, says):
    with pytest.raises(ValueError, match=says):
        sketch.picture(content)


@given(JSON)
@example([[[0.0, float("nan")], [1, 2]]])
@example([[[1e308, -1e308], [1, 2]]])
def test_what_a_canvas_may_send(content):
    before = outside()
    found = answered(sketch.simplified, content)
    for line in found or []:
        assert np.isfinite(line).all()
    assert outside() == before


@given(damages(), st.sampled_from(["PNG", "JPEG", "GIF", "TIFF"]))
def test_a_picture_that_is_none(damage, kind):
    file = io.BytesIO()
    Image.fromarray(np.eye(64, dtype=np.uint8) * 255).save(file, kind)
    found = answered(sketch.picture, damage(file.getvalue()))
    assert found is None or (found.shape, found.dtype) == ((28, 28), np.uint8)
