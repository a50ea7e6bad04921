"""Transfer learning from the networks of `keras.applications` (the report's section 2.1).

A drawing is given three equal channels, brought to the range that the base was trained in, enlarged
bilinearly and shown to the base; the base's pooled features go into one Dense layer. First the base
is frozen: its features of each drawing never change, so they are computed once and kept on disk.
Then its last layers may be unfrozen (`unfreeze`).
"""

import contextlib
import hashlib
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import layers

from doodle_core.classifier import networks
from doodle_core.files import DATA
from doodle_core.settings import RunConfig, TransferConfig

OURS = (
    "drawing",
    "channels",
    "preprocess",
    "enlarge",
    "embedding",
    "dropout",
    "logits",
    "probabilities",
)
"""The layers around the base; all others are its own."""
MOST_SAID = 120  # characters of a note on weights
SIZES = {"MobileNetV2": 96, "VGG19": 32, "ResNet152V2": 32, "NASNetMobile": 224, "NASNetLarge": 331}


def bases() -> list[str]:
    """The names of the networks in `keras.applications`, sorted."""
    return sorted(name for name in dir(keras.applications) if name[0].isupper())


def find(base: str) -> Callable[..., keras.Model]:
    """The function of `keras.applications` that makes a base.

    Raises:
        ValueError: there is none of that name.
    """
    if base not in bases():
        raise ValueError(
            f"There is no {base!r} in keras.applications: choose one of {', '.join(bases())}."
        )
    found: Callable[..., keras.Model] = getattr(keras.applications, base)
    return found


def input_size(transfer: TransferConfig) -> int:
    """Pixels a side that drawings are enlarged to: as asked, as in the report, or a usual size.

    The report had 32 for VGG19 and ResNet152V2, 96 for MobileNetV2 (section 1.1); their relations
    get the same. 96 is more than the least that any base takes (75, of the Inceptions).
    """
    if transfer.input_size:
        return transfer.input_size
    family = 32 if transfer.base.startswith(("VGG", "ResNet")) else 96
    return SIZES.get(transfer.base, family)


def preprocessing(base: str) -> tuple[list[float], list[float]]:
    """The base's own preprocessing as (scale, offset), each 3 floats, of pixels in [0, 255].

    Each of Keras's `preprocess_input` functions is affine by channel (to [-1, 1]; ImageNet's mean
    off; nothing where the network does it inside), so black and white tell all of it.
    """
    preprocess = sys.modules[find(base).__module__].preprocess_input
    black, white = (preprocess(np.full((1, 1, 3), v, "float32")).ravel() for v in (0, 255))
    return ((white - black) / 255).tolist(), black.tolist()


def build(config: RunConfig, classes: int) -> keras.Model:
    """The whole network, its base frozen: the first stage.

    Args:
        config: RunConfig with the network "transfer".
        classes: int, number of categories.

    Returns:
        keras.Model, uint8 (batch, 28, 28, 1) -> float32 (batch, classes), with an attribute
        `weights_from`: {"weights": the file's name, "Keras" or "random", "weights_sha256": text},
        and "weights_note" where there is one (`said_of`).

    Raises:
        ValueError: unknown base, unsuitable input size, weights missing, damaged or another's.
    """
    transfer: Any = config.transfer  # not None: the network is "transfer"
    size = input_size(transfer)
    scale, offset = preprocessing(transfer.base)
    trained, provenance = load_base(transfer)

    inputs = keras.Input((28, 28, 1), dtype="uint8", name="drawing")
    x = layers.Concatenate(name="channels")([inputs] * 3)
    x = layers.Rescaling(scale, offset, dtype="float32", name="preprocess")(x)
    x = layers.Resizing(size, size, interpolation="bilinear", dtype="float32", name="enlarge")(x)
    base = _make(transfer, input_tensor=x)  # its layers lie flat in our network: all can be seen
    base.set_weights(trained.get_weights())
    if transfer.base.startswith("EfficientNetB") and transfer.weights != "random":
        _scale_channels(base)
    pool = {"max": layers.GlobalMaxPooling2D, "avg": layers.GlobalAveragePooling2D}
    x = pool[transfer.pooling](name="embedding")(base.output)
    if config.dropout:
        x = layers.Dropout(config.dropout, name="dropout")(x)
    model = keras.Model(inputs, networks.head(x, classes, config), name="transfer")
    freeze(model, transfer.batch_norm)
    model.weights_from = provenance
    return model


