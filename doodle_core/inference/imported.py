"""A network from elsewhere, as a `.tflite` file: it is shown drawings as its owner declared them.

    network = load_imported(runs.folder("theirs"), classes=7)
    network("answer", drawing=drawings)["probabilities"]

It answers as a `Portable` of this program does, but for the maps and gradients, which it lacks. The
declaration lies beside the network, as `input.json`; writer and reader stand here.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from doodle_core.files import read_bytes, read_json, write_json
from doodle_core.inference.portable import AT_ONCE, MOST, Interpreters
from doodle_core.settings.imported import RANGES, Contract

FILE, CONTRACT = "network.tflite", "input.json"
MAGIC = b"TFL3"  # bytes 4 to 8 of a `.tflite` file
REFUSED = (
    *("CUSTOM", "DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES"),
    *("WHILE", "IF", "CALL", "CALL_ONCE", "STABLEHLO_WHILE", "STABLEHLO_CUSTOM_CALL"),
    *("VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "HASHTABLE"),
)
"""Operations that name code from elsewhere, repeat themselves, or remember: none names a drawing."""
MOST_OPERATIONS = 1_000  # kinds of them; LiteRT knows 209


def write_contract(path: Path, contract: Contract, is_logits: bool) -> None:
    """Write `input.json`. `is_logits`: whether the network's outputs are no probabilities yet."""
    write_json(path / CONTRACT, dataclasses.asdict(contract) | {"is_logits": is_logits})


def read_contract(path: Path | str) -> tuple[Contract, bool]:
    """A run's `input.json`: (what goes in, whether the outputs are logits).

    Raises:
        ValueError: it is missing or damaged.
    """
    found = read_json(Path(path) / CONTRACT)
    if not isinstance(found, dict) or not isinstance(found.get("is_logits"), bool):
        raise ValueError(f"{CONTRACT} is missing, or is no declaration of what goes in.")
    is_logits = found.pop("is_logits")
    try:
        return Contract(**found), is_logits
    except (TypeError, ValueError) as error:
        raise ValueError(f"{CONTRACT} is damaged: {error}") from None


def load_imported(path: Path | str, classes: int) -> "Imported":
    """The network of an imported run.

    Raises:
        FileNotFoundError: it is not here.
        ValueError: a file is damaged, or the network does not fit what was declared.
    """
    contract, is_logits = read_contract(path)
    return Imported(Path(path) / FILE, contract, classes, is_logits)


def prepared(drawings: ArrayLike, contract: Contract) -> NDArray[np.float32]:
    """Drawings as a network wants them.

    Args:
        drawings: (N, 28, 28) or (N, 784) uint8, light on dark.

    Returns:
        (N, side, side, channels) float32; enlarged or shrunk bilinearly.
    """
    x = np.asarray(drawings, np.uint8).reshape(-1, 28, 28)
    side, _, channels = contract.shape
    if side != 28:
        size = side, side
        resized = [Image.fromarray(one).resize(size, Image.Resampling.BILINEAR) for one in x]
        x = np.stack([np.asarray(one) for one in resized])
    light = x[..., None].astype(np.float32) / 255
    low, high = RANGES[contract.pixels]
    shown = low + (high - low) * (light if contract.ink == "light" else 1 - light)
    return np.repeat(shown, channels, axis=3).astype(np.float32)


def check_operations(content: bytes) -> None:
    """Refuse a `.tflite` file that is none, or has an operation of REFUSED.

    Raises:
        ValueError: it is, or has.
    """
    from ai_edge_litert import schema_py_generated as schema

    if content[4:8] != MAGIC:
        raise ValueError("it is no .tflite file")
    names = {
        code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
    }
    try:
        model = schema.Model.GetRootAs(content)
        count = model.OperatorCodesLength()
        codes = [model.OperatorCodes(place) for place in range(min(count, MOST_OPERATIONS + 1))]
        used = {
            names.get(max(one.DeprecatedBuiltinCode(), one.BuiltinCode()), "CUSTOM")
            for one in codes
        }
    except Exception:  # a damaged file raises whatever its reader meets
        raise ValueError("it is damaged") from None
    if count > MOST_OPERATIONS:
        raise ValueError("it is damaged")
    if refused := sorted(used & set(REFUSED)):
        raise ValueError(f"it has operations that are refused here ({', '.join(refused)})")


