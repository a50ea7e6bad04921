"""The components' files, which Streamlit takes as text.

Streamlit loads a component's files by their path only from installed packages that declare them; a
program's own components are given as text, of which the browser makes one module each. So files say
what they share as a browser would read it, JavaScript with `import { a, b } from "./x.js";` and
style sheets with `@import "./x.css";`, and `joined` puts the texts of those files in front, each
once. All stand in one scope then: no two may give one name to different things at their top level,
which the browser (and a test) refuses, and nothing may be renamed on its import.
"""

import re
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

WEB = Path(__file__).resolve().parent / "web"

_IMPORT = {
    ".js": re.compile(r'^import \{[^}]*\} from "(\.[^"]+)";\n', re.MULTILINE),
    ".css": re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE),
}
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def component(name: str, isolate_styles: bool = True) -> ComponentRenderer:
    """Declare the component whose files are `web/NAME/NAME.html`, `.css` and `.js`.

    Args:
        name: of the folder; Streamlit knows the component as "doodle_NAME".
        isolate_styles: False for a component that stands in the document itself.
    """
    file = WEB / name / name
    return st.components.v2.component(
        f"doodle_{name}",
        html=file.with_suffix(".html").read_text(encoding="utf-8"),
        css=joined(file.with_suffix(".css")),
        js=joined(file.with_suffix(".js")),
        isolate_styles=isolate_styles,
    )


def joined(path: Path) -> str:
    """A .js or .css file's text, behind the texts of all files that it imports, each once.

    Raises:
        FileNotFoundError: an import leads nowhere.
    """
    seen: set[Path] = set()
    pieces: list[str] = []

    def add(file: Path) -> None:
        if file in seen:
            return
        seen.add(file)
        text, pattern = file.read_text(encoding="utf-8"), _IMPORT[file.suffix]
        for name in pattern.findall(text):
            add((file.parent / name).resolve())
        own = _EXPORT.sub("", pattern.sub("", text)).strip()
        pieces.append(f"/* {file.relative_to(WEB).as_posix()} */\n{own}\n")

    add(path.resolve())
    return "\n".join(pieces)
