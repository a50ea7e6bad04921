"""The dashboard's pages through Streamlit's AppTest, and what they show."""

import asyncio
import base64
import json
import subprocess
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from pages.shared import answering
from support.browser import ROOT

PAGES = (
    "home",
    "data",
    "train",
    "sweeps",
    "runs",
    "errors",
    "inside",
    "compare",
    "curve",
    "report",
    "latent",
    "generate",
    "tour",
    "draw",
    "people",
)


def open_page(name: str, **query: str) -> AppTest:
    """The dashboard on that page."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


def choose_run(name: str) -> AppTest:
    """The page Runs with one run chosen in its table."""
    app = open_page("runs")
    every = app.dataframe[0]
    state = app._tree.get_widget_states()
    one = state.widgets.add()
    place = every.value["run"].tolist().index(name)
    one.id = every.proto.id
    one.string_value = json.dumps({"selection": {"rows": [place], "columns": [], "cells": []}})
    app._run(state)
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    """All the text of a page."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.error, app.warning, app.metric)
    return " ".join(str(element.value) for kind in kinds for element in kind)


def check_apart(*lines: str, without: tuple[str, ...] = ("tensorflow", "keras")) -> None:
    """Run lines of Python in an interpreter of its own; these modules must not be in it then."""
    code = (
        "import sys",
        "sys.path.insert(0, 'tests')",
        "from support.apps import open_page, words",
        *lines,
        f"assert not set({without}) & set(sys.modules)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def sent(app: AppTest, component: str) -> list[Any]:
    """What components of that name were given, in order."""
    protos = [one.proto for one in app.get("bidi_component")]
    return [json.loads(one.json) for one in protos if one.component_name.endswith(component)]


def pixels(data: dict[str, Any]) -> NDArray[np.uint8]:
    """The drawings that a component was given: (N, 28, 28)."""
    return np.frombuffer(base64.b64decode(data["pixels"]), np.uint8).reshape(-1, 28, 28)


def start(app: AppTest, name: str) -> AppTest:
    """Name a run on the Train page and start it."""
    app.text_input[0].set_value(name)
    next(button for button in app.button if button.label == "Start").click()
    return app.run()


def asked(address: str, content: bytes, kind: str = "application/json") -> tuple[int, Any]:
    """(status, answer) of the server to what a component sends to an address of `answering.offer`."""
    parts: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(part: Any) -> None:
        parts.append(part)

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/{address}",
        "query_string": b"",
        "headers": [(b"content-type", kind.encode())],
    }
    asyncio.run(Starlette(routes=answering.routes())(scope, receive, send))
    body = b"".join(part.get("body", b"") for part in parts)
    return parts[0]["status"], json.loads(body) if body else None
