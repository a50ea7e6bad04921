"""A network of one's own, a `.keras` or `.tflite` file, becomes a run: looked at, tried, scored.

    python -m doodle_core import theirs.tflite --name theirs --categories apple,moon --pixels signed

The file may come from anybody, so it is opened in a process of its own, with bounded memory and
time, in a hidden folder that becomes the run's only when all went well. That process

1. reads the file (`.keras` in Keras's safe mode, made a `.tflite`; `.tflite` with LiteRT's own
   operations alone) and holds it against what was declared;
2. tries it on practice drawings in each polarity and range: the declaration may be wrong;
3. scores it on the test part of the drawings that were named.
"""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doodle_core import data, evaluation, runs
from doodle_core.data import practice
from doodle_core.evaluation import Share, interval
from doodle_core.files import MODELS, read_bytes
from doodle_core.inference.classifier import Classifier
from doodle_core.inference.imported import (
    FILE,
    MAGIC,
    Imported,
    prepared,
    read_contract,
    write_contract,
)
from doodle_core.lab import queue
from doodle_core.settings import IMPORTED, Contract, DataConfig, RunConfig

KINDS = (".keras", ".tflite")
MOST = 500_000_000  # bytes of a file: VGG19 as float32 has 80 million
MEMORY = 8 << 30  # bytes that the process may take: TensorFlow alone takes 1
SECONDS = 600
TRIED = 40  # practice drawings of a category in the trial
FAR = 0.1  # better in top-1 by this, surely: the declaration is doubted
NAME = "imported"  # the file's name in the run's folder, with its own ending
DOUBT = (
    "It was trained elsewhere and may have learned from these very test drawings: then its figures "
    "flatter it."
)


def bring(file: Path, config: RunConfig, contract: Contract) -> list[str]:
    """Make a run of a network of one's own.

    Args:
        file: a `.keras` or `.tflite`.
        config: name, categories in the order of the network's outputs, and what it is scored on.
        contract: what goes in.

    Returns:
        list of sentences: what the trial found, if it doubts the declaration, and the figure.

    Raises:
        FileNotFoundError, OSError: the file cannot be read.
        FileExistsError: there is a run of that name.
        ValueError: it is not such a file, or not as declared, or breaks down; one sentence.
    """
    content, kind = _opened(file)
    path = runs.folder(config.name)
    if path.exists():
        raise _taken(config.name)
    MODELS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=MODELS) as folder:
        made = Path(folder) / "run"
        made.mkdir()
        (made / f"{NAME}{kind}").write_bytes(content)
        runs.facts.write_config(made, config)
        write_contract(made, contract, is_logits=False)
        try:
            queue.complete(["examine", str(made)], Path(folder) / "log", SECONDS)
        except ValueError as error:
            raise ValueError(f"{file.name} was not imported. {error}") from None
        runs.write_environment(
            made, {"imported": file.name, "sha256": hashlib.sha256(content).hexdigest()}
        )
        try:
            made.rename(path)
        except OSError:
            raise _taken(config.name) from None
    run = runs.load(path)
    figure = f"Top-1 {interval(run.metrics)} on {run.metrics['n']:,} test drawings."
    return [*filter(None, [run.error]), figure]


def asked_for(name: str, scored_on: DataConfig) -> RunConfig:
    """The settings of an imported network's run.

    Raises:
        ValueError: the name cannot be.
    """
    return RunConfig(name, scored_on, network=IMPORTED)


def examine(path: Path) -> None:
    """Read, try and score the network in a hidden folder: the process of its own.

    Raises:
        ValueError: as `bring`.
    """
    _bound_memory()
    config, (contract, _) = runs.facts.read_config(path), read_contract(path)
    classes = len(config.data.categories)
    try:
        _make_portable(path, contract, classes)
        network = Imported(path / FILE, contract, classes)
        drawings = data.open_drawings(
            config.data.source, config.data.categories, config.data.per_category
        )
        _, validation, test = data.split(
            drawings, config.data.categories, config.data.seed, config.data.shares
        )
        pictures, labels, words = _tried_on(config, validation.pixels(drawings), validation.labels)
        network.is_logits = _gives_logits(network, pictures)
        write_contract(path, contract, network.is_logits)
        doubt = trial(network, pictures, labels, words)
        classifier = Classifier(network, config)
        _score(
            path,
            classifier,
            (validation, validation.pixels(drawings)),
            (test, test.pixels(drawings)),
        )
    except (ValueError, OSError):
        raise
    except MemoryError:
        raise ValueError("It asked for more memory than it may have.") from None
    except RuntimeError as error:  # LiteRT's, in several lines
        words = " ".join(str(error).split())[:200]
        raise ValueError(f"LiteRT could not run it ({words}).") from None
    except Exception as error:  # a hostile file raises whatever its reader meets
        raise ValueError(f"It could not be read ({type(error).__name__}).") from error
    facts = {"error": doubt} if doubt else {}
    runs.set_state(path, "finished", **facts)


