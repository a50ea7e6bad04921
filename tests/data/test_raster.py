"""Strokes become the official bitmaps; files of strokes that are damaged."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import example, given

from doodle_core.data import raster
from doodle_core.data.raster import draw_strokes, read_ndjson, simplify_raw
from support.hostile import JSON, answered


def test_a_drawing_is_white_on_black_and_centred():
    picture = draw_strokes([[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]])
    assert picture.shape == (28, 28) and picture.dtype == np.uint8
    assert picture.max() >= 250 and picture[14, 14] == 0 and picture[0].max() == 0
    # symmetric to half a supersampled pixel
    assert np.abs(picture.astype(int) - picture[::-1, ::-1]).max() <= 16


def test_a_line_has_the_pens_area():
    """A line from (55, 127) to (200, 127): 145 x 16 and a round cap of radius 8 at each end."""
    ink = draw_strokes([[[0, 145], [0, 0]]]).sum() / 255 * (304 / 28) ** 2
    assert ink == pytest.approx(145 * 16 + np.pi * 64, rel=0.03)


def test_a_short_drawing_lies_in_the_middle():
    picture = draw_strokes([[[0, 40], [0, 0]]])
    rows, columns = np.nonzero(picture)
    assert abs(rows.mean() - 13.5) < 0.2 and abs(columns.mean() - 13.5) < 0.2


def test_a_dot_is_drawn():
    assert draw_strokes([[[10], [10]]]).max() > 200


@pytest.mark.parametrize(
    "strokes",
    [[], [[[], []]], [[[1, 2], [1]]], [[[1]]], [[[0, 300], [0, 0]]], [[[float("nan")], [1]]]],
)
def test_strokes_that_are_none_are_refused(strokes):
    with pytest.raises(ValueError):
        draw_strokes(strokes)


def test_raw_strokes_are_scaled_and_simplified():
    xs = list(np.linspace(500.0, 1500.0, 200))
    ((simple_x, simple_y),) = simplify_raw([[xs, [70.0] * 200, list(range(200))]])
    assert (simple_x, simple_y) == ([0, 255], [0, 0])


def test_simplifying_stays_within_its_tolerance():
    turn = np.linspace(0, 2 * np.pi, 400)
    ((xs, ys),) = simplify_raw([[200 + 90 * np.cos(turn), 90 * np.sin(turn)]])
    assert 8 <= len(xs) <= 40
    radius = np.hypot(np.array(xs) - 127.5, np.array(ys) - 127.5)
    assert np.abs(radius - 127.5).max() < 3.5


def test_raw_and_simplified_files_give_the_same_picture(tmp_path):
    square = [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]
    raw = [[[float(x) * 3 + 40 for x in square[0][0]], [y * 3.0 for y in square[0][1]], [0] * 5]]
    file = tmp_path / "cup.ndjson"
    file.write_text(f"{json.dumps({'drawing': square})}\n\n{json.dumps({'drawing': raw})}\n")
    first, second = read_ndjson(file)
    assert (first == second).all() and first.max() > 200


GOOD = '{"drawing": [[[0, 9], [0, 9]]]}'
BROKEN = [
    "{",
    "[]",
    '{"word": "cup"}',
    '{"drawing": []}',
    '{"drawing": [[[], []]]}',
    '{"drawing": 5}',
    '{"drawing": [[[1],["a"]]]}',
    "\x00\xff",
    '{"drawing": [[[1, 2, 256], [0, 0, 0]]]}',
    '{"drawing": [[[1, -3], [0, 0]]]}',
    '{"drawing": [[[0, 9], [0,',
    "[" * 100_000,
]


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_line_is_left_out_and_noted(tmp_path, line):
    file = tmp_path / "cup.ndjson"
    file.write_text(f"{GOOD}\n{line}\n{GOOD}")
    bad = []
    assert np.array_equal(
        read_ndjson(file, bad=bad), [draw_strokes([[[0, 9], [0, 9]]]).ravel()] * 2
    )
    ((number, why),) = bad
    assert number == 2 and why and "\n" not in why


def test_a_file_of_broken_lines_is_refused(tmp_path):
    file = tmp_path / "cup.ndjson"
    file.write_text("\n".join(BROKEN))
    with pytest.raises(ValueError, match=r"^cup.ndjson holds no drawing: line 1 .*\.$") as refusal:
        read_ndjson(file)
    assert "\n" not in str(refusal.value)
    file.write_text("\n")
    with pytest.raises(ValueError, match=r"^cup.ndjson holds no drawing\.$"):
        read_ndjson(file)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_marks_line_ends_and_gzip_do_not_matter(tmp_path, mark, end, pack):
    file, bad = tmp_path / "cup.ndjson", []
    file.write_bytes(pack(mark + end.join([GOOD.encode()] * 3) + end))
    assert len(read_ndjson(file, bad=bad)) == 3 and not bad
    assert len(read_ndjson(file, 2)) == 2


def test_a_torn_gzip_gives_what_it_holds(tmp_path):
    file, bad = tmp_path / "cup.ndjson", []
    rng = np.random.default_rng(0)
    lines = [json.dumps({"drawing": rng.integers(0, 256, (1, 2, 9)).tolist()}) for _ in range(99)]
    content = gzip.compress("\n".join(lines).encode())
    file.write_bytes(content[: len(content) // 2])
    assert 10 < len(read_ndjson(file, bad=bad)) < 90 and len(bad) == 1


def test_a_line_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(raster, "MOST_LINE", 1000)
    file, bad = tmp_path / "cup.ndjson", []
    file.write_text("\n".join([GOOD, GOOD + " " * 3500, GOOD]))
    assert len(read_ndjson(file, bad=bad)) == 2
    assert [number for number, _ in bad] == [2] and "longer" in bad[0][1]


def zigzag(n, height):
    """A raw stroke of n points that goes up and down: the simplification's worst case."""
    return [np.linspace(0, 255, n).tolist(), (np.arange(n) % 2 * float(height)).tolist(), [0] * n]


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ([[[0] * 30_000, [0] * 30_000]], "more than 20,000 points"),
        ([zigzag(15_000, 255)], "longer than 300 of the drawing's sides"),
        ([[[0, 9], [0, 9]]] * 600, "more than 500 strokes"),
    ],
)
def test_more_than_a_drawing_has_is_refused(tmp_path, drawing, words):
    file = tmp_path / "cup.ndjson"
    file.write_text(json.dumps({"drawing": drawing}))
    with pytest.raises(ValueError, match=words):
        read_ndjson(file)


