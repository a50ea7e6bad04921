"""The golden record: every figure, table, text and picture that the pages and the command line show
of the runs that come with the repository.

    python tests/golden.py record FILE        walk all pages anew, write what they show to FILE
    python tests/golden.py compare OLD NEW    what differs and was not meant; then exit status 1

`tests/golden/059d89c.json.gz` is the record of commit 059d89c, made before the code was taken
apart; `tests/test_golden.py` compares today's with it. Only what stays is used here:
`dashboard.py`, the pages' paths and addresses, the words on their widgets, and the command line.
Nothing of the program is imported. `golden_walk` works the pages, `golden_elements` says what is
kept of an element, `golden_compare` what counts as the same, `golden/changed.toml` which
differences are meant.

Not covered: what a click opens in a component (a drawing's closer look, strokes on the canvas, a
person's session), what a button's press saves as a file but for CSV and the HTML of `export`, what
runs while a training runs, and how anything looks in a browser.
"""

import argparse
import contextlib
import gzip
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from golden_compare import changes, differences, message, unexpected
from golden_elements import Media
from golden_walk import ROOT, Walk

STORED = ROOT / "tests" / "golden" / "059d89c.json.gz"
SHIPPED = frozenset(
    {
        *(f"curve-{kind}-{n}" for kind in ("base", "practice", "real") for n in (100, 300, 1000)),
        *(f"{base}-{how}" for base in ("MobileNetV2", "VGG16") for how in ("as-reported", "tuned")),
        *(f"{name}-0" for name in ("nineteen-base", "nineteen-compact")),
        *(f"{name}-0" for name in ("stand-in-base", "stand-in-compact")),
        *("report-seven-base", "report-seven-compact", "report-sweeps.db"),
        *("vae", "vae-2d", "vae-conditional", "vae-separated"),
    }
)
"""What models/ held at 059d89c: runs that were shipped later are another matter."""
OLD = "tests/golden/models/"
"""Those of them that other ones have replaced since."""
STOPS = [
    *("drawings", "scratch", "convolution", "table", "tuning", "norm", "choice", "errors"),
    *("elbo", "space", "ranges", "people"),
]


# --- the way --------------------------------------------------------------------------------------


def walk_all(walk: Walk) -> None:
    """Every page, the command line, and at last the pages that show practice drawings."""
    ways = [
        *(walk_short, walk_training, walk_classifiers, walk_autoencoders, walk_sweeps, walk_runs),
        *(walk_play, walk_commands, walk_practice),
    ]
    for way in ways:
        try:
            way(walk)
        except Exception as error:  # the others are walked all the same
            walk.faults.append(f"{way.__name__}: {type(error).__name__}: {error}")


def walk_short(walk: Walk) -> None:
    """Home, Learning curves, and Tour's stops."""
    walk.visit("home")
    walk.visit("curve")
    for stop in STOPS:
        walk.visit("tour", {"stop": stop})


def walk_training(walk: Walk) -> None:
    """Data, Train with each recipe, and the playback of each autoencoder's training."""
    for source in ("Practice data", "Quick, Draw! (download)", "A folder of mine"):
        walk.visit("data", Drawings=source)
    for what in ("A classifier", "A variational autoencoder"):
        for recipe in walk.visit("train", What=what).options("Network and recipe"):
            walk.visit("train", {"preset": recipe.partition(":")[0]})
    page = walk.open("train")
    for run in page.options("Training"):
        for epoch in (1, 5):
            page.work(Training=run, Epoch=epoch)


def walk_classifiers(walk: Walk) -> None:
    """Errors, Inside, Compare and Report."""
    walk.visit("errors", {"run": "no such run"})
    runs = walk.visit("errors").options("Run")
    for run in runs:
        walk.visit("errors", {"run": run}).work(Cells="Shares of the row")
        walk_inside(walk, {"run": run})
    pairs = [*itertools.pairwise(runs)]
    pairs += [("stand-in-base-0", "stand-in-compact-0"), ("nineteen-base-0", "nineteen-compact-0")]
    pairs += [("curve-base-100", "curve-real-100"), ("curve-real-1000", "stand-in-compact-0")]
    for one, two in pairs:
        walk.visit("compare", {"run": one, "with": two})
    page = walk.visit("report")
    boxes = [box.options for box in page.app.selectbox if box.label == "Drawings"]
    for group in boxes[0]:
        page.work(Drawings=group)


def walk_inside(walk: Walk, run: dict[str, str]) -> None:
    """Inside on three practice drawings, for another category, in another layer, in more layers."""
    page = walk.visit("inside", run)
    if not (categories := page.options("Category")):
        return  # it came without weights
    page.work(Category=categories[-1])
    page.work(Handful=2)
    page.work(**{"What speaks for": categories[1]})
    if layers := page.options("Convolution"):
        page.work(Convolution=layers[0])
    if every := page.options("Convolutions"):
        page.work(Convolutions=every[:4])


