"""How soon a drawing is answered on Draw, and what the server holds, beside another commit.

    python benchmarks/answers.py --against 059d89c

Each side serves the shipped runs of that commit to a browser (Debian's chromium), in turns. A cold
server's page is opened and, once its canvas is there, a first stroke is drawn; then so many more,
each a short one. An answer's time is that from the pen's touch to other figures in sight. The same
with the pointer on Generate's plane, and Inside's pictures from the click in the menu to their
sight. Then every page is opened. What has an address for answers is asked there by eight sessions at once, ten
times a second each, as if eight people drew; and a thousand times more. Printed, for both: medians,
95th percentiles, and the resident memory of the server.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from commits import ROOT, extracted

from support import browser

PAGES = "tour people data train sweeps runs errors inside latent generate compare curve report"
READING, PLACE = ".reading", ".closeup .sub"
PEOPLE, PACE = 8, 0.1  # drawing at once, each a question in so many seconds
WATCH = """(reading, touch) => {
  const shown = () => touch === "pointerdown" ? (reading.innerText.match(/[0-9.]+\\s?%/g) || []).join()
    : reading.innerText
  const before = shown()
  window.asked = new Promise((tell) => {
    let touched = 0
    window.addEventListener(touch, () => (touched = performance.now()), {capture: true, once: true})
    const watch = setInterval(() => {
      if (touched && shown() && shown() !== before) {
        clearInterval(watch)
        tell(performance.now() - touched)
      }
    }, 2)
    setTimeout(() => { clearInterval(watch); tell(null) }, 60000)
  })
}"""


def memory(pid: int) -> float:
    """A process's resident memory in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1000


def stroke(view: Any, chance: random.Random) -> float | None:
    """Draw one short stroke; the milliseconds until other figures are in sight, None for never."""
    view.wait_for_timeout(600)  # what was asked before is answered
    view.locator(READING).first.evaluate(WATCH, "pointerdown")
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


def pointed(view: Any, chance: random.Random) -> float | None:
    """Move the pointer on the plane; the milliseconds until its new place is in sight."""
    view.wait_for_timeout(600)
    view.locator(PLACE).first.evaluate(WATCH, "pointermove")
    box = view.locator(".plane .sheet").bounding_box()
    view.mouse.move(
        box["x"] + chance.uniform(0.1, 0.9) * box["width"],
        box["y"] + chance.uniform(0.1, 0.9) * box["height"],
    )
    found: float | None = view.evaluate("window.asked")
    return found


def ask(request: Any, times: int) -> list[float]:
    """Ask a session's address again and again; the milliseconds of each answer."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        asked = urllib.request.Request(
            request.url, request.post_data_buffer, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
        found.append(1000 * (time.perf_counter() - begun))
        time.sleep(max(0.0, PACE - found[-1] / 1000))
    return found


def crowd(address: str, pid: int, view: Any, chance: random.Random) -> dict[str, float]:
    """Eight sessions that ask at once, and what a thousand answers leave; {} without an address."""
    sessions: list[Any] = []
    others = view.context.browser.new_context(viewport=view.viewport_size)
    # one after the other: what is measured is not eight browsers on two cores
    for _ in range(PEOPLE):
        one, requests = others.new_page(), []
        one.on("request", lambda asked, requests=requests: requests.append(asked))
        one.goto(f"{address}/draw")
        one.locator(".pad canvas").wait_for(timeout=120_000)
        stroke(one, chance)
        sessions += [asked for asked in requests if "/answers/" in asked.url][-1:]
    if len(sessions) < PEOPLE:
        return {}
    with ThreadPoolExecutor(PEOPLE) as pool:
        times = [ms for some in pool.map(lambda one: ask(one, 40), sessions) for ms in some]
        before = memory(pid)
        list(pool.map(lambda one: ask(one, 1000 // PEOPLE), sessions))
    return {
        "eight at once, median, ms": statistics.median(times),
        "eight at once, 95th percentile, ms": statistics.quantiles(times, n=20)[-1],
        "memory that 1,000 answers added, MB": memory(pid) - before,
    }


def measure(program: Path, answers: int) -> dict[str, float]:
    """One side: its figures."""
    chance = random.Random(0)
    with (
        tempfile.TemporaryDirectory(prefix="doodle-bench-") as home,
        browser.serving(home, program / "dashboard.py", program) as (address, pid),
        browser.page(1280, 1150) as (view, _),
    ):
        (Path(home) / "models").symlink_to(program / "models")
        view.goto(f"{address}/draw")
        view.locator(".pad canvas").wait_for(timeout=120_000)
        first = stroke(view, chance)
        times = [one for _ in range(answers) if (one := stroke(view, chance)) is not None]
        after = memory(pid)
        view.goto(f"{address}/generate?run=vae-2d")
        view.locator(PLACE).first.wait_for(timeout=120_000)
        places = [one for _ in range(answers) if (one := pointed(view, chance)) is not None]
        view.wait_for_timeout(600)
        begun = time.perf_counter()
        view.get_by_role("link", name="Inside").click()
        view.get_by_text("Integrated gradients").first.wait_for(timeout=120_000)
        inside = 1000 * (time.perf_counter() - begun)
        for page in PAGES.split():
            view.goto(f"{address}/{page}")
            browser.settle(view)
        all_pages = memory(pid)
        return {
            "first answer, ms": first or float("nan"),
            "median answer, ms": statistics.median(times),
            "95th percentile, ms": statistics.quantiles(times, n=20)[-1],
            "Generate's plane, median, ms": statistics.median(places),
            "Generate's plane, 95th percentile, ms": statistics.quantiles(places, n=20)[-1],
            "Inside in sight, ms": inside,
            "memory after the answers, MB": after,
            "memory after all pages, MB": all_pages,
        } | crowd(address, pid, view, chance)


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
    print(f"{'':38} {chosen.against:>10} {'here':>10} {'ratio':>7}")
    for name in rounds[0][1]:
        old, new = (
            statistics.median(one[at].get(name, float("nan")) for one in rounds) for at in range(2)
        )
        print(f"{name:38} {old:10.0f} {new:10.0f} {new / old:7.2f}", flush=True)


if __name__ == "__main__":
    main()
