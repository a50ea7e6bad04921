"""Each stop's verdict from made runs: on both sides, and in between."""

import numpy as np
import pytest

from doodle_core import runs
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.files import read_json, write_json
from doodle_core.lab import tour
from support.tour import (
    STOPS,
    categorise,
    change,
    found,
    latent,
    recalls,
    rescore,
    validate,
    write_history,
    write_weights,
)


def seeds(make, stem: str, n_wrong, **settings) -> list:
    """Runs that differ in their seed, each with so many wrong answers."""
    return [
        make(f"{stem}-{seed}", n_wrong=wrong, seed=seed, **settings)
        for seed, wrong in enumerate(n_wrong)
    ]


def limit(path) -> None:
    """Let a run have learned from fewer drawings."""
    config = read_json(path / "config.json")
    config["data"]["train_limit"] = 50
    write_json(path / "config.json", config)


def verdict(key: str) -> str:
    finding = found(key)
    assert STOPS[key].why[finding.verdict].endswith(".")
    return finding.verdict


# --- drawings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "turned", "expected"),
    [(2, 20, "holds"), (20, 2, "wrong"), (2, 5, "open"), (5, 2, "open"), (0, 0, "open")],
)
def test_flipped_canoes(finished_run, monkeypatch, plain, turned, expected):
    path = finished_run("report-seven-base")
    categorise(path, "canoe", "moon", "cup")
    write_weights(path)
    calls = iter((plain, turned))

    def moons(layers, shown):
        n = next(calls)
        return np.eye(3)[[1] * n + [0] * (len(shown) - n)], []

    monkeypatch.setattr("doodle_core.inference.report_base.answers", moons)
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


# --- from scratch ---------------------------------------------------------------------------------


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


# --- transfer -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("binary", "top1", "n", "expected"),
    [
        (0.99, 0.7, 1000, "wrong"),
        (0.95, 0.93, 100, "open"),
        (0.95, 0.95, 100_000, "holds"),
        (0.7, 0.99, 1000, "open"),
    ],
)
def test_table_1(transferred, binary, top1, n, expected):
    path = transferred("VGG16-as-reported", "report", "VGG19")
    change(path, binary_accuracy=binary, top1=top1, n=n, chance=1 / 3)
    finding = found("table")
    assert finding.verdict == expected
    assert "answering nothing gets 66.7\u00a0%" in finding.words


def hand_made(finished_run, drawings: str, base: int, compact: int, val=(0.8, 0.9)) -> None:
    change(finished_run(f"{drawings}-base-0", n_wrong=base), val_top1=val[0])
    change(
        finished_run(f"{drawings}-compact-0", n_wrong=compact, network="compact"), val_top1=val[1]
    )


@pytest.mark.parametrize(
    ("base", "compact", "val", "ours", "expected"),
    [
        (14, 14, (0.8, 0.9), 0, "holds"),
        (0, 0, (0.8, 0.9), 14, "wrong"),
        (2, 2, (0.8, 0.9), 0, "open"),
        (0, 14, (0.8, 0.9), 0, "holds"),  # compact was the better one by validation
        (0, 14, (0.9, 0.8), 0, "open"),  # here base was
    ],
)
def test_pre_trained_or_hand_made(finished_run, transferred, base, compact, val, ours, expected):
    hand_made(finished_run, "stand-in", base, compact, val)
    transferred("stand-in-VGG19-tuned", "tuned", "VGG19", n_wrong=ours)
    finding = found("question")
    assert finding.verdict == expected and "binary accuracy" in finding.words
    assert "They differ in epochs asked and network" in finding.words


def test_two_sets_of_drawings_must_agree(finished_run, transferred):
    hand_made(finished_run, "stand-in", 14, 14)
    transferred("stand-in-VGG19-tuned", "tuned", "VGG19", n_wrong=0)
    hand_made(finished_run, "report-seven", 0, 0)
    path = transferred("report-seven-VGG19-tuned", "tuned", "VGG19", n_wrong=14)
    assert verdict("question") == "open"
    change(path, test_pixels="others")
    assert verdict("question") == "holds"  # what is left