def _opened(file: Path) -> tuple[bytes, str]:
    """A file's content and kind, by its first bytes as well as by its name."""
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"A network's file ends in {' or '.join(KINDS)}; received {file.name}.")
    content = read_bytes(file, MOST)
    is_such = content[:4] == b"PK\x03\x04" if kind == ".keras" else content[4:8] == MAGIC
    if not is_such:
        raise ValueError(f"{file.name} is damaged, or not a {kind} file.")
    return content, kind


def _taken(name: str) -> FileExistsError:
    return FileExistsError(f"There is a run named {name!r} already: choose another name.")


def _bound_memory() -> None:
    """From now on this process gets no more memory than MEMORY, where the system can see to it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _make_portable(path: Path, contract: Contract, classes: int) -> None:
    if (path / f"{NAME}.keras").is_file():
        from doodle_core.classifier import portable  # TensorFlow

        portable.from_keras(path / f"{NAME}.keras", path / FILE, contract, classes)
    else:
        os.replace(path / f"{NAME}.tflite", path / FILE)


# --- the trial -----------------------------------------------------------------------------------


def trial(
    network: Imported, pictures: NDArray[np.uint8], labels: NDArray[np.integer], words: str
) -> str:
    """Whether another polarity or range suits the network far better than what was declared.

    The best of the others is compared with that on the same drawings, by a paired interval.

    Args:
        network: as it was declared. pictures: (N, 28, 28) uint8. labels: (N,) int. words: what
            drawings these are.

    Returns:
        str: a sentence that doubts the declaration, or "".
    """
    declared = _right(network, network.contract, pictures, labels)
    others = {one: _right(network, one, pictures, labels) for one in network.contract.others()}
    best, right = max(others.items(), key=lambda one: float(one[1].mean()))
    difference = evaluation.paired(right[None], declared[None])
    if difference.low < FAR:
        return ""
    n = len(labels)
    return (
        f"What goes in may be declared wrongly: shown {best.words}, it names "
        f"{Share.of(right.sum(), n).text} of {n:,} {words} rightly, and as declared "
        f"({network.contract.words}) {Share.of(declared.sum(), n).text}: {difference.points}."
    )


def _right(
    network: Imported, contract: Contract, pictures: NDArray[np.uint8], labels: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Which drawings it names rightly, shown as a contract says."""
    said = network.raw(prepared(pictures, contract))
    found: NDArray[np.bool_] = said.argmax(axis=1) == labels
    return found


def _tried_on(
    config: RunConfig, pictures: NDArray[np.uint8], labels: NDArray[np.integer]
) -> tuple[NDArray[np.uint8], NDArray[np.integer], str]:
    """Practice drawings of its categories, where all can be drawn; else those of the validation
    part, which are given. Returns (pictures, labels, what they are)."""
    names = config.data.categories
    if not set(names) <= set(practice.PRACTICE_CATEGORIES):
        return pictures, labels, "validation drawings"
    drawn = [practice.draw(name, TRIED, seed=1).reshape(-1, 28, 28) for name in names]
    return np.concatenate(drawn), np.repeat(np.arange(len(names)), TRIED), "practice drawings"


def _gives_logits(network: Imported, pictures: NDArray[np.uint8]) -> bool:
    """Whether its outputs are no probabilities: some are below 0, or above 1."""
    raw = network.raw(prepared(pictures, network.contract))
    if not np.isfinite(raw).all():
        raise ValueError("Its answers are not all numbers.")
    return bool((raw < -1e-3).any() or (raw > 1 + 1e-3).any())


# --- its figures ---------------------------------------------------------------------------------

Shown = tuple[data.Part, NDArray[np.uint8]]
"""A part of the drawings, and their pixels, (N, 28, 28) uint8."""


def _score(path: Path, classifier: Classifier, validation: Shown, test: Shown) -> None:
    """Judge it on the test part, once, and write what the pages need, as a training's end does."""
    names, config = classifier.config.data.categories, classifier.config
    (part, pixels), (val_part, val_pixels) = test, validation
    said, val_said = classifier.probabilities(pixels), classifier.probabilities(val_pixels)
    runs.write_test_part(path, part.labels, part.rows, len(names))
    runs.write_results(path, said, None, (val_part.labels, val_said))
    runs.write_tables(path, names, part.labels, said)
    val = evaluation.metrics(val_part.labels, val_said)
    temperature = evaluation.fit_temperature(val_part.labels, val_said)
    figures = evaluation.metrics(part.labels, said) | {
        "temperature": temperature,
        "ece": evaluation.ece(part.labels, said),
        "ece_scaled": evaluation.ece(part.labels, evaluation.scale(said, temperature)),
        "test_pixels": data.fingerprint(pixels),
    }
    figures |= {f"val_{one}": val[one] for one in ("n", "top1", "top1_low", "top1_high")}
    runs.write_unmeasured(path, {"what it learned from": DOUBT})
    runs.write_metrics(path, config, figures)
