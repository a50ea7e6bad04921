"""The tests of the report's claims about drawings, classifiers and people."""

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.evaluation import Share, interval, p_words, percent
from doodle_core.evaluation.given import GIVEN_N, GIVEN_PERSON
from doodle_core.inference import report_base
from doodle_core.lab import report
from doodle_core.lab.tour.evidence import (
    SURE,
    Finding,
    accuracy_row,
    base_run,
    can_draw,
    compare_runs,
    finished_runs,
    given_by_report,
    is_better,
    names_of,
    run_beside,
    trained_both_ways,
)
from doodle_core.runs import Run

# --- the tests -----------------------------------------------------------------------------------


TRIED, PAIRS = 300, 4  # practice canoes turned upside down, and such pairs shown


def drawings(everything: list[Run]) -> Finding:
    """Are flipped canoes taken for moons? And do small turns and shifts do harm?"""
    run = base_run(everything, can_draw, lambda one: {"canoe", "moon"} <= set(names_of(one)))
    if run is None:
        return Finding(
            "open",
            "This needs a base network, with its weights, that knows canoe and "
            "moon: train report-base on the report's seven categories.",
        )
    names = names_of(run)
    layers = report_base.weights(run.path, len(names))
    canoes = practice.draw("canoe", TRIED, practice.PRACTICE_SEED).reshape(-1, 28, 28)
    ways = {"canoe": canoes, "upside down": canoes[:, ::-1]}
    said = {way: report_base.answers(layers, shown)[0] for way, shown in ways.items()}
    moons = [one.argmax(axis=1) == names.index("moon") for one in said.values()]
    shares = [Share.of(one.sum(), TRIED).text for one in moons]
    p = evaluation.mcnemar(*moons)["p"]
    is_so = p < SURE and moons[1].sum() > moons[0].sum()
    words = (
        f"Of {TRIED} practice canoes {run.name} takes {shares[0]} for moons as they are drawn, and "
        f"{shares[1]} of the same upside down (McNemar's test: {p_words(p)})."
    )
    moved = run_beside(everything, run, lambda one: one.config.rotation or one.config.shift)
    verdict = "holds" if is_so else "wrong"
    if moved:
        compared, p = compare_runs(run, moved)
        words += (
            f" Small turns and shifts are no flips, though: {moved.name} learned from drawings "
            f"changed so (it differs in more), and does no worse. {compared}"
            if moved.metrics["top1"] >= run.metrics["top1"]
            else f" {compared}"
        )
        verdict = "half" if is_so and is_better(moved, run, p) else verdict
    order = np.argsort(~moons[1] * 2 + moons[0], kind="stable")[:PAIRS]  # those that became moons
    pictures = [ways[way][place] for place in order for way in ways]
    captions = [_caption(way, said[way][place], names) for place in order for way in ways]
    return Finding(verdict, words, [run], {"pictures": np.stack(pictures), "captions": captions})


def _caption(way: str, probabilities: NDArray[np.floating], names: list[str]) -> str:
    ((name, share),) = evaluation.top(probabilities, names, 1)
    return f"{way}\ncalled {name} {percent(share)}"


def scratch(everything: list[Run]) -> Finding:
    """Does the base network reach the report's top-1?"""
    run, given = base_run(everything), given_by_report("base network")
    if run is None:
        return Finding("open", "No base network has finished: train report-base.")
    reaches = run.metrics["top1_high"] >= given.value
    best = runs.best_epoch(runs.history(run.path)).get("val_loss")
    words = (
        f"{run.name} names {interval(run.metrics)} of {run.metrics['n']:,} test drawings rightly, on "
        f"other drawings than the report's {given.text}; chance is "
        f"{percent(run.metrics['chance'])}. Naming at random costs "
        f"{np.log(len(names_of(run))):.2f} nats a drawing"
        + (f"; at its best epoch this network costs {best:.2f}." if best else ".")
    )
    return Finding("holds" if reaches else "wrong", words, [run])


