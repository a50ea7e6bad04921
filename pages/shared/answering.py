"""Answers that need no run of a page: a component asks the server at an address of its own.

A run of a page, or of a fragment, takes Streamlit and the browser's React some 60 ms, a network 2.
So a page that is asked ten times a second offers a function, and hands its address to the component,
which asks there (web/shared/asking.js) and tells the page's script only where it came to rest.

    address = offer("pad", answer)      # in the page; `answer` takes and returns what JSON holds
    app = st.App(script, routes=routes())
"""

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Answer = Callable[[Any], dict[str, Any]]
MOST = 500  # functions that are kept: one a component and session, those used last
MOST_BYTES = 2_000_000  # of a question

_offered: OrderedDict[str, Answer] = OrderedDict()
_lock = threading.Lock()


def offer(key: str, answer: Answer) -> str:
    """The address, relative to the page's, at which this session's component asks.

    Args:
        key: of the component; a later function of the same key takes the place.
        answer: called in a thread without Streamlit's session. What it returns is JSON; its
            ValueError means that the question is none of the component's.
    """
    token: str = st.session_state.setdefault(f"address of {key}", secrets.token_urlsafe(16))
    with _lock:
        _offered[token] = answer
        _offered.move_to_end(token)
        while len(_offered) > MOST:
            _offered.popitem(last=False)
    return f"answers/{token}"


async def _answer(request: Request) -> Response:
    with _lock:
        answer = _offered.get(request.path_params["token"])
    if answer is None:  # the server began anew, or has many sessions: the page's script is asked
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
        return JSONResponse(await run_in_threadpool(lambda: answer(json.loads(content))))
    except (ValueError, RecursionError):
        return Response(status_code=400)


def routes() -> list[Route]:
    """What the server needs for it."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return [Route(f"{base and '/' + base}/answers/{{token}}", _answer, methods=["POST"])]
