"""The pieces of an exported HTML file; everything that comes from a run is escaped here."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from plotly.offline import get_plotlyjs

from doodle_core import plots

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CSS = """
:root { color-scheme: light dark; --ink: #1e2a36; --ground: #fff; --faint: #d9d5c9;
  --grey: #5a6470; --blend: multiply; --flip: invert(1); }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --ground: #14181d; --faint: #38414b;
  --grey: #a8b0b9; --blend: screen; --flip: none; } }
@media print { :root { --ink: #000; --ground: #fff; --faint: #bbb; --grey: #444;
  --blend: multiply; --flip: invert(1); } .modebar { display: none; } }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: var(--ink);
  background: var(--ground); font: 1rem/1.5 "Source Sans 3", "Segoe UI", Arial, sans-serif; }
h1, h2 { font-family: "Source Serif 4", Georgia, serif; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 0.5rem; break-after: avoid; }
h3 { margin: 1.5rem 0 0; break-after: avoid; }
p { margin: 0.5rem 0; white-space: pre-line; overflow-wrap: anywhere; }
figure { margin: 1rem 0; break-inside: avoid; }
figcaption, .said { color: var(--grey); font-size: 0.875rem; }
.badge { font-size: 0.875rem; border: 1px solid; border-radius: 0.375rem; padding: 0.1rem 0.5rem;
  white-space: nowrap; }
.wide { overflow-x: auto; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 0 1.5rem; }
.pair > * { min-width: 0; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0;
  border-bottom: 1px solid var(--faint); overflow-wrap: break-word; }
th { color: var(--grey); font-weight: 600; }
tr { break-inside: avoid; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 0.75rem; }
.sheet > div { border: 1px solid var(--faint); border-radius: 0.375rem; padding: 0.5rem;
  font-size: 0.8125rem; line-height: 1.3; text-align: center; white-space: pre-line;
  break-inside: avoid; overflow-wrap: anywhere; }
.pairs { grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
.sheet.pairs img { width: 11.25rem; }
.sheet img { display: block; width: 5.25rem; margin: 0 auto 0.25rem; image-rendering: pixelated;
  max-width: 100%; filter: var(--flip); mix-blend-mode: var(--blend); }
"""

# Figures carry one ink, a near black, which becomes the reader's. On paper they are drawn narrower.
_DRAW = """
const dark = matchMedia("(prefers-color-scheme: dark)");
function draw(isPaper) {
  const ink = isPaper || !dark.matches ? "#1e2a36" : "#e6e8ea";
  for (const figure of document.querySelectorAll("figure.plot")) {
    const [place, source] = figure.children;
    const { data, layout } = JSON.parse(source.textContent.replaceAll("%s", ink));
    layout.font = { color: ink, family: getComputedStyle(document.body).fontFamily };
    layout.modebar = { ...layout.modebar, bgcolor: "rgba(0, 0, 0, 0)" };
    if (isPaper) layout.width = Math.min(680, place.clientWidth);
    Plotly.react(place, data, layout, { responsive: true, displaylogo: false,
      toImageButtonOptions: { scale: 2, filename: "plot" } });
  }
}
draw(false);
dark.addEventListener("change", () => draw(false));
addEventListener("beforeprint", () => draw(true));
addEventListener("afterprint", () => draw(false));
""".replace("%s", plots.INK)


def page(title: str, parts: Sequence[str]) -> str:
    """A document of these parts, each of them HTML. `title`: str, not yet escaped."""
    scripts = [get_plotlyjs(), _DRAW] if any("<figure" in part for part in parts) else []
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    tags = "".join(f"<script>{script}</script>\n" for script in scripts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + f"\n{tags}</body>\n</html>\n"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


# --- pieces of HTML: everything that comes from a run is escaped here ----------------------------


def sentence(words: str, kind: str = "") -> str:
    """Words as a paragraph, escaped. `kind`: "said" for the small grey ones."""
    return f'<p class="{kind}">{escape(words)}</p>'


def section(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def plot(figure: go.Figure, caption: str = "") -> str:
    """A figure as data: no `<` in it, so that it cannot end its element."""
    figure.layout.template = None
    content = figure.to_json().replace("<", "\\u003c")
    return (
        f'<figure class="plot"><div></div><script type="application/json">{content}</script>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def pair(*parts: str) -> str:
    return '<div class="pair">' + "".join(f"<div>{part}</div>" for part in parts) + "</div>"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Dicts with the same keys as a table, "" where there are none."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def sheet(drawings: NDArray[np.uint8] | None, captions: Sequence[str], kind: str = "sheet") -> str:
    """Drawings with words below; `drawings`: (N, 28, any) uint8, or None for the words alone."""
    cells = []
    for place, caption in enumerate(captions):
        picture = ""
        if drawings is not None:
            picture = f'<img alt="{escape(caption)}" src="{_uri(drawings[place])}">'
        cells.append(f"<div>{picture}{escape(caption)}</div>")
    return f'<div class="{kind}">' + "".join(cells) + "</div>"


def _uri(drawing: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(drawing)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
