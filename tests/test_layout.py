"""Tests stand where the modules stand, know no private name, and share through tests/support alone."""

import ast
from pathlib import Path

import pytest

from support.browser import ROOT

TESTS = ROOT / "tests"
CORE = ROOT / "doodle_core"
ELSEWHERE = {
    "lab/export/pieces.py": "what both kinds of reports consist of: tested by those",
    "classifier/portable.py": "tested in inference/test_classifier.py, by what it makes",
    "vae/portable.py": "tested in inference/test_autoencoder.py, by what it makes",
    "settings/flags.py": "reads what test_fields declares, and is tested there",
}
"""Modules without a test file of their own, and why."""
APPTEST = {"_tree", "_run"}
"""Streamlit's: without them its AppTest cannot choose a row of a table."""


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def public(file: Path) -> list[str]:
    """The names of a module's public functions and classes."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return [one.name for one in tree(file).body if isinstance(one, kinds) and one.name[0] != "_"]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private(file: Path) -> list[str]:
    """The private names of others that a file reads, imports or replaces."""
    found = []
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) != "self":
            found.append(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
            "setattr",
            "delattr",
        ):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            found += [text.rpartition(".")[2] for text in texts if isinstance(text, str)]
    return [name for name in found if is_private(name) and name not in APPTEST]


def imported(file: Path) -> set[str]:
    """The first part of each module that a file imports."""
    found = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_each_module_has_its_tests():
    lacking = []
    for file in CORE.rglob("*.py"):
        place = file.relative_to(CORE)
        mirror = TESTS / place.with_name(f"test_{place.stem.strip('_')}.py")
        if public(file) and not mirror.exists():
            lacking.append(place.as_posix())
    assert sorted(lacking) == sorted(ELSEWHERE)


@pytest.mark.parametrize(
    "file", sorted(TESTS.rglob("*.py")), ids=lambda file: file.relative_to(TESTS).as_posix()
)
def test_a_test_imports_no_other_and_names_nothing_private(file):
    assert not private(file)
    names = {other.stem for other in TESTS.rglob("test_*.py")} | {"tests", "conftest"}
    assert not imported(file) & names
