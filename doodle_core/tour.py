"""The report as an argument: each claim, and what our runs say of it. No TensorFlow.

A stop's test takes all runs, chooses those that bear on its claim and returns a `Finding`, whose
verdict follows from their figures. Runs on real drawings come before others, then those with more
test drawings, then the newest.
"""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from doodle_core import evaluation, latents, practice, report, runs
from doodle_core.categories import REPORT_SEVEN
from doodle_core.config import is_practice
from doodle_core.measures import interval, p_words, percent

VERDICTS = {
    "holds": "holds",
    "half": "half true",
    "wrong": "does not hold",
    "open": "not tried here yet",
}
SURE = 0.05  # a difference with a smaller p counts


@dataclass
class Finding:
    """What was found of a claim.

    Attributes:
        verdict: a key of VERDICTS. words: plain text. runs: what it rests on, list of `runs.Run`.
        more: what else the stop's plot needs, by name.
    """

    verdict: str
    words: str
    runs: list = field(default_factory=list)
    more: dict = field(default_factory=dict)


@dataclass
class Stop:
    """One claim.

    Attributes:
        claim: the report's, in our words. section: where it stands there.
        test: function of all runs that returns a Finding. why: {verdict: what it comes of}.
    """

    key: str
    title: str
    claim: str
    section: str
    test: Callable
    why: dict


# --- which runs ----------------------------------------------------------------------------------


def _finished(everything, is_vae=False):
    """The finished runs of a kind that are not hidden, in the order above."""
    found = [
        run
        for run in everything
        if run.state == "finished" and run.is_vae == is_vae and not run.notes.get("hidden")
    ]
    return sorted(
        found, key=lambda run: (is_practice(run.config.data.scored_on), -run.metrics["n"])
    )


def _base(everything, *conditions):
    """The report's base network: of its own seven categories if there is one, or None."""
    found = [
        run
        for run in _finished(everything)
        if run.config.network == "report-base" and all(fits(run) for fits in conditions)
    ]
    return min(
        found, key=lambda run: set(run.config.data.categories) != set(REPORT_SEVEN), default=None
    )


def _beside(everything, run, fits):
    """Another run on the very same test drawings that fits, or None; of several the best."""
    found = [
        one
        for one in _finished(everything)
        if one.name != run.name
        and run.metrics.get("test_pixels")
        and one.metrics.get("test_pixels") == run.metrics["test_pixels"]
        and fits(one)
    ]
    return max(found, key=lambda one: one.metrics["top1"], default=None)


def _compared(one, other):
    """Two runs on the same drawings, in words, and how sure it is that they differ."""
    p = evaluation.mcnemar(*report.right_answers([one, other]))["p"]
    words = (
        f"{other.name} names {interval(other.metrics)} rightly, {one.name} {interval(one.metrics)}, "
        f"of the same {one.metrics['n']:,} test drawings (McNemar's test: {p_words(p)})."
    )
    return words, p


def _is_better(other, one, p):
    return p < SURE and other.metrics["top1"] > one.metrics["top1"]


def _can_draw(run):
    return (run.path / "best.keras").is_file()


# --- the report's base network in NumPy ----------------------------------------------------------


def weights(path, classes):
    """The layers of a base network's `best.keras`, without Keras.

    Args:
        path: the run's folder. classes: int, the number of its categories.

    Returns:
        list of six (kernel, bias): three convolutions (3, 3, in, out), three dense (in, out).

    Raises:
        ValueError: the file is missing, damaged, or another network's.
    """
    import h5py

    names = ("conv2d", "conv2d_1", "conv2d_2", "dense", "dense_1", "dense_2")
    try:
        with zipfile.ZipFile(Path(path) / "best.keras") as archive:
            content = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(content) as file:
            found = [
                tuple(np.asarray(file[f"layers/{name}/vars/{part}"], np.float32) for part in (0, 1))
                for name in names
            ]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, RuntimeError) as error:
        raise ValueError(f"best.keras of {Path(path).name} is damaged ({error}).") from None
    shapes = [kernel.shape for kernel, _ in found]
    is_base = [len(shape) for shape in shapes] == [4, 4, 4, 2, 2, 2]
    if not is_base or shapes[3][0] != 9 * shapes[2][3] or shapes[5][1] != classes:
        raise ValueError(f"best.keras of {Path(path).name} is not the report's base network.")
    return found


