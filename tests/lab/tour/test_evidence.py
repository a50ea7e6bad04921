"""Which runs the tour takes for evidence, and what it says of them."""

import os

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.files import MODELS, read_json, write_json
from doodle_core.lab import tour
from doodle_core.lab.tour import evidence
from support.networks import give_networks
from support.tour import STOPS, change, found, ship

PAIR = {"stand-in-base-0": {}, "stand-in-compact-plain-0": {"network": "compact"}}


@pytest.fixture
def pair(finished_run):
    """A base network, and a smaller and better one."""
    for name, more in PAIR.items():
        change(
            finished_run(name, n_wrong=12 * (not more), **more), parameters=100 + 330 * (not more)
        )


def look() -> tour.Finding:
    return STOPS["convolution"].find(runs.all_runs())


def test_a_run_of_a_shipped_ones_name_is_a_persons_own(pair):
    ship("stand-in-compact-plain-0")
    finding = look()
    assert finding.verdict == "open" and "is not here" in finding.words
    ship()
    assert look().verdict == "wrong"


def test_a_shipped_run_is_known_under_another_name_and_once(pair):
    ship()
    os.rename(MODELS / "stand-in-base-0", MODELS / "aaa")
    config = read_json(MODELS / "aaa" / "config.json")
    write_json(MODELS / "aaa" / "config.json", config | {"name": "aaa"})
    finding = look()
    assert finding.verdict == "wrong" and "aaa names" in finding.words


@pytest.mark.parametrize("file", ["metrics.json", "history.csv", "config.json", "test_labels.npy"])
def test_a_shipped_run_that_was_changed_is_none(pair, file):
    ship()
    path = MODELS / "stand-in-base-0"
    if file == "metrics.json":
        change(path, seconds=4.0)
    elif file == "config.json":
        write_json(path / file, read_json(path / file) | {"batch_size": 8})
    elif file == "history.csv":
        (path / file).write_text((path / file).read_text().replace("0.9", "0.91"))
    else:
        np.save(path / file, np.load(path / file)[::-1])
    assert look().verdict == "open"


def test_line_ends_of_another_system_change_nothing(pair):
    ship()
    for file in ("history.csv", "metrics.json"):
        path = MODELS / "stand-in-base-0" / file
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert look().verdict == "wrong"


def test_notes_and_hiding_change_nothing(pair):
    ship()
    runs.annotate(MODELS / "stand-in-base-0", hidden=True)
    assert look().verdict == "wrong"


def test_a_damaged_list_or_run_is_told(pair):
    ship()
    (MODELS / "stand-in-base-0" / "metrics.json").write_text("{")
    assert look().verdict == "open"
    (MODELS / "shipped.json").write_text("[]")
    with pytest.raises(ValueError, match="no list of runs"):
        look()


def test_own_runs_change_no_verdict(finished_run, finished_vae, transferred):
    for seed in range(2):
        finished_run(f"stand-in-base-{seed}", n_wrong=4, seed=seed)
    change(finished_run("stand-in-compact-plain-0", n_wrong=4, network="compact"), parameters=9)
    path = finished_run("report-seven-base")
    give_networks(path)
    finished_vae("vae")
    for base in ("MobileNetV2", "VGG16"):
        transferred(f"{base}-as-reported", "report", "MobileNetV2")
        transferred(f"{base}-tuned", "tuned", "MobileNetV2")
    before = {key: found(key) for key in STOPS}
    own = ["mine", "stand-in-compact-still-0", "stand-in-base-2", "vae-2d", "stand-in-VGG19-tuned"]
    change(finished_run("mine", n_wrong=0), parameters=5)
    finished_run("stand-in-compact-still-0", n_wrong=14, network="compact")
    finished_run("stand-in-base-2", n_wrong=0, seed=2)
    finished_vae("vae-2d", latent=2)
    transferred("stand-in-VGG19-tuned", "tuned", "VGG19", n_wrong=0)
    for key, finding in before.items():
        after = found(key, own)
        assert (after.verdict, after.words) == (finding.verdict, finding.words), key
    beside = tour.own_beside(found("convolution", own), runs.all_runs())
    assert {run.name for run in beside} == {*own} - {"vae-2d"}
    assert not tour.own_beside(tour.Finding("open", "."), runs.all_runs())


def test_own_runs_beside_are_on_the_same_drawings_and_not_hidden(finished_run):
    finished_run("stand-in-base-0")
    change(finished_run("elsewhere"), test_pixels="others")
    runs.annotate(finished_run("hidden", n_wrong=3), hidden=True)
    finished_run("mine", n_wrong=2)
    own = ["elsewhere", "hidden", "mine"]
    beside = tour.own_beside(found("convolution", own), runs.all_runs())
    assert not beside  # nothing to stand beside: the smaller network is missing
    change(finished_run("stand-in-compact-plain-0", network="compact"), parameters=9)
    beside = tour.own_beside(found("convolution", own), runs.all_runs())
    assert [run.name for run in beside] == ["mine"]


def test_what_runs_differ_in(finished_run, transferred):
    one = runs.load(finished_run("one", seed=1))
    other = runs.load(finished_run("other", seed=2, dropout=0.1, epochs=3))
    assert evidence.differing(one, other) == ["dropout", "epochs asked"]
    runs.write_environment(one.path, {"precision": "float32"})
    runs.write_environment(other.path, {"precision": "mixed_bfloat16"})
    assert "precision" in evidence.differing(one, other)
    base, again = (runs.load(transferred(f"b{n}", "tuned", "VGG19")) for n in range(2))
    assert evidence.differing(base, again) == []
    for run, digest in ((base, "a"), (again, "b")):
        runs.write_environment(run.path, {"weights": "w.h5", "weights_sha256": digest})
    assert evidence.differing(base, again) == ["weights"]
    assert "network" in evidence.differing(one, base)
    assert not {"base", "pooling"} & set(evidence.differing(one, base))
    assert evidence.listed(["batch_norm", "loss", "optimizer"]) == "batch norm, loss and optimizer"
    assert evidence.listed(["loss"]) == "loss"


def test_runs_without_a_fingerprint_are_not_taken_for_alike(pair):
    for name in PAIR:
        metrics = read_json(MODELS / name / "metrics.json")
        metrics.pop("test_pixels")
        write_json(MODELS / name / "metrics.json", metrics)
    finding = found("convolution")
    assert finding.verdict == "open" and "not scored on the same drawings" in finding.words
