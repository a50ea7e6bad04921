"""The families of networks: each is one entry here, and whatever trains or shows runs asks it.

    families.register(Family("flow", ...))

A family's own code (networks, fit, score) imports TensorFlow; it is named here, and imported by
whoever calls it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Any

from doodle_core.evaluation import Share, interval, measures, percent
from doodle_core.registry import Registry
from doodle_core.settings import classifier, vae
from doodle_core.settings.registry import Preset

Figures = Mapping[str, Any]
"""What a run's `metrics.json` holds, or its `progress.json`."""


@dataclass(frozen=True)
class Family:
    """A kind of network.

    Attributes:
        key: "kind" in a run's `config.json`; a classifier's has none.
        title: what one is. choice: the same with its article, where one is chosen.
        says: a sentence on what it does. lacking: what a page says where none has finished.
        config: the dataclass of its settings. presets: settings to begin with, by name; preset:
            the one chosen at first.
        fit, score, report, card: "module:function" of what trains a run, of what judges it on the
            test part, and of what its exported page and its model card consist of.
        weights: the files of its trained networks; the last one is looked for.
        export: "module:function" that makes the portable networks of them, and returns the largest
            difference of an answer; portable: their files. networks: of what loads them, for
            `training.portable.write_onnx`; "" where they are not Keras's.
        numbers: what must be in its `metrics.json`.
        curves: the columns of `history.csv` that are drawn, the first one first.
        heading, heading_term: above the table of several runs, and the term that explains it;
            caption: of their settings, what stands below it.
        columns: the measures in the file of all runs' numbers. table: those of a table of several,
            with settings between them.
        figure: a finished run's one figure, in words. detail: what stands below it.
        line: the same on the command line.
        live: of a training's `progress.json`: (label, value, term or sentence) each.
        keeps_last: whether a run with these settings keeps its last epoch's weights, not those of
            the lowest validation loss.
    """

    key: str
    title: str
    choice: str
    says: str
    lacking: str
    config: type[Any]
    presets: Mapping[str, Preset]
    preset: str
    fit: str
    score: str
    report: str
    card: str
    weights: tuple[str, ...]
    export: str
    portable: tuple[str, ...]
    numbers: tuple[str, ...]
    curves: tuple[str, ...]
    heading: str
    caption: Callable[[Sequence[Any]], str]
    columns: Sequence[str]
    table: Sequence[str]
    figure: Callable[[Figures], str]
    detail: Callable[[Figures], str]
    line: Callable[[Figures], str]
    live: Callable[[Figures], list[tuple[str, str, str]]]
    networks: str = ""
    heading_term: str = ""
    keeps_last: Callable[[Any], bool] = field(default=lambda config: False)

    def call(self, what: str, *arguments: Any) -> Any:
        """Import one of the family's functions, "fit", "score", "report" and so on, and call it."""
        return resolve_name(getattr(self, what))(*arguments)


FAMILIES = Registry[Family]("family")
"""All families by key, in the order in which they are offered."""
register, unregister = FAMILIES.register, FAMILIES.unregister


def family_of(config: Any) -> Family:
    """The family whose settings these are.

    Raises:
        ValueError: there is none.
    """
    for family in FAMILIES.values():
        if type(config) is family.config:
            return family
    raise ValueError(f"{type(config).__name__} belongs to no family of networks.")


def from_dict(content: Mapping[str, Any]) -> Any:
    """The settings that a `config.json` holds.

    Raises:
        ValueError: they are of no family, or not as they should be.
    """
    kind = content.get("kind", "classifier")
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise ValueError(f"config.json is of an unknown kind, {str(kind)[:40]!r}.")
    settings = {name: value for name, value in content.items() if name != "kind"}
    return FAMILIES[kind].config.from_dict(settings)


def _loss(now: Figures) -> str:
    """A training's loss so far, in words."""
    return f"{now['loss']:.3f} nats" if "loss" in now else "not a number nats"