def walk_autoencoders(walk: Walk) -> None:
    """Latent and Generate."""
    for run in walk.visit("latent").options("Run"):
        walk_latent(walk, {"run": run})
        walk_generate(walk, {"run": run})


def walk_latent(walk: Walk, run: dict[str, str]) -> None:
    """Latent: drawings, layouts, colours and pinned points."""
    for which in ("Test", "Practice"):
        page = walk.visit("latent", run, Drawings=which)
        for layout in page.options("Layout")[1:]:
            page.work(Layout=layout)
        for coloring in page.options("Colour by")[1:]:
            page.work(**{"Colour by": coloring})
        if page.options("Judged"):
            page.work(Judged="Reconstruction")
        page = walk.visit("latent", run, **{"Drawings": which, "Generated too": False})
        page.work(**{"Pinned point": 100})
        page.work(**{"Pinned point": 300})
        for part in page.options("Part of the loss")[1:]:
            page.work(**{"Part of the loss": part})
    walk.visit("latent", run, **{"Drawings": "Practice", "Pinned point": 650})  # a generated one


def walk_generate(walk: Walk, run: dict[str, str]) -> None:
    """Generate: each section, and its widgets one at a time."""
    judge = "Classifier that names the drawings"
    ways: dict[str, list[dict[str, Any]]] = {
        "Plane": [],
        "Directions": [{"Direction 1": 1.5, "Direction 2": -0.5}],
        "Between": [{"Steps": 5}, {"Between two": "Samples of the prior"}],
        "Samples": [
            {"Spread": 0.5},
            {"Seed": 3, "Number": 40},
            {"Category": "each in turn"},
            {"Category": "clock"},
            {judge: "none"},
        ],
        "Reconstructions": [{"True category": "apple"}, {judge: "stand-in-base-0"}],
    }
    if run["run"] == "vae-2d":
        ways["Plane"] += [{"Reach": "\u22124 to 4"}, {"Where drawings lie": True}]
    if run["run"] == "vae-conditional":
        ways["Directions"].append({"Category": "clock"})
        ways["Between"].insert(0, {"Category on the way": "clock"})
    for section, more in ways.items():
        page = walk.visit("generate", run, Section=section)
        for steps in more:
            page.work(**steps)


def walk_sweeps(walk: Walk) -> None:
    """Each sweep by both figures, and the form of a new one."""
    page = walk.visit("sweeps")
    asked, kept = [list(box.options) for box in page.app.selectbox if box.label == "Sweep"]
    for sweep in kept:
        page = walk.visit("sweeps", {"sweep": sweep})
        page.work(Curves="validation top-1", Figure="validation loss (nats)")
    page = walk.open("sweeps")
    for sweep in asked:
        page.work(Sweep=sweep)


def walk_runs(walk: Walk) -> None:
    """The table of all runs, each alone, and some side by side."""
    walk.visit("runs", **{"Show hidden runs": True})
    page = walk.visit("runs")
    names = list(page.app.dataframe[0].value["run"])
    sets = [
        ["stand-in-base-0", "stand-in-compact-0"],
        ["VGG16-as-reported", "VGG16-tuned"],
        ["report-seven-compact", "vae"],
        ["vae", "vae-2d", "vae-separated", "vae-conditional"],
        ["curve-practice-100", "curve-real-100", "nineteen-base-0"],
        names,
    ]
    for some in [*([name] for name in names), *sets]:
        page.work(table=[names.index(name) for name in some])
    page = walk.open("runs")
    page.work(table=[names.index("report-seven-base")], Smoothing=0.6)


def walk_play(walk: Walk) -> None:
    """People's beginning, and Draw with a picture file."""
    page = walk.visit("people", Drawings="Test drawings")
    for part in page.options("Test part")[1:]:
        page.work(**{"Test part": part})
    page = walk.visit("people", Drawings="Practice data").work(Drawings="Generated")
    for run in page.options("Autoencoder")[1:]:
        page.work(Autoencoder=run)
    page = walk.visit("draw").work(Drawing="A picture file")
    page.work(**{"A picture of a drawing": lollipop()})
    for run in page.options("Autoencoder")[1:]:
        page.work(Autoencoder=run)
    page.work(Classifiers=page.options("Classifiers")[-4:])


