"""Make the README's pictures: the walk of a newcomer on practice data, in headless Chromium.

    python tests/screenshots.py

Real drawings are nobody's to publish here, so the pictures show practice data, and say so.
"""

import math
import os
import tempfile
from pathlib import Path

from support import browser
from support.browser import choose_cell, choose_row, fill

PICTURES = browser.ROOT / "tests" / "screenshots"


def main():
    PICTURES.mkdir(exist_ok=True)
    home = os.environ.get("DOODLE_HOME") or tempfile.mkdtemp()
    with browser.dashboard(home) as address, browser.page(1280, 860) as (view, _):

        def picture(name):
            browser.settle(view)
            view.wait_for_timeout(700)
            view.screenshot(path=PICTURES / f"{name}.png")

        view.goto(f"{address}/data")
        browser.settle(view)
        button = view.get_by_role("button", name="Draw the practice data")
        if button.count():
            button.click()
            view.get_by_text("drawn by this program; not real").wait_for(timeout=120_000)
        picture("data")

        view.goto(f"{address}/train")
        browser.settle(view)
        fill(view, "Epochs", 6)
        fill(view, "Batch size", 256)
        view.get_by_role("button", name="Start").click()
        view.get_by_text("Epoch 4 of 6").wait_for(timeout=300_000)
        view.mouse.wheel(0, 2000)
        view.wait_for_timeout(800)
        view.screenshot(path=PICTURES / "train.png")
        view.get_by_text("finished").first.wait_for(timeout=300_000)

        view.goto(f"{address}/errors")
        browser.settle(view)
        choose_cell(view, 5, 1)
        view.get_by_text("moon called canoe").wait_for()
        picture("errors")

        view.goto(f"{address}/runs")
        browser.settle(view)
        choose_row(view, 0)
        view.get_by_role("heading", name="Curves").wait_for()
        picture("runs")

    # what a clean clone shows: our networks, and practice drawings in place of people's
    home = Path(tempfile.mkdtemp())
    browser.copy_shipped_runs(home)
    with browser.dashboard(home) as address, browser.page(1280, 1150) as (view, _):
        view.goto(f"{address}/draw")
        view.locator(".reading .network").first.wait_for(timeout=120_000)
        browser.settle(view)
        draw_an_apple(view)
        view.wait_for_timeout(3000)
        view.screenshot(path=PICTURES / "draw.png")

        view.set_viewport_size({"width": 1280, "height": 1240})
        view.goto(f"{address}/latent?run=vae-separated")
        view.get_by_text("Pinned point").wait_for(timeout=60_000)
        browser.settle(view)
        view.wait_for_timeout(4000)
        view.screenshot(path=PICTURES / "latent.png")

        view.goto(f"{address}/tour?stop=space")
        browser.settle(view)
        view.wait_for_timeout(3000)
        view.screenshot(path=PICTURES / "tour.png")


def draw_an_apple(view):
    """Draw on the Draw page with the mouse."""
    box = view.locator(".pad canvas").bounding_box()
    turns = [math.pi * t / 12 for t in range(-6, 19)]
    body = [
        (0.5 + 0.32 * math.cos(a) * (1 - 0.15 * math.cos(2 * a)), 0.58 + 0.3 * math.sin(a))
        for a in turns
    ]
    leaf = [(0.54, 0.18), (0.62, 0.12), (0.7, 0.14), (0.62, 0.2), (0.54, 0.18)]
    for line in (body, [(0.5, 0.3), (0.52, 0.2), (0.56, 0.12)], leaf):
        for at, (x, y) in enumerate(line):
            view.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not at:
                view.mouse.down()
        view.mouse.up()


if __name__ == "__main__":
    main()
