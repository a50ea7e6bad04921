"""One drawing after the other, each to be named: what a session on the People page is made of.

The browser has the next few drawings ahead, so that each appears at once, and never a label. It
measures the time from a drawing's appearing to its answer itself. Its answers are sent again until
they are seen to be saved, each with its line in the log: see `people.record`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from doodle_core.lab.people import Answers
from pages.components.assets import component
from pages.components.wire import encoded, pixels

AHEAD = 12  # drawings that the browser has, the next one among them
FEW = 12  # so many answers have a key of their own; of more, names are typed
KEYS = "123456789abd"  # c and r are Streamlit's
CANNOT_TELL = "0"

_trial = component("trial")


def trial(
    drawings: NDArray[np.uint8],
    options: Sequence[str],
    found: Answers,
    stamp: str,
    key: str,
    on_answers: Callable[[], None],
) -> None:
    """The next drawing of a session, to be named by a key or a click.

    Args:
        drawings: (N, 28, 28) uint8, all of the session's.
        options: the answers offered, of which "cannot tell" has a key of its own.
        found: those saved so far.
        stamp: another one for another session.
        key: of the element.
        on_answers: called in the script run that brings answers; `sent` then has them.
    """
    place = len(found.said)
    first = max(place - 1, 0)  # the one before is seen again when its answer is taken back
    _trial(
        data={
            "pixels": encoded(pixels(drawings[first : place + AHEAD])),
            "first": first,
            "place": place,
            "total": len(drawings),
            "lines": found.lines,
            "last": found.said[-1] if found.can_undo else -1,
            "session": stamp,
            "options": list(options),
            "keys": keys(options),
        },
        key=key,
        default={"answers": None},
        on_answers_change=on_answers,
    )


def keys(options: Sequence[str]) -> list[str]:
    """The key of each answer; none where there are too many answers."""
    named = [one for one in options if one != "cannot tell"]
    if len(named) > FEW:
        return []
    return [*KEYS[: len(named)], *(CANNOT_TELL,) * (len(options) - len(named))]


def sent(key: str, stamp: str) -> object:
    """What the browser sent last, as `people.record` takes it; of another session, nothing."""
    answers = st.session_state[key].get("answers") if key in st.session_state else None
    if not isinstance(answers, dict) or answers.get("session") != stamp:
        return []
    return answers.get("events")
