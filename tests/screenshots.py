"""Make the README's pictures: the walk of a newcomer on practice data, in headless Chromium.

    python tests/screenshots.py

Real drawings are nobody's to publish here, so the pictures show practice data, and say so.
"""

import os
import tempfile

import browser
from browser import choose_cell, choose_row, fill

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


if __name__ == "__main__":
    main()
