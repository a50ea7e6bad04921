import json
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.gallery import gallery
from support import browser
from support.browser import ROOT

HOSTILE = '<img src=x onerror="window.broken=1">'

APP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
import streamlit as st
from doodle_core import plots
from pages.components.gallery import enlarge, gallery

st.set_page_config(page_icon="✏️", layout="wide")
seed = st.session_state.setdefault("seed", 0)
if st.button("other"):
    seed = st.session_state.seed = seed + 1
drawings = np.zeros((200, 28, 28), np.uint8)
drawings[np.arange(200), (np.arange(200) + seed) % 28, :14] = 255
at = gallery(drawings, [{HOSTILE!r}] * 200, ["right", "wrong"] * 100, key="grid")
st.text(f"chosen {{at}}")
if at is not None:
    enlarge(drawings[at], {HOSTILE!r}, {{"source index": at, "surest of": [({HOSTILE!r}, 0.75)]}})
cell = st.plotly_chart(plots.confusion([[3, 1], [0, 2]], ["a", "b"], note=plots.PRACTICE),
                       on_select="rerun", selection_mode="points", key="cells")
st.text(f"cell {{[point['customdata'] for point in cell.selection.points]}}")
"""


def ramp(n):
    return (np.arange(n * 784) % 251).astype(np.uint8).reshape(n, 28, 28)


def test_captions_and_tones_must_fit():
    with pytest.raises(ValueError, match="1 captions for 2"):
        gallery(ramp(2), captions=["a"])
    with pytest.raises(ValueError, match="loud"):
        gallery(ramp(2), tones=["loud", ""])


def test_names_travel_as_data_and_no_drawings_show_nothing():
    at = AppTest.from_string(APP).run()
    assert not at.exception
    sent = at.get("bidi_component")[0].proto
    data = json.loads(sent.json)
    assert data["captions"] == [HOSTILE] * 200 and data["tones"][:2] == ["right", "wrong"]
    assert HOSTILE not in sent.html_content + sent.js_content + sent.css_content
    empty = AppTest.from_string(
        APP.replace("drawings, [", "drawings[:0], [")
        .replace("* 200,", "* 0,")
        .replace("* 100,", "* 0,")
    ).run()
    assert not empty.exception and not empty.get("bidi_component")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    with browser.dashboard(folder, folder / "app.py") as url:
        yield url


@pytest.fixture
def tab(address):
    if not browser.CHROMIUM:
        pytest.skip("no chromium here: the component's clicks need a real browser")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
        tab = chromium.new_page(viewport={"width": 1000, "height": 900}, color_scheme="dark")
        tab.troubles, host = [], address.split("//")[1]
        tab.on("console", lambda m: m.type == "error" and tab.troubles.append(m.text))
        tab.on("pageerror", lambda error: tab.troubles.append(str(error)))
        tab.on(
            "request",
            lambda r: (
                r.url.startswith(("blob:", "data:")) or host in r.url or tab.troubles.append(r.url)
            ),
        )
        tab.goto(address)
        yield tab
        chromium.close()


@pytest.mark.slow
def test_clicks_in_a_real_browser(tab):
    drawing = tab.get_by_role("button", name="drawing 6 of 200", exact=False)
    drawing.wait_for()
    # ink is the theme's text colour (light on dark), in the row that the drawing has it
    ink = """canvas => { const d = canvas.getContext("2d").getImageData(0, 0, 28, 28).data;
             const at = Array.from({length: 784}, (_, i) => i).filter(i => d[4 * i + 3] === 255);
             return [at.length, Math.floor(at[0] / 28), d[4 * at[0]]] }"""
    count, row, red = drawing.locator("canvas").evaluate(ink)
    assert (count, row) == (14, 5) and red > 200

    drawing.click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("source index").wait_for()
    tab.get_by_text("chosen 5", exact=True).wait_for()
    assert dialog.get_by_role("heading", name=HOSTILE).count() == 1
    tab.keyboard.press("Escape")
    dialog.wait_for(state="detached")

    drawing.evaluate("button => { window.kept = button }")
    tab.get_by_role("button", name="other").click()
    tab.wait_for_function(f"({ink})(window.kept.querySelector('canvas'))[1] === 6")
    assert drawing.evaluate("button => button === window.kept")  # changed in place, not rebuilt
    drawing.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    dialog.get_by_text("source index").wait_for()
    tab.get_by_text("chosen 6", exact=True).wait_for()
    assert dialog.locator("canvas").evaluate(ink)[1] == 7
    tab.keyboard.press("Escape")
    dialog.wait_for(state="detached")

    chart = tab.locator(".js-plotly-plot")
    box = chart.locator(".nsewdrag").first
    box.scroll_into_view_if_needed()
    size = box.bounding_box()
    box.click(position={"x": size["width"] * 0.95, "y": size["height"] * 0.05})
    tab.get_by_text("cell [[0, 1]]", exact=True).wait_for()
    fill = chart.locator(".annotation-text").last.evaluate("text => getComputedStyle(text).fill")
    assert fill.startswith("rgb(2")  # the note is written in light ink on the dark page
    assert tab.evaluate("window.broken") is None
    assert tab.troubles == []
