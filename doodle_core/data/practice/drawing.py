"""Practice data: doodles that the program draws itself, so that everything runs without a download.

These are synthetic drawings, not real ones. Each category has several ways of drawing it, seen in
what people do (mugs and glasses, crescents and full moons): `practice_recipes`. A common hand then
draws them: it wobbles, misses joints, leans, stretches, hurries, and now and then gives up
half-way or only scribbles, since players of Quick, Draw! had 20 seconds. The strokes are moved to
0 and scaled as the official simplified strokes are, and drawn by the same code
(`raster.draw_strokes`).

Real drawings have more kinds of everything. A network trained on practice data alone names most,
by no means all, real drawings; figures on practice data say little about real ones.
"""

import contextlib
import itertools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import doodle_core
from doodle_core.arrays import read_npy, write_npy
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.data.practice import recipes
from doodle_core.data.practice.recipes import Stroke, Ways
from doodle_core.data.raster import SIDE, draw_strokes

VERSION = 1
"""Raise it whenever the drawings change: it is part of the key under which they are cached."""

PRACTICE_CATEGORIES = REPORT_SEVEN

BLOCK = 250  # drawings that share one random generator
MOST_PROCESSES = 8
PIXELS = SIDE * SIDE

Pixels = NDArray[np.uint8]  # (drawings, PIXELS)
Job = tuple[str, int, int, int]  # category, seed, block, how many of its drawings

LEAN = {"lollipop": 0.02, "canoe": 0.016, "moon": 0.02, "eyeglasses": 0.016}
"""Standard deviation of a drawing's rotation in turns where it is not DEFAULT_LEAN."""
DEFAULT_LEAN = 0.012


# The hand that draws them


def _scrawl(rng: np.random.Generator) -> list[Stroke]:
    """A scribble that no one could read."""
    n = int(recipes.between(rng, 4, 18))
    line = np.cumsum(rng.standard_normal(n) + 1j * rng.standard_normal(n))
    return [(line - line[0]) / abs(line - line[0]).max()]


def _give_up(rng: np.random.Generator, drawing: list[Stroke]) -> list[Stroke]:
    """Time is over: the last strokes are missing, or the last one breaks off."""
    if len(drawing) > 1 and recipes.chance(rng, 0.6):
        return drawing[: int(recipes.between(rng, 1, len(drawing)))]
    last = drawing[-1]
    return drawing[:-1] + [last[: max(2, int(len(last) * recipes.between(rng, 0.3, 0.95)))]]


def _stray(rng: np.random.Generator, drawing: list[Stroke]) -> list[Stroke]:
    """A mark beside the drawing, which makes it smaller in its box."""
    high = max(abs(line).max() for line in drawing)
    place = high * recipes.between(rng, 0.9, 1.8) * np.exp(2j * math.pi * rng.random())
    size = high * recipes.between(rng, 0.02, 0.4)
    if recipes.chance(rng, 0.5):
        return drawing + [recipes.dot(rng, place, 0.4 * size)]
    return drawing + [place + size * line for line in _scrawl(rng)]


def _several(rng: np.random.Generator, ways: Ways) -> list[Stroke]:
    """Two or three of it, side by side."""
    drawings: list[Stroke] = []
    left = 0.0
    for _ in range(2 if recipes.chance(rng, 0.7) else 3):
        drawing = recipes.choose(rng, ways)(rng)
        ends = np.concatenate(drawing).real
        shift = left - ends.min() - 0.2j * rng.standard_normal()
        drawings += [line + shift for line in drawing]
        left += (ends.max() - ends.min()) * recipes.between(rng, 1.05, 1.6)
    return drawings


