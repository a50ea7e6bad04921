"""How soon a drawing is answered on Draw, and what the server holds, beside another commit.

    python benchmarks/answers.py --against 059d89c

Each side serves the shipped runs of that commit to a browser (Debian's chromium), in turns. A cold
server's page is opened and, once its canvas is there, a first stroke is drawn; then so many more,
each a short one. An answer's time is that from the pen's touch to other figures in sight. Then
every page is opened. Printed, for both: the first answer, the median and the 95th percentile of the
others, and the resident memory of the server after the answers and after all pages.
"""

import argparse
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from commits import ROOT, extracted

from support import browser

PAGES = "tour people data train sweeps runs errors inside latent generate compare curve report"
READING = ".reading"
WATCH = """(reading) => {
  const shown = () => (reading.innerText.match(/[0-9.]+\\s?%/g) || []).join()
  const before = shown()
  window.asked = new Promise((tell) => {
    let touched = 0
    window.addEventListener("pointerdown", () => (touched = performance.now()), {capture: true, once: true})
    const watch = setInterval(() => {
      if (touched && shown() && shown() !== before) {
        clearInterval(watch)
        tell(performance.now() - touched)
      }
    }, 2)
    setTimeout(() => { clearInterval(watch); tell(null) }, 60000)
  })
}"""


@contextmanager
def served(program: Path, home: Path) -> Iterator[tuple[str, int]]:
    """A dashboard of the program in a folder: (address, process)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", f"--server.port={port}"],
        cwd=program,
        env=os.environ | {"DOODLE_HOME": str(home), "PYTHONPATH": str(program)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            except OSError:
                time.sleep(0.05)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def memory(pid: int) -> float:
    """A process's resident memory in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1000


def stroke(view: Any, chance: random.Random) -> float | None:
    """Draw one short stroke; the milliseconds until other figures are in sight, None for never."""
    view.wait_for_timeout(600)  # what was asked before is answered
    view.locator(READING).first.evaluate(WATCH)
    box = view.locator(".pad canvas").bounding_box()
    x, y = (
        box[side] + chance.uniform(0.2, 0.7) * box[size]
        for side, size in (("x", "width"), ("y", "height"))
    )
    view.mouse.move(x, y)
    view.mouse.down()
    view.mouse.move(x + 0.15 * box["width"], y + 0.1 * box["height"])
    view.mouse.up()
    found: float | None = view.evaluate("window.asked")
    return found


def measure(program: Path, answers: int) -> dict[str, float]:
    """One side: its figures."""
    chance = random.Random(0)
    with (
        tempfile.TemporaryDirectory(prefix="doodle-bench-") as home,
        served(program, Path(home)) as (address, pid),
        browser.page(1280, 1150) as (view, _),
    ):
        (Path(home) / "models").symlink_to(program / "models")
        view.goto(f"{address}/draw")
        view.locator(".pad canvas").wait_for(timeout=120_000)
        first = stroke(view, chance)
        times = [one for _ in range(answers) if (one := stroke(view, chance)) is not None]
        after = memory(pid)
        for page in PAGES.split():
            view.goto(f"{address}/{page}")
            browser.settle(view)
        return {
            "first answer, ms": first or float("nan"),
            "median answer, ms": statistics.median(times),
            "95th percentile, ms": statistics.quantiles(times, n=20)[-1],
            "memory after the answers, MB": after,
            "memory after all pages, MB": memory(pid),
        }


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--against", default="059d89c", help="a commit")
    options.add_argument("--answers", type=int, default=40)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with extracted(chosen.against) as theirs:
        rounds = [
            (measure(theirs, chosen.answers), measure(ROOT, chosen.answers))
            for _ in range(chosen.rounds)
        ]
    print(f"{'':30} {chosen.against:>10} {'here':>10} {'ratio':>7}")
    for name in rounds[0][0]:
        old, new = (statistics.median(one[at][name] for one in rounds) for at in range(2))
        print(f"{name:30} {old:10.0f} {new:10.0f} {new / old:7.2f}", flush=True)


if __name__ == "__main__":
    main()