def convolution(everything: list[Run]) -> Finding:
    """Does it take 430,407 parameters?"""
    run = base_run(everything, can_draw) or base_run(everything)
    if run is None:
        return Finding("open", "No base network has finished: train report-base.")
    total, dense = run.metrics.get("parameters") or 1, _parameters(run, "Dense")
    words = (
        f"Of the {total:,} parameters of {run.name} {percent(dense / total)} are in the dense "
        "layers, the rest in the convolutions. "
    )
    more = {}
    if can_draw(run):
        name = next((one for one in names_of(run) if one in practice.PRACTICE_CATEGORIES), "apple")
        drawing = practice.draw(name, 1, practice.PRACTICE_SEED).reshape(1, 28, 28)
        maps = report_base.answers(report_base.weights(run.path, len(names_of(run))), drawing)[1][0]
        more = {"drawing": drawing, "maps": maps[0].transpose(2, 0, 1)}
    small = run_beside(
        everything, run, lambda one: 0 < (one.metrics.get("parameters") or 0) < total / 2
    )
    if small is None:
        words += "No smaller network was scored on the same drawings."
        return Finding("holds", words, [run], more)
    said, p = compare_runs(run, small)
    share = _parameters(small, "Dense") / small.metrics["parameters"]
    words += (
        f"{small.name} has {small.metrics['parameters']:,}, {percent(share)} of them dense, and is "
        f"trained otherwise too. {said}"
    )
    return Finding("half" if is_better(small, run, p) else "holds", words, [run], more)


def _parameters(run: Run, kind: str) -> int:
    """The parameters of a run's layers of that kind, as its `network.json` says."""
    return sum(row["parameters"] for row in runs.read_layers(run.path) if row["kind"] == kind)


def table(everything: list[Run]) -> Finding:
    """Is table 1 what it says? Binary accuracy against top-1 of the same network."""
    found = [one for one in finished_runs(everything) if report.way(one) == "report"]
    run = min(found, key=lambda one: not report.model_name(one).startswith("VGG"), default=None)
    if run is None or run.metrics.get("binary_accuracy") is None:
        return Finding(
            "open", "No base was trained as the report did: queue one on the page Report."
        )
    n = run.metrics["n"]
    binary, top1 = (Share.at(run.metrics[key], n) for key in ("binary_accuracy", "top1"))
    words = (
        f"{run.name}, on {n:,} test drawings: binary accuracy "
        f"{binary.text}, of which answering nothing gets "
        f"{percent(1 - run.metrics['chance'])}; top-1 {top1.text}, chance "
        f"{percent(run.metrics['chance'])}. The report set the binary accuracy of its bases "
        "beside the top-1 of its own networks."
    )
    is_apart = binary.low > top1.high
    return Finding("wrong" if is_apart else "half", words, [run])


def tuning(everything: list[Run]) -> Finding:
    """Had fine-tuning little effect because it never happened?"""
    # a base without batch norm if there is one: that has a stop of its own
    pair = trained_both_ways(everything, False) or trained_both_ways(everything, None)
    if pair is None:
        return Finding(
            "open",
            "This needs one base trained both ways, scored on the same drawings: queue both "
            "on the page Report.",
        )
    theirs, ours = pair
    said, p = compare_runs(theirs, ours)
    words = f"With the network compiled again after its layers were unfrozen: {said}"
    return Finding("wrong" if is_better(ours, theirs, p) else "half", words, [theirs, ours])


def norm(everything: list[Run]) -> Finding:
    """Was MobileNetV2 worse in validation because batch norm's statistics were others there?"""
    pair = trained_both_ways(everything, True)
    if pair is None:
        return Finding(
            "open",
            "This needs a base with batch norm, such as MobileNetV2, trained both ways: "
            "queue both on the page Report.",
        )
    theirs, ours = pair
    parts = []
    for run, how in (
        (theirs, "with the batch's statistics in training"),
        (ours, "with ImageNet's"),
    ):
        frame = runs.history(run.path)
        last = frame[frame["stage"] == 1].iloc[-1]
        validation, _ = runs.validation(run.path, len(names_of(run)))
        counts = run.metrics["train_n"], len(validation)
        seen, unseen = (
            Share.of(round(last[name] * n), n).text
            for name, n in zip(("accuracy", "val_accuracy"), counts)
        )
        parts.append(f"{seen} in training and {unseen} in validation {how}")
    said, p = compare_runs(theirs, ours)
    words = (
        f"Top-1 while the base was frozen: {theirs.name} had {parts[0]}; {ours.name} {parts[1]}. "
        f"After the second stage: {said}"
    )
    return Finding("wrong" if is_better(ours, theirs, p) else "half", words, [theirs, ours])


