"""A run's model card, in Markdown: what its network is, what goes in and comes out, how good it is.

After Mitchell et al. 2019. It is to lie beside a downloaded network, which says none of this itself.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from doodle_core import evaluation, runs
from doodle_core.evaluation import Share, measures, percent
from doodle_core.evaluation.measures import MEASURES
from doodle_core.files import PROGRAM
from doodle_core.inference.imported import read_contract
from doodle_core.lab.export.pieces import settings
from doodle_core.runs import Run, practice_note

CITATION = PROGRAM / "CITATION.cff"
QUICK_DRAW = "https://github.com/googlecreativelab/quickdraw-dataset"
DRAWING = (
    "`drawing`: (N, 28, 28, 1) uint8, a white line (255) on a black ground (0), grey where the line "
    "is soft. The network scales these numbers itself: give it 0 to 255 as they are"
)
ALIKE = (
    "A drawing of one's own has to be made as Quick, Draw!'s are: strokes simplified, drawn with a "
    "wide line in the middle of the picture, and shrunk to 28 x 28."
)


def card(run: Run) -> str:
    """A finished run's model card.

    Raises:
        ValueError: the run is damaged, or has not finished.
        OSError: a file cannot be read.
    """
    if run.config is None:
        raise ValueError(run.error)
    if run.state != "finished":
        raise ValueError(f"{_plain(run.name)} is {run.state}: it has no test figures yet.")
    marks = practice_note(run)
    parts = [
        f"# {_plain(run.name)}",
        f"{run.family.title} of line drawings of 28 x 28 pixels, "
        + ("imported into Doodle Lab." if run.is_imported else "trained in Doodle Lab.")
        + f" **{_plain(marks)}**" * bool(marks),
        f"**{_plain(run.error)}**" * bool(run.error),
        *run.family.call("card", run),
        *_data(run),
        *_made(run),
        *_terms(run),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


# --- the families' own parts ---------------------------------------------------------------------


def of_classifier(run: Run) -> list[str]:
    """Input and output, categories and figures of a classifier."""
    config, known = run.config, run.metrics
    names = config.data.categories
    found = runs.results(run.path, len(names))
    said = found.probabilities.argmax(axis=1)
    recalls = evaluation.per_category(found.labels, said, names)
    views = (
        "The figures are of the mean of five views of each drawing (as it is, turned by 6 degrees "
        "either way, made larger and smaller by 8 %); asked once, the network answers a little "
        "otherwise."
    )
    shares = {key: Share.at(known[key], known["n"]) for key in ("top1", "top3", "binary_accuracy")}
    shares["macro_recall"] = evaluation.macro_recall(found.labels, said == found.labels, len(names))
    figures = [MEASURES[key] for key in measures.CLASSIFIER_FIGURES]
    return [
        "It names a drawing. It knows the categories below and no other: a drawing of anything "
        "else gets one of these names, too.",
        "## Input and output",
        _contract(run),
        "## Figures",
        f"On {known['n']:,} test drawings, looked at once; chance is "
        f"{percent(known['chance'])}. Intervals are of 95 %, over the test drawings: Wilson's, of the macro recall a "
        "Bayesian bootstrap's." + f" {views}" * config.test_views,
        _table(
            {
                "measure": one.name,
                "figure (95 %)": shares[one.key].text if one.key in shares else one.text(known),
                "what it is": one.beside(known),
            }
            for one in figures
        ),
        *_unmeasured(run),
        "## Categories",
        _table(
            {
                "output": place,
                "category": row["category"],
                "test drawings": f"{row['n']:,}",
                "recall (95 %)": MEASURES["recall"].text(row),
            }
            for place, row in enumerate(recalls)
        ),
    ]


def of_autoencoder(run: Run) -> list[str]:
    """Input and output, categories and figures of a VAE."""
    config, known = run.config, run.metrics
    names, told = config.data.categories, ""
    if config.conditional:
        told = f"; and `category`: (N, {len(names)}) float32, 1 at the drawing's category, else 0"
    keys = (*measures.VAE_LOSS, *measures.VAE_SPACE)
    keys += (*measures.VAE_JUDGE, *measures.VAE_SETS) if known.get("judge") else ()
    rows = measures.as_table(known | {"latent": config.latent}, keys)
    judge = (
        f" The judge is the classifier {_plain(known.get('judge'))}. {measures.judge_saw(known)}"
    )
    return [
        "Its encoder places a drawing in a latent space, its decoder draws a point of that space.",
        "## Input and output",
        _list(
            f"Encoder: {DRAWING}{told}. It gives `mean` and `log_var`: (N, {config.latent}) float32, "
            "of a normal distribution.",
            f"Decoder: `latent`: (N, {config.latent}) float32, for a new drawing of a standard "
            f"normal distribution{told}. It gives `ink`: (N, 28, 28, 1) float32 in [0, 1], each "
            "pixel's probability of ink.",
            f"{ALIKE} In a `.tflite` file this is the signature `answer`.",
        ),
        "## Figures",
        f"On {known['n']:,} test drawings, with the kept epoch's weights. Intervals are of 95 %, "
        f"over the test drawings; by chance {percent(known.get('chance') or 1 / len(names))} is "
        "named rightly." + judge * bool(known.get("judge")),
        _table({key: text for key, text in row.items() if key != "the report"} for row in rows),
        *_unmeasured(run),
        "## Categories",
        _list(*names),
    ]


def _contract(run: Run) -> str:
    """What goes into a classifier, and what comes out."""
    n, order = len(run.config.data.categories), "in the order of the categories below"
    if run.is_imported:
        contract, is_logits = read_contract(run.path)
        shape, output = ", ".join(map(str, contract.shape)), "logits" if is_logits else "answers"
        return _list(
            f"Input: (N, {shape}), {contract.words}. {ALIKE}",
            f"Output: (N, {n}) {output}, {order}.",
        )
    rows = (
        "rows add up to 1" if run.config.loss == "softmax" else "each in [0, 1] by itself (sigmoid)"
    )
    return _list(
        f"{DRAWING}. {ALIKE}",
        f"`probabilities`: (N, {n}) float32, {rows}; {order}.",
        "In a `.tflite` file this is the signature `answer`.",
    )


def _unmeasured(run: Run) -> list[str]:
    """What the figures lack, a sentence each."""
    words = [*runs.unmeasured_words(run.path)]
    if epoch := run.metrics.get("diverged"):
        words.append(runs.diverged_words(epoch))
    return [_list(*map(_plain, words))] if words else []


# --- what every run has --------------------------------------------------------------------------


def _data(run: Run) -> list[str]:
    """Which drawings, how many, and how they were split."""
    data = run.config.data
    n = run.metrics.get("train_n")  # of an imported network it is not known
    learned = f"Learned from {n:,} drawings, s" if n else "S"
    begun = getattr(run.config, "start_from", "")
    shares = " / ".join(f"{100 * share:g} %" for share in data.shares)
    return [
        "## Data",
        _list(
            f"{_plain(run.data_label[:1].upper() + run.data_label[1:])}.",
            f"{learned}cored on {run.metrics['n']:,}; the parts (training, validation and test: "
            f"{shares}) share no drawing. Split seed {data.seed}.",
            *[f"It began with the weights of {_plain(begun)}."] * bool(begun),
        ),
    ]


def _made(run: Run) -> list[str]:
    """Settings, seed and environment: what it takes to train it again."""
    when = time.strftime("%d %B %Y", time.gmtime(run.status.get("time", 0)))
    facts = runs.read_environment(run.path)
    return [
        "## Import" if run.is_imported else "## Training",
        f"Imported on {when}. The settings:"
        if run.is_imported
        else f"Finished on {when}, seed {run.config.seed}. The settings:",
        _block("json", json.dumps(settings(run), indent=1, ensure_ascii=False)),
        "The environment:" if facts else "The environment was not kept.",
        _block("json", json.dumps(facts, indent=1, ensure_ascii=False)) if facts else "",
    ]


def _terms(run: Run) -> list[str]:
    """Licence and citation."""
    theirs = "This network was made elsewhere: its licence is its owner's to say. "
    try:
        cited = [_block("yaml", CITATION.read_text("utf-8").strip())]
    except OSError:  # a program without it
        cited = ["Doodle Lab: a laboratory for neural networks on Quick, Draw! doodles."]
    return [
        "## Licence",
        theirs
        * run.is_imported
        + "Doodle Lab's code is under the MIT licence. Quick, Draw!'s drawings are Google's, under "
        f"[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/): <{QUICK_DRAW}>.",
        "## Citation",
        *cited,
    ]


# --- Markdown ------------------------------------------------------------------------------------


def _plain(text: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|~$&])", r"\\\1", " ".join(str(text).split()))


def _list(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows of the same keys; their texts are escaped. "" where there are none."""
    rows = list(rows)
    lines: list[Iterable[Any]] = []
    if rows:
        lines = [rows[0].keys(), ["---"] * len(rows[0]), *(row.values() for row in rows)]
    return "\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines)


def _block(kind: str, text: str) -> str:
    """Text as it is. Its fence is longer than any in it, so that nothing in it can end it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{kind}\n{text}\n{fence}"
