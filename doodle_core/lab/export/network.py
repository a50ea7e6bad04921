"""A run's trained networks as one file, in a format that other programs read."""

import contextlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from doodle_core.files import read_bytes
from doodle_core.inference.portable import MOST
from doodle_core.lab import portable, queue
from doodle_core.runs import Run

FORMATS = {
    "keras": "Keras: to go on training, or to look into",
    "tflite": "LiteRT: to answer in small programs and on phones",
    "onnx": "ONNX: for ONNX Runtime and many other programs",
}
CONVERTERS = ("tf2onnx", "onnxruntime")
"""What makes an `.onnx` file and checks it: the extra "onnx" of `pyproject.toml`."""


def lacking(run: Run, form: str) -> str:
    """Why a run's network cannot be had in one of FORMATS here, a sentence; "" where it can.

    Raises:
        ValueError: there is no such format.
    """
    if form not in FORMATS:
        raise ValueError(f"A network's format is one of {', '.join(FORMATS)}; received {form!r}.")
    if run.config is None:
        return run.error
    if run.state != "finished":
        return f"This run is {run.state}: it has no trained network yet."
    if run.is_imported and form != "tflite":
        return "Of an imported network there is the .tflite file alone."
    if form == "onnx" and not run.family.networks:
        return f"There is no .onnx file of a run of this kind ({run.family.title})."
    files = run.family.portable if form == "tflite" and run.has_portable else run.family.weights
    if not all((run.path / name).is_file() for name in files):
        return "This run has no weights here."
    if form == "onnx" and not all(map(find_spec, CONVERTERS)):
        return (
            "An .onnx file needs two packages that are not installed here: "
            f"pip install {' '.join(CONVERTERS)}"
        )
    return ""


def file_name(run: Run, form: str) -> str:
    """What the file is called: several networks, as of a VAE, go into one archive."""
    return f"{run.name}.{form}" + ".zip" * (len(run.family.weights) > 1)


def packed(run: Run, form: str) -> bytes:
    """A finished run's trained network as a file's content; several as a `.zip` of theirs.

    For "onnx" it imports TensorFlow.

    Raises:
        FileNotFoundError, OSError: it is not here, or cannot be read.
        ValueError: as `lacking`; it could not be converted.
    """
    if why := lacking(run, form):
        raise ValueError(why)
    with _files(run, form) as files:
        contents = {file.name: read_bytes(file, MOST) for file in files}
    if len(contents) == 1:
        return contents.popitem()[1]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return archive.getvalue()


def packed_apart(run: Run, form: str) -> bytes:
    """The same, where TensorFlow may not be imported: another process makes what has to be made."""
    if why := lacking(run, form):
        raise ValueError(why)
    if form != "onnx":
        return packed(run, form)
    with tempfile.TemporaryDirectory() as folder:
        file, log = Path(folder) / file_name(run, form), Path(folder) / "log"
        queue.complete(["export", run.name, "--as", form, "--output", str(file)], log)
        return read_bytes(file, MOST)


@contextlib.contextmanager
def _files(run: Run, form: str) -> Iterator[list[Path]]:
    """The files of a run's networks; converted ones are gone afterwards."""
    if form == "onnx":
        from doodle_core.training.portable import write_onnx

        with tempfile.TemporaryDirectory() as folder:
            files = []
            for name, (model, outputs) in run.family.call("networks", run.path, run.config).items():
                files.append(Path(folder) / f"{name}.onnx")
                write_onnx(files[-1], model, outputs)
            yield files
        return
    if form == "tflite":
        portable.ensure(run)
    names = run.family.weights if form == "keras" else run.family.portable
    yield [run.path / name for name in names]
