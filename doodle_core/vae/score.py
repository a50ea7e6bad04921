"""The end of a VAE's run: its measures on the test part, and what the pages need, as arrays."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.classifier.judge import choose_judge
from doodle_core.data import practice
from doodle_core.inference.autoencoder import ENCODED, Generator
from doodle_core.inference.autoencoder import INK as DECODED
from doodle_core.inference.judge import Judge
from doodle_core.runs import latents
from doodle_core.runs.latents import Points
from doodle_core.settings import VaeConfig
from doodle_core.training.backup import write_network
from doodle_core.training.batches import Labelled
from doodle_core.training.callbacks import log
from doodle_core.training.measured import Measured, of_the_training
from doodle_core.training.portable import in_keras
from doodle_core.training.stored import one_or_list
from doodle_core.vae.fit import WEIGHTS
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

    Whatever but the loss cannot be measured is left out, with its reason (`Measured`).

    Args:
        path: the run's folder. config: VaeConfig. parts: as of `parts.load_parts`.

    Raises:
        ValueError: the loss is not a number on the test part.
    """
    runs.write_progress(path, "scoring")
    model = _keep_plain(path, config)
    generator = Generator(
        in_keras(model.encoder, ENCODED), in_keras(model.decoder, DECODED), config
    )
    (x_train, y_train), _, (x, y) = parts
    means, log_vars = generator.encode(x, y)
    train = generator.encode(x_train, y_train)
    losses = drawing_losses(model, x, y, config)
    if not np.isfinite(losses).all():
        raise ValueError("The loss on the test part is not a number: choose a lower learning rate.")

    found = Measured()
    found.add(of_the_training(path, config.adversarial > 0))
    found.add(_with_error("loss", losses.sum(axis=1)))
    found.add(
        {
            "n": len(y),
            "train_n": len(y_train),
            "reconstruction": float(losses[:, 0].mean()),
            "kl": float(losses[:, 1].mean()),
            "chance": 1 / len(config.data.categories),
            "parameters": model.encoder.count_params() + model.decoder.count_params(),
            "test_pixels": data.fingerprint(x),
        }
    )
    with found.apart("iwae"):
        bounds = importance_weighted(model, x[:WEIGHED], y[:WEIGHED], config)
        found.add(_with_error("iwae", bounds) | {"iwae_n": len(bounds), "iwae_k": IMPORTANCE})
    _measure_space(found, path, (means, log_vars, y), (*train, y_train), config)
    judge = None
    with found.apart("judge"):
        judge, facts = choose_judge(config, x)
        found.add(facts)
    sets = {"test": Points(y.astype(np.int16), means, losses, drawings=x.reshape(-1, 28, 28))}
    with found.apart("practice drawings"):
        sets |= _practice(generator, model, config)
    for of_set in sets.values():
        with found.apart("reconstructions"):
            of_set.reconstructions = generator.decode(of_set.means, of_set.labels)
    _name_sets(found, sets, judge)
    with found.apart("generated drawings"):
        sets["samples"] = _judged_samples(found, path, generator, judge, config, x, x_train)
    _write_sets(found, path, config, sets)
    runs.write_unmeasured(path, found.reasons)
    runs.write_metrics(path, config, found.figures)
    log.info(
        "test loss %.2f nats (reconstruction %.2f, KL %.2f) on %d drawings",
        *(found.figures[name] for name in ("loss", "reconstruction", "kl", "n")),
    )


def _measure_space(
    found: Measured,
    path: Path,
    test: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]],
    train: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]],
    config: VaeConfig,
) -> None:
    """The measures of the latent space, its directions and the categories' regions.

    Args:
        test, train: (means, log_vars, labels) of the parts, (N, D), (N, D) and (N,).
    """
    (means, log_vars, y), (train_means, train_log_vars, y_train) = test, train
    with found.apart("active"):
        rows = evaluation.dimensions(means, log_vars)
        latents.write_dimensions(path, rows)
        found.add({"active": sum(row["active"] for row in rows)})
    with found.apart("probe"):
        found.add(evaluation.probe(train_means, y_train, means, y))
    with found.apart("knn"):
        found.add(evaluation.knn(train_means, y_train, means, y))
    with found.apart("silhouette"):
        found.add(_with_error("silhouette", evaluation.silhouettes(means, y)))
    with found.apart("principal directions"):
        latents.write_directions(path, evaluation.principal(means))
    with found.apart("the categories' regions"):
        _write_regions(path, train_means, train_log_vars, y_train, config)


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
        write_network(path / f"{name}.keras", plain)
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


