"""The exported page of a variational autoencoder."""

from collections.abc import Iterator, Mapping

import numpy as np

from doodle_core import evaluation, runs
from doodle_core.data import practice
from doodle_core.evaluation import measures, percent
from doodle_core.lab.export.page import pair, plot, section, sentence, sheet, table
from doodle_core.lab.export.pieces import SHOWN, cloud, drawings_of, kept_epoch
from doodle_core.plots import latent as latent_plots
from doodle_core.runs import Run, latents, practice_note


def parts(run: Run) -> list[str]:
    known, latent = run.metrics, run.config.latent
    classes = len(run.config.data.categories)
    sets = {which: latents.points(run.path, which, classes, latent) for which in latents.SETS}
    unmeasured = runs.read_unmeasured(run.path)
    if sets["test"] is None and "points (test)" not in unmeasured:
        raise ValueError(f"The files of {run.name} are damaged: they do not fit its latent space.")
    chance = percent(known.get("chance") or 1 / classes)
    why = unmeasured.get("judge", "No classifier knew these categories.")
    judged = [sentence(f"Nothing was judged. {why}", "said")]
    if known.get("judge"):
        judged = [
            sentence(
                f"The judge is the classifier {known['judge']}. {measures.judge_saw(known)} "
                f"By chance, {chance} is named rightly."
            ),
            table(measures.as_table(known, measures.VAE_JUDGE, measures.VAE_SETS)),
        ]
    parts = "{loss:.1f} = reconstruction {reconstruction:.1f} + KL {kl:.1f}".format(**known)
    of_loss = measures.as_table(known | {"latent": latent}, measures.VAE_LOSS, measures.VAE_SPACE)
    return [
        section(f"{known['loss']:.1f} nats a drawing"),
        sentence(
            f"Loss (negative ELBO) {parts}, in nats a drawing, on {known['n']:,} test "
            f"drawings; {latent} latent dimensions."
        ),
        table(of_loss),
        sentence(
            f"By chance, {chance} is named rightly. The report measured on other drawings.", "said"
        ),
        *_curves(run),
        section("Latent space"),
        *_space(run, sets["test"], unmeasured),
        section("Judged by a classifier"),
        *judged,
        *_rebuilt(run, sets),
        *_samples(run, sets["samples"]),
    ]


def _space(run: Run, test: latents.Points | None, unmeasured: Mapping[str, str]) -> Iterator[str]:
    """The cloud of the test drawings, what each dimension carries, and the directions' variance."""
    note, figures = practice_note(run), []
    if test is not None and "principal directions" not in unmeasured:
        yield cloud(run, test.means, test.labels, "The test drawings' latent means")
    if "active" not in unmeasured:
        figure = latent_plots.dimensions(latents.dimensions(run.path, run.config.latent), note)
        figures.append(plot(figure, "What each dimension carries."))
    if "principal directions" not in unmeasured:
        directions = latents.directions(run.path, run.config.latent)
        figure = latent_plots.variance(directions.shares, note)
        figures.append(plot(figure, "Explained variance."))
    yield pair(*figures)


def _rebuilt(run: Run, sets: dict[str, latents.Points | None]) -> list[str]:
    """Drawings beside their reconstructions: the run's own, else practice drawings."""
    names = run.config.data.categories
    words, drawings = "Test drawings and what the decoder made of them.", None
    found = sets["test"]
    if found is not None and found.reconstructions is not None:
        drawings, _ = drawings_of(run)
    if drawings is None and (found := sets["practice"]) is not None:
        drawings, _ = practice.practice_set(names)
        words = "Practice data: drawings made by this program, not real ones, which stand in for "
        words += "the test drawings; and what the decoder made of them."
    heading = section("Reconstructions")
    if (
        drawings is None
        or found is None
        or found.reconstructions is None
        or len(drawings) != len(found)
    ):
        return [heading, sentence("The drawings are not in this file.", "said")]
    places = np.linspace(0, len(found) - 1, SHOWN // 2).astype(int)
    gap = np.zeros((len(places), 28, 4), np.uint8)
    pairs = np.concatenate([drawings[places], gap, found.reconstructions[places]], axis=2)
    captions = [f"{names[found.labels[place]]}, and rebuilt" for place in places]
    return [heading, sentence(words, "said"), sheet(pairs, captions, "sheet pairs")]


def _samples(run: Run, found: latents.Points | None) -> list[str]:
    """Drawings that it generated, named by the judge where there was one."""
    if found is None or found.drawings is None:
        return []
    names, captions = run.config.data.categories, []
    for place in range(min(SHOWN, len(found))):
        asked = f"asked: {names[found.labels[place]]}\n" if found.labels[place] >= 0 else ""
        said = ""
        if found.probabilities is not None:
            ((name, share),) = evaluation.top(found.probabilities[place], names, 1)
            said = f"called {name} {percent(share)}"
        captions.append(asked + said)
    words = "Generated from random points of the prior; no one drew these."
    return [
        section("Samples"),
        sentence(words, "said"),
        sheet(found.drawings[: len(captions)], captions),
    ]


def _curves(run: Run) -> list[str]:
    """The loss and its two parts over the epochs."""
    history = runs.history(run.path)
    best, note = kept_epoch(run, history), practice_note(run)
    names = [name for name in latent_plots.PARTS if f"val_{name}" in history]
    figures = [latent_plots.curves(history, name, None, best, note) for name in names]
    return [section("Curves"), pair(*map(plot, figures))]