def choice(everything: list[Run]) -> Finding:
    """Is the best of many as good as it looked?"""
    best, base = given_by_report("best from scratch"), given_by_report("base network")
    is_apart = best.low > base.high
    words = (
        f"On {GIVEN_N:,} drawings its best is {best.text} and its base network "
        f"{base.text}: the intervals {'just miss' if is_apart else 'overlap'}, and the best "
        "was chosen by these very drawings. "
    )
    found = [run for group in report.groups(everything).values() for run in group]
    shared = report.same_drawings(found)
    if len(shared) < 2:
        return Finding("open", words + "Two runs on the same drawings would show what that adds.")
    chosen, other = evaluation.choose_by_half(report.right_answers(shared))
    gain = 100 * float((chosen - other).mean())
    words += (
        f"Among {len(shared)} runs here, choosing by one half of the test drawings flatters the "
        f"chosen one by {gain:+.2f} points against the other half"
        + (", which is little: one of them is clearly the best." if gain < 0.1 else ".")
    )
    return Finding(
        "half" if gain > 0 else "holds", words, shared, {"chosen": chosen, "other": other}
    )


TAKEN_FOR = (("cup", "eyeglasses"), ("penguin", "moon"), ("moon", "eyeglasses"))


def errors(everything: list[Run]) -> Finding:
    """Is each of the report's three confusions the most frequent of its category?"""
    names = {name for pair in TAKEN_FOR for name in pair}
    found = [run for run in finished_runs(everything) if names <= set(names_of(run))]
    if not found:
        return Finding("open", "This needs a run that knows cup, eyeglasses, penguin and moon.")
    run = base_run(found) or found[0]
    mine = names_of(run)
    results = runs.results(run.path, len(mine))
    predicted = results.probabilities.argmax(axis=1)
    matrix = evaluation.confusion_matrix(results.labels, predicted, len(mine))
    wrong = matrix * ~np.eye(len(mine), dtype=bool)
    said, first = [], 0
    for true, taken in TAKEN_FOR:
        row = wrong[mine.index(true)]
        count, most = row[mine.index(taken)], row.max()
        first += bool(count and count == most)
        more = "" if count == most else f" (more often for {mine[row.argmax()]}, {most})"
        of = matrix[mine.index(true)].sum()
        said.append(f"{true} taken for {taken} {count} of {of:,} times{more}")
    words = f"{run.name}: " + "; ".join(said) + "."
    verdict = {0: "wrong", len(TAKEN_FOR): "holds"}.get(first, "half")
    return Finding(verdict, words, [run], {"matrix": matrix})


def people(everything: list[Run]) -> Finding:
    """Is a person better than the networks?"""
    right, n = GIVEN_PERSON
    person = Share.of(right, n)
    seven = [run for run in finished_runs(everything) if set(names_of(run)) == set(REPORT_SEVEN)]
    rows = [accuracy_row("a person (the report's)", person, n)]
    if not seven:
        return Finding(
            "open",
            f"The person: {person.text}. No run knows the same categories: "
            "train one on the report's seven.",
            [],
            {"rows": rows},
        )
    newest: dict[str, Run] = {}
    for run in seven:
        newest.setdefault(report.model_name(run), run)
    shown = sorted(newest.values(), key=lambda run: -run.metrics["top1"])[:4]
    rows += [accuracy_row(run.name, Share.read(run.metrics), run.metrics["n"]) for run in shown]
    best = shown[0]
    is_near = person.low <= best.metrics["top1"] <= person.high
    words = (
        f"The person: {person.text} of {n}. {best.name}: {interval(best.metrics)} of "
        f"{best.metrics['n']:,} others. "
    )
    words += (
        f"{n} drawings leave {100 * (person.high - person.low):.0f} points open, so "
        "neither is shown to be better."
        if is_near
        else "The difference is larger than the person's interval."
    )
    return Finding("holds" if is_near else "wrong", words, [best], {"rows": rows})
