"""The end of a VAE's run: its measures on the test part, and what the pages need, as arrays."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.classifier.judge import Judge, choose_judge
from doodle_core.data import practice
from doodle_core.files import replacing
from doodle_core.runs import latents
from doodle_core.runs.latents import Points
from doodle_core.settings import VaeConfig
from doodle_core.training.batches import Labelled
from doodle_core.training.callbacks import log
from doodle_core.training.stored import one_or_list
from doodle_core.vae.fit import WEIGHTS
from doodle_core.vae.generator import Generator
from doodle_core.vae.model import VAE, build_vae, cross_entropy, kl_divergence, target_of
from doodle_core.vae.networks import INK

IMPORTANCE = 100  # samples a drawing of the importance-weighted bound
WEIGHED = 1_000  # test drawings that it is estimated on, at most
SAMPLES = 2_000  # drawings generated and judged
KEPT = 1_000  # of these are kept for the pages
NEAR = 0.8  # spread of samples nearer to the prior's middle: truer and less various (Brock 2019)
SURE = 0.9  # a top probability from which a sample counts as recognised


def score(path: Path, config: VaeConfig, parts: Sequence[Labelled]) -> None:
    """Judge the kept weights on the test part, once, and write what the pages need.

    Args:
        path: the run's folder. config: VaeConfig. parts: as of `parts.load_parts`.
    """
    runs.write_progress(path, "scoring")
    model = _keep_plain(path, config)
    generator = Generator(model.encoder, model.decoder, config)
    (x_train, y_train), _, (x, y) = parts
    means, log_vars = generator.encode(x, y)
    train_means, train_log_vars = generator.encode(x_train, y_train)
    losses = drawing_losses(model, x, y, config)

    _write_geometry(path, means, train_means, train_log_vars, y_train, config)
    rows = evaluation.dimensions(means, log_vars)
    latents.write_dimensions(path, rows)
    frame = runs.history(path)
    figures = {
        "n": len(y),
        "train_n": len(y_train),
        "loss": float(losses.sum(axis=1).mean()),
        "loss_error": evaluation.mean_error(losses.sum(axis=1)),
        "reconstruction": float(losses[:, 0].mean()),
        "kl": float(losses[:, 1].mean()),
        **_with_error("iwae", importance_weighted(model, x[:WEIGHED], y[:WEIGHED], config)),
        "iwae_n": min(WEIGHED, len(y)),
        "iwae_k": IMPORTANCE,
        "active": sum(row["active"] for row in rows),
        **evaluation.probes(train_means, y_train, means, y),
        **_with_error("silhouette", evaluation.silhouettes(means, y)),
        "chance": 1 / len(config.data.categories),
        "best_epoch": int(runs.best_epoch(frame, config.adversarial > 0)["epoch"]),
        "epochs": len(frame),
        "parameters": model.encoder.count_params() + model.decoder.count_params(),
        "seconds": float(frame["seconds"].sum()),
        "test_pixels": data.fingerprint(x),
        "practice": int(runs.load(path).is_practice),
    }
    judge, facts = choose_judge(config, x)
    figures |= facts
    sets = {"test": _drawn(generator, x, y, means, losses)}
    sets |= _practice(generator, model, config)
    sets["samples"], more = _judged_samples(path, generator, judge, config, x, x_train)
    figures |= more | _judge_sets(sets, judge)
    _write_sets(path, config, sets)
    runs.write_metrics(path, config, figures)
    log.info(
        "test loss %.2f nats (reconstruction %.2f, KL %.2f) on %d drawings",
        figures["loss"],
        figures["reconstruction"],
        figures["kl"],
        len(y),
    )


def _with_error(name: str, values: NDArray[np.floating]) -> dict[str, float]:
    """A mean over drawings, under `name`, and its standard error. values: (N,) float."""
    return {name: float(values.mean()), f"{name}_error": evaluation.mean_error(values)}


def _keep_plain(path: Path, config: VaeConfig) -> VAE:
    """The kept weights in Keras's own layers and in float32, written as encoder and decoder."""
    classes = len(config.data.categories)
    trained = build_vae(config, classes, fused=True)
    trained.load_weights(path / WEIGHTS)
    keras.config.set_dtype_policy("float32")
    model = build_vae(config, classes)
    for name in ("encoder", "decoder"):
        plain = getattr(model, name)
        plain.set_weights(getattr(trained, name).get_weights())
        with replacing(path / f"{name}.keras") as temporary:
            plain.save(temporary)
    return model


