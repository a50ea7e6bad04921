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


def without_truth(path):
    """A VAE whose samples were asked for as no category."""
    with np.load(path / "latent_samples.npz") as found:
        arrays = dict(found)
    np.savez(path / "latent_samples.npz", **arrays | {"labels": np.full(40, -1, np.int16)})
    return runs.load(path)


def test_generated_drawings_without_a_truth(finished_vae):
    run = without_truth(finished_vae("vae"))
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


def test_the_median_is_no_mean_and_chance_has_no_cannot_tell(finished_vae):
    session = people.begin_generated("g", runs.load(finished_vae("vae")), n=8, seed=2)
    assert session.has_truth and len(session.options) == 4
    seconds = (1, 2, 3, 40, 601)  # the last one is no time to answer
    options = (*session.labels[:2], 3, 3, (session.labels[4] + 1) % 3)
    for option, time in zip(options, seconds, strict=True):
        answer(session, [option], time)
    found = people.answers(session)
    figures = people_results.figures(session, found)
    assert (figures["chance"], figures["timed"], figures["n"]) == (1 / 3, 4, 5)
    assert (figures["median"], figures["p90"]) == (2.5, pytest.approx(28.9))
    assert (figures["right"], figures["told"], figures["top1"]) == (2, 3, 0.4)
    assert figures["recognised"] == 0.6
    low, high = evaluation.wilson(3, 5)
    assert (figures["recognised_low"], figures["recognised_high"]) == pytest.approx((low, high))
    assert people_results.wrong(session, found).tolist() == [2, 3, 4]
    assert people_results.untold(session, found).tolist() == [2, 3]


def test_the_figures_of_each_category_are_its_own(begin):
    session, _ = begin(n=12)
    labels = np.array(session.labels)
    said, seconds = labels.copy(), np.arange(1.0, 13)
    apples, moons, _ = (np.flatnonzero(labels == label) for label in range(3))
    said[apples[:3]], said[moons[0]] = 1, 2  # three apples called moons, and a moon a cup
    for option, time in zip(said.tolist(), seconds, strict=True):
        answer(session, [option], time)
    found = people.answers(session)
    rows = people_results.per_category(session, found)
    matrix = np.array([[((labels == a) & (said == b)).sum() for b in range(3)] for a in range(3)])
    for label, row in enumerate(rows):
        assert row["n"] == matrix[label].sum() and row["category"] == CATEGORIES[label]
        assert row["recall"] == matrix[label, label] / matrix[label].sum()
        assert row["precision"] == matrix[label, label] / matrix[:, label].sum()
        assert row["seconds"] == np.median(seconds[labels == label])
    assert people_results.wrong(session, found).tolist() == sorted([*apples[:3], moons[0]])
    network = np.eye(3)[np.where(np.arange(12) < 6, labels, (labels + 1) % 3)]
    cases = people_results.apart(session, found, network)
    mine, theirs = said == labels, np.arange(12) < 6
    assert cases["person"].tolist() == np.flatnonzero(~mine & theirs).tolist()
    assert cases["network"].tolist() == np.flatnonzero(mine & ~theirs).tolist()
    assert cases["both"].tolist() == np.flatnonzero(~mine & ~theirs).tolist()
    listed = people_results.listed(session, found, {"net": network})
    assert [row["drawing"] for row in listed] == [*range(1, 13)]
    assert [row["seconds"] for row in listed] == seconds.tolist()
    assert [row["source index"] for row in listed] == [*session.rows]
    assert [row["net"] for row in listed] == [CATEGORIES[at] for at in network.argmax(axis=1)]
    assert [row["right"] for row in listed] == mine.tolist()
    assert [row["answer"] for row in listed] == [CATEGORIES[at] for at in said]


def test_those_that_a_person_could_not_tell_are_no_disagreement(finished_vae):
    run = without_truth(finished_vae("vae"))
    session = people.begin_generated("g", run, n=5)
    found = answer(session, [3, 3])
    assert people_results.agreement(session, found, {"done": np.eye(3)[[0, 0, 0, 0, 0]]}) == []
    found = answer(session, [0, 1])
    (row,) = people_results.agreement(session, found, {"done": np.eye(3)[[0, 0, 0, 0, 0]]})
    low, high = evaluation.wilson(1, 2)
    assert row == pytest.approx(
        {"who": "done", "n": 2, "right": 1, "top1": 0.5, "top1_low": low, "top1_high": high}
    )
    first, *_ = people_results.listed(session, found, {})
    assert (first["category"], first["right"], first["answer"]) == ("", "", "cannot tell")
