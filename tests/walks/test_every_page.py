"""Every page on the shipped runs in a real browser, as a clean clone without drawings shows them."""

import time

import pytest

from support import browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)"),
]
LONGEST = 2.0  # seconds from a click in the menu to the whole page
TRIES = 4  # the quickest counts: the processor may be busy with other tests

READY = """(before) => document.querySelector('[data-testid=stApp]')
    ?.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelectorAll('h1').length === 1
    && document.querySelector('h1').innerText !== before
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A dashboard on nothing but the runs that git keeps."""
    home = tmp_path_factory.mktemp("home")
    if not browser.copy_shipped_runs(home):
        pytest.skip("this is no clone")
    with browser.dashboard(home) as found:
        yield found


def links(view):
    return view.locator("[data-testid=stSidebarNavLink]")


def open_by_menu(view, place):
    """Click the place-th page in the menu; the seconds until all of it is there."""
    before = view.locator("h1").first.inner_text()
    start = time.perf_counter()
    links(view).nth(place).click()
    view.wait_for_function(READY, arg=before, timeout=120_000)
    return time.perf_counter() - start


def test_every_page_opens_quickly_and_without_a_fault(address):
    with browser.page() as (view, faults):
        view.goto(address)
        browser.settle(view)
        n = links(view).count()
        assert n >= 12
        slow = {}
        for place in range(1, n):
            open_by_menu(view, place)  # the first time may load TensorFlow, once a server
            browser.settle(view)
            title = view.locator("h1").first.inner_text()
            times = []
            while not times or (min(times) > LONGEST and len(times) < TRIES):
                open_by_menu(view, 0)
                times.append(open_by_menu(view, place))
                browser.settle(view)
            if min(times) > LONGEST:
                slow[title] = [round(one, 2) for one in times]
            assert not faults, f"{title}: {faults}"
        assert not slow, f"over {LONGEST} s: {slow}"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light"), (390, "dark")])
def test_every_page_fits_its_window(address, width, scheme):
    with browser.page(width, 844, scheme) as (view, faults):
        view.goto(address)
        browser.settle(view)
        paths = links(view).evaluate_all("links => links.map((one) => one.pathname)")
        for path in paths:
            view.goto(f"{address}{path}")
            browser.settle(view)
            wider = view.evaluate(
                """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter((one) => {
                    const box = one.getBoundingClientRect();
                    return box.width && box.right > innerWidth + 1 && !one.closest(
                        '[data-testid=stDataFrame], [role=tablist], .katex, svg, .js-plotly-plot, input');
                }).map((one) => one.tagName + '.' + one.className).slice(0, 3)"""
            )
            assert not wider, f"{path} is wider than {width} pixels: {wider}"
            assert not faults, f"{path}: {faults}"


def test_a_chart_that_changes_in_place_is_saved_as_svg(address):
    with browser.page() as (view, faults):
        view.goto(f"{address}/train")
        browser.settle(view)
        assert not view.get_by_role("button", name="Save as SVG").count()
        view.get_by_text("SVG", exact=True).click()
        view.locator("[data-testid=stVegaLiteChart] svg.marks").first.wait_for()
        saved = browser.saved(view, view.get_by_role("button", name="Save as SVG").click)
        text = saved.path().read_text()
        assert saved.suggested_filename == "plane-vae.svg"
        assert text.startswith("<svg") and "principal direction" in text and not faults
