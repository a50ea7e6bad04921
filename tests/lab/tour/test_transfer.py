"""Each stop's verdict from made runs, on both sides and in between: networks on bases."""

import numpy as np
import pytest

from support.tour import change, found, limit, verdict, write_history

# --- transfer ------------------------------------------------------------------------------------


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
