"""A trained VAE as portable networks: encoder and decoder (`inference.autoencoder`)."""

from pathlib import Path

import numpy as np

from doodle_core.inference.autoencoder import ENCODED, FILES, INK
from doodle_core.settings import VaeConfig
from doodle_core.training import portable, stored


def export(path: Path, config: VaeConfig) -> float:
    """Write a run's portable networks, and make sure that they answer as Keras does.

    Args:
        path: the run's folder, with its `.keras` files.

    Returns:
        float, the largest difference of an output.

    Raises:
        FileNotFoundError, ValueError: as `stored.load` and `portable.write`; they answer otherwise.
    """
    drawing = portable.drawings()
    classes = len(config.data.categories)
    category = np.eye(classes, dtype=np.float32)[np.arange(len(drawing)) % classes]
    told = {"category": category} if config.conditional else {}
    differences, inputs = [], {"drawing": drawing}
    for name, (model, outputs) in networks(path, config).items():
        file, answer = path / f"{name}.tflite", portable.in_keras(model, outputs)
        portable.write(file, {"answer": portable.graph(model, outputs)}, [model])
        differences.append(portable.difference(file, answer, **inputs, **told))
        inputs = {"latent": answer("answer", **inputs, **told)[outputs[0]]}  # then decode the means
    return max(differences)


def networks(path: Path, config: VaeConfig) -> portable.Networks:
    """A run's encoder and decoder, from their `.keras` files.

    Raises:
        FileNotFoundError, ValueError: as `stored.load`.
    """
    names = (Path(name).stem for name in FILES)
    return {
        name: (stored.load(path / f"{name}.keras"), outputs)
        for name, outputs in zip(names, (ENCODED, INK))
    }
