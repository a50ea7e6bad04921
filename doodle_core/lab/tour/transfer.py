"""The tests of the report's claims about networks that were trained on photographs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.evaluation import Share, percent
from doodle_core.lab.tour.evidence import (
    DATA,
    Compared,
    Finding,
    Shipped,
    Undecided,
    compare,
    kind_of,
    listed,
    macro_recall,
    names_of,
    no_better,
    share_row,
    surely,
)
from doodle_core.runs import Run

# --- what table 1 measures ------------------------------------------------------------------------


def table(shipped: Shipped) -> Finding:
    """Is table 1 what it says? Binary accuracy against top-1 of the same network."""
    run = kind_of(
        shipped, "stand-in-VGG19-as-reported", "VGG16-as-reported", "MobileNetV2-as-reported"
    )[0]
    n = run.metrics["n"]
    binary, top1 = (Share.at(run.metrics[key], n) for key in ("binary_accuracy", "top1"))
    difference = evaluation.apart(binary, top1)
    words = (
        f"{run.name}{_weights(run)}, on {n:,} test drawings: binary accuracy {binary.text}, of "
        f"which answering nothing gets {percent(1 - run.metrics['chance'])}; top-1 {top1.text}, "
        f"chance {percent(run.metrics['chance'])}. The report set the binary accuracy of its bases "
        "beside the top-1 of its own networks."
    )
    verdict = no_better(difference)
    test = "95 % intervals, of drawings for both"
    return Finding(verdict, words, [run], f"{n:,} test drawings", test)


def _weights(run: Run) -> str:
    return f" ({run.weights_note})" if run.weights_note else ""


# --- pre-trained or hand-made ---------------------------------------------------------------------

HAND_MADE = ("base", "compact")
SETS = ("stand-in", "report-seven")


@dataclass(frozen=True)
class Contest:
    """A base, properly trained, beside the best hand-made network on the same drawings.

    Attributes:
        base, hand: runs of one kind each. compared: `hand` first. words: of top-1, binary accuracy
            and macro recall.
    """

    base: list[Run]
    hand: list[Run]
    compared: Compared
    words: str


def question(shipped: Shipped) -> Finding:
    """Is a network that was trained on photographs better than one made by hand?"""
    contests, missing = [], []
    for drawings in SETS:
        try:
            contests.append(contest(shipped, drawings))
        except Undecided as reason:
            missing.append(reason)
    words = " ".join([*(one.words for one in contests), *map(str, missing)])
    found = [run for one in contests for run in (*one.base, *one.hand)]
    rows = [share_row(run.name, Share.read(run.metrics), run.metrics["n"]) for run in found]
    if not contests:
        raise Undecided(words, missing[0].runs)
    signs = {one.compared.sign for one in contests}
    verdict = {1: "holds", -1: "wrong"}.get(signs.pop(), "open") if len(signs) == 1 else "open"
    n = " and ".join(f"{one.base[0].metrics['n']:,}" for one in contests) + " test drawings"
    return Finding(verdict, words, found, n, contests[0].compared.test, {"rows": rows})


def contest(shipped: Shipped, drawings: str) -> Contest:
    """The question on one set of drawings.

    Args:
        drawings: one of SETS, with which the runs' names begin.

    Raises:
        Undecided: a run is not here, or they learned from other drawings of the set.
    """
    base = kind_of(shipped, f"{drawings}-VGG19-tuned")
    made = [kind_of(shipped, f"{drawings}-{name}") for name in HAND_MADE]
    hand = max(made, key=lambda kind: np.mean([run.metrics["val_top1"] for run in kind]))
    found = compare(hand, base)
    if others := sorted(set(found.differ) & DATA):
        raise Undecided(
            f"{found.words} But they differ in {listed(others)}, too: in what they learned from.",
            [*base, *hand],
        )
    above = evaluation.paired(_binary(base), _binary(hand))
    values = [np.mean([run.metrics["binary_accuracy"] for run in kind]) for kind in (base, hand)]
    recalls = [macro_recall(kind[0]).text for kind in (base, hand)]
    words = (
        f"{found.words[:-1]}{_weights(base[0])}. Of the hand-made ones {hand[0].name} is the best "
        f"by validation. In binary accuracy they have {percent(values[0])} and "
        f"{percent(values[1])} ({above.points}), in macro recall {recalls[0]} and {recalls[1]}. "
        f"They differ in {listed(found.differ)}."
    )
    return Contest(base, hand, found, words)


def _binary(found: Sequence[Run]) -> NDArray[np.floating]:
    """Each drawing's share of outputs on the right side of 0.5: (R, N) float.

    Of softmax outputs, which are kept as they were.
    """
    rows = []
    for run in found:
        result, classes = runs.results(run.path, len(names_of(run))), len(names_of(run))
        targets = np.eye(classes, dtype=bool)[np.asarray(result.labels)]
        rows.append(((result.probabilities > 0.5) == targets).mean(axis=1))
    return np.stack(rows)


# --- fine-tuning ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Epoch:
    """An epoch of a run: its number from 1, and top-1 in training and in validation."""

    number: int
    training: Share
    validation: Share


def epochs_of(run: Run, stage: int) -> tuple[Epoch, Epoch]:
    """(the best by validation loss, the last) of a base's stage: 1 frozen, 2 fine-tuned.

    Raises:
        Undecided: it has no such epochs.
    """
    frame = runs.history(run.path)
    mine = frame[frame["stage"] == stage].dropna(subset=["val_loss"])
    if mine.empty:
        raise Undecided(f"{run.name} has no epochs of stage {stage}.")
    counts = run.metrics["train_n"], len(runs.validation(run.path, len(names_of(run)))[0])
    chosen = (mine.loc[mine["val_loss"].idxmin()], mine.iloc[-1])
    best, last = (
        Epoch(
            int(row["epoch"]),
            *(
                Share.of(round(row[name] * n), n)
                for name, n in zip(("accuracy", "val_accuracy"), counts)
            ),
        )
        for row in chosen
    )
    return best, last


def _both_ways(shipped: Shipped, *bases: str) -> tuple[Run, Run]:
    """A base as the report trained it and properly: the first of these that is here both ways."""
    for base in bases:
        both = [shipped.get(f"{base}-{how}") for how in ("as-reported", "tuned")]
        if all(both):
            return both[0], both[1]  # type: ignore[return-value]  # neither is None
    names = " or ".join(f"{base}-as-reported and {base}-tuned" for base in bases)
    raise Undecided(f"This needs the runs {names}, which came with the program and are not here.")


def tuning(shipped: Shipped) -> Finding:
    """Had fine-tuning little effect because it never happened?

    What it brings shows within one run, from its frozen stage's best epoch to its second stage's;
    as many more epochs of the head alone, which is what the report's second stage was, bring
    something too, and that is taken off.
    """
    theirs, ours = _both_ways(shipped, "stand-in-VGG19", "VGG16")
    gains, parts = [], []
    for run in (ours, theirs):
        frozen, tuned = epochs_of(run, 1)[0].validation, epochs_of(run, 2)[0].validation
        gains.append(evaluation.apart(tuned, frozen))
        parts.append(f"{frozen.text} to {tuned.text}, {gains[-1].points}")
    effect = gains[0].less(gains[1])
    compared = compare([theirs], [ours])
    n = len(runs.validation(ours.path, len(names_of(ours)))[0])
    words = (
        f"Best validation top-1, from the frozen stage to the second one: {ours.name}"
        f"{_weights(ours)}, truly fine-tuned, from {parts[0]}; {theirs.name}, whose second stage "
        f"trains the head alone, from {parts[1]}. Fine-tuning brings {effect.points} more. "
        f"In the end {compared.words} The two differ in {listed(compared.differ)}: which of these "
        "makes that difference, they do not say."
    )
    verdict = no_better(effect)
    test = "95 % of the gains in validation, as of different drawings"
    return Finding(verdict, words, [theirs, ours], f"{n:,} validation drawings", test)


def norm(shipped: Shipped) -> Finding:
    """Does MobileNetV2 carry over to other drawings less than it learned?"""
    theirs, ours = _both_ways(shipped, "stand-in-MobileNetV2", "MobileNetV2")
    said = []
    for run in (theirs, ours):
        best, last = epochs_of(run, 1)
        said.append(
            f"{run.name} ends its frozen stage with {last.training.text} in training and "
            f"{last.validation.text} in validation ({percent(best.validation.value)} at its best "
            f"epoch by loss, {best.number})"
        )
    last = epochs_of(theirs, 1)[1]
    gap = evaluation.apart(last.training, last.validation)
    rest = epochs_of(ours, 1)[1]
    left = evaluation.apart(rest.training, rest.validation)
    differ = compare([theirs], [ours])
    words = (
        f"{said[0]}: a gap of {gap.points}. {said[1]}: a gap of {left.points}. {_kept(theirs)} "
        f"They differ in {listed(differ.differ)}: how much of the gap batch norm's statistics make, "
        f"these two do not say. {differ.words}"
    )
    verdict = surely(gap, "holds", "wrong")
    n = f"{theirs.metrics['train_n']:,} training drawings"
    counted = len(runs.validation(theirs.path, len(names_of(theirs)))[0])
    test = "95 % of the gap, as Newcombe's (1998)"
    return Finding(verdict, words, [theirs, ours], f"{n}, {counted:,} validation drawings", test)


def _kept(run: Run) -> str:
    """Which epoch's network was kept and scored, and what the epochs after it had."""
    frame = runs.history(run.path)
    best, at = runs.best_epoch(frame), frame["val_accuracy"]
    return (
        f"Of {run.name} the network of epoch {best['epoch']:.0f} of {len(frame)} was kept and "
        f"scored, since its validation loss was the lowest: with {percent(best['val_accuracy'])} in "
        f"validation, where the last epoch has {percent(at.iloc[-1])} and the best by top-1 "
        f"{percent(at.max())}."
    )
