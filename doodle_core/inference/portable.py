"""A network as one `.tflite` file: LiteRT reads it and answers, without TensorFlow.

network = Portable(runs.folder("first") / "network.tflite")
network("answer", drawing=drawings)["probabilities"]
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doodle_core.files import read_bytes

Answer = Callable[..., Mapping[str, NDArray[Any]]]
"""A `Portable`, or what answers alike: (signature, **inputs) -> {name: array}."""
AT_ONCE = 64  # rows: more take memory and no less time
MOST = 1_000_000_000  # bytes of a file that is read


class Interpreters:
    """LiteRT's interpreters of one file.

    An interpreter serves one caller at a time: each call takes an idle one, or makes one from the
    same bytes, so that a server's sessions share nothing but these.

    Args:
        content: bytes, of a `.tflite` file.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._idle: deque[Any] = deque()

    @contextlib.contextmanager
    def one(self) -> Iterator[Any]:
        """An interpreter for this caller alone.

        Raises:
            ValueError: the file is damaged.
        """
        from ai_edge_litert.interpreter import Interpreter

        try:
            found = self._idle.pop()
        except IndexError:
            found = Interpreter(model_content=self._content)
        yield found
        self._idle.append(found)  # not where it failed: its state would be unknown


class Portable:
    """A network that answers by its signatures: named arrays in, named arrays out.

    Args:
        file: Path of a `.tflite` file, as `training.portable.write` makes it.

    Attributes:
        outputs: {signature: {name: shape}}; of a shape's axes the first one may vary.

    Raises:
        FileNotFoundError: it is not there.
        ValueError: it is damaged, or too large.
    """

    def __init__(self, file: Path) -> None:
        self._pool = Interpreters(read_bytes(file, MOST))
        try:
            with self._pool.one() as interpreter:
                self.outputs: Mapping[str, Mapping[str, tuple[int, ...]]] = {
                    signature: {
                        name: tuple(map(int, one["shape"]))
                        for name, one in interpreter.get_signature_runner(signature)
                        .get_output_details()
                        .items()
                    }
                    for signature in interpreter.get_signature_list()
                }
        except (ValueError, RuntimeError):
            raise ValueError(f"{file.name} is damaged, or not a network of this program.") from None

    def __call__(self, signature: str, **inputs: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The outputs of a signature for rows of inputs, AT_ONCE at a time.

        Args:
            signature: one of `outputs`. inputs: (N, ...) each, N at least 1.

        Returns:
            {name: (N, ...) array}; what is the same for any input (a kernel) as it is.

        Raises:
            ValueError: an input has other sizes than the network's.
        """
        n = len(next(iter(inputs.values())))
        with self._pool.one() as interpreter:
            run = interpreter.get_signature_runner(signature)
            wanted = run.get_input_details()
            for name, rows in inputs.items():  # LiteRT itself would take other sizes, and answer
                if rows.shape[1:] != tuple(wanted[name]["shape"][1:]):
                    raise ValueError(f"{name} is of shape {rows.shape}, not of this network's.")
            varies = all(one["shape_signature"][0] < 0 for one in wanted.values())
            step = AT_ONCE if varies else 1
            found = [
                run(**{name: rows[at : at + step] for name, rows in inputs.items()})
                for at in range(0, n, step)
            ]
        size = min(n, step)
        return {
            name: np.concatenate([one[name] for one in found]) if len(first) == size else first
            for name, first in found[0].items()
        }