def answers(layers, drawings):
    """The base network at work: convolve, add the bias, cut below 0, pool; then the dense layers.

    Args:
        layers: as of `weights`. drawings: (N, 28, 28) uint8.

    Returns:
        (probabilities, maps): (N, C) float, and the three convolutions' (N, side, side, out) float.
    """
    x = drawings[..., None].astype(np.float32) / 127.5 - 1
    maps = []
    for kernel, bias in layers[:3]:
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        x = np.maximum(np.einsum("nijckl,klco->nijo", windows, kernel, optimize=True) + bias, 0)
        maps.append(x)
        side = x.shape[1] // 2
        x = x[:, : 2 * side, : 2 * side].reshape(len(x), side, 2, side, 2, -1).max(axis=(2, 4))
    x = x.reshape(len(x), -1)
    for kernel, bias in layers[3:]:
        logits = x @ kernel + bias
        x = np.maximum(logits, 0)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True), maps


# --- the tests -----------------------------------------------------------------------------------


TRIED, PAIRS = 300, 4  # practice canoes turned upside down, and such pairs shown


def drawings(everything):
    """Are flipped canoes taken for moons? And do small turns and shifts do harm?"""
    run = _base(everything, _can_draw, lambda one: {"canoe", "moon"} <= set(_names(one)))
    if run is None:
        return Finding(
            "open",
            "This needs a base network, with its weights, that knows canoe and "
            "moon: train report-base on the report's seven categories.",
        )
    names = _names(run)
    layers = weights(run.path, len(names))
    canoes = practice.draw("canoe", TRIED, latents.PRACTICE_SEED).reshape(-1, 28, 28)
    ways = {"canoe": canoes, "upside down": canoes[:, ::-1]}
    said = {way: answers(layers, shown)[0] for way, shown in ways.items()}
    moons = [one.argmax(axis=1) == names.index("moon") for one in said.values()]
    shares = [interval(_share(int(one.sum()), TRIED)) for one in moons]
    p = evaluation.mcnemar(*moons)["p"]
    is_so = p < SURE and moons[1].sum() > moons[0].sum()
    words = (
        f"Of {TRIED} practice canoes {run.name} takes {shares[0]} for moons as they are drawn, and "
        f"{shares[1]} of the same upside down (McNemar's test: {p_words(p)})."
    )
    moved = _beside(everything, run, lambda one: one.config.rotation or one.config.shift)
    verdict = "holds" if is_so else "wrong"
    if moved:
        compared, p = _compared(run, moved)
        words += (
            f" Small turns and shifts are no flips, though: {moved.name} learned from drawings "
            f"changed so (it differs in more), and does no worse. {compared}"
            if moved.metrics["top1"] >= run.metrics["top1"]
            else f" {compared}"
        )
        verdict = "half" if is_so and _is_better(moved, run, p) else verdict
    order = np.argsort(~moons[1] * 2 + moons[0], kind="stable")[:PAIRS]  # those that became moons
    pictures = [ways[way][place] for place in order for way in ways]
    captions = [_caption(way, said[way][place], names) for place in order for way in ways]
    return Finding(verdict, words, [run], {"pictures": np.stack(pictures), "captions": captions})


def _caption(way, probabilities, names):
    ((name, share),) = evaluation.top(probabilities, names, 1)
    return f"{way}\ncalled {name} {percent(share)}"


def _names(run):
    return list(run.config.data.categories)


def _share(count, n):
    """A count of n as a share with its bounds, under the names that an accuracy has."""
    low, high = evaluation.wilson(count, n)
    return {"top1": count / n, "top1_low": float(low), "top1_high": float(high)}


def _given(model):
    """The report's figures of a model of its table 1, with their intervals."""
    row = next(row for row in report.GIVEN if row["model"] == model)
    return report.with_intervals(row, report.GIVEN_N)


def scratch(everything):
    """Does the base network reach the report's top-1?"""
    run, given = _base(everything), _given("base network")
    if run is None:
        return Finding("open", "No base network has finished: train report-base.")
    reaches = run.metrics["top1_high"] >= given["top1"]
    best = runs.best_epoch(runs.history(run.path)).get("val_loss")
    words = (
        f"{run.name} names {interval(run.metrics)} of {run.metrics['n']:,} test drawings rightly, on "
        f"other drawings than the report's {interval(given)}; chance is "
        f"{percent(run.metrics['chance'])}. Naming at random costs "
        f"{np.log(len(_names(run))):.2f} nats a drawing"
        + (f"; at its best epoch this network costs {best:.2f}." if best else ".")
    )
    return Finding("holds" if reaches else "wrong", words, [run])


