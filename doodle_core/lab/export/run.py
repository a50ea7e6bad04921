"""One run as one HTML file that needs nothing else: `python -m doodle_core export NAME`.

Plotly's script, the figures and the drawings are all inside, and the file's content security policy
lets nothing in from elsewhere: scripts run by their hash alone. Names and notes are escaped; figures
are data. It is light or dark as the reader's system, and prints on white paper. No TensorFlow.
"""

import time
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core import data, evaluation, plots, runs
from doodle_core.data import practice, source_label
from doodle_core.evaluation import interval, measures, percent
from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import explain
from doodle_core.lab.export.page import page, pair, plot, section, sentence, sheet, table
from doodle_core.plots import inside as inside_plots
from doodle_core.plots import latent as latent_plots
from doodle_core.runs import Run, latents, practice_note

SHOWN = 24  # surest errors, reconstructions, samples
FEW = 40  # with more categories the recalls are in the table only


def html(run: Run) -> str:
    """A run's report.

    Args:
        run: `runs.Run`. One that has not finished gets its curves and settings.

    Returns:
        str, a whole HTML document of about 5 MB, most of it Plotly's script.

    Raises:
        ValueError: the run is damaged.
        OSError: a file cannot be read.
    """
    if run.config is None:
        raise ValueError(run.error)
    if run.state != "finished":
        parts = [sentence(f"This run is {run.state}: it has no test figures yet."), *_curves(run)]
    else:
        parts = _of_vae(run) if run.is_vae else _of_classifier(run)
    return page(run.name, [_head(run), *parts, *_asked(run)])


# --- what every run has --------------------------------------------------------------------------


def _head(run: Run) -> str:
    """Kind, data, marks and notes."""
    kind = "Variational autoencoder" if run.is_vae else "Classifier"
    when = time.strftime("%d %B %Y", time.gmtime(run.status.get("time", 0)))
    badges = filter(None, (run.practice_kind, run.weights_note))
    marks = "".join(f' <span class="badge">{escape(badge)}</span>' for badge in badges)
    parts = [f"<p>{escape(f'{kind}, {run.state} {when}. Drawings: {run.data_label}.')}{marks}</p>"]
    if text := run.notes.get("notes"):
        parts.append(sentence(text))
    if tags := run.notes.get("tags"):
        parts.append(sentence("Tags: " + ", ".join(tags), "said"))
    return "".join(parts)


def _asked(run: Run) -> list[str]:
    """Settings, environment and layers."""
    environment = runs.read_object(run.path / "environment.json")
    layers = runs.read_object(run.path / "network.json")
    settings = runs.flat_settings(run.config)
    for name in ("source", "test_source"):  # another reader has other folders
        settings[name] = source_label(settings[name]) if settings[name] else ""
    if settings.get("weights"):
        settings["weights"] = Path(settings["weights"]).name
    facts = environment if isinstance(environment, dict) else {}
    layers = [row for row in layers if isinstance(row, dict)] if isinstance(layers, list) else []
    names = list(dict.fromkeys(name for row in layers for name in row))
    asked = table([{"setting": name, "value": value} for name, value in settings.items()])
    where = table([{"what": name, "value": value} for name, value in facts.items()])
    where = where or sentence("It was not kept.", "said")
    return [
        pair(section("Settings") + asked, section("Environment") + where),
        section("Layers") if layers else "",
        table([{name: row.get(name, "") for name in names} for row in layers]),
    ]


def _curves(run: Run) -> list[str]:
    """Curves of the loss and of its companions."""
    history = runs.history(run.path)
    if history.empty:
        return [sentence("No epoch has ended yet.", "said")]
    note = practice_note(run)
    best = runs.best_epoch(history, runs.keeps_last(run.config)).get("epoch")
    if run.is_vae:
        names = [name for name in latent_plots.PARTS if f"val_{name}" in history]
        figures = [latent_plots.curves(history, name, None, best, note) for name in names]
    else:
        figures = [
            plots.curves({run.name: history}, name, best={run.name: best}, note=note)
            for name in ("loss", "accuracy")
        ]
    return [section("Curves"), pair(*map(plot, figures))]


def _cloud(run: Run, means: ArrayLike, labels: NDArray[np.integer], what: str) -> str:
    """The widest three directions of points, as a figure; "" where there are too few."""
    means = np.asarray(means, float)
    if len(means) < 3 or not np.isfinite(means).all():
        return ""
    names, found = run.config.data.categories, evaluation.principal(means)
    if means.shape[1] == 2:
        places, axes = means, ["latent 1", "latent 2"]
        caption = f"{what}, the two dimensions as they are."
    else:
        places = found.project(means, 3)
        if places.shape[1] < 3:
            places = np.pad(places, ((0, 0), (0, 3 - places.shape[1])))
        shares = [*found.shares[:3], 0, 0][:3]
        axes = [f"PC {at} ({percent(share)})" for at, share in enumerate(shares, 1)]
        caption = f"{what}, along their three widest principal directions. Drag to turn."
    if len(means) > 3000:
        caption += f" 3,000 of {len(means):,} are shown."
    return plot(latent_plots.cloud(places, labels, names, axes, practice_note(run)), caption)


def _drawings(run: Run) -> tuple[NDArray[np.uint8] | None, str]:
    """(the test drawings or None, a sentence on why they are not here)."""
    try:
        labels, rows = runs.test_part(run.path, len(run.config.data.categories))
        then = run.metrics.get("test_pixels")
        return data.scored_pixels(run.config.data, labels, rows, then), ""
    except (OSError, ValueError) as error:
        return None, f"The drawings themselves are not in this file: {explain(error)}"


