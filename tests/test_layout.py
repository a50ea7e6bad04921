"""Where tests stand and what they may name: the rules of this folder, checked."""

import ast
from pathlib import Path

from support.browser import ROOT

TESTS = ROOT / "tests"
FILES = sorted(TESTS.rglob("*.py"))
MODULES = sorted((ROOT / "doodle_core").rglob("*.py"))


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_each_module_has_its_tests():
    for file in MODULES:
        public = [
            one.name
            for one in tree(file).body
            if isinstance(one, ast.FunctionDef | ast.ClassDef) and not one.name.startswith("_")
        ]
        place = file.relative_to(ROOT / "doodle_core")
        mirror = TESTS / place.parent / f"test_{place.stem.strip('_')}.py"
        if public and not mirror.exists():
            print(name(file), public)


test_each_module_has_its_tests()
