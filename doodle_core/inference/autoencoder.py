"""A trained VAE at work: drawings into the latent space, and points of it into drawings.

    generator = load_generator(runs.folder("plane"), config)
    generator.decode(latents)

TensorFlow is not needed: the run's portable networks answer.
"""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.inference.portable import Answer, Portable
from doodle_core.settings import VaeConfig

FILES = "encoder.tflite", "decoder.tflite"
ENCODED, INK = ("mean", "log_var"), ("ink",)
"""What each answers."""


def load_generator(path: Path | str, config: VaeConfig) -> "Generator":
    """The encoder and decoder of a finished run.

    Args:
        path: the run's folder.
        config: VaeConfig.

    Raises:
        FileNotFoundError: the run has none here.
        ValueError: a file is damaged, or is not this run's network.
    """
    wanted = {"mean": (config.latent,), "log_var": (config.latent,)}, {"ink": (28, 28, 1)}
    networks = []
    for name, shapes in zip(FILES, wanted):
        file = Path(path) / name
        if not file.is_file():
            raise FileNotFoundError(f"This run has no network here ({name} is missing).")
        network = Portable(file)
        found = network.outputs.get("answer", {})
        if {name: shape[1:] for name, shape in found.items()} != shapes:
            raise ValueError(f"{name} is not the network that this run's settings describe.")
        networks.append(network)
    encoder, decoder = networks
    return Generator(encoder, decoder, config)


class Generator:
    """Encoder and decoder over NumPy arrays.

    Args:
        encoder, decoder: Portable, as `vae.portable` makes them, or functions that answer alike.
        config: VaeConfig.
    """

    def __init__(self, encoder: Answer, decoder: Answer, config: VaeConfig) -> None:
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
        found = self.encoder("answer", drawing=x, **self._told(labels))
        return found["mean"], found["log_var"]

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
        ink = self.decoder("answer", latent=latents, **self._told(labels))["ink"]
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

    def _told(self, labels: ArrayLike | None) -> dict[str, NDArray[np.float32]]:
        """What a conditional network is given beside its input."""
        if not self.config.conditional:
            return {}
        if labels is None:
            raise ValueError("This VAE is conditional: it needs each drawing's category.")
        return {"category": np.eye(self.classes, dtype=np.float32)[np.asarray(labels, int)]}
