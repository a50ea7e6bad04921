"""A run's exported report, read again."""

import base64
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from doodle_core import runs
from doodle_core.lab import export


def figures(text: str) -> list[Any]:
    """The figures in a report, as dicts."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    return [json.loads(one) for one in found]


def body(path: Path) -> str:
    """A run's report without Plotly's script, which has words and pictures of its own."""
    return export.html(runs.load(path)).split("<script>")[0]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a report: rows of cells, the heads first."""
    return [
        [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", one)]
        for one in re.findall(r"<table>(.*?)</table>", text, re.DOTALL)
    ]


def pictures(text: str) -> list[tuple[NDArray[np.uint8], list[str]]]:
    """The drawings in a report and the lines below each."""
    found = re.findall(r'<img alt="[^"]*" src="data:image/png;base64,([^"]*)">([^<]*)<', text)
    return [
        (np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))), unescape(words).split("\n"))
        for one, words in found
    ]


def array(content: Any) -> NDArray[Any]:
    """Numbers of a figure, which Plotly writes as a list or in base 64."""
    if not isinstance(content, dict):
        return np.array(content)
    found = np.frombuffer(base64.b64decode(content["bdata"]), content["dtype"])
    shape = [int(part) for part in str(content.get("shape", len(found))).split(",")]
    return found.reshape(shape)
