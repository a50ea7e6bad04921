"""A person's answers: a log that is only ever added to."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from doodle_core.files import explain, read_bytes
from doodle_core.lab.people.session import PEOPLE, Session, load, write_session

LEAST_SECONDS, MOST_SECONDS = 0.1, 600.0  # what is not between is no time to answer
WITHDRAWN = -1  # in place of an answer: the one before does not count
MOST_BYTES = 1_000_000  # of a log: 2,000 answers have 60,000
COLUMNS = "place,answer,seconds,time"


@dataclass
class Answers:
    """What a person has answered so far, drawing after drawing.

    Attributes:
        total, options: int, how many drawings there are, and how many answers are offered.
        lines: int, so many lines has the log.
        said: list of int, places among the session's options; its length is how many are answered.
        seconds: list of float, from each drawing's appearing to its answer; both times together
            where a first answer was withdrawn; NaN where it was not plausible.
        can_undo: bool, the last answer can be withdrawn: once, and before the next one is given.
    """

    total: int
    options: int
    lines: int = 0
    said: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    can_undo: bool = False
    _carried: float = 0.0  # the seconds of an answer that was withdrawn

    def take(self, answer: int, seconds: float) -> int | None:
        """Take in an answer, or WITHDRAWN. Returns its drawing's place; None: it cannot be."""
        if answer == WITHDRAWN:
            if not self.can_undo:
                return None
            self.said.pop()
            self._carried, self.can_undo = self.seconds.pop(), False
            place = len(self.said)
        elif 0 <= answer < self.options and len(self.said) < self.total:
            place = len(self.said)
            self.said.append(answer)
            self.seconds.append(self._carried + seconds)
            self._carried, self.can_undo = 0.0, True
        else:
            return None
        self.lines += 1
        return place


def all_sessions() -> tuple[list[Session], dict[str, str]]:
    """Every session, the newest first, and why others cannot be read: ([Session], {name: text})."""
    sessions: list[Session] = []
    damaged: dict[str, str] = {}
    paths = PEOPLE.iterdir() if PEOPLE.is_dir() else []
    for path in sorted(paths):
        if not path.is_dir() or path.is_symlink() or path.name.startswith("."):
            continue
        try:
            session = load(path.name)
            answers(session)
            sessions.append(session)
        except (ValueError, OSError) as error:
            damaged[path.name] = explain(error)
    return sorted(sessions, key=lambda one: -one.made), damaged


def answers(session: Session) -> Answers:
    """A session's Answers. A last line that a crash cut off counts for nothing.

    Raises:
        OSError: the log cannot be read.
        ValueError: it is damaged.
    """
    try:
        content = read_bytes(session.path / "answers.csv", MOST_BYTES)
    except FileNotFoundError:
        content = b""
    return _parsed(session, content)


def _parsed(session: Session, content: bytes) -> Answers:
    """Answers from the bytes of a log."""
    found = Answers(session.n, len(session.options))
    lines = content[: _whole(content)].decode("utf-8", "replace").splitlines()
    if lines and lines[0] != COLUMNS:
        raise ValueError(f"The session {session.name!r} is damaged: answers.csv has another head.")
    for number, line in enumerate(lines[1:], 2):
        try:
            place, answer, seconds, _ = line.split(",")
            taken = found.take(int(answer), _plausible(float(seconds or "nan")))
        except ValueError:
            taken = place = None
        if taken is None or place != str(taken):
            raise ValueError(
                f"The session {session.name!r} is damaged: line {number} of answers.csv is none."
            )
    return found


def _whole(content: bytes) -> int:
    """Where the last whole line of a log ends."""
    return content.rfind(b"\n") + 1


def _plausible(seconds: float) -> float:
    return seconds if LEAST_SECONDS <= seconds <= MOST_SECONDS else math.nan


# --- answering -----------------------------------------------------------------------------------


def record(session: Session, events: Any) -> None:
    """Save what a browser sent: each answer is on the disk when this returns.

    A browser sends its answers again until it has seen that they are saved, each with the number
    of its line in the log. What is there already, or does not follow on it, counts for nothing; so
    does what is no answer.

    Args:
        session: Session.
        events: list of dicts: `n` (int, the line), `answer` (int, a place among the options, or
            WITHDRAWN), `seconds` (float).

    Raises:
        ValueError: the session is finished, or its log is damaged.
        OSError: it could not be written.
    """
    with _lock(session):
        if load(session.name).finished:
            raise ValueError(f"The session {session.name!r} is finished.")
        with open(session.path / "answers.csv", "ab+") as file:
            file.seek(0)
            content = file.read()
            found = _parsed(session, content)
            lines = [] if _whole(content) else [COLUMNS]
            for event in events if isinstance(events, list) else []:
                line = _line(event, found)
                lines += [line] if line else []
            if lines:
                file.truncate(_whole(content))  # what a crash cut off
                file.write("".join(f"{line}\n" for line in lines).encode())
                file.flush()
                os.fsync(file.fileno())


def _line(event: Any, found: Answers) -> str | None:
    """The line of an event that follows on what was answered so far, else None."""
    if not isinstance(event, dict) or event.get("n") != found.lines:
        return None
    answer, seconds = event.get("answer"), event.get("seconds")
    if type(answer) is not int:
        return None
    seconds = _plausible(seconds) if isinstance(seconds, (int, float)) else math.nan
    place = found.take(answer, seconds)
    if place is None:
        return None
    said = "" if math.isnan(seconds) else f"{seconds:.3f}"
    return f"{place},{answer},{said},{time.time():.3f}"


def finish(session: Session) -> None:
    """End a session, after fewer drawings too; from then on there are results, and no answers."""
    with _lock(session):
        write_session(session.path, replace(session, finished=time.time()))


def _lock(session: Session) -> AcquireReturnProxy[FileLock]:
    """A session open in two windows is written to by one at a time."""
    try:
        return FileLock(session.path / "lock").acquire(timeout=5)
    except Timeout:
        raise OSError(f"The session {session.name!r} is busy: try once more.") from None