def lollipop() -> bytes:
    """A drawing as a PNG: a ring on a stick, dark on white."""
    y, x = np.mgrid[:280, :280]
    distance = np.hypot(x - 140, y - 90)
    is_ink = (np.abs(distance - 60) < 6) | ((np.abs(x - 140) < 6) & (y > 150) & (y < 260))
    file = io.BytesIO()
    Image.fromarray(np.where(is_ink, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def walk_commands(walk: Walk) -> None:
    """What the command line says of the runs, and three of them as HTML."""
    walk.command("runs")
    walk.command("sweeps")
    walk.command("figures", "stand-in-base", "stand-in-compact")
    walk.command("figures", "nineteen-base", "nineteen-compact")
    walk.command("figures", "no-such-run")
    for run in ("stand-in-compact-0", "MobileNetV2-tuned", "vae-separated"):
        walk.export(run)


def walk_practice(walk: Walk) -> None:
    """The pages on runs that practice drawings scored, once these are drawn."""
    walk.stage = ["with practice data"]
    page = walk.visit("data", **{"Draw the practice data": True})
    page.work(Handful=3)
    page.work(**{"Category": "moon", "Source index": 5})
    runs = ["curve-practice-100", "curve-practice-300", "curve-practice-1000"]
    for run in runs:
        walk.visit("errors", {"run": run}).work(plot=[0, 2]).work(plot=[6, 6]).work(Page=2)
        walk.visit("compare", {"run": run, "with": runs[run == runs[0]]})
    walk.export(runs[0])
    walk.visit("people", Drawings="Test drawings")


# --- the record -----------------------------------------------------------------------------------


@contextlib.contextmanager
def shipped_home() -> Iterator[Path]:
    """A home of its own with the runs of 059d89c, as git has them, and no drawings.

    Raises:
        FileNotFoundError: this is no clone, or a run is missing.
    """
    listed = subprocess.run(
        ["git", "ls-files", "models", OLD], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()
    replaced = {name.removeprefix(OLD).split("/")[0] for name in listed if name.startswith(OLD)}
    wanted = {
        name: name.replace(OLD, "models/")
        for name in listed
        if name.startswith(OLD) or name.split("/")[1] in SHIPPED - replaced
    }
    if missing := SHIPPED - {name.split("/")[1] for name in wanted.values()}:
        raise FileNotFoundError(f"git keeps no {', '.join(sorted(missing))} in models/ here.")
    home = Path(tempfile.mkdtemp(prefix="doodle-golden-"))
    try:
        for name, place in wanted.items():
            (home / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, home / place)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def keep_media(media: Media) -> None:
    """Have Streamlit's files of this process noted in `media`, too: AppTest throws them away."""
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage as Storage

    add = Storage.load_and_get_id

    def add_and_note(self: Any, data: Any, mimetype: str, *more: Any, **named: Any) -> str:
        key = add(self, data, mimetype, *more, **named)
        if "script" not in mimetype:
            media[key] = (self.get_file(key).content, mimetype)
        else:
            media[key] = (b"", mimetype)
        return key

    setattr(Storage, "load_and_get_id", add_and_note)  # noqa: B010 - no type would fit it


def record(file: Path) -> list[str]:
    """Walk all pages in this process and write what they show. Returns what went wrong."""
    with shipped_home() as home:
        # before Streamlit or the program is imported; a folder without drawings around it
        for name in [name for name in os.environ if name.startswith("DOODLE_")]:
            del os.environ[name]
        os.environ |= {"DOODLE_HOME": str(home), "TF_CPP_MIN_LOG_LEVEL": "3", "COLUMNS": "100"}
        sys.path.insert(0, str(ROOT))
        os.chdir(home)
        walk = Walk(home)
        keep_media(walk.media)
        walk_all(walk)
        content = json.dumps(walk.record(), sort_keys=True, separators=(",", ":"))
        os.chdir(ROOT)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    return walk.faults


def read(file: Path) -> Any:
    """A record as it was written."""
    return json.loads(gzip.decompress(file.read_bytes()))


def main() -> int:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    commands = top.add_subparsers(required=True)
    command = commands.add_parser("record", help="walk all pages anew and write what they show")
    command.add_argument("file", type=lambda text: Path(text).resolve())
    command.set_defaults(do=lambda given: record_and_tell(given.file))
    command = commands.add_parser("compare", help="say what differs between two records")
    command.add_argument("old", type=Path)
    command.add_argument("new", type=Path)
    command.set_defaults(do=lambda given: compare_and_tell(given.old, given.new))
    given = top.parse_args()
    status: int = given.do(given)
    return status


def record_and_tell(file: Path) -> int:
    """Record; 1 where a page failed."""
    start = time.monotonic()
    faults = record(file)
    found = read(file)
    print(
        f"{len(found['visits'])} visits, {len(found['elements'])} different elements, "
        f"{file.stat().st_size / 1e6:.2f} MB, {time.monotonic() - start:.0f} s"
    )
    for fault in faults:
        print(f"FAULT {fault}")
    return 1 if faults else 0


def compare_and_tell(old: Path, new: Path) -> int:
    """Compare; 1 where something differs that was not meant to."""
    found = differences(read(old), read(new))
    left = unexpected(found, changes())
    print(message(left))
    print(f"{len(found) - len(left)} more were meant.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