def _scale_channels(base: keras.Model) -> None:
    """Put into an EfficientNet's first kernels what Keras puts before them as a layer.

    Keras's EfficientNets have this `Rescaling` where they are asked for with ImageNet's weights
    only, which ours never are; the first convolution is linear and has no bias.
    """
    stem = base.get_layer("stem_conv")
    kernel = stem.get_weights()[0]
    # ImageNet's deviations, red to blue
    scale = 1 / np.sqrt(np.float32([0.229, 0.224, 0.225]))  # type: ignore[arg-type]  # it takes lists
    stem.set_weights([kernel * scale[:, None]])


def blank(config: RunConfig) -> RunConfig:
    """The same configuration, its network to be filled with weights that are at hand already."""
    if not config.transfer:
        return config
    return replace(config, transfer=replace(config.transfer, weights="random"))


def _make(transfer: TransferConfig, **settings: Any) -> keras.Model:
    """The base without its top and without ImageNet's weights."""
    shape = (input_size(transfer),) * 2 + (3,)
    make = find(transfer.base)
    try:
        return make(**{"include_top": False, "weights": None, "input_shape": shape} | settings)
    except ValueError as error:
        raise ValueError(
            f"{transfer.base} cannot be made for {shape[0]} x {shape[0]} pixels: "
            f"{_first_sentence(error)}"
        ) from None


def base_layers(model: keras.Model) -> list[keras.Layer]:
    """The layers of the base, from its input on."""
    return [layer for layer in model.layers if layer.name not in OURS]


def freeze(model: keras.Model, batch_norm: str = "inference") -> None:
    """Freeze the base. Its batch norm then uses ImageNet's statistics, in training too.

    With `batch_norm` "batch", it does what the report's Keras did to a frozen base: the batch's
    statistics in training, ImageNet's in validation. No weight of it changes either way: scale and
    shift are frozen, and a momentum of 1 leaves the moving averages as they are.
    """
    for layer in base_layers(model):
        layer.trainable = False
        if batch_norm == "batch" and isinstance(layer, layers.BatchNormalization):
            layer.trainable = True  # Keras takes the batch's statistics for this only
            layer.momentum = 1.0
            for weight in (layer.gamma, layer.beta):
                if weight is not None:
                    weight.trainable = False


def unfreeze(model: keras.Model, n: int) -> None:
    """Unfreeze the base's last `n` layers, but its batch norm: that stays in inference mode.

    Compile again afterwards: Keras reads what is trainable when it compiles.
    """
    freeze(model)
    for layer in base_layers(model)[-n:] if n else ():
        layer.trainable = not isinstance(layer, layers.BatchNormalization)


def counts(model: keras.Model) -> dict[str, int]:
    """{"trainable", "frozen"}: how many numbers the training changes, and leaves."""
    sizes = [int(np.prod(weight.shape)) for weight in model.trainable_weights]
    return {"trainable": sum(sizes), "frozen": model.count_params() - sum(sizes)}


# --- the base's weights --------------------------------------------------------------------------