def _wobble(rng: np.random.Generator, z: Stroke, counts: list[int], lean: float) -> Stroke:
    """What a hurried hand makes of strokes of `counts` points, all of them in `z`: (n,) complex."""
    z = z - (z.real.min() + 1j * z.imag.min())
    z /= max(z.real.max(), z.imag.max(), 1e-9)
    z -= (z.real.max() + 1j * z.imag.max()) / 2
    haste = recipes.about(rng, 1, 0.55)
    # each stroke a little off its place
    noise = rng.standard_normal(2 * (len(z) + len(counts))).view(complex)
    off = 0.012 * haste * noise[: len(counts)]
    z = z + np.repeat(off, counts) + 0.0075 * haste * noise[len(counts) :]
    # the sheet bends: three long waves move what lies near together in the same way
    wave = rng.standard_normal((5, 3))
    phase = z.real[:, None] * (5 * wave[0]) + z.imag[:, None] * (5 * wave[1]) + 6 * wave[2]
    z = z + np.sin(phase) @ (0.022 * haste * (wave[3] + 1j * wave[4]))
    # lean, shear, stretch
    angle = 2 * math.pi * lean * rng.standard_normal() * (1 if recipes.chance(rng, 0.85) else 3)
    shear, stretch, keystone = rng.standard_normal(3) * (0.09, 0.13, 0.12)
    stretch = math.exp(stretch)
    x, y = z.real * stretch + shear * z.imag, z.imag / stretch
    x = x * (1 + keystone * y)
    turned: Stroke = (x + 1j * y) * np.exp(1j * angle)
    return turned


def _fit(z: Stroke, counts: list[int]) -> list[list[list[int]]]:
    """Move to 0 and scale the longer side to 255, as the official strokes: lists of int."""
    points = np.stack([z.real, z.imag])
    points -= points.min(axis=1)[:, None]
    points *= 255 / max(points.max(), 1e-9)
    xs, ys = points.round().astype(int).tolist()
    ends = itertools.accumulate(counts)
    return [[xs[end - count : end], ys[end - count : end]] for count, end in zip(counts, ends)]


def strokes(category: str, rng: np.random.Generator) -> list[list[list[int]]]:
    """One practice drawing as simplified strokes.

    Args:
        category: str, one of PRACTICE_CATEGORIES.
        rng: numpy Generator.

    Returns:
        list of `[xs, ys]`, lists of int in [0, 255], x to the right, y down.

    Raises:
        ValueError: there is no recipe for `category`.
    """
    ways = recipes.RECIPES[_check(category)]
    at = rng.random()
    if at < 0.008:
        drawing = _scrawl(rng)
    elif at < 0.016:
        drawing = _several(rng, ways)
    else:
        drawing = recipes.choose(rng, ways)(rng)
        if at < 0.05:
            drawing = _give_up(rng, drawing)
        elif at < 0.065:
            drawing = _stray(rng, drawing)
    counts = [len(line) for line in drawing]
    lean = LEAN.get(category, DEFAULT_LEAN)
    return _fit(_wobble(rng, np.concatenate(drawing), counts, lean), counts)


def _check(category: str) -> str:
    if category not in recipes.RECIPES:
        raise ValueError(
            f"There is no practice recipe for {category!r}: practice data has "
            f"{', '.join(PRACTICE_CATEGORIES)}."
        )
    return category


# Many drawings


def _draw_block(job: Job) -> Pixels:
    """A job's drawings: the first ones of its block."""
    category, seed, block, n = job
    rng = np.random.default_rng([seed, PRACTICE_CATEGORIES.index(category), block])
    pictures = np.empty((n, PIXELS), np.uint8)
    for picture in pictures:
        picture[:] = draw_strokes(strokes(category, rng)).ravel()
    return pictures


