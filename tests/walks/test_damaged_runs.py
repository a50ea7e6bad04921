"""Pages and commands with damaged and hostile run folders beside good ones."""

import contextlib
import json
import os
import re
import shutil

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.__main__ import main
from doodle_core.files import MODELS, explain, read_json
from doodle_core.lab import export
from support.apps import PAGES, open_page, words

pytestmark = pytest.mark.usefixtures("no_worker")

HEAD = "{'descr': '<f8', 'fortran_order': False, 'shape': (7, 1000000000000)}"
HUGE = b"\x93NUMPY\x01\x00" + len(HEAD).to_bytes(2, "little") + HEAD.encode()
TORN = b"\x93NUMPY\x01\x00\x20\x00{'descr': '''<f8" + b" " * 200


def change(path, file, **facts):
    content = read_json(path / file) | facts
    (path / file).write_text(json.dumps(content))


def source(value):
    return lambda path: change(
        path, "config.json", data=read_json(path / "config.json")["data"] | {"source": value}
    )


def write(file, content):
    def written(path):
        (path / file).unlink(missing_ok=True)
        (path / file).write_bytes(content)

    return written


def overwrite(file):
    def overwritten(path):
        content = (path / file).read_bytes()
        middle = len(content) // 2
        (path / file).write_bytes(content[:middle] + b"\xab" * 40 + content[middle + 40 :])

    return overwritten


def pipe(file):
    def piped(path):
        (path / file).unlink(missing_ok=True)
        os.mkfifo(path / file)

    return piped


def link(path):
    (path / "train.log").symlink_to("/etc/passwd")


def lacking(*names):
    def without(path):
        known = {
            key: one for key, one in read_json(path / "metrics.json").items() if key not in names
        }
        (path / "metrics.json").write_text(json.dumps(known))

    return without


SPOILT = {
    "null": ("run", source(None)),
    "brackets": ("vae", source([])),
    "braces": ("run", source({})),
    "number": ("run", source(0)),
    "deep": ("run", write("config.json", b"[" * 500_000)),
    "link": ("run", link),
    "pipe": ("vae", pipe("metrics.json")),
    "layers": ("run", write("network.json", b"[1, null]")),
    "columns": ("run", write("history.csv", b"epoch," + b"a," * 200_000)),
    "torn": ("run", write("test_probabilities.npy", TORN)),
    "pickle": ("run", write("test_labels.npy", b"\x80\x04K\x01.")),
    "suspects": ("run", write("suspects.csv", b"\xff\xfe")),
    "overwritten": ("vae", overwrite("latent_test.npz")),
    "huge": ("vae", write("categories.npz", HUGE)),
    "iwae": ("vae", lacking("iwae", "iwae_n", "iwae_k", "silhouette", "judge", "active")),
    "loss": ("vae", lacking("loss")),
    "shares": ("run", lambda path: change(path, "metrics.json", top1=7, top1_high=-1)),
    "tags": ("vae", write("notes.json", b'{"tags": [{}]}')),
    "time": ("run", write("status.json", b'{"state": "finished", "time": null}')),
}
"""Copies of a good run by name: of which kind, and what was done to each."""
PROGRESS = [
    {"epoch": None},
    {"steps": 0},
    {"done": None, "phase": "data"},
    {"done": 1.5, "phase": "data"},
    {"seconds_left": "soon"},
]


@pytest.fixture
def spoilt(finished_run, finished_vae, make_config):
    """Good runs of both kinds among those of SPOILT, and trainings whose progress cannot be."""
    for made in (finished_run("good"), finished_vae("good-vae")):
        kind = "run" if made.name == "good" else "vae"
        runs.write_layers(made, [{"layer": "a", "kind": "Dense", "output": "3", "parameters": 9}])
        for name, (of, damage) in SPOILT.items():
            if of == kind:
                shutil.copytree(made, MODELS / name)
                damage(MODELS / name)
    whole = {"phase": "training", "epoch": 2, "epochs": 5, "step": 3, "steps": 9}
    whole |= {"images_per_second": 9.0, "seconds_left": 9.0}
    with contextlib.ExitStack() as held:
        for place, changes in enumerate(PROGRESS):
            path = runs.create(make_config(f"live-{place}"))
            runs.set_state(path, "running")
            (path / "progress.json").write_text(json.dumps(whole | changes))
            held.enter_context(runs.lock(path))
        yield


def shown(app):
    tables = " ".join(frame.value.to_string() for frame in app.dataframe)
    chosen = " ".join(str(box.options) for box in app.selectbox)
    return f"{words(app)} {tables} {chosen}"


WITHOUT_RUNS = ("data", "sweeps", "report", "tour", "curve", "draw", "people")
"""Pages that name no run of these: they have other lists, or choose runs by their data."""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_the_good_runs_beside_the_damaged(spoilt, page):
    app = open_page(page)
    text = shown(app)
    assert app.title[0].value and "Traceback" not in text and "root:x" not in text
    if page not in WITHOUT_RUNS:
        assert re.search(r"\bgood\b|good\\-vae|good-vae", text)


@pytest.mark.parametrize(
    ("page", "name", "says"),
    [
        ("errors", "torn", "missing or damaged"),
        ("errors", "pickle", "missing or damaged"),
        ("errors", "columns", "history.csv of columns is damaged"),
        ("errors", "suspects", "suspects.csv of suspects is damaged"),
        ("compare", "torn", "missing or damaged"),
        ("latent", "overwritten", "missing or damaged"),
        ("latent", "iwae", "By chance"),
        ("latent", "tags", "no finished run named"),
    ],
)
def test_a_damaged_run_gets_a_sentence_on_its_page(spoilt, page, name, says):
    text = shown(open_page(page, run=name)).replace("\\", "")
    assert says in text


def test_the_commands_list_and_export_beside_damaged_runs(spoilt, capsys, tmp_path):
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list(MODELS.iterdir()))
    assert sum(line.startswith("good") and "finished" in line for line in lines) == 2
    for name in ("null", "link", "pipe", "loss", "time"):
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert "damaged" in line and line.endswith(".")
    for run in runs.all_runs():
        try:
            assert "<html" in export.html(run)[:200]
        except (ValueError, OSError) as error:
            assert re.fullmatch(r"[^\n]+\.", explain(error))


def test_no_command_follows_a_link_out_of_the_models(finished_run, make_config, tmp_path, capsys):
    outside = runs.create(make_config("outside")).rename(tmp_path / "outside")
    (MODELS / "linked").symlink_to(outside)
    inside = runs.create(make_config("inside"))
    log = tmp_path / "log"
    log.write_text("mine\n")
    (inside / "train.log").symlink_to(log)
    before = sorted(file.name for file in outside.iterdir())
    for name in ("linked", "inside"):
        for command in (
            ["export", name, "-o", str(tmp_path / "x.html")],
            ["train", "--resume", name],
        ):
            assert main(command) == 1
            said = capsys.readouterr().err
            assert re.fullmatch(r"[^\n]*link leads out[^\n]*\.\n", said)
    assert not (tmp_path / "x.html").exists() and log.read_text() == "mine\n"
    assert sorted(file.name for file in outside.iterdir()) == before
    with pytest.raises(ValueError):
        runs.delete(MODELS / "linked")
    runs.delete(inside)
    assert log.exists() and np.array_equal(sorted(os.listdir(MODELS)), ["linked"])
