"""The end of a VAE's run: its measures on the test part, and what the pages need, as arrays."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from doodle_core import data, inside, latent_measures, latents, recipe, runs, training, vae
from doodle_core.config import check_name
from doodle_core.files import replacing, write_json
from doodle_core.generation import Generator
from doodle_core.vae_training import WEIGHTS

IMPORTANCE = 100  # samples a drawing of the importance-weighted bound
WEIGHED = 1_000  # test drawings that it is estimated on, at most
SAMPLES = 2_000  # drawings generated and judged
KEPT = 1_000  # of these are kept for the pages
NEAR = 0.8  # spread of samples nearer to the prior's middle: truer and less various (Brock 2019)
SURE = 0.9  # a top probability from which a sample counts as recognised


def score(path, config, parts):
    """Judge the kept weights on the test part, once, and write what the pages need.

    Args:
        path: the run's folder. config: VaeConfig. parts: as of `training.load_parts`.
    """
    write_json(path / "progress.json", {"phase": "scoring"})
    model = _keep_plain(path, config)
    generator = Generator(model.encoder, model.decoder, config)
    (x_train, y_train), _, (x, y) = parts
    means, log_vars = generator.encode(x, y)
    train_means, train_log_vars = generator.encode(x_train, y_train)
    losses = drawing_losses(model, x, y, config)

    _write_geometry(path, means, train_means, train_log_vars, y_train, config)
    rows = latent_measures.dimensions(means, log_vars)
    with replacing(path / "dimensions.csv") as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)
    frame = runs.history(path)
    figures = {
        "n": len(y),
        "train_n": len(y_train),
        "loss": float(losses.sum(axis=1).mean()),
        "reconstruction": float(losses[:, 0].mean()),
        "kl": float(losses[:, 1].mean()),
        "iwae": importance_weighted(model, x[:WEIGHED], y[:WEIGHED], config),
        "iwae_n": min(WEIGHED, len(y)),
        "iwae_k": IMPORTANCE,
        "active": sum(row["active"] for row in rows),
        **latent_measures.probes(train_means, y_train, means, y),
        "silhouette": latent_measures.silhouette(means, y),
        "chance": 1 / len(config.data.categories),
        "best_epoch": int(runs.best_epoch(frame, runs.keeps_last(config))["epoch"]),
        "epochs": len(frame),
        "parameters": model.encoder.count_params() + model.decoder.count_params(),
        "seconds": float(frame["seconds"].sum()),
        "test_pixels": data.fingerprint(x),
        "practice": int(runs.load(path).is_practice),
    }
    judge, facts = choose_judge(config, x)
    figures |= facts
    sets = _sets(generator, model, config, x, y, means, losses)
    sets["samples"], more = _judged_samples(path, generator, judge, config, x, x_train)
    figures |= more | _judge_sets(sets, judge, x, config)
    _write_sets(path, config, sets)
    write_json(path / "metrics.json", figures)
    training.log.info(
        "test loss %.2f nats (reconstruction %.2f, KL %.2f) on %d drawings",
        figures["loss"],
        figures["reconstruction"],
        figures["kl"],
        len(y),
    )


def _keep_plain(path, config):
    """The kept weights in Keras's own layers and in float32, written as encoder and decoder."""
    classes = len(config.data.categories)
    trained = vae.build(config, classes, fused=True)
    trained.load_weights(path / WEIGHTS)
    keras.config.set_dtype_policy("float32")
    model = vae.build(config, classes)
    for name in ("encoder", "decoder"):
        plain = getattr(model, name)
        plain.set_weights(getattr(trained, name).get_weights())
        with replacing(path / f"{name}.keras") as temporary:
            plain.save(temporary)
    return model


# --- the loss ------------------------------------------------------------------------------------


def drawing_losses(model, x, y, config):
    """Reconstruction and KL of each drawing, at one sample of its posterior: (N, 2) nats.

    Args:
        model: vae.VAE. x: (N, 28, 28, 1) uint8. y: (N,) int.
    """
    found = []
    for drawings, categories in _batches(x, y, len(config.data.categories)):
        out = model((drawings, categories), training=False)
        reconstruction = vae.cross_entropy(vae.target_of(drawings, config), out["logits"])
        kl = tf.reduce_sum(vae.kl_divergence(out["mean"], out["log_var"]), axis=1)
        found.append(np.stack([reconstruction, kl], axis=1))
    return np.concatenate(found)


