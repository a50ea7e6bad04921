"""What share of photographed and scanned drawings is named as in the plain picture.

    python benchmarks/pictures.py --strokes FOLDER --network report-seven-compact --drawings 160

Real drawings are taken from the `.ndjson` files of a folder (simplified strokes, as officially
published), as many of each; each is painted, disturbed in every way of `tests/support/disturbed.py`
and read by `data.sketch`. Printed for each way: the share of drawings that the network names as it
names the plain picture of the same drawing, with its 95 % Wilson interval, and how many were
refused with a sentence (which count as not named).
"""

import argparse
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))


from doodle_core import runs
from doodle_core.data import sketch
from doodle_core.evaluation import wilson
from doodle_core.files import MODELS
from doodle_core.inference.classifier import load_classifier
from support import disturbed


def drawn(folder: Path, count: int) -> list[Any]:
    """The strokes of `count` drawings, as many from each `.ndjson` file of a category."""
    files = sorted(file for file in folder.glob("*.ndjson") if not file.stem.startswith("all"))
    each = -(-count // len(files))
    return [
        json.loads(text)["drawing"]
        for file in files
        for text in file.read_text("utf-8").splitlines()[:each]
    ][:count]


def read(kind: disturbed.Kind, lines: list[NDArray[Any]]) -> list[NDArray[np.uint8] | None]:
    """The bitmaps of the drawings disturbed in one way, None where the picture is refused."""
    found: list[NDArray[np.uint8] | None] = []
    for seed, (line, name) in enumerate(lines):
        try:
            found.append(sketch.picture(kind(line, np.random.default_rng([seed, name]))))
        except ValueError:
            found.append(None)
    return found


def main() -> None:
    options: Any = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--strokes", type=Path, required=True, help="a folder of .ndjson files")
    options.add_argument("--network", default="report-seven-compact")
    options.add_argument("--drawings", type=int, default=160)
    options = options.parse_args()
    path = MODELS / options.network
    network = load_classifier(path, runs.load(path).config)

    def named(bitmaps: list[NDArray[np.uint8] | None]) -> NDArray[np.int64]:
        """(n,) the category's index; -1 where there is no bitmap."""
        blank = np.zeros((28, 28), np.uint8)
        rows = np.stack([blank if bitmap is None else bitmap for bitmap in bitmaps])
        top = network.probabilities(rows.reshape(-1, 784)).argmax(axis=1)
        return np.where([bitmap is None for bitmap in bitmaps], -1, top)

    strokes = drawn(options.strokes, options.drawings)
    inks = [disturbed.line(one, np.random.default_rng(seed)) for seed, one in enumerate(strokes)]
    wanted = named(read(disturbed.KINDS["plain"], [(ink, 0) for ink in inks]))
    print(f"{len(inks)} drawings, {options.network}")
    print(f"{'':26} share named alike      refused")
    for name, kind in (disturbed.KINDS | disturbed.UNUSUAL).items():
        found = named(read(kind, [(ink, zlib.crc32(name.encode())) for ink in inks]))
        right = int((found == wanted).sum())
        low, high = wilson(right, len(inks))
        share = f"{right / len(inks):.3f} ({low:.3f} to {high:.3f})"
        print(f"{name:26} {share:22} {int((found < 0).sum())}", flush=True)


if __name__ == "__main__":
    main()
