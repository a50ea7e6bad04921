"""Each stop's verdict from made runs, on both sides and in between: networks from scratch, people."""

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.inference.classifier import Classifier
from support.networks import give_networks
from support.tour import categorise, change, found, limit, recalls, rescore, validate, verdict


def seeds(make, stem: str, n_wrong, **settings) -> list:
    """Runs that differ in their seed, each with so many wrong answers."""
    return [
        make(f"{stem}-{seed}", n_wrong=wrong, seed=seed, **settings)
        for seed, wrong in enumerate(n_wrong)
    ]


# --- drawings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "turned", "expected"),
    [(2, 20, "holds"), (20, 2, "wrong"), (2, 5, "open"), (5, 2, "open"), (0, 0, "open")],
)
def test_flipped_canoes(finished_run, monkeypatch, plain, turned, expected):
    path = finished_run("report-seven-base")
    categorise(path, "canoe", "moon", "cup")
    give_networks(path)
    calls = iter((plain, turned))

    def moons(network, shown):
        n = next(calls)
        return np.eye(3)[[1] * n + [0] * (len(shown) - n)]

    monkeypatch.setattr(Classifier, "probabilities", moons)
    finding = found("drawings")
    assert finding.verdict == expected
    assert finding.evidence.startswith("report-seven-base (one seed); 300 practice canoes")


STILL = {"network": "compact"}
TURNED = STILL | {"rotation": 12.0, "shift": 2.0, "zoom": 0.18}


@pytest.mark.parametrize(
    ("still", "plain", "expected"),
    [
        ((14, 15, 14), (1, 0, 1), "wrong"),
        ((1, 0, 1), (14, 15, 14), "holds"),
        ((3, 2, 4), (2, 3, 2), "open"),
        ((14,), (0,), "wrong"),
        ((3,), (0,), "open"),  # 3 drawings to 0: McNemar's p is 0.25
        ((0, 14, 0), (0, 0, 0), "open"),  # one seed is not a rule
    ],
)
def test_turns_and_shifts(finished_run, still, plain, expected):
    seeds(finished_run, "stand-in-compact-still", still, **STILL)
    seeds(finished_run, "stand-in-compact-plain", plain, **TURNED)
    finding = found("turns")
    assert finding.verdict == expected
    assert ("3 seeds" if len(still) == 3 else "one seed") in finding.evidence


def test_turns_and_shifts_are_judged_by_runs_that_differ_in_nothing_else(finished_run):
    seeds(finished_run, "stand-in-compact-still", (14,), **STILL)
    seeds(finished_run, "stand-in-compact-plain", (0,), **TURNED, dropout=0.3)
    finding = found("turns")
    assert finding.verdict == "open" and "dropout" in finding.words


def test_seeds_that_differ_in_more_are_none(finished_run):
    seeds(finished_run, "stand-in-compact-plain", (0, 0), **TURNED)
    finished_run("stand-in-compact-still-0", n_wrong=14, seed=0, **STILL)
    finished_run("stand-in-compact-still-1", n_wrong=14, seed=1, **STILL, batch_size=8)
    finding = found("turns")
    assert finding.verdict == "open" and "differ in batch size" in finding.words


# --- from scratch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "n", "train_n", "expected"),
    [
        ((1920, 1920, 1920), (2000, 2000, 2000), 49_000, "holds"),
        ((1920, 1920, 1920), (2000, 2000, 2000), 20_000, "holds"),  # with fewer drawings even
        ((1860, 1860, 1860), (2000, 2000, 2000), 49_000, "wrong"),
        ((1860, 1860, 1860), (2000, 2000, 2000), 20_000, "open"),  # it had fewer to learn from
        ((44, 44, 44), (47, 47, 47), 49_000, "open"),
        ((4000, 4000, 140), (4000, 4000, 200), 49_000, "wrong"),  # top-1 0.993, macro recall 0.90
    ],
)
def test_the_reports_figure_is_reached_by_macro_recall(finished_run, right, n, train_n, expected):
    rescore(finished_run("report-seven-base"), *recalls(right, n), train_n=train_n)
    finding = found("scratch")
    assert finding.verdict == expected and "macro recall" in finding.words
    assert "costs 1.10 nats a drawing" in finding.words  # the logarithm of 3
    assert "at its best epoch this network costs 0.40" in finding.words


