"""The portable networks of a finished run: what answers in a page, without TensorFlow."""

from pathlib import Path

from doodle_core import runs
from doodle_core.lab import queue

LOG = "portable.log"


def export(path: Path, half: bool = False) -> None:
    """Write a run's portable networks from its `.keras` files, and how well they agree with those.

    Imports TensorFlow. `environment.json` then has `portable_difference`, the largest difference
    of an answer.

    Args:
        half: round the weights in the `.keras` files to half precision first, for runs that git
            keeps: they are as large, but pack to half.

    Raises:
        FileNotFoundError, ValueError: as the family's `export`.
    """
    run = runs.load(path)
    if half:
        from doodle_core.training.stored import halve

        for name in run.family.weights:
            halve(path / name)
    difference = run.family.call("export", path, run.config)
    facts = runs.read_environment(path) | {"portable_difference": difference}
    runs.write_environment(path, facts)


def ensure(run: runs.Run) -> None:
    """See to it that a finished run has its portable networks, in a process of its own if not.

    Runs of an older version have none; the page waits some ten seconds, once.

    Raises:
        FileNotFoundError: the run has no weights here.
        ValueError: they could not be made; the sentence says why.
    """
    if run.has_portable:
        return
    if not run.has_weights:
        raise FileNotFoundError("This run has no weights here.")
    queue.complete(["portable", run.name], run.path / LOG)