# --- a classifier --------------------------------------------------------------------------------


def _of_classifier(run: Run) -> list[str]:
    names, note = run.config.data.categories, practice_note(run)
    found = runs.results(run.path, len(names))
    predicted = found.probabilities.argmax(axis=1)
    matrix = evaluation.confusion_matrix(found.labels, predicted, len(names))
    rows = evaluation.per_category(found.labels, predicted, names)
    recalls = plots.per_class(rows, 1 / len(names), note=note) if len(names) <= FEW else None
    of_category = [MEASURES[key] for key in measures.CATEGORY_FIGURES]
    return [
        *_figures(run),
        *_curves(run),
        section("Confusion matrix"),
        plot(plots.confusion(matrix, names, note=note), "Counts of test drawings."),
        section("Categories"),
        plot(recalls, "Recall with its 95 % interval.") if recalls else "",
        table(
            [
                {"category": row["category"], "drawings": f"{row['n']:,}"}
                | {one.name: one.text(row) for one in of_category}
                for row in rows
            ]
        ),
        *_calibration(run, found),
        *_surest(run, found),
        *_embeddings(run, found),
    ]


def _figures(run: Run) -> list[str]:
    """The figures on the test part, each with its interval or beside chance."""
    known = run.metrics
    found = [MEASURES[key] for key in measures.CLASSIFIER_FIGURES]
    rows = [
        {"measure": one.name, "this run": one.text(known), "what it is": one.beside(known)}
        for one in found
        if one.text(known)
    ]
    words = f"On {known['n']:,} test drawings, looked at once, with the best epoch's weights."
    return [
        section(f"{interval(known)} top-1"),
        sentence(f"{words} The interval is Wilson's, of 95 %."),
        table(rows),
    ]


def _calibration(run: Run, found: runs.Results) -> list[str]:
    series = {"as trained": found.probabilities}
    if temperature := run.metrics.get("temperature"):
        scaled = evaluation.scale(found.probabilities, temperature)
        series[f"divided by the temperature {temperature:.2f}"] = scaled
    figure = inside_plots.reliability(
        {name: evaluation.reliability(found.labels, one) for name, one in series.items()},
        note=practice_note(run),
    )
    errors = [
        f"{percent(evaluation.ece(found.labels, one))} {name}" for name, one in series.items()
    ]
    words = (
        f"Expected calibration error: {'; '.join(errors)}. On the dashed line a network is right as "
        "often as it is sure."
    )
    return [section("Calibration"), plot(figure, words)]


def _surest(run: Run, found: runs.Results) -> list[str]:
    names = run.config.data.categories
    places = evaluation.surest(found.labels, found.probabilities, right=False, n=SHOWN)
    if not len(places):
        return [section("Surest errors"), sentence("There is none.", "said")]
    drawings, why = _drawings(run)
    rows = []
    for place in places:
        (said, share), *_ = evaluation.top(found.probabilities[place], names)
        rows.append(
            {
                "true": names[found.labels[place]],
                "called": f"{said} {percent(share)}",
                "index": f"{found.rows[place]:,}",
            }
        )
    words = "The test drawings that the network was surest of and wrong about, the surest first."
    shown = table(rows)
    if drawings is not None:
        captions = ["true: {true}\n{called}\nindex {index}".format(**row) for row in rows]
        shown = sheet(drawings[places], captions)
    return [section("Surest errors"), sentence(" ".join(filter(None, (words, why))), "said"), shown]


def _embeddings(run: Run, found: runs.Results) -> list[str]:
    if found.embeddings is None:
        return []
    cloud = _cloud(run, found.embeddings, found.labels, "The last hidden layer's outputs")
    return [section("Embeddings"), cloud] if cloud else []


# --- a VAE ---------------------------------------------------------------------------------------


def _of_vae(run: Run) -> list[str]:
    known, latent, note = run.metrics, run.config.latent, practice_note(run)
    classes = len(run.config.data.categories)
    sets = {which: latents.points(run.path, which, classes, latent) for which in latents.SETS}
    dimensions, directions = latents.dimensions(run.path), latents.directions(run.path, latent)
    if sets["test"] is None or len(dimensions["kl"]) != latent:
        raise ValueError(f"The files of {run.name} are damaged: they do not fit its latent space.")
    chance = percent(known.get("chance") or 1 / classes)
    judged = [sentence("Nothing was judged: no classifier knew these categories.", "said")]
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
        _cloud(run, sets["test"].means, sets["test"].labels, "The test drawings' latent means"),
        pair(
            plot(latent_plots.dimensions(dimensions, note), "What each dimension carries."),
            plot(latent_plots.variance(directions.shares, note), "Explained variance."),
        ),
        section("Judged by a classifier"),
        *judged,
        *_rebuilt(run, sets),
        *_samples(run, sets["samples"]),
    ]


def _rebuilt(run: Run, sets: dict[str, latents.Points | None]) -> list[str]:
    """Drawings beside their reconstructions: the run's own, else practice drawings."""
    names = run.config.data.categories
    words, drawings = "Test drawings and what the decoder made of them.", None
    found = sets["test"]
    if found.reconstructions is not None:
        drawings, _ = _drawings(run)
    if drawings is None and (found := sets["practice"]) is not None:
        drawings, _ = practice.practice_set(names)
        words = "Practice data: drawings made by this program, not real ones, which stand in for "
        words += "the test drawings; and what the decoder made of them."
    heading = section("Reconstructions")
    if drawings is None or found.reconstructions is None or len(drawings) != len(found):
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