@pytest.mark.parametrize(
    ("wrong_base", "wrong_small", "more", "figures", "expected"),
    [
        (12, 0, {}, {}, "wrong"),
        (12, 0, {"dropout": 0.3}, {}, "wrong"),  # it takes fewer, whatever it takes besides
        (0, 12, {}, {}, "holds"),
        (0, 12, {"dropout": 0.3}, {}, "open"),
        (3, 1, {}, {}, "open"),
        (12, 0, {"start_from": "older"}, {}, "open"),
        (12, 0, {}, {"parameters": 430_407}, "open"),
        (12, 0, {}, {"test_pixels": "others"}, "open"),
    ],
)
def test_fewer_parameters(finished_run, wrong_base, wrong_small, more, figures, expected):
    finished_run("stand-in-base-0", n_wrong=wrong_base)
    path = finished_run("stand-in-compact-plain-0", n_wrong=wrong_small, network="compact", **more)
    change(path, **{"parameters": 100_000} | figures)
    assert verdict("convolution") == expected


def test_parameters_are_counted_by_kind_of_layer(finished_run):
    path = finished_run("stand-in-base-0")
    row = {"layer": "x", "output": "3"}
    layers = [
        row | {"kind": "Dense", "parameters": 150},
        row | {"kind": "Conv2D", "parameters": 50},
    ]
    runs.write_layers(path, layers)
    change(path, parameters=200)
    change(finished_run("stand-in-compact-0", network="compact"), parameters=90)
    assert "Of the 200 parameters of stand-in-base-0 75.0\u00a0% are" in found("convolution").words


# --- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.9,) * 8, "wrong"),
        ((0.99, 0.7, 0.7, 0.7, 0.7), "holds"),
        ((0.9,) * 4, "open"),  # fewer than a sweep chooses from
    ],
)
def test_choosing(finished_run, shares, expected):
    rng = np.random.default_rng(0)
    for seed, share in enumerate(shares):
        validate(finished_run(f"stand-in-base-{seed}", seed=seed), rng.random(2000) < share)
    assert verdict("choice") == expected


def test_choosing_is_among_networks_with_the_same_drawings(finished_run):
    rng = np.random.default_rng(0)
    for seed in range(6):
        path = finished_run(f"stand-in-base-{seed}", seed=seed)
        validate(path, rng.random(2000) < 0.9)
        if seed > 3:
            limit(path)
    assert verdict("choice") == "open"


# --- what is confused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cup", "penguin", "moon", "expected"),
    [
        ((30, 2, 2), (2, 2, 30), (2, 30, 2), "holds"),
        ((30, 2, 2), (2, 30, 2), (2, 30, 2), "wrong"),
        ((3, 1, 1), (1, 9, 7), (1, 2, 3), "open"),
        ((30, 2, 2), (2, 2, 30), (0, 3, 2), "open"),
        ((30, 30, 2), (2, 2, 30), (2, 30, 2), "open"),  # as often for another
    ],
)
def test_confusions(finished_run, cup, penguin, moon, expected):
    path = finished_run("report-seven-base")
    categorise(path, "cup", "eyeglasses", "penguin", "moon")
    rows = ([100, *cup], [0, 100, 0, 0], [penguin[0], penguin[1], 100, penguin[2]])
    rescore(path, *rows, [moon[0], moon[1], moon[2], 100])
    assert verdict("errors") == expected


# --- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "n", "expected"),
    [
        ([4000] * 7, [4000] * 7, "holds"),
        ([3400] * 7, [4000] * 7, "wrong"),
        ([3860] * 7, [4000] * 7, "open"),  # 200 drawings leave that open
        ([4000] * 6 + [10], [4000] * 6 + [40], "wrong"),  # top-1 0.999, macro recall 0.89
    ],
)
def test_people(finished_run, right, n, expected):
    path, other = finished_run("report-seven-base"), finished_run("report-seven-compact")
    for one, val, scores in ((path, 0.9, right), (other, 0.8, [2000] * 7)):
        categorise(one, *REPORT_SEVEN)
        rescore(one, *recalls(scores, n if one is path else [4000] * 7), val_top1=val)
    finding = found("people")
    assert finding.verdict == expected and finding.runs[0].name == "report-seven-base"
    assert next(row["category"] for row in finding.more["rows"]) == "a person (the report's)"
