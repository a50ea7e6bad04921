"""Runs that came with the program are known by what they hold."""

import shutil

from doodle_core import runs
from doodle_core.files import MODELS
from doodle_core.runs import shipping


def test_a_run_is_known_by_what_it_holds_and_once(finished_run):
    path = finished_run("ours")
    finished_run("another", n_wrong=2)
    shipping.write_list([path])
    assert shipping.read_list() == {"ours": shipping.digest(path)}
    shutil.copytree(path, MODELS / "zz copy")
    assert list(runs.shipped(runs.all_runs())) == ["ours"]
    shutil.rmtree(path)
    assert {name: run.name for name, run in runs.shipped(runs.all_runs()).items()} == {
        "ours": "zz copy"
    }


def test_of_alike_runs_each_keeps_its_name(finished_run):
    shipping.write_list([finished_run("one"), finished_run("two")])
    found = runs.shipped(runs.all_runs())
    assert {name: run.name for name, run in found.items()} == {"one": "one", "two": "two"}


def test_an_unfinished_run_is_none(finished_run):
    path = finished_run("ours")
    shipping.write_list([path])
    runs.set_state(path, "stopped")
    assert not runs.shipped(runs.all_runs())
    shipping.LIST.unlink()
    assert shipping.read_list() == {}