def convolution(everything):
    """Does it take 430,407 parameters?"""
    run = _base(everything, _can_draw) or _base(everything)
    if run is None:
        return Finding("open", "No base network has finished: train report-base.")
    total, dense = run.metrics.get("parameters") or 1, _parameters(run, "Dense")
    words = (
        f"Of the {total:,} parameters of {run.name} {percent(dense / total)} are in the dense "
        "layers, the rest in the convolutions. "
    )
    more = {}
    if _can_draw(run):
        name = next((one for one in _names(run) if one in practice.PRACTICE_CATEGORIES), "apple")
        drawing = practice.draw(name, 1, latents.PRACTICE_SEED).reshape(1, 28, 28)
        maps = answers(weights(run.path, len(_names(run))), drawing)[1][0]
        more = {"drawing": drawing, "maps": maps[0].transpose(2, 0, 1)}
    small = _beside(
        everything, run, lambda one: 0 < (one.metrics.get("parameters") or 0) < total / 2
    )
    if small is None:
        words += "No smaller network was scored on the same drawings."
        return Finding("holds", words, [run], more)
    said, p = _compared(run, small)
    share = _parameters(small, "Dense") / small.metrics["parameters"]
    words += (
        f"{small.name} has {small.metrics['parameters']:,}, {percent(share)} of them dense, and is "
        f"trained otherwise too. {said}"
    )
    return Finding("half" if _is_better(small, run, p) else "holds", words, [run], more)


def _parameters(run, kind):
    """The parameters of a run's layers of that kind, as its `network.json` says."""
    layers = [row for row in runs.read_object(run.path / "network.json") if isinstance(row, dict)]
    found = [row.get("parameters") for row in layers if row.get("kind") == kind]
    return sum(one for one in found if isinstance(one, int))


def table(everything):
    """Is table 1 what it says? Binary accuracy against top-1 of the same network."""
    found = [one for one in _finished(everything) if report.way(one) == "report"]
    run = min(found, key=lambda one: not report.model_name(one).startswith("VGG"), default=None)
    if run is None or run.metrics.get("binary_accuracy") is None:
        return Finding(
            "open", "No base was trained as the report did: queue one on the page Report."
        )
    figures = report.with_intervals(run.metrics, run.metrics["n"])
    words = (
        f"{run.name}, on {run.metrics['n']:,} test drawings: binary accuracy "
        f"{interval(figures, 'binary_accuracy')}, of which answering nothing gets "
        f"{percent(1 - run.metrics['chance'])}; top-1 {interval(figures)}, chance "
        f"{percent(run.metrics['chance'])}. The report set the binary accuracy of its bases "
        "beside the top-1 of its own networks."
    )
    is_apart = figures["binary_accuracy_low"] > figures["top1_high"]
    return Finding("wrong" if is_apart else "half", words, [run])


def _both_ways(everything, batch_norm):
    """As `report.both_ways`, on the same test drawings: (as the report did, properly), or None."""
    for found in report.groups(everything).values():
        pair = report.both_ways(found, batch_norm)
        if pair and len({run.metrics.get("test_pixels") for run in pair}) == 1:
            return pair
    return None


def tuning(everything):
    """Had fine-tuning little effect because it never happened?"""
    # a base without batch norm if there is one: that has a stop of its own
    pair = _both_ways(everything, False) or _both_ways(everything, None)
    if pair is None:
        return Finding(
            "open",
            "This needs one base trained both ways, scored on the same drawings: queue both "
            "on the page Report.",
        )
    theirs, ours = pair
    said, p = _compared(theirs, ours)
    words = f"With the network compiled again after its layers were unfrozen: {said}"
    return Finding("wrong" if _is_better(ours, theirs, p) else "half", words, [theirs, ours])


