"""A run's model card: its figures and words, and that nothing of a run becomes Markdown."""

import re

import pytest
from hypothesis import given, settings
from scipy.stats import binomtest

from doodle_core import runs
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.files import ROOT
from doodle_core.lab import export
from doodle_core.settings import DataConfig, RunConfig
from support.damaged import FILES
from support.drawings import CATEGORIES
from support.hostile import answered, damages


def card(path):
    return export.card(runs.load(path))


def wilson(right, n):
    low, high = binomtest(right, n).proportion_ci(method="wilson")
    return f"{right / n:.1%} ({100 * low:.1f} to {100 * high:.1f})".replace("%", " %")


def test_a_classifiers_card_has_figures_with_intervals_and_what_goes_in(finished_run):
    path = finished_run("one", n_wrong=4)
    known, text = runs.load(path).metrics, card(path)
    n = known["n"]
    assert text.startswith("# one\n")
    assert f"| top-1 | {wilson(n - 4, n)} | chance 33.3 % |" in text
    assert f"| top-3 | {wilson(n, n)} |" in text  # of three categories
    assert re.search(r"\| macro recall \| \d\d\.\d % \(\d\d\.\d to \d\d\.\d\) \|", text)
    assert f"On {n} test drawings" in text and "Learned from 126 drawings" in text
    assert "(N, 28, 28, 1) uint8, a white line (255) on a black ground (0)" in text
    assert "(N, 3) float32, rows add up to 1" in text
    rows = re.findall(r"^\| (\d) \| (\w+) \| (\d+) \| .* \|$", text, re.MULTILINE)
    assert [(int(place), name) for place, name, _ in rows] == list(enumerate(CATEGORIES))
    assert sum(int(count) for *_, count in rows) == n
    assert '"batch_size": 16' in text and "seed 3" in text
    assert "MIT" in text and "CC BY 4.0" in text
    assert (ROOT / "CITATION.cff").read_text("utf-8").strip() in text
    assert "five views" not in text


def test_it_says_what_bears_on_the_figures(finished_run):
    path = finished_run("marked", loss="sigmoid", test_views=True, start_from="elder")
    runs.write_environment(path, {"keras": "3.15.1"})
    runs.write_unmeasured(path, {"ece": "it *ran* out"})
    text = card(path)
    for words in (
        "each in [0, 1] by itself (sigmoid)",
        "mean of five views",
        "It began with the weights of elder.",
        '"keras": "3.15.1"',
        "not measured: it \\*ran\\* out",
    ):
        assert words in text
    made = finished_run("made")
    runs.facts.write_config(made, RunConfig("made", DataConfig("practice", REPORT_SEVEN[:3])))
    assert "**practice data**" in card(made) and "- Practice data." in card(made)


def test_an_autoencoders_card(finished_vae):
    text = card(finished_vae("two", conditional=True))
    assert "`category`: (N, 3) float32" in text and "`latent`: (N, 4) float32" in text
    assert re.search(r"\| Loss \(negative ELBO\) \| [\d.]+ nats \|", text)
    assert all(f"\n- {name}\n" in text for name in CATEGORIES)


def test_what_has_not_finished_has_none(make_config):
    with pytest.raises(ValueError, match="waiting is queued: it has no test figures yet"):
        card(runs.create(make_config("waiting")))


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "environment.json"])
def test_a_damaged_run_is_one_sentence(finished_run, name):
    path = finished_run("bad")
    (path / name).write_bytes(b"{")
    with pytest.raises(ValueError, match=f"{name} is damaged"):
        card(path)


def test_nothing_of_a_run_becomes_markdown(finished_run):
    path = finished_run("a_b_c")
    runs.write_environment(path, {"processor": "x\n```\n# heading <img src=x>\n````"})
    runs.write_unmeasured(path, {"ece": "![a](http://b) | <script>"})
    text = card(path)
    assert text.startswith("# a\\_b\\_c\n")
    outside = re.sub(r"(?ms)^(`{3,})json\n.*?^\1$", "", text)
    assert "<script>" not in re.sub(r"\\.", "", outside) and "heading" not in outside
    assert "![" not in outside and "\n# heading" not in text


@settings(max_examples=8)
@given(FILES, damages())
def test_a_damaged_run_has_a_card_or_is_refused(spoil, name, damage):
    for run in spoil(name, damage):
        answered(export.card, run)
