"""The exported page of a classifier."""

from doodle_core import evaluation, plots, runs
from doodle_core.evaluation import interval, measures, percent
from doodle_core.evaluation.measures import MEASURES
from doodle_core.lab.export.page import plot, section, sentence, sheet, table
from doodle_core.lab.export.pieces import SHOWN, cloud, curves, drawings_of
from doodle_core.plots import inside as inside_plots
from doodle_core.runs import Run, practice_note

FEW = 40  # with more categories the recalls are in the table only


def parts(run: Run) -> list[str]:
    names, note = run.config.data.categories, practice_note(run)
    found = runs.results(run.path, len(names))
    predicted = found.probabilities.argmax(axis=1)
    matrix = evaluation.confusion_matrix(found.labels, predicted, len(names))
    rows = evaluation.per_category(found.labels, predicted, names)
    recalls = plots.per_class(rows, 1 / len(names), note=note) if len(names) <= FEW else None
    of_category = [MEASURES[key] for key in measures.CATEGORY_FIGURES]
    return [
        *_figures(run),
        *curves(run),
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
    drawings, why = drawings_of(run)
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
    shown = cloud(run, found.embeddings, found.labels, "The last hidden layer's outputs")
    return [section("Embeddings"), shown] if shown else []