def norm(everything):
    """Was MobileNetV2 worse in validation because batch norm's statistics were others there?"""
    pair = _both_ways(everything, True)
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
        counts = run.metrics["train_n"], len(np.load(run.path / "val_labels.npy"))
        seen, unseen = (
            interval(_share(round(last[name] * n), n))
            for name, n in zip(("accuracy", "val_accuracy"), counts)
        )
        parts.append(f"{seen} in training and {unseen} in validation {how}")
    said, p = _compared(theirs, ours)
    words = (
        f"Top-1 while the base was frozen: {theirs.name} had {parts[0]}; {ours.name} {parts[1]}. "
        f"After the second stage: {said}"
    )
    return Finding("wrong" if _is_better(ours, theirs, p) else "half", words, [theirs, ours])


def choice(everything):
    """Is the best of many as good as it looked?"""
    best, base = _given("best from scratch"), _given("base network")
    is_apart = best["top1_low"] > base["top1_high"]
    words = (
        f"On {report.GIVEN_N:,} drawings its best is {interval(best)} and its base network "
        f"{interval(base)}: the intervals {'just miss' if is_apart else 'overlap'}, and the best "
        "was chosen by these very drawings. "
    )
    found = [run for group in report.groups(everything).values() for run in group]
    shared = report.same_drawings(found)
    if len(shared) < 2:
        return Finding("open", words + "Two runs on the same drawings would show what that adds.")
    chosen, other = report.choose_by_half(report.right_answers(shared))
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


def errors(everything):
    """Is each of the report's three confusions the most frequent of its category?"""
    names = {name for pair in TAKEN_FOR for name in pair}
    found = [run for run in _finished(everything) if names <= set(_names(run))]
    if not found:
        return Finding("open", "This needs a run that knows cup, eyeglasses, penguin and moon.")
    run = _base(found) or found[0]
    mine = _names(run)
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


def elbo(everything):
    """Do fewer latent dimensions cost as much as the report found?"""
    vaes = [run for run in _finished(everything, is_vae=True) if not run.config.conditional]
    pairs = [
        (flat, deep)
        for flat in vaes
        for deep in vaes
        if flat.config.latent == 2
        and deep.config.latent > 2
        and flat.config.target == deep.config.target
        and not deep.config.adversarial
        and flat.metrics.get("test_pixels") == deep.metrics.get("test_pixels")
    ]
    if not pairs:
        return Finding(
            "open",
            "This needs a 2-D autoencoder and a deeper one on the same drawings: "
            "train vae-2d and vae.",
        )
    flat, deep = pairs[0]
    parts = "{loss:.1f} nats = reconstruction {reconstruction:.1f} + KL {kl:.1f}"
    gap = flat.metrics["loss"] - deep.metrics["loss"]
    words = (
        f"{deep.name}, {deep.config.latent}-D: {parts.format(**deep.metrics)}. {flat.name}, 2-D: "
        f"{parts.format(**flat.metrics)}. The plane costs {gap:+.1f} nats here, "
        f"{report.GIVEN_LOSS[3] - report.GIVEN_LOSS[1]:+.1f} in the report. "
    )
    words += "The levels do not compare: " + (
        "these drawings are grey, the report's were binarised."
        if deep.config.target == "grey"
        else "these are other drawings."
    )
    return Finding("holds" if gap > 0 else "wrong", words, [deep, flat])


def space(everything):
    """Must the clusters overlap? And does one dimension stand for a category?"""
    vaes = [
        run
        for run in _finished(everything, is_vae=True)
        if run.metrics.get("silhouette") is not None
    ]
    if not vaes:
        return Finding("open", "No autoencoder has finished: train vae-2d.")
    apart = [run for run in vaes if run.config.classifier and not run.config.conditional]
    plain = [run for run in vaes if not run.config.classifier]
    said = [
        f"{run.name} ({_kind(run)}): silhouette {run.metrics['silhouette']:.2f}"
        + (f", linear probe {interval(run.metrics, 'probe')}" if _has_probe(run) else "")
        for run in (apart + plain)[:3]
    ]
    words = "; ".join(said) + f"; chance {percent(1 / len(_names(vaes[0])))}. "
    shown = next((run for run in apart + plain if run.config.latent == 2), (apart + plain)[0])
    points = latents.points(shown.path, "test", len(_names(shown)), shown.config.latent)
    if points is not None:
        most = told_apart(points.means, points.labels).max()
        words += (
            f"In {shown.name} the dimension that tells most has {percent(most)} of its variance "
            "between the categories."
        )
    best = max((run.metrics["silhouette"] for run in apart), default=0.0)
    is_apart = best > max((run.metrics["silhouette"] for run in plain), default=0.0)
    return Finding("half" if is_apart else "holds", words, [shown], {"points": points})


