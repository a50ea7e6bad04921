"""A trained VAE at work: drawings into the latent space, and points of it into drawings.

    generator = load_generator(runs.folder("plane"), config)
    generator.decode(latents)

TensorFlow is imported here.
"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.runs import latents
from doodle_core.settings import VaeConfig
from doodle_core.training import stored
from doodle_core.training.compiled import Compiled
from doodle_core.training.stored import one_or_list

BATCH = 512  # at once; fewer are answered without Keras's predict, which takes long to begin


def load_generator(path: Path | str, config: VaeConfig) -> "Generator":
    """The encoder and decoder of a finished run.

    Args:
        path: the run's folder. config: its VaeConfig.

    Returns:
        Generator.

    Raises:
        FileNotFoundError: the run has no weights here.
        ValueError: a file is damaged, would run code, or is not this run's network.
    """
    models = [stored.load(Path(path) / f"{name}.keras") for name in ("encoder", "decoder")]
    given = [(None, len(config.data.categories))] if config.conditional else []
    wanted = [(None, 28, 28, 1), *given], [(None, config.latent), *given]
    for model, name, shapes in zip(models, ("encoder", "decoder"), wanted):
        if [tuple(one.shape) for one in model.inputs] != shapes:
            raise ValueError(f"{name}.keras is not the network that this run's settings describe.")
    if models[1].output_shape != (None, 28, 28, 1) or len(models[0].outputs) != 2:
        raise ValueError("encoder.keras or decoder.keras is not a part of a VAE of this program.")
    return Generator(models[0], models[1], config)


class Generator:
    """Encoder and decoder over NumPy arrays.

    Args:
        encoder, decoder: keras.Model, as `vae.build` makes them. config: VaeConfig.
    """

    def __init__(
        self, encoder: keras.Model | Compiled, decoder: keras.Model | Compiled, config: VaeConfig
    ) -> None:
        self.encoder, self.decoder, self.config = encoder, decoder, config
        self.classes = len(config.data.categories)

    def encode(
        self, drawings: ArrayLike, labels: ArrayLike | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Posteriors of drawings.

        Args:
            drawings: (N, 28, 28) or (N, 784) uint8. labels: (N,) int, of a conditional VAE.

        Returns:
            (mean, log_var), (N, D) float32 each.
        """
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        mean, log_var = self._answers(self.encoder, x, labels)
        return mean, log_var

    def decode(self, latents: ArrayLike, labels: ArrayLike | None = None) -> NDArray[np.uint8]:
        """Drawings at points of the latent space.

        Args:
            latents: (N, D) float. labels: (N,) int, of a conditional VAE.

        Returns:
            (N, 28, 28) uint8: each pixel's probability of ink, times 255. That is the range which
            every classifier of this program takes (the report's mistake 4).

        Raises:
            ValueError: one is not a number.
        """
        latents = np.asarray(latents, np.float32).reshape(-1, self.config.latent)
        ink = self._answers(self.decoder, latents, labels)
        if not np.isfinite(ink).all():
            raise ValueError("The decoder's answers are not all numbers: it must have diverged.")
        drawings: NDArray[np.uint8] = np.rint(255 * ink).astype(np.uint8).reshape(-1, 28, 28)
        return drawings

    def sample(
        self, n: int, label: int | None = None, seed: int = 0, scale: float = 1.0
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
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

    def plane(
        self, side: int = 20, reach: float = 3.0, label: int | None = None
    ) -> NDArray[np.uint8]:
        """The grid decoded from a 2-D latent plane (figure 11): (side * side, 28, 28) uint8.

        Rows from the top, at +reach of the second axis, down to -reach.
        """
        ticks = np.linspace(-reach, reach, side)
        latents = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(-1, 2)
        return self.decode(latents, None if label is None else np.full(len(latents), label))

    def between(
        self,
        start: NDArray[np.floating],
        end: NDArray[np.floating],
        steps: int = 12,
        labels: int | None = None,
    ) -> NDArray[np.uint8]:
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

    def _answers(
        self, model: keras.Model | Compiled, x: NDArray[Any], labels: ArrayLike | None
    ) -> Any:
        given = [x]
        if self.config.conditional:
            if labels is None:
                raise ValueError("This VAE is conditional: it needs each drawing's category.")
            given.append(np.eye(self.classes, dtype=np.float32)[np.asarray(labels, int)])
        given = one_or_list(given)
        if len(x) <= BATCH:
            found = model(given, training=False)
        else:
            found = model.predict(given, batch_size=BATCH, verbose=0)
        if isinstance(found, (list, tuple)):
            return tuple(np.asarray(one) for one in found)
        return np.asarray(found)


# --- points that a page asks for -----------------------------------------------------------------


def draw_asked(
    generator: Generator, path: Path | str, labels: ArrayLike, seed: int = 0, scale: float = 1.0
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
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


def load_quick_generator(path: Path | str, config: VaeConfig) -> Generator:
    """As `load`, with answers for few drawings at a time in milliseconds."""
    found = load_generator(path, config)
    return Generator(Compiled(found.encoder), Compiled(found.decoder), config)
