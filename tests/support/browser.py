"""A dashboard of its own and a headless Chromium, for the browser tests and the screenshots."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Download, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--no-first-run",
]


@contextlib.contextmanager
def dashboard(
    home: Path | str, script: Path = ROOT / "dashboard.py", before: Path | None = None
) -> Iterator[str]:
    """Run the dashboard, or another app, on `home` (models/ and data/); yields its address.

    `before`: as of `serving`.
    """
    with serving(home, script, before) as (address, pid):
        yield address
        _check_libraries(pid)


@contextlib.contextmanager
def serving(
    home: Path | str, script: Path, before: Path | None = None
) -> Iterator[tuple[str, int]]:
    """A server of an app on `home`: (address, process).

    `before`: a folder whose modules go before all others of their names.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script.name, f"--server.port={port}"]
    paths = os.pathsep.join(map(str, filter(None, (before, ROOT))))
    environment = os.environ | {"DOODLE_HOME": str(home), "PYTHONPATH": paths}
    process = subprocess.Popen(
        command,
        cwd=script.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://localhost:{port}"
    try:
        _wait_until_up(address, process)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def _check_libraries(pid: int) -> None:
    """Fail if a server has loaded what only trainings need: seconds, and half a gigabyte."""
    maps = Path(f"/proc/{pid}/maps")  # there is none but on Linux
    loaded = maps.read_text() if maps.exists() else ""
    assert not (found := re.findall(r"\S*(?:tensorflow|jaxlib|libtorch)\S*", loaded)), found[0]


def copy_shipped_runs(home: Path) -> bool:
    """Copy the runs that git keeps to a home without drawings; False where this is no clone."""
    listed = subprocess.run(
        ["git", "ls-files", "models"], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()
    for name in listed:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, home / name)
    return bool(listed)


def _wait_until_up(address: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the dashboard did not start")


@contextlib.contextmanager
def page(
    width: int = 1440, height: int = 1000, scheme: str = "light"
) -> "Iterator[tuple[Page, list[str]]]":
    """A browser page; yields (page, faults), faults filled with what a user must never get."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        view = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        faults = []
        view.on("console", lambda message: _note_console(faults, message))
        view.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        view.on("request", lambda request: _note_request(faults, request.url))
        yield view, faults
        chromium.close()


def _note_console(faults: list[str], message: "ConsoleMessage") -> None:
    # Streamlit itself first asks /<page>/_stcore/... and then falls back to /_stcore/...
    if message.type == "error" and "/_stcore/" not in str(message.location):
        faults.append(f"console: {message.text}")


def _note_request(faults: list[str], url: str) -> None:
    if not url.startswith(("http://localhost:", "data:", "blob:", "ws://localhost:")):
        faults.append(f"request to another host: {url}")


def settle(view: "Page") -> None:
    """Wait until the page's script has run; fail on a traceback."""
    view.wait_for_selector("h1")
    view.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')"
        "?.getAttribute('data-test-script-state') === 'notRunning'"
    )
    view.wait_for_timeout(300)
    traces = view.locator("[data-testid=stException]")
    assert traces.count() == 0, traces.first.inner_text()


def saved(view: "Page", click: Callable[[], object]) -> "Download":
    """The file that a click saves; the click waits for the page, which may be about to renew its button."""
    settle(view)
    with view.expect_download() as download:
        click()
    return download.value


def fill(view: "Page", label: str, value: object) -> None:
    """Type a value into the input of that label."""
    field = view.get_by_label(label, exact=True).first
    field.fill(str(value))
    field.press("Tab")
    settle(view)


def choose_cell(view: "Page", true: int, said: int) -> None:
    """Click the confusion matrix's cell, where its axes say that it is."""
    view.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.xaxis")
    view.locator(".js-plotly-plot .point").first.wait_for(state="attached")

    def measure():
        return view.evaluate(
            """([true_, said]) => {
                const plot = document.querySelector('.js-plotly-plot'), layout = plot._fullLayout;
                const box = plot.getBoundingClientRect();
                return [box.x + layout.xaxis._offset + layout.xaxis.d2p(said),
                        box.y + layout.yaxis._offset + layout.yaxis.d2p(true_)];
            }""",
            [true, said],
        )

    place, before = measure(), None
    while place != before:  # what is still coming above it would move it away from the click
        view.wait_for_timeout(700)
        place, before = measure(), place
    view.mouse.move(*place)
    view.mouse.click(*place)


def choose_row(view: "Page", row: int) -> None:
    """Tick the check box of a row of the page's first table, which is drawn on a canvas."""
    table = view.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    view.mouse.click(box["x"] + 15, box["y"] + 52 + 35 * row)
    settle(view)