class Imported:
    """A `.tflite` file that names drawings, asked as its contract says.

    Args:
        file: Path. contract: what goes in. classes: int, the categories that come out.
        is_logits: whether its outputs are to be made probabilities.

    Attributes:
        outputs: as of a `Portable`.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is damaged, has refused operations, or other inputs or outputs.
    """

    def __init__(
        self, file: Path, contract: Contract, classes: int, is_logits: bool = False
    ) -> None:
        if not file.is_file():
            raise FileNotFoundError(f"This run has no network here ({file.name} is missing).")
        content = read_bytes(file, MOST)
        self.contract, self.is_logits = contract, is_logits
        try:
            check_operations(content)
            self._pool = Interpreters(content)
            with self._pool.one() as interpreter:
                self._input = _the_input(interpreter, contract)
                self._output = _the_output(interpreter, classes)
        except (ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200].rstrip(".")
            raise ValueError(f"{file.name} cannot be used: {reason}.") from None
        shape = 1, classes
        self.outputs = {"answer": {"probabilities": shape, "logits": shape}}

    def __call__(self, signature: str, **inputs: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """{"probabilities", "logits"} of `drawing`, (N, 28, 28, 1) uint8: (N, C) float32 each."""
        raw = self.raw(prepared(inputs["drawing"], self.contract))
        if self.is_logits:
            odds = np.exp(raw - raw.max(axis=1, keepdims=True))
            return {"probabilities": odds / odds.sum(axis=1, keepdims=True), "logits": raw}
        return {"probabilities": raw, "logits": np.log(raw.clip(1e-12))}

    def raw(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network itself puts out.

        Args:
            x: (N, side, side, channels) float32, in the network's own range.

        Returns:
            (N, C) float32.
        """
        step = AT_ONCE if self._input["shape_signature"][0] < 0 else 1
        with self._pool.one() as interpreter:
            found = [self._asked(interpreter, x[at : at + step]) for at in range(0, len(x), step)]
        return np.concatenate(found)

    def _asked(self, interpreter: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
        place = self._input["index"]
        if tuple(interpreter.get_input_details()[0]["shape"]) != x.shape:
            interpreter.resize_tensor_input(place, x.shape)
        interpreter.allocate_tensors()  # nothing, where it has them
        interpreter.set_tensor(place, _quantised(x, self._input))
        interpreter.invoke()
        found = interpreter.get_tensor(self._output["index"]).astype(np.float32)
        scale, zero = self._output["quantization"]
        answers: NDArray[np.float32] = (found - zero) * np.float32(scale) if scale else found
        if answers.shape[0] != len(x):
            raise ValueError("The network answers with another number of rows than it is shown.")
        return answers


def _the_input(interpreter: Any, contract: Contract) -> Mapping[str, Any]:
    """The one input, if it is what was declared."""
    inputs = interpreter.get_input_details()
    shape = tuple(map(int, inputs[0]["shape"])) if len(inputs) == 1 else ()
    if len(shape) != 4 or shape[1:] != contract.shape or shape[0] != 1:
        wanted = " x ".join(map(str, contract.shape))
        found = "; ".join(" x ".join(map(str, one["shape"][1:])) for one in inputs)
        raise ValueError(f"its input is {found or 'none'}, and {wanted} was declared")
    if inputs[0]["dtype"] not in (np.float32, np.uint8, np.int8):
        raise ValueError("its input is neither float32 nor of 8 bits")
    found_input: Mapping[str, Any] = inputs[0]
    return found_input


def _the_output(interpreter: Any, classes: int) -> Mapping[str, Any]:
    """The one output that can name so many categories; of several the one called probabilities."""
    every = interpreter.get_output_details()
    fitting = [one for one in every if tuple(map(int, one["shape"])) == (1, classes)]
    if len(fitting) > 1:
        signatures = list(interpreter.get_signature_list())[:1]
        named = interpreter.get_signature_runner(signatures[0]).get_output_details()
        place = named.get("probabilities", {}).get("index")
        fitting = [one for one in fitting if one["index"] == place]
    if len(fitting) != 1:
        widths = ", ".join(str(one["shape"][-1]) for one in every if len(one["shape"]))
        raise ValueError(
            f"none of its outputs names {classes} categories (it has outputs of {widths or 'none'})"
        )
    found: Mapping[str, Any] = fitting[0]
    return found


def _quantised(x: NDArray[np.float32], tensor: Mapping[str, Any]) -> NDArray[Any]:
    """Numbers as an input keeps them: of 8 bits with scale and zero point, or as they are."""
    if tensor["dtype"] == np.float32:
        return x
    scale, zero = tensor["quantization"]
    bounds = np.iinfo(tensor["dtype"])
    whole: NDArray[Any] = np.rint(x / scale + zero if scale else x).clip(bounds.min, bounds.max)
    return whole.astype(tensor["dtype"])
