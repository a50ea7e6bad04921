"""How fast each page opens, beside another commit of this repository.

    python benchmarks/page_speed.py --against 059d89c

Each side opens every page of the shipped runs by Streamlit's AppTest, in a process of its own, in
turns, so that a machine whose speed drifts treats them alike. In each process a page is opened
twice: at first (what it imports and reads included) and once more. Printed: medians of both sides
in seconds, and their ratio (ours over theirs: below 1 is faster).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from commits import ROOT, extracted

PAGES = (
    *("home", "tour", "draw", "people", "data", "train", "sweeps", "runs", "errors", "inside"),
    *("latent", "generate", "compare", "curve", "report"),
)


def side() -> None:
    """Open every page of the program in the working directory; print the seconds as JSON."""
    from streamlit.testing.v1 import AppTest

    found = {}
    for page in PAGES:
        app = AppTest.from_file(Path("dashboard.py").resolve(), default_timeout=300).run()
        times = []
        for _ in range(2):
            began = time.perf_counter()
            app.switch_page(f"pages/{page}.py").run()
            times.append(time.perf_counter() - began)
        assert not app.exception, (page, app.exception)
        found[page] = times
    print(json.dumps(found))


def measure(program: Path, home: Path) -> dict[str, list[float]]:
    """`side` in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--side"],
        cwd=program,
        env=os.environ | {"DOODLE_HOME": str(home), "PYTHONPATH": str(program)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--against", default="059d89c", help="a commit")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--side", action="store_true", help="used by the benchmark itself")
    chosen = options.parse_args()
    if chosen.side:
        side()
        return 0
    with extracted(chosen.against) as theirs, tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(theirs / "models", home / "models")
        rounds = [(measure(theirs, home), measure(ROOT, home)) for _ in range(chosen.rounds)]
    print(f"{'page':10} {'first':>22} {'once more':>22}   ({chosen.against}, here, ratio; s)")
    for page in PAGES:
        cells = []
        for which in range(2):
            old, new = (
                statistics.median(one[at][page][which] for one in rounds) for at in range(2)
            )
            cells.append(f"{old:7.2f} {new:7.2f} {new / old:6.2f}")
        print(f"{page:10} {cells[0]:>22} {cells[1]:>22}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