register(
    Family(
        key="classifier",
        title="Classifier",
        choice="A classifier",
        says="A classifier names drawings.",
        lacking="No run has finished yet.",
        config=classifier.RunConfig,
        presets=classifier.PRESETS,
        preset="report-base",
        fit="doodle_core.classifier.fit:fit",
        score="doodle_core.classifier.score:score",
        report="doodle_core.lab.export.classifier:parts",
        card="doodle_core.lab.export.card:of_classifier",
        weights=("best.keras",),
        export="doodle_core.classifier.portable:export",
        networks="doodle_core.classifier.portable:networks",
        portable=("network.tflite",),
        numbers=(
            *("n", "train_n", "top1", "top1_low", "top1_high", "top3", "macro_recall", "loss"),
            *("binary_accuracy", "chance", "majority"),
        ),
        curves=("loss", "accuracy"),
        heading="Test figures",
        caption=lambda configs: (
            "On the test part, which was looked at once, with the best epoch's weights. Top-1 is "
            "the share named rightly; chance is one in the number of categories."
            + " Runs with test_views take the mean of five views of each drawing here, of one in "
            "their curves." * any(config.test_views for config in configs)
        ),
        columns=measures.CLASSIFIER_NUMBERS,
        table=measures.CLASSIFIER_TABLE,
        figure=lambda known: f"{interval(known)} top-1",
        detail=lambda known: f"95 % interval; chance {percent(known['chance'])}",
        line=lambda known: f"top-1 {Share.read(known).fraction}",
        live=lambda now: [
            ("Training loss", _loss(now), "cross-entropy"),
            (
                "Training accuracy",
                percent(now.get("accuracy")),
                "Top-1 on this epoch's training drawings so far.",
            ),
        ],
    )
)
register(
    Family(
        key="vae",
        title="Variational autoencoder",
        choice="A variational autoencoder",
        says="A variational autoencoder (VAE) learns a latent space from which it draws them again, "
        "and new ones.",
        lacking="No autoencoder has finished yet.",
        config=vae.VaeConfig,
        presets=vae.PRESETS,
        preset="vae",
        fit="doodle_core.vae.fit:fit",
        score="doodle_core.vae.score:score",
        report="doodle_core.lab.export.autoencoder:parts",
        card="doodle_core.lab.export.card:of_autoencoder",
        weights=("encoder.keras", "decoder.keras"),
        export="doodle_core.vae.portable:export",
        networks="doodle_core.vae.portable:networks",
        portable=("encoder.tflite", "decoder.tflite"),
        numbers=(
            *("n", "train_n", "loss", "reconstruction", "kl", "best_epoch", "parameters"),
            "seconds",
        ),
        curves=("loss", "reconstruction", "kl"),
        heading="Autoencoders on the test part",
        heading_term="ELBO",
        caption=lambda configs: (
            "In nats per drawing, with the kept epoch's weights. The loss is the negative ELBO: "
            "reconstruction and KL together; IWAE is a tighter bound on the likelihood, from 100 "
            "samples a drawing. The report's three had 134.5, 134.2 and 174.2 on its own drawings."
        ),
        columns=measures.VAE_NUMBERS,
        table=[*measures.VAE_LOSS, "latent", *measures.VAE_TABLE],
        figure=lambda known: f"{known['loss']:.1f} nats a drawing",
        detail=lambda known: "reconstruction {reconstruction:.1f} + KL {kl:.1f}, test part".format(
            **known
        ),
        line=lambda known: (
            f"{known['loss']:.2f} nats ({known['reconstruction']:.2f} + KL {known['kl']:.2f})"
        ),
        live=lambda now: [
            ("Training loss", _loss(now), "loss"),
            (
                "Reconstruction + KL",
                " + ".join(f"{now[name]:.1f}" for name in ("reconstruction", "kl") if name in now),
                "reconstruction, KL",
            ),
        ],
        keeps_last=lambda config: config.adversarial > 0,  # the loss does not measure its aim
    )
)
