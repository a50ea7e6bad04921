"""The tests of the report's claims about drawings, networks from scratch, and people."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation, runs
from doodle_core.data import is_practice, practice
from doodle_core.data.categories import REPORT_SEVEN
from doodle_core.evaluation import Share, p_words, percent
from doodle_core.evaluation.comparison import evenly
from doodle_core.evaluation.given import GIVEN_N, GIVEN_PERSON, GIVEN_TRAIN_N
from doodle_core.inference.classifier import load_classifier
from doodle_core.lab.tour.evidence import (
    DATA,
    SURE,
    Finding,
    Shipped,
    Undecided,
    compare,
    compare_alone,
    given_by_report,
    kind_of,
    listed,
    macro_recall,
    names_of,
    reaches,
    share_row,
)
from doodle_core.runs import Run

# --- the drawings ---------------------------------------------------------------------------------


TRIED, PAIRS = 300, 4  # practice canoes turned upside down, and such pairs shown


def drawings(shipped: Shipped) -> Finding:
    """Are flipped canoes taken for moons?"""
    run = kind_of(shipped, "report-seven-base")[0]
    if not run.has_portable or not {"canoe", "moon"} <= set(names_of(run)):
        raise Undecided(f"This needs the weights of {run.name}, and that it knows canoe and moon.")
    names = names_of(run)
    network = load_classifier(run.path, run.config)
    canoes = practice.draw("canoe", TRIED, practice.PRACTICE_SEED).reshape(-1, 28, 28)
    ways = {"canoe": canoes, "upside down": canoes[:, ::-1]}
    said = {way: network.probabilities(shown) for way, shown in ways.items()}
    moons = [one.argmax(axis=1) == names.index("moon") for one in said.values()]
    shares = [Share.of(one.sum(), TRIED).text for one in moons]
    p = evaluation.mcnemar(*moons)["p"]
    more = int(moons[1].sum()) - int(moons[0].sum())
    verdict = "open" if p >= SURE else "holds" if more > 0 else "wrong"
    words = (
        f"Of {TRIED} practice canoes {run.name} takes {shares[0]} for moons as they are drawn, and "
        f"{shares[1]} of the same upside down ({p_words(p)})."
    )
    order = np.argsort(~moons[1] * 2 + moons[0], kind="stable")[:PAIRS]  # those that became moons
    pictures = [ways[way][place] for place in order for way in ways]
    captions = [_caption(way, said[way][place], names) for place in order for way in ways]
    return Finding(
        verdict,
        words,
        [run],
        f"{TRIED} practice canoes, each both ways",
        "McNemar's exact test",
        {"pictures": np.stack(pictures), "captions": captions},
    )


def _caption(way: str, probabilities: NDArray[np.floating], names: list[str]) -> str:
    ((name, share),) = evaluation.top(probabilities, names, 1)
    return f"{way}\ncalled {name} {percent(share)}"


def turns(shipped: Shipped) -> Finding:
    """Do small turns and shifts of the drawings that are learned from do harm?"""
    plain = kind_of(shipped, "stand-in-compact-plain")
    still = kind_of(shipped, "stand-in-compact-still")
    found = compare_alone(still, plain, ("rotation", "shift", "zoom"))
    changed = plain[0].config
    words = (
        f"{plain[0].name} learned from drawings turned by up to {changed.rotation:g} degrees, "
        f"shifted by up to {changed.shift:g} pixels and scaled by up to {percent(changed.zoom)}, "
        f"{still[0].name} from the same as they are; they differ in nothing else. {found.words} "
        f"The changed drawings bring {found.difference.points}."
    )
    both = [*plain, *still]
    rows = [share_row(run.name, Share.read(run.metrics), run.metrics["n"]) for run in both]
    verdict = {1: "wrong", -1: "holds", 0: "open"}[found.sign]
    return Finding(verdict, words, both, _drawings(both), found.test, {"rows": rows})


def _drawings(found: Sequence[Run]) -> str:
    return f"{found[0].metrics['n']:,} test drawings"


# --- networks from scratch ------------------------------------------------------------------------


def scratch(shipped: Shipped) -> Finding:
    """Does the base network reach the report's top-1?

    The mix of categories is another one, so macro recall is what compares. A run that learned from
    fewer drawings than the report's can show that the figure is reached, but not that it is not.
    """
    run, given = kind_of(shipped, "report-seven-base")[0], given_by_report("base network")
    share, n = macro_recall(run), run.metrics["train_n"]
    difference = evaluation.apart(share, given)
    verdict = reaches(difference)
    best = runs.best_epoch(runs.history(run.path)).get("val_loss")
    words = (
        f"The report's {given.text} is of as many drawings of each category. Counted so, as macro "
        f"recall, {run.name} has {share.text}, {difference.points}; chance is "
        f"{percent(run.metrics['chance'])}. "
    )
    if verdict == "wrong" and n < GIVEN_TRAIN_N:
        verdict = "open"
        words += (
            f"But it learned from {n:,} drawings and the report's from {GIVEN_TRAIN_N:,}, so this "
            "does not say that the claim is wrong. "
        )
    words += f"Naming at random costs {np.log(len(names_of(run))):.2f} nats a drawing"
    words += f"; at its best epoch this network costs {best:.2f}." if best else "."
    return Finding(verdict, words, [run], _drawings([run]), "macro recall, 95 % by a bootstrap")


def convolution(shipped: Shipped) -> Finding:
    """Does it take 430,407 parameters?

    One smaller network that is surely better refutes that, whatever it is trained with; one that is
    worse supports it only if it differs in the network alone.
    """
    base = kind_of(shipped, "stand-in-base")
    run = base[0]
    total, dense = run.metrics.get("parameters") or 1, _parameters(run, "Dense")
    words = (
        f"Of the {total:,} parameters of {run.name} {percent(dense / total)} are in the dense "
        "layers, the rest in the convolutions. "
    )
    more = _maps(run)
    small = kind_of(shipped, "stand-in-compact-plain", "stand-in-compact")
    one, n = small[0], small[0].metrics.get("parameters") or total
    if n >= total / 2:
        raise Undecided(f"{words}{one.name} has {n:,}, no fewer than half.", base, **more)
    found = compare(base, small)
    words += f"{one.name} has {n:,}, {percent(_parameters(one, 'Dense') / n)} of them dense. "
    words += f"{found.words} They differ in {listed(found.differ) if found.differ else 'nothing'}."
    if learned := sorted(set(found.differ) & (DATA | {"start_from"})):
        words += f" Since {listed(learned)} is among these, it may have learned from more drawings."
    verdict = {1: "wrong", 0: "open", -1: "holds"}[found.sign]
    if learned or (verdict == "holds" and found.differ != ["network"]):
        verdict = "open"
    return Finding(verdict, words, [*base, *small], _drawings(base), found.test, more)


def _parameters(run: Run, kind: str) -> int:
    """The parameters of a run's layers of that kind, as its `network.json` says."""
    return sum(row["parameters"] for row in runs.read_layers(run.path) if row["kind"] == kind)


