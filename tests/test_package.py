"""The installed program: `pip install .`, then `doodle-lab` from anywhere."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from support import browser

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BROUGHT = ("doodle_core", "pages", "models", ".streamlit", "dashboard.py", "launcher.py")
"""What an installed program consists of, but for models/README.md."""


def pins(name):
    """The pinned requirements in a file: dict of name and version."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)", "\n".join(lines), re.MULTILINE))


def test_what_is_pinned_is_what_the_package_asks_for():
    asked = {one.name: one.specifier for one in map(Requirement, PROJECT["dependencies"])}
    pinned = pins("requirements.txt")
    assert set(asked) == set(pinned)
    for name, version in pinned.items():
        assert version in asked[name], f"{name} {version} is not in {asked[name]}"
    assert set(PROJECT["optional-dependencies"]["dev"]) == set(pins("requirements-dev.txt"))


# --- built and installed -------------------------------------------------------------------------


def tracked(*names):
    """The files that git keeps below these; a test that needs them is skipped where none are."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *names]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    found = [name for name in listed if (ROOT / name).is_file()]
    if not found:
        pytest.skip("this is no clone")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy: builds leave files behind, and pack those that an earlier one left."""
    folder = tmp_path_factory.mktemp("clone")
    for name in tracked(*BROUGHT, "pyproject.toml", "README.md", "LICENSE"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "models" / "a run of its owner").mkdir()
    (folder / "models" / "a run of its owner" / "config.json").write_text("{}")
    pip("wheel", "--no-deps", "--no-build-isolation", f"--wheel-dir={folder}", str(folder))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder that it is installed in; what it depends on is this environment's."""
    folder = tmp_path_factory.mktemp("packages")
    pip("install", "--no-deps", "--no-index", f"--target={folder}", str(wheel))
    return folder


def pip(*arguments):
    """Run pip; its own words if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def start(installed, tmp_path):
    """Start `doodle-lab ARGUMENTS...` from a folder of no account, as somebody without DOODLE_HOME."""
    begun = []
    (tmp_path / "elsewhere").mkdir()

    def start(*arguments, **environment):
        begun.append(
            subprocess.Popen(
                [str(installed / "bin" / "doodle-lab"), *arguments],
                cwd=tmp_path / "elsewhere",
                env={name: text for name, text in os.environ.items() if name != "DOODLE_HOME"}
                | {"PYTHONPATH": str(installed), "HOME": str(tmp_path)}
                | environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_wheel_holds_what_git_keeps_and_no_more(wheel):
    expected = {
        name if name.startswith("doodle_core/") else f"doodle_lab/{name}"
        for name in tracked(*BROUGHT)
        if name != "models/README.md"
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected


@pytest.mark.slow
def test_the_command_says_what_it_can_do(start, tmp_path):
    text, _ = start("--help").communicate(timeout=60)
    assert "usage: doodle-lab" in text and "dashboard" in text and "train-vae" in text
    assert str(tmp_path / "doodle-lab") in "".join(text.split())  # a line may end at any hyphen
    assert not (tmp_path / "doodle-lab").exists()  # asking leaves nothing behind


@pytest.mark.slow
def test_the_shipped_runs_become_a_persons_own(start, tmp_path):
    process = start("runs")
    text, _ = process.communicate(timeout=60)
    shipped = {name.split("/")[1] for name in tracked("models") if name.endswith("/config.json")}
    assert process.returncode == 0
    assert {line.split()[0] for line in text.splitlines()} == shipped
    assert {path.name for path in (tmp_path / "doodle-lab" / "models").iterdir()} == {
        *shipped,
        "report-sweeps.db",
    }


@pytest.mark.slow
@pytest.mark.skipif(not browser.CHROMIUM, reason="needs Chromium")
def test_the_dashboard_opens_from_anywhere(start, tmp_path):
    """Its pages, components, colours and runs are found, and it listens to this machine only."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(STREAMLIT_SERVER_PORT=str(port))
    address, end = f"http://localhost:{port}", time.monotonic() + 60
    while not answers(f"{address}/_stcore/health"):
        assert process.poll() is None and time.monotonic() < end, process.communicate()[0]
        time.sleep(0.1)
    with browser.page() as (view, faults):
        view.goto(address)
        browser.settle(view)
        view.get_by_text("report-seven-compact").first.wait_for()
        assert view.title() == "Doodle Lab"
        ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        assert view.evaluate(ground) == "rgb(252, 251, 248)"  # the theme's #FCFBF8
        view.goto(f"{address}/draw")  # a component of its own, and networks that answer
        view.locator(".reading .network").first.wait_for(timeout=60_000)
        assert not faults, faults
    assert not answers(f"http://127.0.0.2:{port}/_stcore/health")  # server.address
    assert not list((tmp_path / "elsewhere").iterdir())


def answers(address):
    """Whether a server is there."""
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False
