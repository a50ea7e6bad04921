"""What components share: their files, joined; drawings on their way, clicks on their way back."""

import re
import shutil
import subprocess

import numpy as np
import pytest

from pages.components import assets, wire

NAMES = sorted(one.name for one in assets.WEB.iterdir() if one.is_dir() and one.name != "shared")


def ramp(n):
    return (np.arange(n * 784) % 251).astype(np.uint8).reshape(n, 28, 28)


# --- files ---------------------------------------------------------------------------------------


def test_a_file_stands_behind_what_it_imports_and_each_once(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "WEB", tmp_path)
    (tmp_path / "a.js").write_text(
        'import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\na;\n'
    )
    (tmp_path / "b.js").write_text('import { c } from "./c.js";\nexport const b = 1;\n')
    (tmp_path / "c.js").write_text("export class C {}\nexport default 3;\n")
    assert assets.joined(tmp_path / "a.js") == (
        "/* c.js */\nclass C {}\nexport default 3;\n\n/* b.js */\nconst b = 1;\n\n/* a.js */\na;\n"
    )
    (tmp_path / "a.css").write_text('@import "./b.css";\na { top: 0; }\n')
    (tmp_path / "b.css").write_text("b { top: 1px; }\n")
    assert assets.joined(tmp_path / "a.css") == (
        "/* b.css */\nb { top: 1px; }\n\n/* a.css */\na { top: 0; }\n"
    )
    (tmp_path / "b.css").unlink()
    with pytest.raises(FileNotFoundError, match="b.css"):
        assets.joined(tmp_path / "a.css")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_joined_is_one_module(name, tmp_path):
    text = assets.joined(assets.WEB / name / f"{name}.js")
    assert len(re.findall("^export ", text, re.MULTILINE)) == 1
    assert not re.search("^import ", text, re.MULTILINE)
    assert "@import" not in assets.joined(assets.WEB / name / f"{name}.css")
    assert (assets.WEB / name / f"{name}.html").is_file()
    if not (node := shutil.which("node")):
        pytest.skip("needs node")
    file = tmp_path / "joined.mjs"
    file.write_text(text)
    found = subprocess.run([node, "--check", file], capture_output=True, text=True)
    assert not found.returncode, found.stderr  # two things of one name, for example


# --- on their way --------------------------------------------------------------------------------


def test_pixels_of_both_shapes_are_the_same():
    np.testing.assert_array_equal(wire.pixels(ramp(3)), wire.pixels(ramp(3).reshape(3, 784)))
    assert wire.pixels([]).shape == (0, 784)


@pytest.mark.parametrize("wrong", [ramp(2).astype(float), ramp(2)[:, :27], ramp(1)[0]])
def test_other_drawings_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        wire.pixels(wrong)


def test_a_click_counts_only_on_what_is_shown():
    assert wire.clicked({"index": 1, "stamp": 7}, 7, 2) == 1
    for event in (
        *(None, "1", {"index": 1, "stamp": 8}, {"index": 2, "stamp": 7}),
        *({"index": -1, "stamp": 7}, {"index": "1", "stamp": 7}, {"stamp": 7}),
    ):
        assert wire.clicked(event, 7, 2) is None
