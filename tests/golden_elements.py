"""What one element of a page shows, as JSON that can be stored and compared.

Only what a reader sees counts: texts, figures, tables, plots and pictures. Ids, keys, sizes on the
screen, JavaScript and the names of components' fields are left out, so that a page may be written
anew without a word here. Long arrays become a digest (`shortened`), tables their CSV, pictures
hashes of their pixels.

What depends on the machine is made alike: the paths of the home and of the program become HOME and
PROGRAM; figures are rounded to six significant digits; a served file counts by its content, not its
address; compressed files by what is in them.
"""

import base64
import binascii
import contextlib
import hashlib
import io
import json
import math
import re
import zlib
from typing import Any

import numpy as np
import pandas as pd
from google.protobuf.json_format import MessageToDict
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1.element_tree import Widget

LONG = 24  # leaves of a list that is kept in full, at most
NAMES = 60  # texts of such a list
SAMPLES = 16  # leaves of a longer one that are kept
TEXTS = {
    *(
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "latex",
        "code",
        "text",
        "json",
        "html",
    ),
    *("info", "success", "warning", "error"),
}
# components' bookkeeping
UNSHOWN = {"stamp", "alikeStamp", "revision", "view", "owner", "format", "address"}
NUMBERS = {"b1": "i1", "B": "u1"}  # NumPy's names of the types that Plotly calls otherwise

Json = Any
"""What `json.dumps` takes."""
Media = dict[str, tuple[bytes, str]]
"""{id: (content, MIME type)} of the files that a page handed out."""


class Reader:
    """Reads elements.

    Attributes:
        places: {path: name that stands for it}. templates: hashes of the plots' templates met.
    """

    def __init__(self, places: dict[str, str]) -> None:
        self.places = {_escapable(path): name for path, name in places.items()}
        self.templates: set[str] = set()

    def plain(self, text: Any) -> str:
        """A text without paths of this machine."""
        found = str(text)
        for pattern, name in self.places.items():
            found = pattern.sub(name, found)
        return found

    def element(self, node: Any, media: Media, sketch: bool) -> Json | None:
        """An element of AppTest's tree as a dict, or None where it shows nothing.

        Args:
            node: element or block. media: what the page's run handed out.
            sketch: whether drawings are kept coarsely too, to be compared with a tolerance.
        """
        kind = str(node.type)
        if kind in ("tab", "expander", "status"):
            return {"kind": kind, "label": self.plain(node.proto.label)}
        if hasattr(node, "children"):
            return None
        proto = node.proto
        found: dict[str, Json] = {"kind": kind}
        if kind == "exception":
            return found | {"text": self.plain(node.message)}
        if kind in TEXTS:
            found["text"] = self.plain(node.value)
        elif kind == "metric":
            found |= {"value": self.plain(proto.body), "delta": self.plain(proto.delta)}
        elif kind == "dataframe":
            found |= self.table(node)
        elif kind == "plotly_chart":
            found["spec"] = self.plot(json.loads(proto.spec))
        elif kind == "vega_lite_chart":
            rows = convert_arrow_bytes_to_pandas_df(proto.data.data)
            columns = {str(name): shortened(rows[name].tolist()) for name in rows}
            found |= {"spec": shortened(json.loads(proto.spec)), "columns": columns}
        elif kind == "image":
            shown = [(self._served(one.url, media), one.caption) for one in proto.imgs]
            found["pictures"] = [
                {"caption": self.plain(caption)} | picture(content, sketch)
                for content, caption in shown
            ]
        elif kind == "bidi_component":
            found["shows"] = self.component(proto, media, sketch)
        elif kind == "page_link":
            found |= {"page": proto.page, "query": proto.query_string}
        elif kind == "progress":
            found |= {"value": proto.value, "text": self.plain(proto.text)}
        elif kind == "download_button":
            if proto.url:
                content, mime = self._file(proto.url, media)
                is_picture = mime.startswith("image/")
                found["file"] = picture(content, sketch) if is_picture else listing(content)
        elif isinstance(node, Widget):
            found |= self.widget(node)
        else:
            more = MessageToDict(proto)
            found["more"] = {name: value for name, value in more.items() if name != "id"}
        for name in ("label", "help"):
            if text := getattr(proto, name, ""):
                found[name] = self.plain(text)
        return found

    def widget(self, node: Any) -> dict[str, Json]:
        """A widget's choices, bounds and present value."""
        found: dict[str, Json] = {}
        options = list(getattr(node, "options", ()))
        if options:
            texts = [self.plain(one) for one in options]
            found["options"] = texts if len(texts) <= NAMES else shortened(texts)
        if node.type == "button":
            return found | {"disabled": bool(node.proto.disabled)}
        if node.type == "selectbox":
            value = None if node.index is None else options[node.index]
        elif node.type == "button_group":
            value = list(node.formatted_values)
        elif node.type == "multiselect":
            value = [options[at] for at in node.indices]
        elif node.type == "file_uploader":
            return found
        else:
            value = node.value
        found["value"] = shortened(value) if not isinstance(value, str) else self.plain(value)
        for name in ("min", "max", "step"):
            if isinstance(bound := getattr(node, name, None), int | float):
                found[name] = bound
        if text := getattr(node.proto, "placeholder", ""):
            found["placeholder"] = text
        return found

    def table(self, node: Any) -> dict[str, Json]:
        """A table as CSV with its columns' own words."""
        frame = node.value
        is_plain = isinstance(frame.index, pd.RangeIndex)
        config = json.loads(node.proto.columns or "{}")
        columns = {}
        for name, one in config.items():
            words = {key: one.get(key) for key in ("label", "help", "hidden") if one.get(key)}
            words |= {"format": (one.get("type_config") or {}).get("format")}
            words = {key: self.plain(text) for key, text in words.items() if text is not None}
            if words:
                columns[name] = words
        csv = frame.to_csv(
            index=not is_plain, lineterminator="\n", float_format=lambda one: str(rounded(one))
        )
        found: dict[str, Json] = {"csv": self.plain(csv).splitlines()}
        if columns:
            found["columns"] = columns
        if node.proto.column_order:
            found["order"] = list(node.proto.column_order)
        return found

    def plot(self, spec: Json) -> Json:
        """A Plotly figure; its template, Plotly's own, is kept once for all figures."""
        template = spec.get("layout", {}).pop("template", None)
        if template is not None:
            self.templates.add(digest(json.dumps(template, sort_keys=True).encode()))
        for trace in spec.get("data", ()):
            _settle_ties(trace)
        return shortened({name: spec[name] for name in ("data", "layout") if name in spec})

    def component(self, proto: Any, media: Media, sketch: bool) -> list[Json]:
        """A component's data without the names of its fields, in an order of its own."""
        data = json.loads(proto.json or proto.mixed.json or "null")
        values = data.items() if isinstance(data, dict) else [("", data)]
        found = [
            self._value(value, media, sketch)
            for name, value in values
            # bare whole numbers are sizes and counts of requests; figures are fractions or in lists
            if name not in UNSHOWN and type(value) not in (int, bool)
        ]
        found = [one for one in found if one not in (None, "", [], {})]
        return sorted(found, key=_skeleton)

    def _value(self, value: Json, media: Media, sketch: bool) -> Json:
        if isinstance(value, dict):
            return {name: self._value(one, media, sketch) for name, one in value.items()}
        if isinstance(value, list):
            if all(not isinstance(one, list | dict | str) for one in value):
                return shortened(value)
            return [self._value(one, media, sketch) for one in value]
        if not isinstance(value, str):
            return shortened(value)
        if re.fullmatch(r"/?[\w/]*/media/\w+\.\w+", value):
            _, kind = self._file(value, media)
            return None if "script" in kind else packed(self._served(value, media), sketch)
        if (content := _unpacked(value)) is not None:
            return packed(content, sketch)
        return self.plain(value)

    def _file(self, url: str, media: Media) -> tuple[bytes, str]:
        return media[url.rpartition("/")[2].partition(".")[0]]

    def _served(self, url: str, media: Media) -> bytes:
        return self._file(url, media)[0]


