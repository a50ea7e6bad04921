"""Answers that need no run of a page: a component asks the server at an address of its own.

A run of a page, or of a fragment, takes Streamlit and the browser's React some 60 ms, a network 2.
So a page that is asked ten times a second offers a function, and hands its address to the component,
which asks there (web/shared/asking.js) and tells the page's script only where it came to rest.

    address = offer("pad", answer)      # in the page; `answer` takes and returns what JSON holds
    app = st.App(script, routes=routes())
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Answer = Callable[[Any], dict[str, Any]]
MOST_BYTES = 2_000_000  # of a question


@dataclass(eq=False)
class _Offered:
    """What a session's component asks: it goes with the session."""

    token: str
    answer: Answer


_offered: WeakValueDictionary[str, _Offered] = WeakValueDictionary()


def offer(key: str, answer: Answer) -> str:
    """The address, relative to the page's, at which this session's component asks.

    Args:
        key: of the component; a later function of the same key takes the place.
        answer: called in a thread without Streamlit's session. What it returns is JSON; its
            ValueError means that the question is none of the component's.
    """
    name = f"answers of {key}"
    if name not in st.session_state:
        st.session_state[name] = _Offered(secrets.token_urlsafe(16), answer)
    found = st.session_state[name]
    found.answer = answer
    _offered[found.token] = found
    return f"answers/{found.token}"


async def _answer(request: Request) -> Response:
    offered = _offered.get(request.path_params["token"])
    if offered is None:  # the server began anew, or the session is gone
        return Response(status_code=404)
    # A form of another site cannot send this type, and a script of it is not allowed to.
    if request.headers.get("content-type") != "application/json":
        return Response(status_code=415)
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            return Response(status_code=413)
    try:
        return JSONResponse(await run_in_threadpool(lambda: offered.answer(json.loads(content))))
    except (ValueError, ArithmeticError, RecursionError):
        return Response(status_code=400)


def routes() -> list[Route]:
    """What the server needs for it."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return [Route(f"{base and '/' + base}/answers/{{token}}", _answer, methods=["POST"])]
