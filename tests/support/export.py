"""A run's exported report, read again."""

import json
import re
from pathlib import Path
from typing import Any

from doodle_core import runs
from doodle_core.lab import export


def figures(text: str) -> list[Any]:
    """The figures in a report, as dicts."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    return [json.loads(one) for one in found]


def body(path: Path) -> str:
    """A run's report without Plotly's script, which has words and pictures of its own."""
    return export.html(runs.load(path)).split("<script>")[0]
