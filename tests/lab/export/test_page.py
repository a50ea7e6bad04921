"""What may be in the one HTML file, and what its policy lets run."""

import re
import shutil

from doodle_core import runs
from doodle_core.files import write_json
from doodle_core.lab import export
from support.export import body


def test_names_and_notes_are_no_markup(finished_run, drawings_folder, tmp_path):
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    shutil.copytree(drawings_folder, folder)
    path = finished_run("one", folder=folder)
    runs.annotate(path, notes="</p><script>alert(2)</script>", tags=["<b>"])
    write_json(path / "environment.json", {"<i>": "</script><script>alert(3)</script>"})
    text = body(path)
    assert "<img src=x" not in text and "<script>alert" not in text and "<b>" not in text
    assert "&lt;script&gt;alert(2)" in text and "<i>" not in text


def test_its_policy_lets_its_own_scripts_run_and_nothing_else(finished_run):
    text = export.html(runs.load(finished_run("one")))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'") and "http" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert policy.count("sha256-") == 2 == text.count("<script>")
    assert not re.search(r'<(link|img|script|iframe)[^>]*(src|href)="(?!data:)', text)
