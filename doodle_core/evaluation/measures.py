"""A run's figures in words: what the pages and the exported report say of them.

No TensorFlow and no Streamlit. An interval is Wilson's, of 95 %.
"""

from dataclasses import dataclass

from doodle_core.evaluation.given import GIVEN_LOSS, GIVEN_NAMED
from doodle_core.evaluation.shares import interval, percent


@dataclass
class Measure:
    """One measure of a VAE, as texts.

    Attributes:
        name: what it is called. value: with its unit, "" where it was not measured.
        interval: its 95 % bounds, or "". given: what the report had, or "". says: what it is.
    """

    name: str
    value: str
    interval: str = ""
    given: str = ""
    says: str = ""


def _number(metrics, name, digits=2):
    return f"{metrics[name]:.{digits}f}" if metrics.get(name) is not None else ""


def _nats(metrics, name):
    return f"{metrics[name]:.1f} nats" if metrics.get(name) is not None else ""


def _share(metrics, name):
    """A share and its bounds; two empty texts where it was not measured."""
    if metrics.get(name) is None or metrics.get(f"{name}_low") is None:
        return "", ""
    value, bounds = interval(metrics, name).split(" (")
    return value, bounds.rstrip(")")


def of_loss(metrics):
    """The loss and its parts. `metrics`: a VAE's `metrics.json`. Returns a list of Measures."""
    samples, drawings = metrics.get("iwae_k") or 0, metrics.get("iwae_n") or 0
    count = f"{samples:.0f} samples a drawing, {drawings:,.0f} drawings"
    return [
        Measure(
            "Loss (negative ELBO)",
            _nats(metrics, "loss"),
            "",
            ", ".join(map(str, GIVEN_LOSS.values())),
            "per drawing; lower is better; the report's models 1, 2 and 3",
        ),
        Measure(
            "Reconstruction",
            _nats(metrics, "reconstruction"),
            says="binary cross-entropy added up over the 784 pixels",
        ),
        Measure("KL divergence", _nats(metrics, "kl"), says="of the posterior from the prior"),
        Measure(
            "IWAE bound", _nats(metrics, "iwae"), says=f"a tighter bound than the loss; {count}"
        ),
    ]


def of_space(metrics, latent):
    """The latent space. `latent`: int, its dimensions. Returns a list of Measures."""
    return [
        Measure(
            "Dimensions in use",
            f"{metrics.get('active') or 0:.0f} of {latent}",
            says="variance of the latent means above 0.01; the others are dead",
        ),
        Measure(
            "Linear probe",
            *_share(metrics, "probe"),
            says="logistic regression on the latent means names test drawings rightly",
        ),
        Measure(
            "k-NN, k = 10",
            *_share(metrics, "knn"),
            says="the nearest training drawings name them rightly",
        ),
        Measure(
            "Silhouette",
            _number(metrics, "silhouette"),
            says="from -1 to 1: 1 is a clump a category, 0 is overlap",
        ),
    ]


def of_judge(metrics, is_conditional=False):
    """What a classifier says of its drawings. Returns a list of Measures."""
    asked = [
        Measure(
            "Samples are what was asked for",
            *_share(metrics, "samples_top1"),
            says="the category was given to the decoder",
        ),
        Measure(
            "Samples at spread 0.8 are",
            *_share(metrics, "near_samples_top1"),
            says="nearer to the prior's middle: truer and less various",
        ),
    ]
    return [
        Measure(
            "Test drawings named rightly",
            *_share(metrics, "judge_top1"),
            says="the judge's own ceiling",
        ),
        Measure(
            "Binarised, named rightly",
            *_share(metrics, "binarised_top1"),
            says="pixels above 191 white",
        ),
        Measure(
            "Reconstructions named rightly",
            *_share(metrics, "reconstructed_top1"),
            says="in the range of grey values that the judge learned from",
        ),
        Measure(
            "Reconstructions, wrong range",
            *_share(metrics, "reconstructed01_top1"),
            percent(GIVEN_NAMED),
            "from 128 to 255 where it learned from 0 to 255: the report's mistake 4",
        ),
        Measure(
            "Samples surely something",
            *_share(metrics, "samples_sure"),
            says="of the prior; top probability 0.9 or more",
        ),
        *(asked if is_conditional else []),
        Measure(
            "Category samples named rightly",
            *_share(metrics, "region_top1"),
            says="from a normal distribution around each category's means",
        ),
    ]


def of_distribution(metrics):
    """Generated drawings against real ones, as sets. Returns a list of Measures."""
    floor = _number(metrics, "frechet_floor", 1)
    floor = f"on the judge's embeddings; real against real is {floor}" if floor else ""
    near = "generated drawings that lie among real ones: good ones"
    of = "real drawings that lie among generated ones: all kinds"
    return [
        Measure(name + more, _number(metrics, prefix + key, digits), says=says)
        for prefix, more in (("", " (of the prior)"), ("region_", " (of categories' regions)"))
        for key, name, digits, says in (
            ("frechet", "Frechet distance", 1, floor),
            ("precision", "Precision", 3, near),
            ("recall", "Recall", 3, of),
        )
    ]


def as_table(measures):
    """Measures as rows of a table: dicts of text; one that was not made is a dash.

    The columns of intervals and of the report's figures are left out where they are empty.
    """
    has_interval = any(one.interval for one in measures)
    is_given = any(one.given for one in measures)
    return [
        {"measure": one.name, "this run": one.value or "–"}
        | ({"95 % interval": one.interval} if has_interval else {})
        | ({"the report": one.given} if is_given else {})
        | {"what it is": one.says}
        for one in measures
    ]


def judge_saw(metrics):
    """What the judge may have seen of the test drawings, in a sentence."""
    return {
        1: "It learned from some of these test drawings, so it flatters.",
        0: "It had learned from none of these test drawings.",
    }.get(
        metrics.get("judge_saw"),
        "Its own training drawings were not at hand: it may have learned from these test drawings.",
    )
