"""Every term is explained where it stands: metrics, tables of figures, and none for nothing."""

import json
import re
from pathlib import Path

import pytest

from doodle_core.evaluation import measures
from pages.shared import terms
from support.apps import PAGES, open_page

SOURCES = {path.name: path.read_text() for path in Path(terms.__file__).parents[1].rglob("*.py")}


def test_each_term_is_a_sentence_and_stands_on_a_page():
    rest = "".join(text for name, text in SOURCES.items() if name != "terms.py")
    tables = measures.CLASSIFIER_TABLE, measures.VAE_LOSS, measures.VAE_TABLE
    shown = {key for table in tables for key in table}
    shown |= {key for key in measures.MEASURES if f'"{key}"' in rest}  # a page asks for it itself
    names = {measures.MEASURES[key].name for key in shown}
    for name, text in terms.TERMS.items():
        assert text[0].isupper() and text.endswith("."), name
        is_shown = name in names or f'"{name}' in rest or f"['{name}']" in rest
        assert is_shown, f"{name} is on no page"


def test_a_column_is_found_with_and_without_what_stands_in_brackets():
    found = terms.columns(
        ["top-1 (95 %)", "category", "n", "val loss"], {"val loss": "%.2f"}, {"n": "drawings"}
    )
    assert set(found) == {"top-1 (95 %)", "n", "val loss"}
    assert found["top-1 (95 %)"]["help"] == terms.TERMS["top-1"]
    assert found["n"]["label"] == "drawings" and found["n"]["help"] is None
    assert found["val loss"]["help"] == terms.TERMS["val loss"]
    assert found["val loss"]["type_config"]["format"] == "%.2f"


@pytest.mark.parametrize("page", PAGES)
def test_figures_say_what_they_are(page, finished_run, finished_vae):
    finished_run("one")
    finished_run("two", n_wrong=9)
    finished_vae("vae")
    app = open_page(page)
    for metric in app.metric:
        assert metric.help, f"{metric.label} has no help"
    for table in app.dataframe:
        config = json.loads(table.proto.columns or "{}")
        for name in table.value.columns:
            shown = (config.get(name) or {}).get("label") or name
            if shown in terms.TERMS or re.sub(r" \(.*", "", shown) in terms.TERMS:
                assert (config.get(name) or {}).get("help"), f"{name} has no help"