def _maps(run: Run) -> dict[str, NDArray[np.floating]]:
    """A practice drawing and the first convolution's maps of it; {} where there are no weights."""
    if not run.has_portable:
        return {}
    name = next((one for one in names_of(run) if one in practice.PRACTICE_CATEGORIES), "apple")
    drawing = practice.draw(name, 1, practice.PRACTICE_SEED).reshape(28, 28)
    network = load_classifier(run.path, run.config)
    maps = network.activations(drawing)[network.convolutions[0]]
    return {"drawing": drawing[None], "maps": maps.transpose(2, 0, 1)}


# --- choosing -------------------------------------------------------------------------------------

HALVINGS = 4_000
FEWEST = 5  # networks that one is chosen from: the report's sweeps had as many at least
FLATTERY = 0.001  # a tenth of a point: less is nothing


def choice(shipped: Shipped) -> Finding:
    """Is the best of many as good as it looked to those who chose it?"""
    best, base = given_by_report("best from scratch"), given_by_report("base network")
    words = (
        f"On {GIVEN_N:,} drawings the report's best is {best.text} and its base network "
        f"{base.text}, and the best was chosen by these very drawings. "
    )
    shared, right = _validated(shipped)
    if len(shared) < FEWEST or right.shape[1] < 2:
        raise Undecided(
            f"{words}Of networks with the same drawings {len(shared)} came with the program, and a "
            f"sweep chooses from {FEWEST} or more."
        )
    chosen, other = evaluation.choose_by_half(right, HALVINGS)
    gain = evaluation.flattery(chosen, other)
    words += (
        f"Among {len(shared)} networks here, choosing one by half of their validation drawings "
        f"shows it better than it is on the other half by {gain.hundredths}."
    )
    verdict = "wrong" if gain.low > FLATTERY else "holds" if gain.high < FLATTERY else "open"
    return Finding(
        verdict,
        words,
        shared,
        f"{right.shape[1]:,} validation drawings",
        f"{HALVINGS:,} halvings of these",
        {"chosen": chosen, "other": other},
    )


