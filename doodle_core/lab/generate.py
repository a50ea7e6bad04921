"""Drawings that a page asks a VAE for."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.inference.autoencoder import Generator
from doodle_core.runs import latents


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
