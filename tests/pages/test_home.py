"""The first page."""

import pytest

from support.apps import open_page, words

pytestmark = pytest.mark.usefixtures("no_worker")


def test_home_shows_intervals_and_chance(finished_run):
    finished_run("a-run")
    text = words(open_page("home"))
    assert "a\\-run" in text and " to " in text and "chance 33.3\u00a0%" in text


def test_autoencoders_stand_beside_classifiers_and_not_among_them(finished_run, finished_vae):
    finished_run("named")
    finished_vae("drawn")
    for page in ("errors", "inside", "compare"):
        assert "drawn" not in open_page(page).selectbox[0].options
    text = words(open_page("home"))
    assert "130.0 nats a drawing" in text and "reconstruction 110.0 + KL 20.0" in text