def test_learned_from_other_drawings_it_is_no_contest(finished_run, transferred):
    hand_made(finished_run, "stand-in", 14, 14)
    path = transferred("stand-in-VGG19-tuned", "tuned", "VGG19", n_wrong=0)
    limit(path)
    finding = found("question")
    assert finding.verdict == "open" and "train limit" in finding.words


def test_binary_accuracy_is_compared_drawing_by_drawing(finished_run, transferred):
    """Of 3 outputs a wrong drawing has two on the wrong side, where it is sure."""
    hand_made(finished_run, "stand-in", 14, 14)
    path = transferred("stand-in-VGG19-tuned", "tuned", "VGG19", n_wrong=0)
    n = len(np.load(path / "test_labels.npy"))
    finding = found("question")
    assert f"{100 * 14 * 2 / 3 / n:+.1f} points" in finding.words


@pytest.mark.parametrize(
    ("ours", "theirs", "n", "expected"),
    [
        ((0.90, 0.96), (0.90, 0.90), 5000, "wrong"),
        ((0.90, 0.90), (0.90, 0.90), 50_000, "holds"),
        ((0.90, 0.96), (0.90, 0.96), 50_000, "holds"),  # as many more epochs do it
        ((0.90, 0.96), (0.90, 0.90), 50, "open"),
        ((0.96, 0.90), (0.90, 0.90), 5000, "open"),
    ],
)
def test_fine_tuning(transferred, ours, theirs, n, expected):
    for way, name, (frozen, tuned) in (("report", "as-reported", theirs), ("tuned", "tuned", ours)):
        path = transferred(f"VGG16-{name}", way, "VGG19")
        # the best epoch of a stage is that of the lowest loss, not the last one
        rows = [(1, 0.5, frozen, 0.4), (1, 0.5, 0.1, 0.9), (2, 0.5, tuned, 0.3), (2, 0.5, 0.2, 0.8)]
        write_history(path, rows, n)
        change(path, train_n=n)
    finding = found("tuning")
    assert finding.verdict == expected
    for one in ("loss", "optimizer", "batch norm", "recompile", "fine tune layers"):
        assert one in finding.words


@pytest.mark.parametrize(
    ("seen", "unseen", "expected"),
    [(0.95, 0.5, "holds"), (0.5, 0.95, "wrong"), (0.80, 0.78, "open")],
)
def test_batch_norm(transferred, seen, unseen, expected):
    for way, name in (("report", "as-reported"), ("tuned", "tuned")):
        path = transferred(f"MobileNetV2-{name}", way, "MobileNetV2")
        rows = [
            (1, 0.5, 0.6, 0.1),
            (1, seen, unseen, 0.9),
            (2, 0.9, 0.44, 0.8),
            (2, 0.9, 0.33, 0.9),
        ]
        write_history(path, rows, 200)
        change(path, train_n=1000)
    finding = found("norm")
    assert finding.verdict == expected
    assert "the network of epoch 1 of 4 was kept" in finding.words
    assert "with 60.0\u00a0% in validation, where the last epoch has 33.0\u00a0%" in finding.words
    assert f"{max(0.6, unseen, 0.44):.1%}".replace("%", "\u00a0%.") in finding.words
    assert [run.name for run in finding.runs] == ["MobileNetV2-as-reported", "MobileNetV2-tuned"]


@pytest.mark.parametrize(("large", "expected"), [(True, "stand-in-"), (False, "")])
def test_the_larger_runs_are_taken_where_they_are(transferred, large, expected):
    for stem in ("", "stand-in-") if large else ("",):
        for way, name in (("report", "as-reported"), ("tuned", "tuned")):
            for base, made in (("MobileNetV2", "MobileNetV2"), ("VGG19", "VGG19")):
                shown = base if stem or base != "VGG19" else "VGG16"
                transferred(f"{stem}{shown}-{name}", way, made)
    vgg = "VGG19" if large else "VGG16"
    assert next(run.name for run in found("norm").runs) == f"{expected}MobileNetV2-as-reported"
    assert next(run.name for run in found("tuning").runs) == f"{expected}{vgg}-as-reported"
    assert next(run.name for run in found("table").runs) == f"{expected}{vgg}-as-reported"


