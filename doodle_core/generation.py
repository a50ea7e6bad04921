"""A trained VAE at work: drawings into the latent space, and points of it into drawings.

    generator = generation.load(runs.folder("plane"), config)
    generator.decode(latents)

TensorFlow is imported here.
"""

import gc
import io
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from doodle_core import latents, networks, vae

GREYS = 64  # of an animation
BATCH = 512  # at once; fewer are answered without Keras's predict, which takes long to begin


def load(path, config):
    """The encoder and decoder of a finished run.

    Args:
        path: the run's folder. config: its VaeConfig.

    Returns:
        Generator.

    Raises:
        FileNotFoundError: the run has no weights here.
        ValueError: a file is damaged, would run code, or is not this run's network.
    """
    models = [networks.load(Path(path) / f"{name}.keras") for name in ("encoder", "decoder")]
    given = [(None, len(config.data.categories))] if config.conditional else []
    wanted = [(None, 28, 28, 1), *given], [(None, config.latent), *given]
    for model, name, shapes in zip(models, ("encoder", "decoder"), wanted):
        if [tuple(one.shape) for one in model.inputs] != shapes:
            raise ValueError(f"{name}.keras is not the network that this run's settings describe.")
    if models[1].output_shape != (None, 28, 28, 1) or len(models[0].outputs) != 2:
        raise ValueError("encoder.keras or decoder.keras is not a part of a VAE of this program.")
    return Generator(*models, config)


class Generator:
    """Encoder and decoder over NumPy arrays.

    Args:
        encoder, decoder: keras.Model, as `vae.build` makes them. config: VaeConfig.
    """

    def __init__(self, encoder, decoder, config):
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.classes = len(config.data.categories)

    def encode(self, drawings, labels=None):
        """Posteriors of drawings.

        Args:
            drawings: (N, 28, 28) or (N, 784) uint8. labels: (N,) int, of a conditional VAE.

        Returns:
            (mean, log_var), (N, D) float32 each.
        """
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        return self._answers(self.encoder, x, labels)

    def decode(self, latents, labels=None):
        """Drawings at points of the latent space.

        Args:
            latents: (N, D) float. labels: (N,) int, of a conditional VAE.

        Returns:
            (N, 28, 28) uint8: each pixel's probability of ink, times 255. That is the range which
            every classifier of this program takes (the report's mistake 4).
        """
        latents = np.asarray(latents, np.float32).reshape(-1, self.config.latent)
        ink = self._answers(self.decoder, latents, labels)
        return np.rint(255 * ink).astype(np.uint8).reshape(-1, 28, 28)

    def sample(self, n, label=None, seed=0, scale=1.0):
        """Drawings from the prior.

        Args:
            n: int. label: int, the category, of a conditional VAE. seed: int.
            scale: float, the standard deviation drawn with; below 1 keeps to the middle.

        Returns:
            (latents, drawings): (n, D) float32, (n, 28, 28) uint8.
        """
        shape = n, self.config.latent
        latents = scale * np.random.default_rng(seed).standard_normal(shape, np.float32)
        return latents, self.decode(latents, None if label is None else np.full(n, label))

    def plane(self, side=20, reach=3.0, label=None):
        """The grid decoded from a 2-D latent plane (figure 11): (side * side, 28, 28) uint8.

        Rows from the top, at +reach of the second axis, down to -reach.
        """
        ticks = np.linspace(-reach, reach, side)
        latents = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(-1, 2)
        return self.decode(latents, None if label is None else np.full(len(latents), label))

    def between(self, start, end, steps=12, labels=None):
        """The way from one point to another: (steps, 28, 28) uint8, both ends included.

        A straight line would pass near the middle, where a normal prior of many dimensions has
        next to no mass: the length changes evenly, too (White 2016, without its angles).

        Args:
            start, end: (D,) float. labels: int, of a conditional VAE.
        """
        t = np.linspace(0, 1, steps)[:, None]
        line = (1 - t) * start + t * end
        lengths = np.linalg.norm(line, axis=1, keepdims=True).clip(1e-9)
        wanted = (1 - t) * np.linalg.norm(start) + t * np.linalg.norm(end)
        return self.decode(
            line / lengths * wanted, None if labels is None else np.full(steps, labels)
        )

    def _answers(self, model, x, labels):
        given = [x]
        if self.config.conditional:
            if labels is None:
                raise ValueError("This VAE is conditional: it needs each drawing's category.")
            given.append(np.eye(self.classes, dtype=np.float32)[np.asarray(labels, int)])
        given = vae.one_or_list(given)
        if len(x) <= BATCH:
            found = model(given, training=False)
        else:
            found = model.predict(given, batch_size=BATCH, verbose=0)
        if isinstance(found, (list, tuple)):
            return tuple(np.asarray(one) for one in found)
        return np.asarray(found)


# --- pictures ------------------------------------------------------------------------------------


