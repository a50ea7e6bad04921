"""Every page's live part is used in a browser, and none asks for TensorFlow.

What stands here in TensorFlow's place fails when it is imported; besides, `browser.dashboard` looks
at its end for the library itself.
"""

import pytest

from support import browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)"),
]
LONG = 60_000  # milliseconds, on a busy machine
APPLE = [(0.5, 0.25), (0.75, 0.35), (0.8, 0.6), (0.5, 0.85), (0.2, 0.6), (0.25, 0.35), (0.5, 0.25)]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    if not browser.copy_shipped_runs(home):
        pytest.skip("this is no clone")
    fakes = tmp_path_factory.mktemp("fakes")
    for name in ("tensorflow", "keras", "jax", "torch"):
        (fakes / f"{name}.py").write_text("raise RuntimeError('The dashboard asked for it.')\n")
    with browser.dashboard(home, before=fakes) as found:
        yield found


def test_draw_names_heats_places_and_redraws_a_drawing(address):
    with browser.page(1280, 1150) as (view, faults):
        view.goto(f"{address}/draw")
        view.locator(".reading .network").first.wait_for(timeout=LONG)
        browser.settle(view)
        box = view.locator(".pad canvas").bounding_box()
        for place, (x, y) in enumerate(APPLE):
            view.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if not place:
                view.mouse.down()
        view.mouse.up()
        view.get_by_text("what speaks for").first.wait_for(timeout=LONG)
        assert faults == []


def test_inside_latent_generate_and_people_answer(address):
    with browser.page(1440, 1300) as (view, faults):
        view.goto(f"{address}/inside?run=report-seven-compact")
        view.get_by_label("drawing 3 of").first.click(timeout=LONG)
        browser.settle(view)
        view.get_by_text("Integrated gradients").first.wait_for(timeout=LONG)
        view.goto(f"{address}/latent?run=vae-2d")
        view.get_by_text("Pinned point").first.wait_for(timeout=LONG)
        view.goto(f"{address}/generate?run=vae-conditional")
        browser.settle(view)
        for tab in view.get_by_role("tab").all():
            tab.click()
            browser.settle(view)
        view.goto(f"{address}/people")
        browser.settle(view)
        view.get_by_role("button", name="Begin").first.click()
        browser.settle(view)
        others = ("", "errors?run=report-seven-base", "compare", "tour", "runs", "data", "report")
        for page in (*others, "curve", "sweeps", "train"):
            view.goto(f"{address}/{page}")
            browser.settle(view)
        assert faults == []