# --- the loss ------------------------------------------------------------------------------------


def drawing_losses(
    model: VAE, x: NDArray[np.uint8], y: NDArray[np.integer], config: VaeConfig
) -> NDArray[np.float32]:
    """Reconstruction and KL of each drawing, at one sample of its posterior: (N, 2) nats.

    Args:
        model: vae.VAE. x: (N, 28, 28, 1) uint8. y: (N,) int.
    """
    found = []
    for drawings, categories in _batches(x, y, len(config.data.categories)):
        out = model((drawings, categories), training=False)
        reconstruction = cross_entropy(target_of(drawings, config), out["logits"])
        kl = tf.reduce_sum(kl_divergence(out["mean"], out["log_var"]), axis=1)
        found.append(np.stack([reconstruction, kl], axis=1))
    return np.concatenate(found)


def importance_weighted(
    model: VAE, x: NDArray[np.uint8], y: NDArray[np.integer], config: VaeConfig, k: int = IMPORTANCE
) -> NDArray[np.float64]:
    """-log p(x) of each drawing, estimated with k samples (IWAE, Burda et al. 2016, equation 8).

    A tighter bound than the loss: equal to it for k = 1, and falling with k.

    Returns:
        (N,) float, nats.
    """
    classes, found = len(config.data.categories), []
    for drawings, categories in _batches(x, y, classes, size=8):
        given = [categories] if config.conditional else []
        shown = one_or_list([tf.constant(drawings), *given])
        mean, log_var = model.encoder(shown, training=False)
        noise = tf.random.stateless_normal((len(drawings), k, config.latent), (config.seed, 1))
        latent = mean[:, None] + tf.exp(log_var / 2)[:, None] * noise
        # log of prior over posterior density, the constants cancelling
        weight = tf.reduce_sum((noise**2 + log_var[:, None] - latent**2) / 2, axis=2)
        flat = tf.reshape(latent, (-1, config.latent))
        repeated = [tf.repeat(one, k, axis=0) for one in given]
        logits = model.logits(one_or_list([flat, *repeated]))
        target = tf.repeat(target_of(drawings, config), k, axis=0)
        likelihood = -tf.reshape(cross_entropy(target, logits), (-1, k))
        found.append(np.log(k) - tf.reduce_logsumexp(weight + likelihood, axis=1).numpy())
    return np.concatenate(found).astype(np.float64)


def _batches(
    x: NDArray[np.uint8], y: NDArray[np.integer], classes: int, size: int = 256
) -> Iterator[tuple[NDArray[np.uint8], tf.Tensor]]:
    for at in range(0, len(x), size):
        yield x[at : at + size], tf.one_hot(y[at : at + size], classes)


