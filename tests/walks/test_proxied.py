"""The dashboard below an address of its own, and its answers to names that are none of its own."""

import urllib.error
import urllib.request

import pytest

from doodle_core.files import HOME
from support import browser
from support.proxy import PREFIX, stripping

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not browser.CHROMIUM, reason="needs chromium (Debian's package)")
def test_every_page_works_behind_a_proxy_that_strips_its_prefix(finished_vae, finished_run):
    finished_vae("one")
    finished_run("other")
    with (
        browser.dashboard(HOME) as inner,
        stripping(inner) as address,
        browser.page(1440, 1300) as (view, faults),
    ):
        view.goto(f"{address}/")
        browser.settle(view)
        paths = view.locator("[data-testid=stSidebarNavLink]").evaluate_all(
            "links => links.map((one) => one.pathname)"
        )
        assert len(paths) >= 12 and all(path.startswith(PREFIX) for path in paths)
        lost = []
        view.on("response", lambda answer: lost.append(answer.url) if answer.status > 399 else None)
        for path in paths:
            view.goto(address.removesuffix(PREFIX) + path)
            browser.settle(view)
        view.goto(f"{address}/latent")
        view.wait_for_selector(".doodle-scatter[data-ready]", timeout=60_000)
        view.goto(f"{address}/draw")  # a component that asks and is answered
        view.locator(".pad canvas").first.wait_for()
        assert [url for url in lost if "/_stcore/" not in url] == []
        assert [fault for fault in faults if "404" not in fault] == []


def test_plain_http_answers_to_its_own_names_alone(tmp_path):
    """A name of an attacker's may lead to 127.0.0.1 (DNS rebinding)."""
    with browser.dashboard(tmp_path) as address:
        for path in ("/", "/data", "/_stcore/health", "/_stcore/host-config", "/static/nothing.js"):
            for name in ("attacker.example", "localhost.attacker.example", "10.0.0.1:8501", ""):
                asked = urllib.request.Request(f"{address}{path}", headers={"Host": name})
                with pytest.raises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(asked, timeout=5)
                assert caught.value.code == 400
        for name in ("localhost", "127.0.0.1:8501"):
            asked = urllib.request.Request(address, headers={"Host": name})
            assert urllib.request.urlopen(asked, timeout=5).status == 200