def _has_probe(run):
    return None not in (run.metrics.get(f"probe{part}") for part in ("", "_low", "_high"))


def _kind(run):
    told = ", told the category" if run.config.conditional else ""
    return f"{run.config.latent}-D{', with a classifier' if run.config.classifier else ''}{told}"


def told_apart(means, labels):
    """Each dimension's share of variance between the categories, in [0, 1] (eta squared).

    Args:
        means: (N, D) float. labels: (N,) int. Returns (D,) float.
    """
    means = np.asarray(means, float)
    centre, between = means.mean(axis=0), 0.0
    for label in np.unique(labels):
        mine = means[labels == label]
        between = between + len(mine) * (mine.mean(axis=0) - centre) ** 2
    return between / (((means - centre) ** 2).sum(axis=0)).clip(1e-12)


JUDGED = {
    "judge_top1": "test drawings",
    "binarised_top1": "binarised",
    "reconstructed_top1": "reconstructions",
    "reconstructed01_top1": "reconstructions, wrong range",
}


def ranges(everything):
    """Did 0.685 measure the reconstructions, or the range they were shown in?"""
    vaes = [
        run
        for run in _finished(everything, is_vae=True)
        if None
        not in (run.metrics.get(name + part) for name in JUDGED for part in ("", "_low", "_high"))
    ]
    if not vaes:
        return Finding(
            "open",
            "No autoencoder was judged: train a classifier, then an autoencoder "
            "on the same categories.",
        )
    run = max(vaes, key=lambda one: (not one.config.conditional, one.metrics["reconstructed_top1"]))
    words = (
        f"The judge {run.metrics.get('judge')} names {interval(run.metrics, 'reconstructed_top1')} "
        f"of {run.name}'s reconstructions rightly in the range that it learned, and "
        f"{interval(run.metrics, 'reconstructed01_top1')} in the report's wrong one."
    )
    is_apart = run.metrics["reconstructed01_top1_high"] < run.metrics["reconstructed_top1_low"]
    rows = [_row(words, run.metrics, name, run.metrics["n"]) for name, words in JUDGED.items()]
    return Finding("wrong" if is_apart else "half", words, [run], {"rows": rows})


def _row(name, figures, key, n):
    """An accuracy as a row of `plots.per_class`."""
    parts = {part: figures[f"{key}{part}"] for part in ("_low", "_high")}
    return {"category": name, "n": n, "recall": figures[key]} | {
        f"recall{part}": value for part, value in parts.items()
    }


def people(everything):
    """Is a person better than the networks?"""
    right, n = report.GIVEN_PERSON
    person = _share(right, n)
    seven = [run for run in _finished(everything) if set(_names(run)) == set(REPORT_SEVEN)]
    rows = [_row("a person (the report's)", person, "top1", n)]
    if not seven:
        return Finding(
            "open",
            f"The person: {interval(person)}. No run knows the same categories: "
            "train one on the report's seven.",
            [],
            {"rows": rows},
        )
    newest = {}
    for run in seven:
        newest.setdefault(report.model_name(run), run)
    shown = sorted(newest.values(), key=lambda run: -run.metrics["top1"])[:4]
    rows += [_row(run.name, run.metrics, "top1", run.metrics["n"]) for run in shown]
    best = shown[0]
    is_near = person["top1_low"] <= best.metrics["top1"] <= person["top1_high"]
    words = (
        f"The person: {interval(person)} of {n}. {best.name}: {interval(best.metrics)} of "
        f"{best.metrics['n']:,} others. "
    )
    words += (
        f"{n} drawings leave {100 * (person['top1_high'] - person['top1_low']):.0f} points open, so "
        "neither is shown to be better."
        if is_near
        else "The difference is larger than the person's interval."
    )
    return Finding("holds" if is_near else "wrong", words, [best], {"rows": rows})