def _judge_sets(sets: Mapping[str, Any], judge: Judge | None) -> dict[str, float]:
    """Have the judge name drawings and reconstructions: fills the sets, returns figures.

    The share named rightly is of the test drawings: as they are, binarised, reconstructed in the
    range that the judge takes, and reconstructed in the range of the report's mistake 4.

    Args:
        sets: Points by name; all but the samples have drawings and reconstructions.
    """
    if judge is None:
        return {}
    figures: dict[str, float] = {}
    for name, found in sets.items():
        if name != "samples":
            found.probabilities = judge.probabilities(found.drawings)
            found.redrawn = judge.probabilities(found.reconstructions)
    test = sets["test"]
    binary = np.where(test.drawings > INK, 255, 0).astype(np.uint8)
    for name, probabilities in (
        ("judge_top1", test.probabilities),
        ("binarised_top1", judge.probabilities(binary)),
        ("reconstructed_top1", test.redrawn),
        ("reconstructed01_top1", judge.probabilities(128 + test.reconstructions // 2)),
    ):
        figures |= evaluation.share(name, probabilities.argmax(axis=1) == test.labels)
    return figures


# --- points for the pages ------------------------------------------------------------------------


def _write_geometry(
    path: Path,
    means: NDArray[np.float32],
    train_means: NDArray[np.float32],
    train_log_vars: NDArray[np.float32],
    y_train: NDArray[np.int32],
    config: VaeConfig,
) -> None:
    """`directions.npz` and `categories.npz`."""
    latents.write_directions(path, evaluation.principal(means))
    centres, roots = [], []
    for label in range(len(config.data.categories)):
        mine = y_train == label
        covariance = np.cov(train_means[mine], rowvar=False).reshape(config.latent, config.latent)
        covariance += np.diag(np.exp(train_log_vars[mine]).mean(axis=0))
        centres.append(train_means[mine].mean(axis=0))
        roots.append(np.linalg.cholesky(covariance + 1e-6 * np.eye(config.latent)))
    latents.write_categories(path, np.array(centres), np.array(roots))


def _practice(generator: Generator, model: VAE, config: VaeConfig) -> dict[str, Points]:
    """{"practice": Points of the practice set}; {} where no category can be drawn."""
    drawings, labels = practice.practice_set(config.data.categories)
    if not len(labels):
        return {}
    means = generator.encode(drawings, labels)[0]
    losses = drawing_losses(model, drawings[..., None], labels, config)
    return {"practice": _drawn(generator, drawings, labels, means, losses)}


def _drawn(
    generator: Generator,
    drawings: NDArray[np.uint8],
    labels: NDArray[np.integer],
    means: NDArray[np.float32],
    losses: NDArray[np.float32],
) -> Points:
    """Points of drawings, with the drawings themselves and their reconstructions."""
    return Points(
        labels.astype(np.int16),
        means,
        losses,
        drawings=drawings.reshape(-1, 28, 28),
        reconstructions=generator.decode(means, labels),
    )


def _judged_samples(
    path: Path,
    generator: Generator,
    judge: Judge | None,
    config: VaeConfig,
    x: NDArray[np.uint8],
    x_train: NDArray[np.uint8],
) -> tuple[Points, dict[str, float]]:
    """Samples of the prior, and of each category's own region: the set to keep, and figures."""
    classes = len(config.data.categories)
    labels = np.arange(SAMPLES) % classes
    noise = np.random.default_rng(config.seed).standard_normal((SAMPLES, config.latent))
    drawings = generator.decode(noise, labels)
    regions = latents.sample_categories(path, labels, classes, config.latent, seed=config.seed + 1)
    of_regions = generator.decode(regions, labels)
    asked = labels if config.conditional else np.full(SAMPLES, -1)
    kept = Points(asked[:KEPT], noise[:KEPT], np.full((KEPT, 2), np.nan), drawings=drawings[:KEPT])
    figures: dict[str, float] = {}
    if judge is not None:
        said = judge.probabilities(drawings)
        kept.probabilities = said[:KEPT]
        figures |= evaluation.share("samples_sure", said.max(axis=1) >= SURE)
        if config.conditional:
            figures |= evaluation.share("samples_top1", said.argmax(axis=1) == labels)
            near = judge.probabilities(generator.decode(NEAR * noise, labels))
            figures |= evaluation.share("near_samples_top1", near.argmax(axis=1) == labels)
        said = judge.probabilities(of_regions)
        figures |= evaluation.share("region_top1", said.argmax(axis=1) == labels)
        real, other = (judge.embeddings(one) for one in (x[:SAMPLES], x_train[:SAMPLES]))
        figures["frechet_floor"] = evaluation.frechet(real, other)
        for name, made in (("", drawings), ("region_", of_regions)):
            seen = judge.embeddings(made)
            figures[f"{name}frechet"] = evaluation.frechet(real, seen)
            figures[f"{name}frechet_error"] = evaluation.frechet_error(real, seen)
            precision, recall = evaluation.precision_recall(real, seen)
            figures |= {f"{name}precision": precision, f"{name}recall": recall}
    return kept, figures


def _write_sets(path: Path, config: VaeConfig, sets: Mapping[str, Points]) -> None:
    """Lay all sets out together, and write them; drawings only where they are nowhere else."""
    names = [name for name in latents.SETS if name in sets]
    layout = None
    if config.latent > 2:
        together = np.concatenate([sets[name].means for name in names])
        layout = evaluation.project(together, config.projection, config.seed)
    ends = np.cumsum([len(sets[name]) for name in names])
    for name, end in zip(names, ends):
        found = sets[name]
        if layout is not None:
            found.projection = layout[end - len(found) : end]
        if name != "samples":
            found.drawings = None
        latents.write_points(path, name, found, len(config.data.categories))
