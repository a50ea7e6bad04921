"""How well a person names drawings: sessions, their answers, and networks on the same drawings."""

from doodle_core.lab.people.begin import (
    PRACTICE_SEED,
    begin_generated,
    begin_practice,
    begin_test,
    stratified,
)
from doodle_core.lab.people.beside import (
    ask,
    askable,
    keep_answers,
    networks,
    said_by,
    scored_alike,
    test_parts,
)
from doodle_core.lab.people.log import (
    COLUMNS,
    LEAST_SECONDS,
    MOST_SECONDS,
    WITHDRAWN,
    Answers,
    all_sessions,
    answers,
    finish,
    record,
)
from doodle_core.lab.people.session import (
    DEFAULT,
    KINDS,
    MOST,
    PEOPLE,
    Session,
    delete,
    drawings,
    folder,
    load,
    write_session,
)
