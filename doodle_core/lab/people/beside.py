"""Networks on the drawings of a session."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from doodle_core import data, runs
from doodle_core.arrays import read_npy, write_npy
from doodle_core.inference.judge import Judge
from doodle_core.lab import portable
from doodle_core.lab.people.session import Session, drawings
from doodle_core.settings import check_name


def test_parts() -> list[list[runs.Run]]:
    """The test parts that there are answers of networks to.

    Returns:
        list of lists of `runs.Run`, each of those that were scored on the same drawings; those
        whose drawings are on this disk come first, then the largest.
    """
    found: dict[tuple[str | None, tuple[str, ...]], list[runs.Run]] = {}
    for run in runs.finished("classifier"):
        key = run.metrics.get("test_pixels"), run.config.data.categories
        found.setdefault(key, []).append(run)
    return sorted(
        found.values(), key=lambda group: (not data.is_here(group[0].config.data), -len(group))
    )


# --- networks on the same drawings ---------------------------------------------------------------


def scored_alike(session: Session) -> list[runs.Run]:
    """The finished classifiers that were scored on the test part that a session is from.

    Their own training never saw it. list of `runs.Run`s, the points of a learning curve last; none
    for other kinds of session.
    """
    found = [
        run
        for run in runs.finished("classifier")
        if session.test_pixels
        and run.metrics.get("test_pixels") == session.test_pixels
        and run.config.data.categories == session.categories
    ]
    return sorted(found, key=lambda run: run.config.data.train_limit > 0)


def networks(session: Session) -> list[str]:
    """The names of the networks whose answers to a session's drawings are stored."""
    if session.kind == "test":
        return [run.name for run in scored_alike(session)]
    return sorted(file.stem for file in (session.path / "networks").glob("*.npy"))


def said_by(session: Session, network: str) -> NDArray[np.float32]:
    """What a network of `networks` says of a session's drawings.

    Args:
        session: Session. network: str.

    Returns:
        (N, C) float32, probabilities.

    Raises:
        ValueError: its arrays are damaged, or of other drawings.
    """
    classes, places = len(session.categories), np.array(session.places)
    if session.kind == "test":
        whole = runs.results(runs.folder(network), classes)
        if max(places) >= len(whole.labels) or tuple(whole.labels[places]) != session.labels:
            raise ValueError(f"{network} was scored on other drawings.")
        return np.array(whole.probabilities[places], np.float32)
    try:
        found = read_npy(session.path / "networks" / f"{check_name(network)}.npy")
    except (OSError, ValueError):
        raise ValueError(f"What {network} said is missing or damaged.") from None
    fits = found.shape == (session.n, classes) and found.dtype.kind == "f"
    if not fits or not np.isfinite(found).all():
        raise ValueError(f"What {network} said is damaged: it does not fit the session.")
    return np.array(found, np.float32)


def askable(session: Session) -> list[runs.Run]:
    """The finished classifiers with weights that know a session's categories and were not asked.

    Only for drawings that no network can have learned from: practice and generated ones.
    """
    asked = networks(session)
    return [
        run
        for run in runs.finished("classifier")
        if session.kind != "test"
        and run.name not in asked
        and set(run.config.data.categories) == set(session.categories)
        and (run.path / "best.keras").is_file()
    ]


def ask(session: Session, run: runs.Run) -> None:
    """Have a network name a session's drawings, and keep what it says.

    Raises:
        FileNotFoundError, ValueError: as `portable.ensure` and `load_classifier`.
    """
    portable.ensure(run)
    judge = Judge(run.path, run.config, session.categories)
    said = judge.probabilities(drawings(session))
    keep_answers(session.path, run.name, said)


def keep_answers(path: Path, network: str, probabilities: ArrayLike) -> None:
    (path / "networks").mkdir(exist_ok=True)
    write_npy(path / "networks" / f"{network}.npy", np.asarray(probabilities, np.float32))