def _skeleton(value: Json) -> str:
    """JSON without hashes and fractions: an order that a figure's last digits do not change."""
    text = re.sub(r'"(hash|sketch)": "[^"]*"', "", json.dumps(value, sort_keys=True))
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", "#", text)


def _escapable(path: str) -> re.Pattern[str]:
    """A pattern of a path, also where Markdown's escapes stand in it."""
    return re.compile("".join(rf"\\?{re.escape(one)}" for one in path))


def digest(content: bytes) -> str:
    """Twelve hexadecimal digits of a hash."""
    return hashlib.sha256(content).hexdigest()[:12]


def rounded(value: float, digits: int = 6) -> float | int | str | None:
    """A number to so many significant digits, whole ones as they are; None for NaN."""
    if not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value != int(value):
        value = float(f"{value:.{digits}g}")
    if abs(value) < 1e-12:  # what is left of a difference of equals
        return 0
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def shortened(value: Json) -> Json:
    """JSON with rounded numbers, without `uid`s, long lists as digests."""
    if isinstance(value, dict):
        if set(value) >= {"dtype", "bdata"}:  # an array as Plotly packs it
            return shortened(_typed_array(value))
        return {str(name): shortened(one) for name, one in value.items() if name != "uid"}
    if isinstance(value, list | tuple):
        leaves, shape = _leaves(value)
        if leaves is None or len(leaves) <= LONG:
            return [shortened(one) for one in value]
        return _digest_of(leaves, shape)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return rounded(float(value))