def importance_weighted(model, x, y, config, k=IMPORTANCE):
    """-log p(x), estimated with k samples a drawing (IWAE, Burda et al. 2016, equation 8).

    A tighter bound than the loss: equal to it for k = 1, and falling with k.

    Returns:
        float, nats per drawing, the mean over the drawings.
    """
    classes, total = len(config.data.categories), 0.0
    for drawings, categories in _batches(x, y, classes, size=8):
        given = [categories] if config.conditional else []
        shown = vae.one_or_list([tf.constant(drawings), *given])
        mean, log_var = model.encoder(shown, training=False)
        noise = tf.random.stateless_normal((len(drawings), k, config.latent), (config.seed, 1))
        latent = mean[:, None] + tf.exp(log_var / 2)[:, None] * noise
        # log of prior over posterior density, the constants cancelling
        weight = tf.reduce_sum((noise**2 + log_var[:, None] - latent**2) / 2, axis=2)
        flat = tf.reshape(latent, (-1, config.latent))
        repeated = [tf.repeat(one, k, axis=0) for one in given]
        logits = model.logits(vae.one_or_list([flat, *repeated]))
        target = tf.repeat(vae.target_of(drawings, config), k, axis=0)
        likelihood = -tf.reshape(vae.cross_entropy(target, logits), (-1, k))
        total += float(tf.reduce_sum(tf.reduce_logsumexp(weight + likelihood, axis=1)))
    return float(np.log(k) - total / len(x))


def _batches(x, y, classes, size=256):
    for at in range(0, len(x), size):
        yield x[at : at + size], tf.one_hot(y[at : at + size], classes)


# --- the judge -----------------------------------------------------------------------------------


class Judge:
    """A finished classifier that names reconstructions and samples in this run's categories.

    It sees each drawing once, as it is: the turned views that its own run may have been scored
    with (`test_views`) would take five times as long.

    Args:
        run: runs.Run. categories: the VAE's, in its order.
    """

    def __init__(self, run, categories):
        self.run = run
        self.network = inside.load(run.path, replace(run.config, test_views=False))
        theirs = run.config.data.categories
        self.order = [theirs.index(name) for name in categories]
        model = self.network.model
        self.embed = keras.Model(model.inputs, model.get_layer("embedding").output)

    def probabilities(self, drawings):
        """(N, 28, 28) uint8 -> (N, C) float32, in the VAE's order of categories."""
        return self.network.probabilities(drawings)[:, self.order]

    def embeddings(self, drawings):
        """(N, 28, 28) uint8 -> (N, E) float32, what the classifier's last Dense layer is given."""
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        return self.embed.predict(x, batch_size=recipe.VALIDATION_BATCH, verbose=0)


def choose_judge(config, x_test):
    """The classifier that judges, and what is to be known of it.

    Args:
        config: VaeConfig. x_test: (N, 28, 28, 1) uint8.

    Returns:
        (Judge or None, figures): `judge` its name; `judge_saw` 1 where it learned from test
        drawings of this run, 0 where not, absent where its own drawings are not here.
    """
    if config.judge:
        candidates = [runs.load(runs.folder(check_name(config.judge)))]
    else:
        candidates = [run for run in runs.all_runs() if not run.notes.get("hidden")]
    fitting = [
        run
        for run in candidates
        if run.state == "finished"
        and not run.is_vae
        and (run.path / "best.keras").is_file()
        and set(run.config.data.categories) == set(config.data.categories)
    ]
    fitting.sort(key=lambda run: run.metrics.get("val_top1", 0), reverse=True)
    if not fitting:
        training.log.info(
            "No finished classifier knows these categories: nothing is judged by one."
        )
        return None, {}
    figures = {"judge": fitting[0].name}
    try:
        training.check_unseen(x_test, fitting[0])
        figures["judge_saw"] = 0
    except FileNotFoundError:
        pass  # its drawings are not here: nothing can be said
    except ValueError as error:
        training.log.info("%s", error)
        figures["judge_saw"] = 1
    return Judge(fitting[0], config.data.categories), figures