def _claims():
    """The stops, in the report's order; its figures come from `report`."""
    given = {row["model"]: row.get("top1", row.get("binary_accuracy")) for row in report.GIVEN}
    right, n = report.GIVEN_PERSON
    loss = report.GIVEN_LOSS
    return (
        Stop(
            "drawings",
            "The drawings",
            "Drawings of 28 x 28 pixels, 10,000 a category, are learned from as they are: a flipped "
            "canoe can become a moon.",
            "1.1",
            drawings,
            {
                "holds": "Upside down, more canoes are taken for moons.",
                "half": "Flips do make moons of canoes, but small turns and shifts help.",
                "wrong": "Upside down, no more canoes are taken for moons.",
            },
        ),
        Stop(
            "scratch",
            "A network from scratch",
            f"The base network, trained for 20 epochs, names {percent(given['base network'])} of "
            "the test drawings rightly.",
            "2.2",
            scratch,
            {
                "holds": "Our interval reaches the report's figure.",
                "wrong": "Ours stays below the report's figure.",
            },
        ),
        Stop(
            "convolution",
            "Convolution",
            "It takes three convolutions and three dense layers, "
            f"{_given('base network')['trainable']:,} parameters.",
            "2.2",
            convolution,
            {
                "holds": "No smaller network here is surely better.",
                "half": "They do it, but a network with less than half the parameters does better.",
            },
        ),
        Stop(
            "table",
            "Table 1",
            f"VGG19, trained on photographs, reaches {percent(given['VGG19'])}: more than the "
            f"{percent(given['best from scratch'])} of the best network from scratch.",
            "2.1",
            table,
            {
                "wrong": "These are two measures: by top-1, the one that counts, a base so trained "
                "has less.",
                "half": "These are two measures, though here they lie close together.",
            },
        ),
        Stop(
            "tuning",
            "Fine-tuning",
            "Fine-tuning the base after its head had little effect.",
            "2.1",
            tuning,
            {
                "wrong": "Done properly it helps: in the report nothing was tuned.",
                "half": "Done properly it is not surely better here.",
            },
        ),
        Stop(
            "norm",
            "Batch norm",
            f"MobileNetV2 learns its training drawings, {percent(report.GIVEN_NORM[0])}, better than "
            f"it carries over to others: {percent(report.GIVEN_NORM[1])} in validation.",
            "2.1",
            norm,
            {
                "wrong": "The gap comes of batch norm's two statistics: with one kind it is gone.",
                "half": "With one kind of statistics it is not surely better here.",
            },
        ),
        Stop(
            "choice",
            "Choosing settings",
            "Sweeps over batch size, rate, width, depth and dropout lead to a best network with "
            f"{percent(given['best from scratch'])}.",
            "2.2",
            choice,
            {
                "holds": "Choosing by the test part flattered nothing here.",
                "half": "They lead to good networks, but the best was chosen by the drawings that "
                "judged it.",
            },
        ),
        Stop(
            "errors",
            "What is confused",
            "Cups are taken for eyeglasses, penguins for moons, moons for eyeglasses.",
            "2.3",
            errors,
            {
                "holds": "All three are the most frequent errors of their category here.",
                "half": "Not all three are the most frequent errors of their category here.",
                "wrong": "None of them is the most frequent error of its category here.",
            },
        ),
        Stop(
            "elbo",
            "Autoencoders",
            f"With 14 latent dimensions the loss is {loss[1]} nats a drawing, with 2 it is "
            f"{loss[3]}.",
            "2.4",
            elbo,
            {
                "holds": "Fewer latent dimensions cost here, too.",
                "wrong": "Here the plane costs nothing.",
            },
        ),
        Stop(
            "space",
            "The latent space",
            "The categories overlap in the latent space, and no dimension stands for one.",
            "2.4",
            space,
            {
                "holds": "They overlap here, too.",
                "half": "They overlap in a plain autoencoder; a classifier on the latent mean, "
                "trained jointly, pulls them apart.",
            },
        ),
        Stop(
            "ranges",
            "Named by a network",
            f"A network names {percent(report.GIVEN_NAMED)} of the reconstructions rightly.",
            "2.4",
            ranges,
            {
                "wrong": "In the range that the judge learned more are named rightly: the figure "
                "judged the range, too.",
                "half": "The range makes no sure difference here.",
            },
        ),
        Stop(
            "people",
            "People and machines",
            f"A person names {right} of {n} test drawings, {percent(right / n)}; the networks come "
            "near.",
            "3",
            people,
            {
                "holds": "The best network lies within the person's interval.",
                "wrong": "The best network lies outside the person's interval.",
            },
        ),
    )


STOPS = _claims()