def test_a_long_line_is_simplified_in_pieces_and_a_short_one_as_ever(monkeypatch):
    stroke = zigzag(60, 90)
    ((before, _),) = simplify_raw([stroke])
    monkeypatch.setattr(raster, "PIECE", 100)
    ((xs, ys),) = simplify_raw([stroke])
    assert (xs[0], ys[0], xs[-1], ys[-1]) == (0, 0, 255, 90)
    assert xs == sorted(xs) and len(before) < len(xs) < 2 * len(before)


def test_a_line_without_an_end_is_not_read_at_once(tmp_path):
    with open(tmp_path / "cup.ndjson", "wb") as file:
        file.truncate(500_000_000)
    with pytest.raises(
        ValueError, match="cup.ndjson holds no drawing: line 1 .*longer than 2,000,000"
    ):
        read_ndjson(tmp_path / "cup.ndjson")


@given(JSON)
@example([[]])
@example([[[10**400], [0]]])
@example([[[1, 2], [3]]])
def test_strokes_that_are_none(tmp_path, content):
    file = tmp_path / "cup.ndjson"
    file.write_bytes(json.dumps({"drawing": content}).encode("utf-8", "surrogatepass"))
    found = answered(raster.read_ndjson, file)
    assert found is None or found.shape == (1, 784)


