"""What the papers say: places are there, commands are taken, and CI runs the README's tests."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from doodle_core.__main__ import parser

ROOT = Path(__file__).resolve().parent.parent
PAPERS = {path: path.read_text("utf-8") for path in sorted(ROOT.glob("*.md"))} | {
    path: path.read_text("utf-8") for path in (ROOT / "models/README.md", ROOT / "data/README.md")
}
NAMES = [str(path.relative_to(ROOT)) for path in PAPERS]


def blocks(text):
    """The shell commands of a paper, a text for each of its blocks."""
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def test_the_readme_is_read_in_one_sitting():
    assert len(PAPERS[ROOT / "README.md"].splitlines()) <= 150


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name):
    path = ROOT / name
    links = re.findall(r"\]\(([^)#]+)", PAPERS[path])
    lost = [one for one in links if "://" not in one and not (path.parent / one).exists()]
    assert not lost


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_are_there(name):
    """`lab/queue.py` is short for `doodle_core/lab/queue.py`; what a run or a person makes is not."""
    said = re.findall(
        r"`([\w./-]+\.(?:py|md|toml|txt|cff)|(?:doodle_core|pages|tests)/[\w./-]*)`",
        PAPERS[ROOT / name],
    )
    places = (ROOT, ROOT / "doodle_core", ROOT / ".streamlit")
    lost = [one for one in said if not any((place / one).exists() for place in places)]
    assert set(lost) <= {"settings/x.py"}  # a family that somebody may add


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_taken(name, tmp_path):
    """A shell works out loops and variables; `python` only notes what it was given."""
    note = f'python() {{ printf "%q " "$@" >>{tmp_path}/said; echo >>{tmp_path}/said; }}\n'
    stubs = "".join(f"{one}() {{ :; }}\n" for one in ("make", "pip", "doodle-lab"))
    script = note + stubs + "\n".join(blocks(PAPERS[ROOT / name]))
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "said").read_text().splitlines() if (tmp_path / "said").exists() else []
    commands = [shlex.split(line)[2:] for line in said if line.startswith("-m doodle_core ")]
    assert len(commands) >= {"README.md": 8, "models/README.md": 30}.get(name, 0)
    for arguments in commands:
        if arguments != ["--help"]:
            parser().parse_args(arguments)  # ends with status 2 where it does not know one


def test_ci_runs_the_readmes_tests():
    commands = "\n".join(blocks(PAPERS[ROOT / "README.md"]))
    said = re.findall(r"^make (?:lint|test)\S*", commands, re.MULTILINE)
    run = re.findall(r"^check (.+)$", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert run == said == ["make lint", "make test", "make test-slow"]