def _jobs(category: str, n: int, seed: int) -> list[Job]:
    """One job for each block of drawings."""
    return [(category, seed, start // BLOCK, min(BLOCK, n - start)) for start in range(0, n, BLOCK)]


# Several processes: plain `subprocess` ones. Those of multiprocessing would run the main script
# once more each, and under Streamlit that is the whole dashboard. joblib's do not, but they stay
# for good when their parent is killed, and a process has one pool of them: who stops a drawing in
# one browser would break off the others'.


def _serve() -> None:
    """Run in a helper process: jobs come in as lines of JSON, the drawings go out as bytes."""
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        for line in sys.stdin.buffer:  # ends when the parent closes it, or dies
            sys.stdout.buffer.write(_draw_block(json.loads(line)).tobytes())
            sys.stdout.buffer.flush()


def _start_helper() -> subprocess.Popen[bytes]:
    root = str(Path(doodle_core.__path__[0]).resolve().parent)
    code = f"import sys; sys.path.insert(0, {root!r}); from {__name__} import _serve; _serve()"
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _ask(helper: subprocess.Popen[bytes], job: Job) -> Pixels:
    """Have a helper do a job."""
    assert helper.stdin and helper.stdout
    size = job[-1] * PIXELS
    try:
        helper.stdin.write(json.dumps(job).encode() + b"\n")
        helper.stdin.flush()
        answer = helper.stdout.read(size)
    except BrokenPipeError:
        answer = b""
    if len(answer) < size:
        raise ChildProcessError("A process that drew practice data ended before it was done.")
    return np.frombuffer(answer, np.uint8).reshape(-1, PIXELS)


def _blocks(jobs: Iterable[Job], processes: int) -> Generator[Pixels, None, None]:
    """Yield the drawings of each job, in order, made by so many processes."""
    if processes == 1:
        yield from map(_draw_block, jobs)
        return
    helpers = [_start_helper() for _ in range(processes)]
    free = list(helpers)

    def work(job: Job) -> Pixels:
        helper = free.pop()  # there is one for each thread
        try:
            return _ask(helper, job)
        finally:
            free.append(helper)

    threads = ThreadPoolExecutor(processes)  # they only wait for their helpers
    try:
        yield from threads.map(work, jobs)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for helper in helpers:
            helper.kill()
            helper.communicate()


def draw(category: str, n: int, seed: int = 0, processes: int | None = None) -> Pixels:
    """Draw `n` practice doodles of one category.

    Drawing i depends on category, seed and i alone, so fewer drawings are the beginning of more.

    Args:
        category: str, one of PRACTICE_CATEGORIES.
        n: int, number of drawings.
        seed: int, 0 or more.
        processes: int or None (this one alone), how many processes share the work.

    Returns:
        (n, 784) uint8, white (255) on black.

    Raises:
        ValueError: there is no recipe for `category`.
    """
    jobs = _jobs(_check(category), n, seed)
    blocks = _blocks(jobs, min(processes or 1, len(jobs) or 1))
    return np.concatenate([np.empty((0, PIXELS), np.uint8), *blocks])


def write(
    folder: str | Path,
    categories: Iterable[str] = PRACTICE_CATEGORIES,
    n: int = 10_000,
    seed: int = 0,
    progress: Callable[[float], object] | None = None,
) -> None:
    """Write `<folder>/<category>.npy`, (n, 784) uint8, for each category.

    A file that is there with `n` rows or more stays, so an interrupted call is taken up again;
    the folder should be one for this VERSION and seed. Each file appears at once and whole, by a
    rename; two calls at one time do the work twice and leave the same files.

    Args:
        folder: path; made if missing.
        categories: names out of PRACTICE_CATEGORIES.
        n: int, drawings per category.
        seed: int, 0 or more.
        progress: function of the done fraction, a float in [0, 1]; called now and then.

    Raises:
        ValueError: there is no recipe for one of `categories`; nothing is written then.
        OSError: the folder cannot be written, or a process that helps was killed.
    """
    folder = Path(folder)
    report = progress or (lambda fraction: None)
    todo = [name for name in map(_check, categories) if _rows(folder / f"{name}.npy") < n]
    report(0.0)
    if todo:
        _draw_files(folder, todo, n, seed, report)
    report(1.0)


def _draw_files(
    folder: Path, categories: list[str], n: int, seed: int, report: Callable[[float], object]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    jobs = {category: _jobs(category, n, seed) for category in categories}
    total = sum(map(len, jobs.values()))
    few = total <= 4  # sooner done here than helpers have started
    processes = 1 if few else min(os.cpu_count() or 1, MOST_PROCESSES)
    with contextlib.closing(_blocks(itertools.chain(*jobs.values()), processes)) as blocks:
        done = 0
        for category in categories:
            pictures = []
            for _ in jobs[category]:
                pictures.append(next(blocks))
                done += 1
                report(done / total)
            write_npy(folder / f"{category}.npy", np.concatenate(pictures))


def _rows(path: Path) -> int:
    """Rows of a drawings file; -1 where there is none that can be read."""
    try:
        pictures = read_npy(path)
    except (OSError, ValueError):
        return -1
    return len(pictures) if pictures.shape[1:] == (PIXELS,) and pictures.dtype == np.uint8 else -1