# --- choosing -------------------------------------------------------------------------------------


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


# --- what is confused -----------------------------------------------------------------------------


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


# --- autoencoders ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "expected"), [(30.0, "holds"), (-30.0, "wrong"), (0.0, "open")])
def test_the_plane(finished_vae, more, expected):
    deep, flat = finished_vae("vae"), finished_vae("vae-2d", latent=2)
    losses = np.random.default_rng(1).normal(60, 5, (len(np.load(deep / "test_labels.npy")), 2))
    noise = np.random.default_rng(2).normal(0, 5, losses.shape)
    latent(deep, losses=losses.astype(np.float32))
    latent(flat, losses=(losses + noise - noise.mean(axis=0) + more / 2).astype(np.float32))
    finding = found("elbo")
    assert finding.verdict == expected and f"costs {more:+.1f} nats" in finding.words


@pytest.mark.parametrize("more", [{"target": "grey"}, {"classifier": 5.0}, {"epochs": 9}])
def test_the_plane_is_judged_by_autoencoders_that_differ_in_the_latent_alone(finished_vae, more):
    finished_vae("vae", target="binary")
    finished_vae("vae-2d", **{"latent": 2, "target": "binary"} | more)
    finding = found("elbo")
    assert finding.verdict == "open" and "this does not say what the plane costs" in finding.words
    assert next(iter(more)) in finding.words


def test_of_several_pairs_the_one_that_differs_in_the_least_counts(finished_vae):
    finished_vae("vae", target="grey", epochs=7)
    finished_vae("vae-separated", classifier=5.0, target="grey")
    finished_vae("vae-2d", latent=2, classifier=5.0, target="grey")
    finished_vae("vae-2d-plain", latent=2, target="binary")
    assert [run.name for run in found("elbo").runs] == ["vae-separated", "vae-2d"]


ALL_AXES = np.random.default_rng(3).choice([-1, 1], (3, 40))
ONE_AXIS = np.eye(3, 40) * [1, *[0] * 39]


@pytest.mark.parametrize(
    ("apart", "axes", "expected"),
    [
        (0.0, ALL_AXES, "holds"),
        (20.0, ALL_AXES, "wrong"),
        (0.85, ALL_AXES, "open"),
        (4.0, ONE_AXIS, "wrong"),  # one dimension stands for a category
    ],
)
def test_the_latent_space(finished_vae, apart, axes, expected):
    path = finished_vae("vae", latent=40)
    labels = np.load(path / "test_labels.npy")
    means = np.random.default_rng(0).normal(size=(len(labels), 40))
    latent(path, means=(means + apart * axes[labels]).astype(np.float32))
    finding = found("space")
    assert finding.verdict == expected, finding.words
    assert finding.evidence.startswith("vae (one seed); 42 of 42 test drawings")


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ((0.9, 0.85, 0.94), (0.2, 0.1, 0.3), "wrong"),
        ((0.9, 0.85, 0.94), (0.88, 0.83, 0.92), "open"),
        ((0.9, 0.899, 0.901), (0.9, 0.899, 0.901), "holds"),
        ((0.2, 0.1, 0.3), (0.9, 0.85, 0.94), "open"),
    ],
)
def test_the_wrong_range(finished_vae, right, wrong, expected):
    path = finished_vae("vae")
    for name, share in (("reconstructed_top1", right), ("reconstructed01_top1", wrong)):
        ends = (f"{name}{end}" for end in ("", "_low", "_high"))
        change(path, **dict(zip(ends, share)))
    # grey drawings against binarised ones is not the question
    change(path, binarised_top1=0.1, binarised_top1_low=0.05, binarised_top1_high=0.15)
    finding = found("ranges")
    assert finding.verdict == expected
    assert [row["recall"] for row in finding.more["rows"]] == [0.9, 0.1, right[0], wrong[0]]


# --- people ---------------------------------------------------------------------------------------


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


# --- all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", STOPS)
def test_without_evidence_nothing_is_decided(key):
    finding = found(key)
    assert finding.verdict == "open" and finding.words.endswith(".") and not finding.runs
    assert tour.VERDICTS["open"] == "not decided"
