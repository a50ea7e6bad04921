"""Stored networks: loaded safely, copied layer by layer, listed, rounded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from doodle_core import data, runs
from doodle_core.files import explain
from doodle_core.settings import RunConfig
from doodle_core.training import sizes
from doodle_core.training.backup import write_network
from doodle_core.training.callbacks import log
from doodle_core.training.parts import check_unseen


def started(config: RunConfig, x_test: NDArray[np.uint8]) -> keras.Model:
    """The network that a run begins with, `start_from`'s.

    Args:
        x_test: (N, 28, 28, 1) uint8, what the new run will be judged by. It is made sure that no
            older run learned from any of these drawings, whatever its categories are called. Where
            an older run or its drawings are no longer here that cannot be looked up: the log says
            so, and with a category in common it is refused.

    Raises:
        ValueError: it is not finished, has no weights, or learned from drawings of `x_test`.
        OSError: the drawings of an older run with a category in common are not here.
    """
    older = runs.ancestors(config)
    first = older[0]
    if first.state != "finished" or not (first.path / "best.keras").exists():
        raise ValueError(f"{config.start_from} is no finished run with weights to begin with.")
    for run in older:
        _check_older(x_test, run, config)
    return load(first.path / "best.keras")


def _check_older(x_test: NDArray[np.uint8], run: runs.Run, config: RunConfig) -> None:
    """Refuse test drawings that an older run learned from, as `started` says."""
    if not run.config:
        log.warning("%s is no longer here: what it learned from is not known.", run.name)
        return
    if not set(run.config.data.categories) & set(config.data.categories):
        known = run.config.data
        try:  # nothing is fetched for this
            data.stored_drawings(known.source, known.categories, known.per_category)
        except (OSError, ValueError) as error:
            log.warning(
                "Whether %s learned from test drawings could not be looked up, since its own are "
                "not here (%s). It has no category in common.",
                run.name,
                explain(error),
            )
            return
    check_unseen(x_test, run)


def load(file: Path) -> keras.Model:
    """A stored network, in Keras's safe mode: nothing in the file is run, and no memory taken that
    its weights do not fill.

    Args:
        file: Path of a `.keras` file.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is damaged, or would run code.
    """
    if not file.is_file():
        raise FileNotFoundError(f"This run has no weights here ({file.name} is missing).")
    try:
        with sizes.at_most(sizes.stored_numbers(file)):
            model = keras.models.load_model(file, compile=False, safe_mode=True)
        sizes.check_outputs(model)
        return model
    except Exception as error:  # a damaged file raises whatever its reader meets
        if "unsafe" in str(error).lower() or "lambda" in str(error).lower():
            reason = "is refused: it holds code, which could do harm"
        else:
            reason = "is damaged, or not a network of this program"
        raise ValueError(f"{file.name} {reason}.") from None


def copy_weights(model: keras.Model, other: keras.Model) -> int:
    """Give a network another's weights, layer by layer of the same name and shapes.

    Returns:
        int: the parameters copied.

    Raises:
        ValueError: no layer fits.
    """
    theirs = {layer.name: layer.get_weights() for layer in other.layers}
    copied = 0
    for layer in model.layers:
        mine, found = layer.get_weights(), theirs.get(layer.name, [])
        if mine and [one.shape for one in mine] == [one.shape for one in found]:
            layer.set_weights(found)
            copied += layer.count_params()
    if not copied:
        raise ValueError(f"No layer of {other.name} fits {model.name}: choose the same network.")
    return copied


def table(model: keras.Model) -> list[runs.Layer]:
    """The network layer by layer: list of `runs.Layer`."""
    return [
        {
            "layer": layer.name,
            "kind": type(layer).__name__,
            "output": " x ".join(str(side) for side in layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]


def one_or_list(inputs: Sequence[Any]) -> Any:
    """What a network of one input, or of several, is called with: a conditional one has two."""
    return inputs if len(inputs) > 1 else inputs[0]


def halve(file: Path) -> None:
    """Round the kernels of a stored network to the values that half precision has.

    It stays a network in float32, and its file as large, but git and zip pack it to half.

    Raises:
        FileNotFoundError, ValueError: as `load`.
    """
    model = load(file)
    for weight in model.weights:
        if len(weight.shape) > 1:
            weight.assign(np.asarray(weight).astype(np.float16).astype(np.float32))
    write_network(file, model)
