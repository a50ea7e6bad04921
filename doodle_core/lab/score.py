"""A finished classifier on any drawings: figures beside those of its own test part.

    score(runs.load(runs.folder("first")), "folder:/my/drawings")

Its portable network answers: TensorFlow is not needed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.data import Part
from doodle_core.data.categories import check_category
from doodle_core.files import explain
from doodle_core.inference.classifier import Classifier, load_classifier
from doodle_core.lab import portable
from doodle_core.runs import scoring
from doodle_core.runs.parts import Report, learned

BATCH = 256  # drawings that the network is asked about at once


def score(
    run: runs.Run,
    source: str,
    categories: Sequence[str] = (),
    per_category: int = 0,
    report: Report | None = None,
) -> scoring.Scoring:
    """Score a network on drawings, and keep the result in its run's folder.

    Duplicates are counted once. Drawings that the network, or one that it began with, learned from
    are left out: of its own source the unseen rest is scored. Categories that it does not know are
    left out too. What was left out stands in the result.

    Args:
        run: a finished classifier. source: as settings have it.
        categories: official names; () for all that the source has, of an endless one those that
            the network knows. per_category: at most so many, the first of each file; 0: all.
        report: called with (share done, sentence), or None.

    Raises:
        ValueError: the run is no finished classifier, nothing is left to score, or the drawings
            have changed so that what it learned from can no longer be told from the rest.
        OSError: the drawings or the network are not here.
        RuntimeError: this run is being scored already.
    """
    if (run.state, run.kind) != ("finished", "classifier"):
        raise ValueError(f"{run.name} is no finished classifier: only such can be scored.")
    report = report or (lambda done, text: None)
    names = run.config.data.categories
    known, unknown = _known(names, data.check_source(source), categories)
    if not known:
        raise ValueError(
            f"{run.name} knows none of these categories: {data.listed(unknown)}."
            if unknown
            else "There are no drawings of a Quick, Draw! category in this folder."
        )
    portable.ensure(run)
    network = load_classifier(run.path, run.config)  # before anything is fetched for it
    drawings = data.open_drawings(source, known, per_category, report)
    part = _all_of(known, drawings)
    pixels = part.pixels(drawings)
    is_new, unchecked = _unseen(run, source, pixels, report)
    if not is_new.any():
        raise ValueError(
            f"{run.name} learned from all of these drawings, so the test would be no test: choose "
            "others."
        )
    part, pixels = Part(part.labels[is_new], part.rows[is_new]), pixels[is_new]
    scored = [one for place, one in enumerate(known) if (part.labels == place).any()]
    labels = np.array([names.index(one) for one in known], np.uint16)[part.labels]

    outputs = _answers(network, pixels, report)
    found = scoring.Drawings(
        source, tuple(scored), per_category, tuple(unknown), int((~is_new).sum()), unchecked
    )
    return _keep(run, found, Part(labels, part.rows), pixels, outputs)


def _known(
    names: Sequence[str], source: str, categories: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The categories to score, in alphabetical order, and those that the network does not know.

    In that order networks with their categories in another order are shown the same drawings.
    """
    wanted = [check_category(one) for one in categories]
    if not wanted:
        wanted = data.categories_of(source)
        if data.is_endless(source):
            wanted = [one for one in wanted if one in names] or wanted
    wanted = sorted(set(wanted))
    return [one for one in wanted if one in names], [one for one in wanted if one not in names]


def _all_of(categories: Sequence[str], drawings: Sequence[NDArray[np.uint8]]) -> Part:
    """All drawings but duplicates, by category and row."""
    kept = data.first_of_each(drawings)
    labels = np.repeat(np.arange(len(kept), dtype=np.uint16), [len(rows) for rows in kept])
    return Part(labels, np.concatenate(kept).astype(np.int32))


def _unseen(
    run: runs.Run, source: str, pixels: NDArray[np.uint8], report: Report
) -> tuple[NDArray[np.bool_], str]:
    """Which drawings neither the network nor one that it began with learned from: (N,) bool.

    And why that could not be looked up, as a sentence, or "".

    Raises:
        ValueError: it could not, of the very source that is to be scored.
    """
    is_new, reasons = np.ones(len(pixels), bool), []
    for one in (run, *runs.ancestors(run.config)):
        try:
            for seen in learned(one, source, report):
                is_new &= data.without(pixels, seen)
        except (OSError, ValueError) as error:
            if one.config and data.is_same(one.config.data.source, source):
                raise ValueError(
                    f"{one.name} learned from drawings of this source, and which ones can no longer "
                    f"be looked up, so the test might be no test. {explain(error)}"
                ) from None
            if one.is_practice or not data.is_practice(source):  # else it saw none that we drew
                reasons.append(explain(error))
    return is_new, " ".join(reasons)


def _answers(network: Classifier, pixels: NDArray[np.uint8], report: Report) -> NDArray[np.float32]:
    """A network's outputs for (N, 28, 28) uint8 drawings: (N, C) float32."""
    found = []
    for place in range(0, len(pixels), BATCH):
        report(place / len(pixels), "Scoring")
        found.append(network.outputs(pixels[place : place + BATCH]))
    return np.concatenate(found)


def _keep(
    run: runs.Run,
    drawings: scoring.Drawings,
    part: Part,
    pixels: NDArray[np.uint8],
    outputs: NDArray[np.float32],
) -> scoring.Scoring:
    """Measure, and write the scoring. `part`: its labels are places among the run's categories."""
    names, said = run.config.data.categories, evaluation.distribution(outputs)
    figures = scoring.facts_of_training(run.metrics) | {
        **evaluation.metrics(part.labels, said, outputs),
        "ece": evaluation.ece(part.labels, said),
        "test_pixels": data.fingerprint(pixels),
        "practice": int(data.is_practice(drawings.scored_on) or run.is_practice),
    }
    if temperature := run.metrics.get("temperature"):
        figures["ece_scaled"] = evaluation.ece(part.labels, evaluation.scale(said, temperature))
    suspects, reasons = None, {}
    try:
        suspects = evaluation.suspects(part.labels, said)
    except Exception as error:  # of the library that finds them: drawings may be too few for it
        reasons["suspected labels"] = explain(error)
    with scoring.new_scoring(run, drawings, figures["test_pixels"]) as path:
        runs.write_test_part(path, part.labels, part.rows, len(names))
        runs.write_results(path, said, None, None)
        runs.write_tables(path, names, part.labels, said)
        if suspects is not None:
            runs.write_suspects(path, suspects)
        runs.write_unmeasured(path, reasons)
        runs.write_metrics(path, run.config, figures)
    return scoring.load_scoring(run, scoring.key_of(drawings.scored_on, figures["test_pixels"]))
