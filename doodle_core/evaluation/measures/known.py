"""All measures, and which table has which."""

from dataclasses import replace
from functools import partial

from doodle_core.evaluation.given import GIVEN_LOSS, GIVEN_NAMED
from doodle_core.evaluation.latent import COMPARED
from doodle_core.evaluation.measures.registry import Measure, register
from doodle_core.evaluation.shares import Figures, percent

# --- which table has which, in this order ---------------------------------------------------------

CLASSIFIER_TABLE = ["top1", "val_top1", "top3", "macro_recall", "chance", "majority"]
CLASSIFIER_TABLE += ["cross_entropy", "n"]
"""Columns of a table of classifiers."""
CLASSIFIER_FIGURES = ["top1", "top3", "macro_recall", "majority", "binary_accuracy"]
"""Rows of one classifier's figures."""
CATEGORY_FIGURES = ["precision", "recall", "f1"]
"""Columns of a classifier's table of categories: of rows as of `per_category`."""
VAE_LOSS = ["loss", "reconstruction", "kl", "iwae"]
VAE_SPACE = ["active", "probe", "knn", "silhouette"]
VAE_JUDGE = ["judge_top1", "binarised_top1", "reconstructed_top1", "reconstructed01_top1"]
VAE_JUDGE += ["samples_sure", "samples_top1", "near_samples_top1", "region_top1"]
VAE_SETS = ["frechet", "generated_precision", "generated_recall"]
VAE_SETS += ["region_frechet", "region_precision", "region_recall"]
"""Rows of one VAE's figures: of its loss, of its latent space, of what a classifier says of its
drawings, and of generated drawings against real ones, as sets."""
VAE_TABLE = ["active", "probe", "reconstructed_top1", "n"]
"""Columns of a table of VAEs, after those of VAE_LOSS."""
CLASSIFIER_NUMBERS = ["top1", "n", "macro_recall", "binary_accuracy", "chance", "parameters"]
CLASSIFIER_NUMBERS += ["seconds"]
VAE_NUMBERS = ["loss", "reconstruction", "kl", "iwae", "probe", "n", "reconstructed_top1"]
VAE_NUMBERS += ["seconds", "parameters"]
"""Columns of the file of all runs' numbers, whose order others may count on."""

# --- the measures ---------------------------------------------------------------------------------

_rightly = partial(Measure, better="higher", has_interval=True)
_nats = partial(Measure, unit="nats", better="lower")

