"""A finished classifier that names what other networks draw."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core.inference.classifier import load_classifier
from doodle_core.settings import RunConfig


class Judge:
    """A classifier that names drawings in another run's order of categories.

    It sees each drawing once, as it is: the turned views that its own run may have been scored
    with (`test_views`) would take five times as long.

    Args:
        path: its run's folder. config: its RunConfig. categories: the other run's, in its order.

    Raises:
        FileNotFoundError, ValueError: as `load_classifier`.
    """

    def __init__(self, path: Path, config: RunConfig, categories: Sequence[str]) -> None:
        self.name = path.name
        self.classifier = load_classifier(path, replace(config, test_views=False))
        self.order = [config.data.categories.index(name) for name in categories]

    def probabilities(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, in the other run's order of categories."""
        return self.classifier.probabilities(drawings)[:, self.order]

    def embeddings(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, E) float32, what the classifier's last Dense layer is given."""
        return self.classifier.embeddings(drawings)