def _settle_ties(trace: dict[str, Json]) -> None:
    """Put neighbouring bars of the same height and colour in the order of their names.

    Optuna sorts settings by their importance: of two alike the last digit decides which comes
    first, and that digit is the processor's.
    """
    x, y = trace.get("x"), trace.get("y")
    if trace.get("type") != "bar" or not (isinstance(x, list) and isinstance(y, list)):
        return
    names, heights = (y, x) if trace.get("orientation") == "h" else (x, y)
    is_coloured = isinstance(trace.get("marker", {}).get("color"), list)
    if is_coloured or any(isinstance(one, str) for one in heights):
        return
    groups, order = [rounded(float(one or 0)) for one in heights], list(range(len(heights)))
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or groups[end] != groups[start]:
            order[start:end] = sorted(order[start:end], key=lambda at: str(names[at]))
            start = end
    for name, values in trace.items():
        if isinstance(values, list) and len(values) == len(order):
            trace[name] = [values[at] for at in order]


def _typed_array(value: dict[str, Json]) -> list[Json]:
    kind = NUMBERS.get(value["dtype"], value["dtype"])
    array = np.frombuffer(base64.b64decode(value["bdata"]), kind)
    if shape := value.get("shape"):
        array = array.reshape([int(one) for one in str(shape).split(",")])
    found: list[Json] = array.tolist()
    return found


def _leaves(value: Json) -> tuple[list[Json] | None, list[int]]:
    """(the leaves of nested lists, their shape); (None, []) where there are dicts among them."""
    if any(isinstance(one, dict) for one in value):
        return None, []
    if not any(isinstance(one, list | tuple) for one in value):
        return list(value), [len(value)]
    leaves: list[Json] = []
    widths = set()
    for one in value:
        more, shape = _leaves(one) if isinstance(one, list | tuple) else ([one], [1])
        if more is None:
            return None, []
        leaves += more
        widths.add(tuple(shape))
    return leaves, [len(value), *(widths.pop() if len(widths) == 1 else (-1,))]


def _digest_of(leaves: list[Json], shape: list[int]) -> dict[str, Json]:
    """A long list: its shape, a hash, a few leaves; of numbers also range and two means.

    The second mean is weighted by place, so that another order is another figure.
    """
    short = [one if one is None or isinstance(one, str) else rounded(float(one)) for one in leaves]
    places = np.linspace(0, len(short) - 1, SAMPLES).round().astype(int)
    found: dict[str, Json] = {
        "shape": shape,
        "hash": digest(json.dumps(short).encode()),
        "some": [short[at] for at in places],
    }
    numbers = [one for one in short if one is not None and not isinstance(one, str)]
    if len(numbers) and not any(isinstance(one, str) for one in short):
        values = np.array(numbers, float)
        found |= {"low": rounded(values.min()), "high": rounded(values.max())}
        turned = values * np.cos(np.arange(len(values)))
        found |= {"mean": rounded(values.mean(), 9), "turned": rounded(turned.mean(), 9)}
        found |= {
            "whole": bool((values == values.round()).all()),
            "none": len(short) - len(numbers),
        }
    return found


def _unpacked(text: str) -> bytes | None:
    """What a long text of base64 holds, or None of any other text."""
    if len(text) < 48 or len(text) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def packed(content: bytes, sketch: bool) -> dict[str, Json]:
    """Bytes for a component: float32 as numbers, 28 x 28 drawings and others as a hash."""
    with contextlib.suppress(zlib.error):
        content = zlib.decompress(content)
    if len(content) % 4 == 0:
        with np.errstate(invalid="ignore"):  # other bytes may be no numbers at all
            numbers = np.frombuffer(content, "<f4").astype(float)
        size = np.abs(numbers[numbers != 0])
        is_small = (size > 1e-6) & (size < 1e4)  # NaN is neither
        if len(size) and is_small.mean() > 0.99 and np.isfinite(numbers).all():
            return _digest_of(numbers.tolist(), [len(numbers)])
    found: dict[str, Json] = {"bytes": len(content), "hash": digest(content)}
    if sketch and len(content) % 784 == 0:
        pixels = np.frombuffer(content, np.uint8).reshape(-1, 28, 28)
        found["sketch"] = sketched(pixels.astype(float), 4)
    return found


def sketched(pixels: NDArray[np.float64], side: int) -> str:
    """(N, height, width) in [0, 255] -> means over side x side fields of each, as base64."""
    n, height, width = pixels.shape
    tall, wide = height // side, width // side
    fields = pixels[:, : tall * side, : wide * side].reshape(n, side, tall, side, wide)
    return base64.b64encode(fields.mean(axis=(2, 4)).round().astype(np.uint8).tobytes()).decode()


def picture(content: bytes, sketch: bool) -> dict[str, Json]:
    """A PNG or GIF by its pixels: size, frames and a hash."""
    with Image.open(io.BytesIO(content)) as file:
        frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(file)]
    pixels = np.stack(frames)
    found: dict[str, Json] = {"shape": list(pixels.shape), "hash": digest(pixels.tobytes())}
    if sketch:
        found["sketch"] = sketched(pixels.astype(float), 4)
    return found


def listing(content: bytes) -> dict[str, Json]:
    """A text file: how many lines, a hash of what is in them, and the first line."""
    lines = content.decode("utf-8").splitlines()
    return {"lines": len(lines), "hash": digest("\n".join(lines).encode()), "first": lines[:1]}