def load_base(transfer: TransferConfig) -> tuple[keras.Model, dict[str, str]]:
    """A base with its weights, on its own.

    Returns:
        (keras.Model, provenance as of `build`).

    Raises:
        ValueError: as `build`.
    """
    if transfer.weights == "random":
        base = _make(transfer)
        return base, {"weights": "random", "weights_sha256": ""}
    file = weights_file(transfer)
    if file is None:
        return _by_keras(transfer), {"weights": "Keras", "weights_sha256": ""}
    base = _make(transfer)
    try:
        _check_size(file, base)
        base.load_weights(file)
    except Exception as error:  # h5py and Keras raise many kinds on a damaged file
        raise ValueError(
            f"{file.name} holds no weights of {transfer.base} without its top: it is damaged or "
            f"another network's ({_first_sentence(error)})"
        ) from None
    with open(file, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return base, {"weights": file.name, "weights_sha256": digest} | said_of(file)


def said_of(file: Path) -> dict[str, str]:
    """What must be said of a base wherever a figure of its is shown: {"weights_note": text} or {}.

    It stands beside the weights, in a text file of the same name: that of `VGG19.weights.h5` in
    `VGG19.weights.txt`, "blocks 4 and 5 rounded to 8 bits".
    """
    note = file.with_suffix(".txt")
    if not note.is_file():
        return {}
    return {"weights_note": " ".join(note.read_text("utf-8", "replace").split())[:MOST_SAID]}


def weights_file(transfer: TransferConfig) -> Path | None:
    """The local file with a base's weights, or None where there is none.

    Looked for: the path given; else `BASE_imagenet_notop.weights.h5` in the folder given, in that of
    the environment variable DOODLE_WEIGHTS, and in `data/weights`.

    Raises:
        ValueError: a path is given, and there is no such file.
    """
    name = f"{transfer.base}_imagenet_notop.weights.h5"
    given = None if transfer.weights == "imagenet" else Path(transfer.weights).expanduser()
    if given and given.is_file():
        return given
    folders: list[Any] = [given] if given else [os.environ.get("DOODLE_WEIGHTS"), DATA / "weights"]
    found = [file for folder in filter(None, folders) if (file := Path(folder) / name).is_file()]
    if given and not found:
        raise ValueError(f"There is neither a file {given} nor {name} in a folder of that name.")
    return found[0] if found else None


def _check_size(file: Path, base: keras.Model) -> None:
    """Refuse a file with more or fewer numbers than the base has: Keras ignores what is over."""
    sizes: list[int] = []
    with h5py.File(file) as content:
        content.visititems(
            lambda name, item: (
                sizes.append(item.size)
                if isinstance(item, h5py.Dataset) and not name.startswith("optimizer")
                else None
            )
        )
    if sum(sizes) != base.count_params():
        raise ValueError(
            f"it holds {sum(sizes):,} numbers, not the base's {base.count_params():,}."
        )


def _by_keras(transfer: TransferConfig) -> keras.Model:
    """The base with ImageNet's weights from Keras's own cache or download.

    Raises:
        ValueError: how else to get them, in one sentence.
    """
    _take_along_kept_weights()
    waits = socket.getdefaulttimeout()
    socket.setdefaulttimeout(20)  # a silent network must not hold the queue for ever
    try:
        return _make(transfer, weights="imagenet")
    except Exception as error:  # Keras raises plain Exceptions where a download fails
        name = f"{transfer.base}_imagenet_notop.weights.h5"
        raise ValueError(
            f"The ImageNet weights of {transfer.base} are not on this computer and could not be "
            f"downloaded: put {name} into {DATA / 'weights'} (where there is a network, Keras makes "
            f'it: keras.applications.{transfer.base}(include_top=False).save_weights("{name}")), '
            f"or choose random weights ({_first_sentence(error)})"
        ) from None
    finally:
        socket.setdefaulttimeout(waits)


def _take_along_kept_weights() -> None:
    """Let Keras find what it once downloaded for this account: its home here is the program's."""
    kept, here = (
        Path(os.path.expanduser("~/.keras/models")),
        Path(os.environ["KERAS_HOME"]) / "models",
    )
    with contextlib.suppress(OSError):  # then it is downloaded again
        if kept.is_dir() and not here.exists():
            here.parent.mkdir(parents=True, exist_ok=True)
            here.symlink_to(kept)


def _first_sentence(error: Exception) -> str:
    """The beginning of a message of Keras's, which may be pages long."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(". ")[0][:200].rstrip(".") + "."