def _judge_sets(sets, judge, x, config):
    """Have the judge name drawings and reconstructions: fills the sets, returns figures.

    The share named rightly is of the test drawings: as they are, binarised, reconstructed in the
    range that the judge takes, and reconstructed in the range of the report's mistake 4.
    """
    if judge is None:
        return {}
    figures = {}
    for name, found in sets.items():
        if name == "samples":
            continue
        drawings = x.reshape(-1, 28, 28) if name == "test" else found.pop("_drawings")
        found["probabilities"] = judge.probabilities(drawings)
        found["redrawn"] = judge.probabilities(found["reconstructions"].reshape(-1, 28, 28))
    test = sets["test"]
    redrawn = test["reconstructions"].reshape(-1, 28, 28)
    binary = np.where(x.reshape(-1, 28, 28) > vae.INK, 255, 0).astype(np.uint8)
    for name, probabilities in (
        ("judge_top1", test["probabilities"]),
        ("binarised_top1", judge.probabilities(binary)),
        ("reconstructed_top1", test["redrawn"]),
        ("reconstructed01_top1", judge.probabilities(128 + redrawn // 2)),
    ):
        figures |= latent_measures.share(name, probabilities.argmax(axis=1) == test["labels"])
    return figures


# --- points for the pages ------------------------------------------------------------------------


def _write_geometry(path, means, train_means, train_log_vars, y_train, config):
    """`directions.npz` and `categories.npz`."""
    found = latents.principal(means)
    with replacing(path / "directions.npz") as temporary:
        np.savez(temporary, **vars(found))
    centres, roots = [], []
    for label in range(len(config.data.categories)):
        mine = y_train == label
        covariance = np.cov(train_means[mine], rowvar=False).reshape(config.latent, config.latent)
        covariance += np.diag(np.exp(train_log_vars[mine]).mean(axis=0))
        centres.append(train_means[mine].mean(axis=0))
        roots.append(np.linalg.cholesky(covariance + 1e-6 * np.eye(config.latent)))
    with replacing(path / "categories.npz") as temporary:
        np.savez(temporary, centres=np.float32(centres), roots=np.float32(roots))


def _sets(generator, model, config, x, y, means, losses):
    """The sets "test" and "practice" as dicts of arrays; "practice" may be missing."""
    found = {
        "test": {
            "labels": y.astype(np.int16),
            "means": means,
            "losses": losses,
            "reconstructions": generator.decode(means, y).reshape(len(y), -1),
        }
    }
    drawings, labels = latents.practice_set(config.data.categories)
    if len(labels):
        places = generator.encode(drawings, labels)[0]
        found["practice"] = {
            "labels": labels.astype(np.int16),
            "means": places,
            "losses": drawing_losses(model, drawings[..., None], labels, config),
            "reconstructions": generator.decode(places, labels).reshape(len(labels), -1),
            "_drawings": drawings,
        }
    return found


def _judged_samples(path, generator, judge, config, x, x_train):
    """Samples of the prior, and of each category's own region: the set to keep, and figures."""
    classes = len(config.data.categories)
    labels = np.arange(SAMPLES) % classes
    noise = np.random.default_rng(config.seed).standard_normal((SAMPLES, config.latent))
    drawings = generator.decode(noise, labels)
    regions = latents.sample_categories(path, labels, classes, config.latent, seed=config.seed + 1)
    of_regions = generator.decode(regions, labels)
    kept = {
        "labels": labels if config.conditional else np.full(SAMPLES, -1),
        "means": noise,
        "losses": np.full((SAMPLES, 2), np.nan),
        "drawings": drawings.reshape(SAMPLES, -1),
    }
    figures = {}
    if judge is not None:
        kept["probabilities"] = said = judge.probabilities(drawings)
        figures |= latent_measures.share("samples_sure", said.max(axis=1) >= SURE)
        if config.conditional:
            figures |= latent_measures.share("samples_top1", said.argmax(axis=1) == labels)
            near = judge.probabilities(generator.decode(NEAR * noise, labels))
            figures |= latent_measures.share("near_samples_top1", near.argmax(axis=1) == labels)
        said = judge.probabilities(of_regions)
        figures |= latent_measures.share("region_top1", said.argmax(axis=1) == labels)
        real, other = (judge.embeddings(one) for one in (x[:SAMPLES], x_train[:SAMPLES]))
        figures["frechet_floor"] = latent_measures.frechet(real, other)
        for name, made in (("", drawings), ("region_", of_regions)):
            made = judge.embeddings(made)
            figures[f"{name}frechet"] = latent_measures.frechet(real, made)
            precision, recall = latent_measures.precision_recall(real, made)
            figures |= {f"{name}precision": precision, f"{name}recall": recall}
    return {name: array[:KEPT] for name, array in kept.items()}, figures


def _write_sets(path, config, sets):
    """Lay all sets out together, and write them: half precision is finer than any screen."""
    names = [name for name in latents.SETS if name in sets]
    together = np.concatenate([sets[name]["means"] for name in names])
    layout = None
    if config.latent > 2:
        layout = latent_measures.project(together, config.projection, config.seed)
    ends = np.cumsum([len(sets[name]["means"]) for name in names])
    for name, end in zip(names, ends):
        found = sets[name]
        found.pop("_drawings", None)
        if layout is not None:
            found["projection"] = layout[end - len(found["means"]) : end]
        if name == "test":
            with replacing(path / "reconstructions_test.npz") as temporary:
                np.savez_compressed(temporary, reconstructions=found.pop("reconstructions"))
        small = {
            key: value if value.dtype == np.uint8 or key == "labels" else value.astype(np.float16)
            for key, value in found.items()
        }
        with replacing(path / f"latent_{name}.npz") as temporary:
            np.savez_compressed(temporary, **small)
