"""The tests of the report's claims about autoencoders."""

import itertools

import numpy as np
from numpy.typing import NDArray

from doodle_core import evaluation
from doodle_core.evaluation import Share, interval, measures, percent
from doodle_core.evaluation.given import GIVEN_LOSS
from doodle_core.lab.tour.evidence import (
    Finding,
    Shipped,
    Undecided,
    differing,
    kind_of,
    listed,
    names_of,
    no_better,
    share_row,
    surely,
)
from doodle_core.runs import Run, latents

FLAT, DEEP = ("vae-2d-plain", "vae-2d"), ("vae", "vae-separated")
STRUCTURE = 0.25  # a silhouette up to this is no substantial structure (Kaufman & Rousseeuw 1990)
MOST = 0.5  # a dimension stands for a category if more of its variance lies between it and others


def elbo(shipped: Shipped) -> Finding:
    """Do fewer latent dimensions cost as much as the report found?

    Of the pairs on the same drawings that one counts whose runs differ in the least.
    """
    flats, deeps = ([shipped[name] for name in names if name in shipped] for names in (FLAT, DEEP))
    pairs = [
        pair
        for pair in itertools.product(flats, deeps)
        if len({run.metrics.get("test_pixels") for run in pair}) == 1
        and pair[0].config.latent < pair[1].config.latent
    ]
    if not pairs:
        raise Undecided(
            "This needs a 2-D autoencoder and a deeper one, which came with the program."
        )
    flat, deep = min(pairs, key=lambda pair: len(differing(*pair)))
    parts = "{loss:.1f} nats = reconstruction {reconstruction:.1f} + KL {kl:.1f}"
    words = (
        f"{deep.name}, {deep.config.latent}-D: {parts.format(**deep.metrics)}. {flat.name}, "
        f"{flat.config.latent}-D: {parts.format(**flat.metrics)}. "
    )
    differ = differing(flat, deep)
    if differ != ["latent"]:
        raise Undecided(
            f"{words}They differ in {listed(differ)}, so this does not say what the plane costs.",
            [deep, flat],
        )
    cost = evaluation.paired([_losses(flat)], [_losses(deep)])
    words += (
        f"They differ in nothing else. The plane costs {cost.nats} here, "
        f"{GIVEN_LOSS[3] - GIVEN_LOSS[1]:+.1f} in the report. The levels do not compare: these are "
        f"other drawings{', and grey' if deep.config.target == 'grey' else ''}."
    )
    verdict = surely(cost, "holds", "wrong")
    n = f"{deep.metrics['n']:,} test drawings"
    return Finding(verdict, words, [deep, flat], n, "95 % over drawings")


def _losses(run: Run) -> NDArray[np.floating]:
    """Each test drawing's loss: (N,) nats.

    Raises:
        Undecided: they are not here.
    """
    points = latents.points(run.path, "test", len(names_of(run)), run.config.latent)
    if points is None:
        raise Undecided(f"The losses of {run.name}, drawing by drawing, are not here.")
    return np.asarray(points.losses, float).sum(axis=1)


def space(shipped: Shipped) -> Finding:
    """Must the clusters overlap? And does one dimension stand for a category?"""
    run = kind_of(shipped, "vae")[0]
    points = latents.points(run.path, "test", len(names_of(run)), run.config.latent)
    if points is None or run.config.classifier or run.config.conditional:
        raise Undecided(f"This needs the latent points of {run.name}, a plain autoencoder.", [run])
    apart = evaluation.silhouettes(points.means, points.labels)
    mean, half = float(apart.mean()), 1.96 * evaluation.mean_error(apart)
    told = _told(points)
    words = (
        f"{run.name} ({run.config.latent}-D, plain): silhouette {mean:.3f} ({mean - half:.3f} to "
        f"{mean + half:.3f}), where up to {STRUCTURE} is no substantial structure; linear probe "
        f"{measures.shown(run.metrics, 'probe')}, chance {percent(1 / len(names_of(run)))}. Of "
        f"the dimension that tells one category best {told.text} of the variance lies between that "
        "one and the others. "
    )
    for name in ("vae-separated", "vae-2d"):
        if name in shipped:
            other = shipped[name]
            words += (
                f"Beside it {name}, with a classifier on the latent mean, has a silhouette of "
                f"{other.metrics['silhouette']:.2f}; it differs in "
                f"{listed(differing(run, other) or ['nothing'])}. "
            )
    overlaps, is_apart = mean + half < STRUCTURE, mean - half > STRUCTURE
    if is_apart or told.low > MOST:
        verdict = "wrong"
    else:
        verdict = "holds" if overlaps and told.high < MOST else "open"
    n = f"{len(apart):,} of {len(points):,} test drawings"
    test = "95 % over drawings, of the variance by Fisher's z"
    return Finding(verdict, words.strip(), [run], n, test, {"points": points})


def _told(points: latents.Points) -> Share:
    """What of a dimension's variance lies between one category and the rest, at most.

    It is the square of a correlation, whose interval is Fisher's (1915).
    """
    value = max(
        float(evaluation.told_apart(points.means, points.labels == place).max())
        for place in np.unique(points.labels)
    )
    z = np.arctanh(min(np.sqrt(value), 1 - 1e-9))
    half = 1.96 / np.sqrt(max(len(points) - 3, 1))
    low, high = (float(np.tanh(max(end, 0)) ** 2) for end in (z - half, z + half))
    return Share(value, low, high)


JUDGED = {
    "judge_top1": "test drawings",
    "binarised_top1": "binarised",
    "reconstructed_top1": "reconstructions",
    "reconstructed01_top1": "reconstructions, wrong range",
}


def ranges(shipped: Shipped) -> Finding:
    """Did 0.685 measure the reconstructions, or the range they were shown in?"""
    run = kind_of(shipped, "vae")[0]
    if not all(measures.shown(run.metrics, key) for key in JUDGED):
        raise Undecided(f"The reconstructions of {run.name} were not judged in both ranges.", [run])
    right, wrong = (
        Share.read(run.metrics, key) for key in ("reconstructed_top1", "reconstructed01_top1")
    )
    difference = evaluation.apart(right, wrong)
    words = (
        f"The judge {run.metrics.get('judge')} names {interval(run.metrics, 'reconstructed_top1')} "
        f"of {run.name}'s reconstructions rightly in the range that it learned, and "
        f"{interval(run.metrics, 'reconstructed01_top1')} in the report's wrong one: "
        f"{difference.points}. {measures.judge_saw(run.metrics)}"
    )
    verdict = no_better(difference)
    n = run.metrics["n"]
    rows = [share_row(name, Share.read(run.metrics, key), n) for key, name in JUDGED.items()]
    test = "95 %, as of different drawings"
    return Finding(verdict, words, [run], f"{n:,} test drawings", test, {"rows": rows})