def _validated(shipped: Shipped) -> tuple[list[Run], NDArray[np.bool]]:
    """The classifiers with the stand-in seven's very drawings, and what each named rightly of those
    of the validation part: list of R, (R, N) bool.
    """
    base = kind_of(shipped, "stand-in-base")[0]
    wanted = runs.flat_settings(base.config)
    labels, _ = runs.validation(base.path, len(names_of(base)))
    found, rows = [], []
    for name in sorted(shipped):
        run = shipped[name]
        if run.kind != "classifier":
            continue
        mine = runs.flat_settings(run.config)
        if any(mine[one] != wanted[one] for one in DATA):
            continue
        seen, said = runs.validation(run.path, len(names_of(run)))
        if said is not None and np.array_equal(seen, labels):
            found.append(run)
            rows.append(said.argmax(axis=1) == labels)
    return found, np.stack(rows) if rows else np.zeros((0, 0), bool)


# --- what is confused -----------------------------------------------------------------------------

TAKEN_FOR = (("cup", "eyeglasses"), ("penguin", "moon"), ("moon", "eyeglasses"))


def errors(shipped: Shipped) -> Finding:
    """Is each of the report's three confusions the most frequent of its category?"""
    run = kind_of(shipped, "report-seven-base")[0]
    mine = names_of(run)
    if not {name for pair in TAKEN_FOR for name in pair} <= set(mine):
        raise Undecided("This needs a run that knows cup, eyeglasses, penguin and moon.", [run])
    results = runs.results(run.path, len(mine))
    predicted = results.probabilities.argmax(axis=1)
    matrix = evaluation.confusion_matrix(results.labels, predicted, len(mine))
    wrong = matrix * ~np.eye(len(mine), dtype=bool)
    said, signs = [], []
    for true, taken in TAKEN_FOR:
        row, place = wrong[mine.index(true)], mine.index(taken)
        rivals = {one: int(n) for one, n in zip(mine, row) if one not in (true, taken)}
        rival, most = max(rivals.items(), key=lambda item: item[1])
        sign, p = most_frequent(int(row[place]), list(rivals.values()))
        signs.append(sign)
        said.append(
            f"{true} taken for {taken} {row[place]} of {matrix[mine.index(true)].sum():,} times, "
            f"for {rival} {most} ({p_words(p)})"
        )
    verdict = "wrong" if -1 in signs else "holds" if set(signs) == {1} else "open"
    words = f"{run.name}: " + "; ".join(said) + "."
    test = "exact binomial tests, for as many others as there are"
    return Finding(verdict, words, [run], _drawings([run]), test, {"matrix": matrix})


def most_frequent(count: int, others: Sequence[int]) -> tuple[int, float]:
    """Whether one of several errors is surely the most frequent: 1; surely not: -1; open: 0.

    Were two equally frequent, either would come up in half of their cases (exact binomial test,
    two-sided). It is the most frequent if it is so against every other one, each surely; it is not
    if any other one is surely more frequent, where p counts so many times as there are others.

    Returns:
        (sign, p of what was decided or came nearest to it).
    """
    tests = [(count - other, evenly(count, other)) for other in others]
    above = max(p if gap > 0 else 1.0 for gap, p in tests)
    below = min(1.0, len(others) * min(p if gap < 0 else 1.0 for gap, p in tests))
    if above < SURE:
        return 1, float(above)
    return (-1 if below < SURE else 0), float(min(above, below))


# --- people ---------------------------------------------------------------------------------------


def people(shipped: Shipped) -> Finding:
    """Do the networks come up to a person?

    The network is chosen by its validation part, and compared by macro recall: its test part is no
    even mix of the categories, as a person's drawings are.
    """
    right, n = GIVEN_PERSON
    person = Share.of(right, n)
    rows = [share_row("a person (the report's)", person, n)]
    seven = [
        run
        for _, run in sorted(shipped.items())
        if run.kind == "classifier"
        and set(names_of(run)) == set(REPORT_SEVEN)
        and not is_practice(run.config.data.scored_on)
        and "val_top1" in run.metrics
    ]
    if not seven:
        words = (
            f"The person: {person.text}. No run that came with the program is on the same seven."
        )
        raise Undecided(words, rows=rows)
    best = max(seven, key=lambda run: run.metrics["val_top1"])
    shares = {run.name: macro_recall(run) for run in seven}
    rows += [share_row(run.name, shares[run.name], run.metrics["n"]) for run in seven]
    difference = evaluation.apart(shares[best.name], person)
    words = (
        f"The person: {person.text} of {n} drawings. {best.name}, the best by validation, has a "
        f"macro recall of {shares[best.name].text} on {best.metrics['n']:,} others: "
        f"{difference.points}. The person's interval alone is "
        f"{100 * (person.high - person.low):.0f} points wide."
    )
    test = "macro recall, 95 % by a bootstrap; the difference as Newcombe's (1998)"
    return Finding(reaches(difference), words, [best], _drawings([best]), test, {"rows": rows})
