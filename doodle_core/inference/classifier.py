"""What a trained network does with drawings: its answers, its maps, and where it looked.

    classifier = load_classifier(runs.folder("first"), config)
    classifier.probabilities(drawings)
    classifier.grad_cam(drawing, label=3, name="conv3")

TensorFlow is not needed: the run's portable network answers.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from doodle_core import evaluation
from doodle_core.inference.imported import Imported, load_imported
from doodle_core.inference.portable import Portable
from doodle_core.inference.views import five_views
from doodle_core.settings import RunConfig
from doodle_core.settings.imported import IMPORTED

FILE = "network.tflite"
STEPS = 64  # of the path of integrated gradients
WINDOW, STRIDE = 4, 2  # pixels, of occlusion


def load_classifier(path: Path | str, config: RunConfig) -> "Classifier":
    """The portable network of a finished run.

    Args:
        path: the run's folder. config: its RunConfig.

    Raises:
        FileNotFoundError: the run has none here.
        ValueError: the file is damaged, or is not this run's network.
    """
    if config.network == IMPORTED:
        return Classifier(load_imported(path, len(config.data.categories)), config)
    file = Path(path) / FILE
    if not file.is_file():
        raise FileNotFoundError(f"This run has no network here ({FILE} is missing).")
    network = Portable(file)
    shapes = network.outputs.get("answer", {})
    if shapes.get("probabilities", ())[1:] != (len(config.data.categories),):
        raise ValueError(f"{FILE} is not the network that this run's settings describe.")
    return Classifier(network, config)


class Classifier:
    """A trained network that can be asked, and looked into.

    Args:
        network: Portable, as `classifier.portable` makes it, or an imported one, which has neither
            maps nor embeddings. config: its run's RunConfig.

    Attributes:
        convolutions: their names, from the drawing on.
        has_gradient: whether Grad-CAM and integrated gradients can be asked for; `occlusion` can
            be of any.
    """

    def __init__(self, network: Portable | Imported, config: RunConfig) -> None:
        self.network, self.config = network, config
        answers = network.outputs["answer"]
        maps = sorted(name for name in answers if name.startswith("map"))
        self._keys = {name.partition("_")[2]: name for name in maps}
        self.convolutions = tuple(self._keys)
        self.has_gradient = "gradient" in network.outputs

    def probabilities(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, as the run was scored: rows add up to 1."""
        return evaluation.distribution(self.outputs(drawings)).astype(np.float32)

    def outputs(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, the network's own, which sigmoids need not add up."""
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28)
        seen = five_views(x) if self.config.test_views else x[None]
        found = self._answer(seen)["probabilities"].reshape(len(seen), len(x), -1)
        mean: NDArray[np.float32] = found.mean(axis=0)
        return mean

    def logits(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, C) float32, of the drawings as they are, not of their views."""
        return self._answer(drawings)["logits"]

    def embeddings(self, drawings: ArrayLike) -> NDArray[np.float32]:
        """(N, 28, 28) uint8 -> (N, E) float32, what the last Dense layer is given.

        Raises:
            ValueError: the network was imported: what it is made of is not known.
        """
        if self.config.network == IMPORTED:
            raise ValueError("An imported network has no embeddings.")
        return self._answer(drawings)["embedding"]

    def activations(
        self, drawing: ArrayLike, names: Sequence[str] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """What convolutions make of a drawing.

        Args:
            drawing: (28, 28) uint8. names: some of `convolutions`; None for all.

        Returns:
            {name: (height, width, channels) float32}.
        """
        found = self._answer(drawing)
        names = self.convolutions if names is None else names
        return {name: found[self._keys[name]][0] for name in names}

    def filters(self) -> dict[str, NDArray[np.float32]]:
        """The kernels of the first convolutions: {name: (height, width, inputs, outputs) float32}.

        A depthwise convolution has one input for each of its outputs.
        """
        found = self._answer(np.zeros((28, 28), np.uint8))
        return {
            name.partition("_")[2]: kernel
            for name, kernel in found.items()
            if name.startswith("filters")
        }

    def grad_cam(self, drawing: ArrayLike, label: int, name: str) -> NDArray[np.float32]:
        """Where a convolution saw what speaks for a category: Grad-CAM (Selvaraju et al. 2017).

        The maps are added up, each weighed by the mean gradient of the category's logit in it, and
        what speaks against the category is left out.

        Args:
            drawing: (28, 28) uint8. label: int, the category. name: one of `convolutions`.

        Returns:
            (28, 28) float32 in [0, 1], bilinearly enlarged; all 0 where nothing speaks for it.
        """
        found = self._answer(drawing)
        return self._heat(found, label, name)

    def look(
        self, drawing: ArrayLike, name: str | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """What it says of a drawing at one look, and where it looked.

        Args:
            drawing: (28, 28) uint8. name: one of `convolutions`; None: no Grad-CAM.

        Returns:
            (probabilities, heat): (C,) float32 of one view, and `grad_cam`'s map for the likeliest
            category, or None.
        """
        found = self._answer(drawing)
        said = evaluation.distribution(found["probabilities"])[0].astype(np.float32)
        label = int(found["logits"][0].argmax())
        return said, self._heat(found, label, name) if name and self.has_gradient else None

    def integrated_gradients(self, drawing: ArrayLike, label: int) -> NDArray[np.float32]:
        """What each pixel adds to a category's logit (Sundararajan et al. 2017).

        The gradients are averaged along the straight path from the empty ground to the drawing
        (midpoints). They add up to what the logit gains on that path, to the error of the steps.

        Args:
            drawing: (28, 28) uint8. label: int, the category.

        Returns:
            (28, 28) float32, logits a pixel.
        """
        x, ground = (self._answer(one)["scaled"] for one in (drawing, np.zeros((28, 28), np.uint8)))
        at = ((np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS)[:, None, None, None]
        slopes = self._gradient(ground + at * (x - ground), label)["pixels"].mean(axis=0)
        added: NDArray[np.float32] = ((x - ground)[0] * slopes).sum(axis=-1)
        return added

    def occlusion(self, drawing: ArrayLike, label: int) -> NDArray[np.float32]:
        """What a category's logit loses where the drawing is covered (Zeiler & Fergus 2014).

        A window of ground, WINDOW pixels wide, is moved over the drawing by STRIDE; a pixel has the
        mean of the windows over it.

        Args:
            drawing: (28, 28) uint8. label: int, the category.

        Returns:
            (28, 28) float32, logits; above 0 where the drawing speaks for the category.
        """
        drawing = np.asarray(drawing, np.uint8)
        corners = range(0, 28 - WINDOW + 1, STRIDE)
        covers = np.zeros((len(corners) ** 2, 28, 28), bool)
        for cover, (row, column) in zip(covers, itertools.product(corners, corners)):
            cover[row : row + WINDOW, column : column + WINDOW] = True
        whole, *covered = self.logits(
            np.concatenate([drawing[None], np.where(covers, 0, drawing)])
        )[:, label]
        lost = covers * (whole - np.array(covered, np.float32))[:, None, None]
        found: NDArray[np.float32] = lost.sum(axis=0) / covers.sum(axis=0)
        return found

    def _answer(self, drawings: ArrayLike) -> dict[str, NDArray[np.float32]]:
        x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28, 1)
        return self.network("answer", drawing=x)

    def _gradient(self, scaled: NDArray[np.float32], label: int) -> dict[str, NDArray[np.float32]]:
        classes = len(self.config.data.categories)
        category = np.tile(np.eye(classes, dtype=np.float32)[label], (len(scaled), 1))
        return self.network("gradient", scaled=scaled, category=category)

    def _heat(
        self, answer: dict[str, NDArray[np.float32]], label: int, name: str
    ) -> NDArray[np.float32]:
        """Grad-CAM from an answer to one drawing, as (28, 28) float32 in [0, 1]."""
        weights = self._gradient(answer["scaled"], label)[self._keys[name]][0]
        heat = (answer[self._keys[name]][0] @ weights).clip(0)
        picture = Image.fromarray(heat).resize((28, 28), Image.Resampling.BILINEAR)
        enlarged: NDArray[np.float32] = np.asarray(picture)
        return enlarged / (enlarged.max() or 1)