def png(drawings, across, scale=4, gap=1):
    """Drawings side by side as one PNG, ink dark on white, enlarged without smoothing.

    Args:
        drawings: (N, 28, 28) uint8. across: int, drawings a row. scale: int. gap: pixels between.

    Returns:
        bytes.
    """
    return _saved(_sheet(drawings, across, scale, gap), "PNG")


def gif(drawings, scale=8, seconds=0.1):
    """Drawings one after the other, there and back, as an endless GIF in GREYS greys: bytes."""
    palette = [value for grey in range(GREYS) for value in 3 * [round(255 * grey / (GREYS - 1))]]
    frames = []
    for one in np.concatenate([drawings, drawings[-2:0:-1]]):
        frame = _sheet(one[None], 1, scale, 0).point(lambda value: value * GREYS // 256)
        frame.putpalette(palette)  # else Pillow looks for one itself, frame by frame
        frames.append(frame)
    return _saved(
        frames[0],
        "GIF",
        save_all=True,
        append_images=frames[1:],
        loop=0,
        duration=int(1000 * seconds),
        optimize=False,
    )


def npz(**arrays):
    """Arrays as a compressed `.npz`: bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _sheet(drawings, across, scale, gap):
    rows = -(-len(drawings) // across)
    side = 28 + gap
    sheet = np.zeros((rows * side + gap, across * side + gap), np.uint8)
    for place, drawing in enumerate(drawings):
        top, left = gap + place // across * side, gap + place % across * side
        sheet[top : top + 28, left : left + 28] = drawing
    picture = Image.fromarray(255 - sheet)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _saved(picture, kind, **settings):
    file = io.BytesIO()
    picture.save(file, kind, **settings)
    return file.getvalue()


# --- points that a page asks for -----------------------------------------------------------------


def along(found, n, reach=3.0, steps=9):
    """Points along each of the first n principal directions: (n * steps, D), a row a direction."""
    ticks = np.linspace(-reach, reach, steps)
    return np.stack([found.at(tick * np.eye(n)[row]) for row in range(n) for tick in ticks])


def asked(generator, path, labels, seed=0, scale=1.0):
    """One drawing of each category asked for.

    A conditional VAE is told the category and draws from the prior; for any other, points come
    from the category's own region, as `latents.sample_categories` knows it.

    Args:
        generator: Generator. path: the run's folder. labels: (N,) int. seed: int.
        scale: float, the spread drawn with; below 1 keeps to the middle of prior or region.

    Returns:
        (latents, drawings): (N, D) float32, (N, 28, 28) uint8.

    Raises:
        ValueError: `categories.npz` is missing, damaged, or of another latent space.
    """
    labels, latent = np.asarray(labels, int), generator.config.latent
    if generator.config.conditional:
        rng = np.random.default_rng(seed)
        points = scale * rng.standard_normal((len(labels), latent), np.float32)
    else:
        points = latents.sample_categories(path, labels, generator.classes, latent, scale, seed)
    return points, generator.decode(points, labels)


# --- answers in milliseconds ---------------------------------------------------------------------


class Compiled:
    """A network whose layers are compiled into one graph, for few drawings at a time.

    Keras calls layer after layer from Python, and its `predict` takes long to begin: a page would
    wait 70 ms for a verdict that takes 4.

    Args:
        model: keras.Model of one output, or several.
    """

    def __init__(self, model):
        given = [tf.TensorSpec(one.shape, one.dtype) for one in model.inputs]
        signature = [vae.one_or_list(given)]
        self._graph = tf.function(lambda x: model(x, training=False), input_signature=signature)

    def __call__(self, x, training=False):
        return self._graph(x)

    def predict(self, x, batch_size=32, verbose=0):
        """Arrays, as keras.Model's: so many drawings at once, that memory does not run out."""
        several = isinstance(x, list)
        n = len(x[0] if several else x)
        parts = []
        for at in range(0, n, batch_size):
            batch = [one[at : at + batch_size] for one in (x if several else [x])]
            parts.append(self(batch if several else batch[0]))
        if isinstance(parts[0], (list, tuple)):
            return [np.concatenate(one) for one in zip(*parts)]
        return np.concatenate(parts)


def keep_warm():
    """In a dashboard's process: keep Streamlit from tidying TensorFlow up after each script run.

    It clears Keras's session, and with it all that TensorFlow prepared to answer quickly, and has
    Python look for garbage among TensorFlow's 300,000 objects: 0.1 and 0.4 s before each answer.
    Nothing is trained in that process that would need either.
    """
    keras.backend.clear_session = lambda free_memory=True: None
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()


def load_quick(path, config):
    """As `load`, with answers for few drawings at a time in milliseconds."""
    found = load(path, config)
    return Generator(Compiled(found.encoder), Compiled(found.decoder), config)


def load_judge(run, categories):
    """A finished classifier as a `vae_scoring.Judge` that is as quick.

    Raises:
        FileNotFoundError, ValueError: as `inside.load`.
    """
    from doodle_core import vae_scoring  # which imports this module

    judge = vae_scoring.Judge(run, categories)
    judge.network.model = Compiled(judge.network.model)
    return judge
