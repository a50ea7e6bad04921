"""What a person's answers come to, beside a network's."""

import json

import numpy as np
import pytest

from doodle_core import evaluation, runs
from doodle_core.files import MODELS
from doodle_core.lab import people
from doodle_core.lab.people import results as people_results
from support.drawings import CATEGORIES
from support.people import answer


def test_figures_are_those_of_the_answers(begin):
    session, _ = begin()
    said = [*session.labels[:9], (session.labels[9] + 1) % 3]
    for place, option in enumerate(said):
        answer(session, [option], seconds=1 + place)
    found = people.answers(session)
    figures = people_results.figures(session, found)
    assert (figures["n"], figures["right"], figures["chance"]) == (10, 9, 1 / 3)
    assert (figures["top1_low"], figures["top1_high"]) == pytest.approx(evaluation.wilson(9, 10))
    assert figures["median"] == 5.5 and figures["p90"] == pytest.approx(9.1)
    rows = people_results.per_category(session, found)
    assert sum(row["n"] for row in rows) == 10 and len(rows) == 3
    first = rows[session.labels[9]]
    assert first["recall"] == pytest.approx(1 - 1 / first["n"]) and first["seconds"] > 0


def test_a_network_on_the_very_same_drawings(begin, finished_run):
    session, run = begin(n=30, n_wrong=20)
    finished_run("other", n_wrong=0)
    finished_run("elsewhere", n_wrong=0)
    metrics = json.loads((MODELS / "elsewhere/metrics.json").read_text())
    metrics["test_pixels"] = "others"
    (MODELS / "elsewhere/metrics.json").write_text(json.dumps(metrics))
    assert sorted(people.networks(session)) == ["done", "other"]
    said = people.said_by(session, "done")
    whole = np.load(run.path / "test_probabilities.npy")
    assert np.array_equal(said, whole[list(session.places)])
    options = [(label + (place < 3)) % 3 for place, label in enumerate(session.labels)]
    found = answer(session, options)
    person, network = people_results.table(session, found, {"done": said})
    right = said.argmax(axis=1) == session.labels
    test = evaluation.mcnemar(np.arange(30) >= 3, right)
    assert person["right"] == 27 and network["right"] == right.sum() < 30
    assert (network["only_person"], network["only_network"]) == (test["only_a"], test["only_b"])
    assert network["p"] == test["p"]
    cases = people_results.apart(session, found, said)
    assert len(cases["person"]) == test["only_b"] and len(cases["network"]) == test["only_a"]
    assert len(cases["both"]) == test["neither"] and set(cases["both"]) <= {0, 1, 2}
    (row, *_) = people_results.listed(session, found, {"done": said})
    assert row["category"] == CATEGORIES[session.labels[0]] and row["right"] is False
    assert row["source index"] == session.rows[0] and row["done"] in CATEGORIES


def test_generated_drawings_without_a_truth(finished_vae):
    run = runs.load(finished_vae("vae"))
    with np.load(run.path / "latent_samples.npz") as found:
        arrays = dict(found)
    np.savez(run.path / "latent_samples.npz", **arrays | {"labels": np.full(40, -1, np.int16)})
    session = people.begin_generated("g", run, n=10)
    assert not session.has_truth
    judge = people.said_by(session, "done").argmax(axis=1)
    found = answer(session, [*judge[:6].tolist(), (int(judge[6]) + 1) % 3, 3, 3, 3])
    figures = people_results.figures(session, found)
    assert figures["told"] == 7 and "top1" not in figures
    (row,) = people_results.agreement(session, found, {"done": people.said_by(session, "done")})
    assert (row["n"], row["right"]) == (7, 6)
    assert people_results.untold(session, found).tolist() == [7, 8, 9]
    assert people_results.differing(session, found, people.said_by(session, "done")).tolist() == [6]


def test_cannot_tell_is_wrong_where_something_was_asked_for(finished_vae):
    session = people.begin_generated("g", runs.load(finished_vae("vae")), n=4)
    found = answer(session, [*session.labels[:3], 3])
    figures = people_results.figures(session, found)
    assert (figures["right"], figures["told"]) == (3, 3)
    rows = people_results.per_category(session, found)
    assert [row["category"] for row in rows] == list(CATEGORIES)
    assert sum(row["n"] for row in rows) == 4


def test_what_the_report_gives():
    named, recognised = people_results.given()
    assert named["top1"] == 0.97
    assert round(named["top1_low"], 3) == 0.936 and round(named["top1_high"], 3) == 0.986
    assert recognised["top1"] == 1 and round(recognised["top1_low"], 3) == 0.963