def by_distance(strokes):
    """The official way by its definition: of each pixel, how much lies within 8 of a line."""
    points = np.concatenate([np.array(one, float) for one in strokes], axis=1)
    shift = 24 + (256 - points.max(axis=1)) / 2
    fine = (np.arange(28 * 16) + 0.5) * 304 / (28 * 16)  # the middles of a sixteenth of a pixel
    x, y = np.meshgrid(fine, fine)
    picture = np.zeros((28, 28))
    for stroke in strokes:
        xs, ys = np.array(stroke, float) + shift[:, None]
        ink = np.zeros(x.shape, bool)
        for at in range(max(1, len(xs) - 1)):
            to = min(at + 1, len(xs) - 1)
            across, down = xs[to] - xs[at], ys[to] - ys[at]
            along = (x - xs[at]) * across + (y - ys[at]) * down
            along = np.clip(along / max(across**2 + down**2, 1e-9), 0, 1)
            ink |= np.hypot(x - xs[at] - along * across, y - ys[at] - along * down) <= 8
        cover = ink.reshape(28, 16, 28, 16).mean(axis=(1, 3))
        picture += (255 - picture) * cover
    return picture


@pytest.mark.parametrize(
    ("strokes", "most", "mean"),
    [
        ([[[0, 90], [60, 0]], [[45], [255]]], 6, 1),
        ([[[0, 255, 130], [0, 40, 255]], [[20, 200], [240, 10]]], 20, 5.5),
        ([[[3, 250, 255, 250], [0, 3, 100, 3]]], 20, 5.5),
    ],
)
def test_a_bitmap_is_the_pens_area(strokes, most, mean):
    """Pillow's slanting lines are a little narrower than they should be: not its caps and joins."""
    expected = by_distance(strokes)
    apart = np.abs(draw_strokes(strokes) - expected)
    assert apart.max() < most and apart[expected > 0].mean() < mean


def test_simplifying_keeps_what_is_farther_away_than_two():
    """A long line, 255 after scaling: a corner 2.1 off it stays, one 1.9 off it goes."""
    for height, corners in ((1.9, 2), (2.1, 3)):
        ((xs, ys),) = simplify_raw([[[0.0, 127.5, 255.0], [0.0, height, 0.0]]])
        assert len(xs) == corners and (xs[0], xs[-1]) == (0, 255)
    ((xs, _),) = simplify_raw([[[0.0, 127.5, 255.0], [0.0, 2.1, 0.0]]], epsilon=3)
    assert len(xs) == 2
    assert simplify_raw([[[7.0], [9.0]]]) == [[[0], [0]]]
    first, second = simplify_raw([[[10, 20], [5, 5]], [[10, 10], [5, 15]]])
    assert first == [[0, 255], [0, 0]] and second == [[0, 0], [0, 255]]


def test_a_line_that_comes_back_keeps_its_far_end():
    ((xs, ys),) = simplify_raw([[[0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]])
    assert (xs, ys) == ([0, 255, 0], [0, 0, 0])


def test_the_first_lines_of_a_file_alone(tmp_path):
    file = tmp_path / "cup.ndjson"
    line = '{"drawing": [[[0, 9], [0, 9]]]}\n'
    file.write_text("\n" + line * 3 + "rubbish\n")
    assert len(read_ndjson(file, 3)) == 3 and len(read_ndjson(file, 1)) == 1
    for n, lines in ((3, []), (0, [5])):
        bad = []
        assert len(read_ndjson(file, n, bad)) == 3
        assert [number for number, _ in bad] == lines
    file.write_text(line * 9 + "rubbish\n" * 1009 + line)
    assert len(read_ndjson(file)) == 10
    file.write_text(line * 9 + "rubbish\n" * 1010 + line)
    with pytest.raises(ValueError, match="cup.ndjson holds hardly a drawing: line 10"):
        read_ndjson(file)
    file.write_text("\n")
    with pytest.raises(ValueError, match="holds no drawing"):
        read_ndjson(file)


def test_a_drawing_of_too_many_points_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "cup.ndjson"
    monkeypatch.setattr(raster, "MAX_POINTS", 4)
    file.write_text('{"drawing": [[[0, 9], [0, 9]], [[1, 2], [1, 2]]]}\n')
    assert len(read_ndjson(file)) == 1
    file.write_text('{"drawing": [[[0, 9, 9], [0, 9, 8]], [[1, 2], [1, 2]]]}\n')
    with pytest.raises(ValueError, match="more than 4 points"):
        read_ndjson(file)
    assert raster.MAX_POINTS == 4
