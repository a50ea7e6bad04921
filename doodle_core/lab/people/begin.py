"""Beginning a session: which drawings it shows, in which order."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core import data, runs
from doodle_core.arrays import write_npy
from doodle_core.data import is_practice, practice, source_label
from doodle_core.files import later
from doodle_core.lab.people.beside import keep_answers
from doodle_core.lab.people.log import COLUMNS, all_sessions
from doodle_core.lab.people.session import (
    DEFAULT,
    LATEST,
    MOST,
    PEOPLE,
    Session,
    folder,
    write_session,
)
from doodle_core.runs import latents
from doodle_core.settings import check_name

PRACTICE_SEED = 1_000  # plus the session's: other drawings than those that networks learn from


def begin_test(
    name: str, run: runs.Run, pixels: NDArray[np.uint8], n: int = DEFAULT, seed: int = 0
) -> Session:
    """Begin a session of test drawings of a finished classifier.

    Args:
        name: str. run: runs.Run. pixels: (N, 28, 28) uint8, its test drawings. n, seed: int.

    Returns:
        Session.

    Raises:
        FileExistsError: there is a session of that name.
        ValueError: a name or number that cannot be, or damaged arrays.
    """
    config = run.config.data
    labels, rows = runs.test_part(run.path, len(config.categories))
    places = stratified(labels, n, seed)
    return _begin(
        pixels[places],
        name=name,
        kind="test",
        run=run.name,
        seed=seed,
        categories=config.categories,
        source=source_label(config.scored_on),
        practice=is_practice(config.scored_on),
        labels=labels[places],
        places=places,
        rows=rows[places],
        test_pixels=run.metrics.get("test_pixels", ""),
    )


def begin_practice(
    name: str,
    categories: Sequence[str] = practice.PRACTICE_CATEGORIES,
    n: int = DEFAULT,
    seed: int = 0,
) -> Session:
    """Begin a session of practice drawings that no network has learned from.

    Args and Returns as `begin_test`; ValueError also for a category that cannot be drawn.
    """
    seed = _checked("The seed", seed, 0, 1_000_000)
    each = -(-_checked("The number of drawings", n, 1, MOST) // len(categories))
    pixels = [practice.draw(one, each, PRACTICE_SEED + seed) for one in categories]
    labels = np.repeat(np.arange(len(categories)), each)
    rows = np.tile(np.arange(each), len(categories))
    places = stratified(labels, n, seed)
    return _begin(
        np.concatenate(pixels)[places],
        name=name,
        kind="practice",
        seed=seed,
        categories=categories,
        source="practice data",
        practice=True,
        labels=labels[places],
        places=places,
        rows=rows[places],
    )


def begin_generated(name: str, run: runs.Run, n: int = DEFAULT, seed: int = 0) -> Session:
    """Begin a session of the samples that a finished VAE stored; its judge's answers come along.

    Args, Returns and Raises as `begin_test`; ValueError also where it has no samples here.
    """
    categories = run.config.data.categories
    found = latents.points(run.path, "samples", len(categories), run.config.latent)
    if found is None or found.drawings is None:
        raise ValueError(f"{run.name} has stored no samples here.")
    places = stratified(found.labels, n, seed)
    said = {}
    if found.probabilities is not None and run.metrics.get("judge"):
        said = {check_name(run.metrics["judge"]): found.probabilities[places]}
    return _begin(
        found.drawings[places],
        said,
        name=name,
        kind="generated",
        run=run.name,
        seed=seed,
        categories=categories,
        source=f"samples of {run.name}",
        practice=run.is_practice,
        labels=found.labels[places],
        places=places,
        rows=places,
    )


def stratified(labels: ArrayLike, n: int, seed: int) -> NDArray[np.intp]:
    """Places of `n` drawings, each label in proportion to its share, in an order by chance.

    Args:
        labels: (N,) int. n: int, at most N. seed: int.

    Returns:
        (n,) int, all different.

    Raises:
        ValueError: n is not from 1 to N, or above MOST.
    """
    labels = np.asarray(labels)
    n = _checked("The number of drawings", n, 1, min(len(labels), MOST))
    rng = np.random.default_rng(_checked("The seed", seed, 0, 1_000_000))
    _, kinds, counts = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = n * counts / len(labels)
    quota = np.floor(wanted).astype(int)
    left = wanted - quota  # the largest remainders get what is left over, ties by chance
    largest = np.lexsort((rng.random(len(left)), -left.round(9)))
    quota[largest[: n - quota.sum()]] += 1
    order = rng.permutation(len(labels))
    chosen = [order[kinds[order] == kind][:many] for kind, many in enumerate(quota)]
    return rng.permutation(np.concatenate(chosen))


def _checked(what: str, value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{what} must be from {low} to {high:,}; received {value!r:.80}.")
    return value


def _begin(
    pixels: NDArray[np.uint8],
    said: Mapping[str, NDArray[np.floating]] | None = None,
    *,
    name: str,
    categories: Iterable[str],
    labels: NDArray[np.integer],
    places: NDArray[np.integer],
    rows: NDArray[np.integer],
    **facts: Any,
) -> Session:
    """Write a session's folder; `session.json` comes last and makes it one.

    `said`: {network: (N, C) probabilities}.
    """
    path, pixels = folder(name), np.asarray(pixels).reshape(-1, 784)
    session = Session(
        name,
        **{"run": "", "test_pixels": ""} | facts,
        categories=tuple(categories),
        labels=tuple(labels.tolist()),
        places=tuple(places.tolist()),
        rows=tuple(rows.tolist()),
        pixels=data.fingerprint(pixels),
        made=later((one.made for one in all_sessions()[0]), LATEST),
    )
    PEOPLE.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir()
    except FileExistsError:
        raise FileExistsError(
            f"There is a session named {name!r} already: choose another name or delete it."
        ) from None
    try:
        write_npy(path / "drawings.npy", pixels)
        for network, probabilities in (said or {}).items():
            keep_answers(path, network, probabilities)
        (path / "answers.csv").write_text(COLUMNS + "\n", "utf-8")
        write_session(path, session)
    except OSError:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return session