def _name_sets(found: Measured, sets: Mapping[str, Points], judge: Judge | None) -> None:
    """Have the judge name drawings and reconstructions: fills the sets, adds figures.

    The share named rightly is of the test drawings: as they are, binarised, reconstructed in the
    range that the judge takes, and reconstructed in the range of the report's mistake 4.

    Args:
        sets: Points by name, with drawings and, where they could be had, reconstructions.
    """
    if judge is None:
        return
    test = sets["test"]
    for of_set in sets.values():
        with found.apart("judge_top1"):
            of_set.probabilities = judge.probabilities(of_set.drawings)
        if of_set.reconstructions is not None:
            with found.apart("reconstructed_top1"):
                of_set.redrawn = judge.probabilities(of_set.reconstructions)

    def add(name: str, probabilities: NDArray[np.float32]) -> None:
        found.add(evaluation.share(name, probabilities.argmax(axis=1) == test.labels))

    if test.probabilities is not None:
        add("judge_top1", test.probabilities)
    if test.redrawn is not None:
        add("reconstructed_top1", test.redrawn)
    with found.apart("binarised_top1"):
        binary = np.where(test.drawings > INK, 255, 0).astype(np.uint8)
        add("binarised_top1", judge.probabilities(binary))
    if test.reconstructions is not None:
        with found.apart("reconstructed01_top1"):
            add("reconstructed01_top1", judge.probabilities(128 + test.reconstructions // 2))


# --- points for the pages ------------------------------------------------------------------------


def _write_regions(
    path: Path,
    train_means: NDArray[np.float32],
    train_log_vars: NDArray[np.float32],
    y_train: NDArray[np.int32],
    config: VaeConfig,
) -> None:
    """`categories.npz`: a normal distribution around each category's means."""
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
    return {"practice": Points(labels.astype(np.int16), means, losses, drawings=drawings)}


def _judged_samples(
    found: Measured,
    path: Path,
    generator: Generator,
    judge: Judge | None,
    config: VaeConfig,
    x: NDArray[np.uint8],
    x_train: NDArray[np.uint8],
) -> Points:
    """Samples of the prior, and of each category's own region: the set to keep; adds figures."""
    labels = np.arange(SAMPLES) % len(config.data.categories)
    noise = np.random.default_rng(config.seed).standard_normal((SAMPLES, config.latent))
    drawings = generator.decode(noise, labels)
    asked = labels if config.conditional else np.full(SAMPLES, -1)
    kept = Points(asked[:KEPT], noise[:KEPT], np.full((KEPT, 2), np.nan), drawings=drawings[:KEPT])
    if judge is None:
        return kept
    with found.apart("samples_sure"):
        said = judge.probabilities(drawings)
        kept.probabilities = said[:KEPT]
        found.add(evaluation.share("samples_sure", said.max(axis=1) >= SURE))
        if config.conditional:
            found.add(evaluation.share("samples_top1", said.argmax(axis=1) == labels))
    if config.conditional:
        with found.apart("near_samples_top1"):
            near = judge.probabilities(generator.decode(NEAR * noise, labels))
            found.add(evaluation.share("near_samples_top1", near.argmax(axis=1) == labels))
    drawn = {"test": x[:SAMPLES], "training": x_train[:SAMPLES], "": drawings}
    embedded = functools.cache(lambda name: judge.embeddings(drawn[name]))
    _compare_sets(found, "", embedded)
    with found.apart("region_top1"):
        drawn["region_"] = _drawn_of_regions(path, generator, labels, config)
        said = judge.probabilities(drawn["region_"])
        found.add(evaluation.share("region_top1", said.argmax(axis=1) == labels))
        _compare_sets(found, "region_", embedded)
    return kept


def _drawn_of_regions(
    path: Path, generator: Generator, labels: NDArray[np.integer], config: VaeConfig
) -> NDArray[np.uint8]:
    """A drawing from each label's own region: (N, 28, 28)."""
    classes = len(config.data.categories)
    points = latents.sample_categories(path, labels, classes, config.latent, seed=config.seed + 1)
    return generator.decode(points, labels)


def _compare_sets(
    found: Measured, prefix: str, embedded: Callable[[str], NDArray[np.float32]]
) -> None:
    """Generated drawings against test drawings, as sets of the judge's embeddings.

    Args:
        prefix: of the figures' names, and the name of the generated drawings.
        embedded: the embeddings of the drawings of that name, "test" or "training".
    """
    with found.apart(f"{prefix}frechet"):
        real, seen = embedded("test"), embedded(prefix)
        floor = evaluation.frechet(real, embedded("training"))
        distance = evaluation.frechet(real, seen)
        found.add({f"{prefix}frechet": distance, "frechet_floor": floor})
        found.add({f"{prefix}frechet_error": evaluation.frechet_error(real, seen)})
    with found.apart(f"{prefix or 'generated_'}precision"):
        precision, recall = evaluation.precision_recall(embedded("test"), embedded(prefix))
        found.add({f"{prefix}precision": precision, f"{prefix}recall": recall})


def _write_sets(found: Measured, path: Path, config: VaeConfig, sets: Mapping[str, Points]) -> None:
    """Lay all sets out together, and write them; drawings only where they are nowhere else."""
    names = [name for name in latents.SETS if name in sets]
    layout = None
    if config.latent > 2:
        with found.apart(f"layout ({config.projection})"):
            together = np.concatenate([sets[name].means for name in names])
            layout = evaluation.project(together, config.projection, config.seed)
    ends = np.cumsum([len(sets[name]) for name in names])
    for name, end in zip(names, ends):
        of_set = sets[name]
        if layout is not None:
            of_set.projection = layout[end - len(of_set) : end]
        if name != "samples":
            of_set.drawings = None
        with found.apart(f"points ({name})"):
            latents.write_points(path, name, of_set, len(config.data.categories))