_CLASSIFIER = (
    _rightly(
        "top1",
        "top-1",
        "The share of drawings whose likeliest category is the true one.",
        chance="chance",
    ),
    _rightly(
        "val_top1",
        "validation",
        "Top-1 on the validation part, by which epochs and settings are chosen.",
        missing="",
    ),
    Measure(
        "top3",
        "top-3",
        "The share of drawings whose true category is among the three likeliest.",
        "the true category is among the three likeliest",
        better="higher",
    ),
    Measure(
        "macro_recall",
        "macro recall",
        "The mean of the categories' recalls: rare categories count as much as others.",
        "the mean of the categories' recalls",
        better="higher",
    ),
    Measure(
        "chance",
        "chance",
        "What naming a category at random scores: one in the number of categories.",
    ),
    Measure(
        "majority",
        "largest category",
        "What always naming the most frequent category scores.",
        "what always naming it would score",
    ),
    Measure(
        "binary_accuracy",
        "binary accuracy",
        "The share of the C outputs of each drawing on the right side of 0.5; answering nothing "
        "scores (C - 1) / C. The interval counts drawings, not outputs, since the outputs of one "
        "drawing err together.",
        "outputs on the right side of 0.5",
        better="higher",
        chance="binary_chance",
    ),
    # no words of its own yet: its column has those of a VAE's loss
    _nats("cross_entropy", "loss (nats)", digits=3, field="loss"),
    Measure(
        "ece",
        "ECE",
        "Expected calibration error: how far apart the network's top probability and the share it "
        "gets right are, in the mean over 15 bins (Guo et al. 2017).",
        better="lower",
    ),
    Measure(
        "precision", "precision", "Of the drawings called so, the share that are.", better="higher"
    ),
    _rightly("recall", "recall", "Of the drawings that are so, the share called so."),
    Measure("f1", "F1", "The harmonic mean of precision and recall.", better="higher"),
)
_VAE = (
    _nats(
        "loss",
        "loss",
        "The negative ELBO: reconstruction and KL together, in nats per drawing.",
        "per drawing; lower is better; the report's models 1, 2 and 3",
        title="Loss (negative ELBO)",
        has_error=True,
        given=", ".join(map(str, GIVEN_LOSS.values())),
    ),
    _nats(
        "reconstruction",
        "reconstruction",
        "Binary cross-entropy between a drawing and what the decoder makes of its latent, added up "
        "over the 784 pixels, in nats.",
        "binary cross-entropy added up over the 784 pixels",
    ),
    Measure(
        "kl",
        "KL",
        "Kullback-Leibler divergence of the encoder's answer from the prior, a standard normal "
        "distribution, in nats: what the latent says of the drawing.",
        "of the posterior from the prior",
        unit="nats",
        title="KL divergence",
    ),
    _nats(
        "iwae",
        "IWAE",
        "Importance-weighted bound on the likelihood: tighter than the ELBO, from several samples "
        "a drawing (Burda et al. 2016), in nats.",
        "a tighter bound than the loss; {iwae_k:.0f} samples a drawing, {iwae_n:,.0f} drawings",
        title="IWAE bound",
        has_error=True,
    ),
    Measure(
        "active",
        "dimensions in use",
        "Latent dimensions whose means vary by more than 0.01 over the drawings; the decoder can "
        "learn nothing from the others.",
        "variance of the latent means above 0.01; the others are dead",
        unit="count",
        of="latent",
    ),
    _rightly(
        "probe",
        "linear probe",
        "Logistic regression on the latent means: how rightly it names test drawings.",
        "logistic regression on the latent means names test drawings rightly",
    ),
    _rightly(
        "knn", "k-NN", says="the nearest training drawings name them rightly", title="k-NN, k = 10"
    ),
    Measure(
        "silhouette",
        "silhouette",
        "How far apart the categories' points lie, from -1 to 1: at 1 each is a clump, at 0 they "
        "overlap (Rousseeuw 1987).",
        f"from -1 to 1: 1 is a clump a category, 0 is overlap; of {COMPARED:,} drawings at most",
        unit="number",
        has_error=True,
        digits=2,
        better="higher",
    ),
    _rightly("judge_top1", "test drawings named rightly", says="the judge's own ceiling"),
    _rightly("binarised_top1", "binarised, named rightly", says="pixels above 191 white"),
    _rightly(
        "reconstructed_top1",
        "reconstructions named rightly",
        "By a classifier, the judge: the share of reconstructions that it still takes for the "
        "drawing's category.",
        "in the range of grey values that the judge learned from",
        missing="not judged",
    ),
    _rightly(
        "reconstructed01_top1",
        "reconstructions, wrong range",
        says="from 128 to 255 where it learned from 0 to 255: the report's mistake 4",
        given=percent(GIVEN_NAMED),
    ),
    _rightly(
        "samples_sure", "samples surely something", says="of the prior; top probability 0.9 or more"
    ),
    _rightly(
        "samples_top1",
        "samples are what was asked for",
        says="the category was given to the decoder",
        missing=None,
    ),
    _rightly(
        "near_samples_top1",
        "samples at spread 0.8 are",
        says="nearer to the prior's middle: truer and less various",
        missing=None,
    ),
    _rightly(
        "region_top1",
        "category samples named rightly",
        says="from a normal distribution around each category's means",
    ),
)
_OF_THE_PRIOR = (
    Measure(
        "frechet",
        "Frechet distance (of the prior)",
        says="on the judge's embeddings of 2,000 drawings each at most; real against real is "
        "{frechet_floor:.1f}",
        unit="number",
        has_error=True,
        better="lower",
    ),
    Measure(
        "generated_precision",
        "precision (of the prior)",
        says="generated drawings that lie among real ones, 2,000 each at most: good ones",
        unit="number",
        digits=3,
        better="higher",
        field="precision",
    ),
    Measure(
        "generated_recall",
        "recall (of the prior)",
        says="real drawings that lie among generated ones, 2,000 each at most: all kinds",
        unit="number",
        digits=3,
        better="higher",
        field="recall",
    ),
)
_OF_REGIONS = (
    replace(
        one,
        key=f"region_{one.field or one.key}",
        name=one.name.replace("of the prior", "of categories' regions"),
        field="",
    )
    for one in _OF_THE_PRIOR
)
_PERSON = (
    _rightly(
        "named",
        "named rightly",
        "The share of drawings given their true category, with its Wilson interval.",
        field="top1",
    ),
    _rightly(
        "recognised", "recognised", "The share of generated drawings that the person could tell."
    ),
)
_EVERY_RUN = (
    Measure(
        "val_accuracy",
        "val accuracy",
        "Top-1 on the validation part, of the best epoch by validation loss.",
        better="higher",
    ),
    _nats(
        "val_loss",
        "val loss",
        "Loss on the validation part, of the best epoch: a classifier's cross-entropy, or an "
        "autoencoder's negative ELBO, in nats per drawing.",
        digits=3,
    ),
    Measure("n", "test drawings", unit="count"),
    Measure("parameters", "parameters", "Numbers that the network learned.", unit="count"),
    Measure(
        "seconds",
        "seconds",
        "Of training, on the machine that trained it.",
        unit="number",
        digits=0,
    ),
)
for _one in (*_CLASSIFIER, *_VAE, *_OF_THE_PRIOR, *_OF_REGIONS, *_PERSON, *_EVERY_RUN):
    register(_one)


def judge_saw(figures: Figures) -> str:
    """What a VAE's judge may have seen of the test drawings, in a sentence."""
    told = {
        1: "It learned from some of these test drawings, so it flatters.",
        0: "It had learned from none of these test drawings.",
    }
    return told.get(
        figures.get("judge_saw", -1),
        "Its own training drawings were not at hand: it may have learned from these test drawings.",
    )
