"""How the golden record gets about: pages by AppTest, widgets by their labels, commands, HTML."""

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from golden_elements import Media, Reader, digest, picture

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 900  # seconds for one run of a page: drawing the practice data takes a while
SKETCHED = ("inside", "generate", "draw", "tour")  # pages on which networks answer


class Walk:
    """Goes from page to page and notes what each shows.

    Attributes:
        elements: {hash: element}. visits: {name: hashes in the page's order}.
        faults: sentences on what went wrong.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.reader = Reader({str(home): "HOME", str(ROOT): "PROGRAM"})
        self.elements: dict[str, Any] = {}
        self.visits: dict[str, list[str]] = {}
        self.faults: list[str] = []
        self.media: Media = {}
        self.stage: list[str] = []  # ends of the visits' names

    def note(self, name: str, elements: list[Any]) -> None:
        """Keep a visit's elements."""
        if name in self.visits:
            raise ValueError(f"Two visits have the name {name!r}.")
        self.visits[name] = []
        for element in elements:
            key = digest(json.dumps(element, sort_keys=True).encode())
            self.elements[key] = element
            self.visits[name].append(key)

    def open(self, page: str, query: dict[str, str] | None = None) -> "Opened":
        """Open a page, without noting anything yet.

        Args:
            page: the name of its file. query: its address's parameters.
        """
        from streamlit.testing.v1 import AppTest

        words = [f"{name}={value}" for name, value in (query or {}).items()]
        self.media.clear()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=LONGEST).run()
        for key, value in (query or {}).items():
            app.query_params[key] = value
        app.switch_page(f"pages/{page}.py").run()
        return Opened(self, app, page, [page, *words])

    def visit(self, page: str, query: dict[str, str] | None = None, /, **steps: Any) -> "Opened":
        """Open a page, work its widgets, note what it shows then."""
        return self.open(page, query).work(**steps)

    def command(self, *arguments: str) -> None:
        """Run a command; note what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "doodle_core", *arguments],
            cwd=self.home,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        lines = self.reader.plain(done.stdout + done.stderr).splitlines()
        shown = [{"kind": "line", "text": line} for line in lines]
        shown.append({"kind": "exit status", "text": str(done.returncode)})
        self.note(" ".join(["command", *arguments, *self.stage]), shown)

    def export(self, run: str) -> None:
        """Note a run's HTML: its texts a block at a time, its figures and its pictures."""
        self.command("export", run, "-o", f"{run}.html")  # in the home
        file = self.home / f"{run}.html"
        if not file.is_file():
            self.faults.append(f"export {run}: no file came of it")
            return
        _, _, body = file.read_text("utf-8").partition("<body>")
        plot, image = '<script type="application/json">', '<img [^>]*src="data:image/png;base64,'
        # all other scripts are Plotly's, and the few lines that start it
        body = re.sub(r"<script>.*?</script>", "", body, flags=re.DOTALL)
        shown: list[Any] = []
        for piece in re.split(
            rf"({plot}.*?</script>|{image}[^\"]*\"[^>]*>)", body, flags=re.DOTALL
        ):
            if piece.startswith(plot):
                spec = json.loads(piece.removeprefix(plot).removesuffix("</script>"))
                shown.append({"kind": "figure", "spec": self.reader.plot(spec)})
            elif re.match(image, piece):
                text = re.sub(rf'{image}([^"]*)".*', r"\1", piece, flags=re.DOTALL)
                shown.append({"kind": "picture"} | picture(base64.b64decode(text), False))
            else:
                for block in re.split(r"</(?:tr|p|h\d|figure|figcaption|div)>", piece):
                    cells = re.sub(r"</t[dh]>", " | ", block)
                    text = unescape(re.sub(r"<[^>]*>", "", cells)).strip()
                    shown += [{"kind": "line", "text": self.reader.plain(text)}] if text else []
        self.note(" ".join(["html of", run, *self.stage]), shown)

    def record(self) -> Any:
        """The record as it is stored."""
        templates = sorted(self.reader.templates)
        self.note("templates of plots", [{"kind": "template", "text": one} for one in templates])
        return {"elements": self.elements, "visits": self.visits}


@dataclass
class Opened:
    """A page that is open.

    Attributes:
        words: its name and its address's parameters. chosen: what was chosen since, by label.
    """

    walk: Walk
    app: Any
    page: str
    words: list[str]
    chosen: dict[str, Any] = field(default_factory=dict)

    def work(self, **steps: Any) -> "Opened":
        """Work widgets, one after the other, then note what the page shows.

        Args:
            steps: {a widget's label: what to choose or enter}; also {"table": rows to choose in the
                first table}, {"plot": customdata of a point to choose in the first plot}. Labels
                that are no names of Python come as `**{label: value}`. What was chosen before
                stays.
        """
        self.chosen |= {label: "a file" if type(v) is bytes else v for label, v in steps.items()}
        words = [f"{label}: {value}" for label, value in self.chosen.items()]
        name = " | ".join([*self.words, *words, *self.walk.stage])
        try:
            for label, value in steps.items():
                act(self.app, label, value)
        except Exception as error:  # whatever it is, the walk goes on and tells of it at its end
            self.walk.faults.append(f"{name}: {type(error).__name__}: {error}")
        self.walk.faults += [f"{name}: {one.message}" for one in self.app.exception]
        reader, media = self.walk.reader, self.walk.media
        shown = [*self.app.sidebar, *self.app.main]
        elements = [reader.element(node, media, self.page in SKETCHED) for node in shown]
        self.walk.note(name, [one for one in elements if one is not None])
        return self

    def options(self, label: str) -> list[str]:
        """What the first widget of that label offers; nothing where there is none."""
        found = (one for one in self.app.main if label_of(one) == label)
        return next((list(one.options) for one in found), [])


# --- working a page -------------------------------------------------------------------------------


def act(app: Any, label: str, value: Any) -> None:
    """Work the first widget of that label, as a person would, and let the page run.

    Of widgets with choices it is the first that offers the value. A label may be cut short.
    """
    if label in ("table", "plot"):
        kind = {"table": "dataframe", "plot": "plotly_chart"}[label]
        node = next(one for one in app.main if one.type == kind)
        chosen = {"rows": value, "columns": [], "cells": []}
        if label == "plot":
            chosen = {
                "points": [{"customdata": value}],
                "point_indices": [0],
                "box": [],
                "lasso": [],
            }
        states = app._tree.get_widget_states()
        state = states.widgets.add()
        state.id, state.string_value = node.proto.id, json.dumps({"selection": chosen})
        app._run(states)
        return
    widgets = [one for one in app.main if label_of(one).startswith(label)]
    widgets.sort(key=lambda one: label_of(one) != label)  # a whole label before one cut short
    wanted = value if isinstance(value, list) else [value]
    choices = ("selectbox", "button_group", "multiselect")
    for node in widgets:
        if node.type in choices and set(wanted) <= set(node.options):
            states = app._tree.get_widget_states()
            state = next(one for one in states.widgets if one.id == node.proto.id)
            if node.type == "selectbox":
                state.string_value = value
            else:
                state.string_array_value.data[:] = wanted
            app._run(states)
            return
    node = next((one for one in widgets if one.type not in choices), None)
    if node is None:
        raise ValueError(f"There is no {label!r} that could be {value!r}.")
    if node.type == "button":
        node.click()
    elif node.type == "file_uploader":
        node.set_value(("drawing.png", value, "image/png"))
    else:
        node.set_value(value)
    app.run()


def label_of(node: Any) -> str:
    """An element's label, "" where it has none."""
    return str(getattr(getattr(node, "proto", None), "label", ""))
