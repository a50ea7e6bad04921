"""Grids of drawings that can be clicked, and a closer look at one of them.

Drawings and names travel to the browser as data, never as markup: pixels as base64, painted on
canvases; captions, titles and facts as the text of elements.
"""

import base64
import zlib

import numpy as np
import streamlit as st

TONES = ("", "right", "wrong")

# Ink takes the theme's text colour, on paper of the theme's own: dark on light or light on dark.
_CSS = """
* { box-sizing: border-box; }
:host, .grid, .closeup { font-family: var(--st-font); color: var(--st-text-color); }
canvas { image-rendering: pixelated; display: block; max-width: 100%; height: auto;
  aspect-ratio: 1; }
.grid { display: grid; gap: 0.5rem; padding: 3px; margin: 0 -3px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--cell)), 1fr)); }
@media (max-width: 640px) {
  .grid[style*="--across"] { grid-template-columns: repeat(var(--across), minmax(0, 1fr)); }
}
.grid button { position: relative; display: flex; flex-direction: column; align-items: center;
  gap: 0.375rem; min-width: 0; margin: 0; padding: 0.5rem 0.25rem; font: inherit; color: inherit;
  cursor: pointer; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: color-mix(in srgb, var(--st-background-color), var(--st-secondary-background-color)
  35%); transition: border-color 0.12s, background-color 0.12s; }
.grid button:hover { border-color: var(--st-primary-color);
  background: var(--st-secondary-background-color); }
.grid button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.caption { max-width: 100%; font-size: 0.8125rem; line-height: 1.25; text-align: center;
  white-space: pre-line; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.caption:empty { display: none; }
.mark { display: none; position: absolute; top: 3px; right: 3px; width: 16px; height: 16px;
  fill: none; stroke: var(--st-background-color); stroke-width: 2; stroke-linecap: round; }
.mark circle { stroke: none; fill: var(--tone); }
[data-tone="right"] { --tone: var(--st-blue-color); }
[data-tone="wrong"] { --tone: var(--st-orange-color); }
.grid [data-tone="right"], .grid [data-tone="wrong"] { border-color: var(--tone); }
[data-tone="right"] .mark, [data-tone="wrong"] .mark { display: block; }
.closeup { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; }
.closeup canvas { width: 308px; flex: none; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); background: color-mix(in srgb, var(--st-background-color),
  var(--st-secondary-background-color) 35%); }
.facts { flex: 1 1 220px; min-width: 0; }
h3 { margin: 0 0 0.75rem; font: var(--st-heading-font-weight-3) var(--st-heading-font-size-3) / 1.2
  var(--st-heading-font); color: var(--st-heading-color); overflow-wrap: anywhere; }
dl { margin: 0; display: grid; gap: 0.75rem; }
dt { font-size: 0.8125rem; color: var(--st-gray-text-color); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.bar { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 0.5rem;
  margin-top: 0.25rem; }
.track { grid-column: 1 / -1; height: 6px; border-radius: 3px; overflow: hidden;
  background: var(--st-secondary-background-color); }
.track div { height: 100%; background: var(--st-blue-color); }
"""

# Streamlit calls the default function again whenever the data or the theme change. Elements that
# are there already are kept, so that nothing flickers and neither scroll nor focus is lost.
_PAINT = """
function unpack(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
function paint(canvas, pixels) {
  const pen = canvas.getContext("2d"), image = new ImageData(28, 28);
  for (let i = 0; i < 784; i++) image.data[4 * i + 3] = pixels[i];
  pen.globalCompositeOperation = "copy";
  pen.putImageData(image, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.fillRect(0, 0, 28, 28);
}
function make(name, parent, className) {
  const element = document.createElement(name);
  if (className) element.className = className;
  parent.append(element);
  return element;
}
"""

_GRID = _PAINT + """
const SHAPES = { right: "M4.5 8.5l2.5 2.5 4.5-5.5", wrong: "M5 5l6 6M11 5l-6 6" };
function tile(grid) {
  const button = make("button", grid);
  button.type = "button";
  const canvas = make("canvas", button);
  canvas.width = canvas.height = 28;
  make("span", button, "caption");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  mark.setAttribute("class", "mark");
  mark.setAttribute("viewBox", "0 0 16 16");
  mark.setAttribute("aria-hidden", "true");
  for (const shape of ["circle", "path"]) {
    mark.append(document.createElementNS("http://www.w3.org/2000/svg", shape));
  }
  for (const [name, value] of [["cx", 8], ["cy", 8], ["r", 8]]) {
    mark.firstChild.setAttribute(name, value);
  }
  button.append(mark);
  return button;
}
export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const pixels = unpack(data.pixels), count = pixels.length / 784;
  grid.style.setProperty("--cell", data.cell + "px");
  if (data.across) grid.style.setProperty("--across", data.across);
  while (grid.children.length > count) grid.lastChild.remove();
  while (grid.children.length < count) tile(grid);
  const tiles = [...grid.children];
  let stop = tiles.findIndex((button) => button.tabIndex === 0 && button.dataset.stop);
  if (stop < 0) stop = 0;
  tiles.forEach((button, i) => {
    const caption = data.captions[i] ?? "", tone = data.tones[i] ?? "";
    const [canvas, text, mark] = button.children;
    canvas.style.width = data.size + "px";
    paint(canvas, pixels.subarray(784 * i, 784 * (i + 1)));
    if (text.textContent !== caption) text.textContent = caption;
    button.dataset.tone = tone;
    mark.lastChild.setAttribute("d", SHAPES[tone] ?? "");
    const said = [`drawing ${i + 1} of ${count}`, caption.replace(/\\n/g, ", "), tone];
    button.setAttribute("aria-label", said.filter(Boolean).join(", "));
    button.tabIndex = i === stop ? 0 : -1;  // one stop for Tab; the arrow keys go on from there
  });
  grid.onclick = (event) => {
    const i = tiles.indexOf(event.target.closest("button"));
    if (i < 0) return;
    setTriggerValue("clicked", { index: i, stamp: data.stamp });
    document.addEventListener("doodle-closed", () => tiles[i].focus({ preventScroll: true }),
      { once: true });
  };
  grid.onkeydown = (event) => {
    const from = tiles.indexOf(event.target.closest("button"));
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: from - columns,
      ArrowDown: from + columns, Home: 0, End: count - 1 }[event.key];
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= count) return;
    for (const button of tiles) { button.tabIndex = -1; delete button.dataset.stop; }
    tiles[to].tabIndex = 0;
    tiles[to].dataset.stop = "1";
    tiles[to].focus();
  };
}
"""

_CLOSEUP = _PAINT + """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".closeup");
  root.replaceChildren();
  const canvas = make("canvas", root);
  canvas.width = canvas.height = 28;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.title);
  paint(canvas, unpack(data.pixels));
  const beside = make("div", root, "facts");
  make("h3", beside).textContent = data.title;
  const list = make("dl", beside);
  for (const [label, value] of data.facts) {
    const pair = make("div", list);
    make("dt", pair).textContent = label;
    const says = make("dd", pair);
    if (!Array.isArray(value)) { says.textContent = value; continue; }
    for (const [name, share] of value) {
      const bar = make("div", says, "bar");
      make("span", bar).textContent = name;
      make("span", bar).textContent = (100 * share).toFixed(1) + "\\u00a0%";
      make("div", make("div", bar, "track")).style.width = 100 * share + "%";
    }
  }
  // a dialog cannot give the focus back into a grid by itself
  return () => setTimeout(() => document.dispatchEvent(new Event("doodle-closed")), 50);
}
"""

_grid = st.components.v2.component(
    "doodle_gallery", html='<div class="grid" role="group" aria-label="drawings"></div>',
    css=_CSS, js=_GRID,
)
_closeup = st.components.v2.component(
    "doodle_closeup", html='<div class="closeup"></div>', css=_CSS, js=_CLOSEUP,
)


def gallery(drawings, captions=None, tones=None, size=56, key=None, across=0):
    """Show drawings in a grid; each can be clicked, or chosen with Tab, arrow keys and Enter.

    Args:
        drawings: (N, 28, 28) or (N, 784) uint8, white (255) on black. With N = 0 nothing is shown.
        captions: N texts, or None; a line break is kept.
        tones: N of "right", "wrong", "" (border and mark), or None.
        size: int, width of a drawing in pixels; multiples of 28 look crispest.
        key: str. Give one wherever the drawings change from run to run: the grid is then updated
            in place, else it is built anew.
        across: int, drawings a row on a phone, where they shrink for it; 0: as many as fit.

    Returns:
        The index of the drawing that was clicked in this run, or None. A click on drawings that
        are no longer those shown counts for nothing.

    Raises:
        ValueError: other shapes, dtypes, tones or lengths.
    """
    pixels = _pixels(drawings)
    captions = [str(text) for text in captions] if captions is not None else []
    tones = [str(tone) for tone in tones] if tones is not None else []
    for name, given in (("captions", captions), ("tones", tones)):
        if given and len(given) != len(pixels):
            raise ValueError(f"Got {len(given)} {name} for {len(pixels)} drawings.")
    if unknown := set(tones) - set(TONES):
        raise ValueError(f"Got the tones {sorted(unknown)}; expected some of {TONES}.")
    if not len(pixels):
        return None
    stamp = zlib.crc32(pixels)
    result = _grid(
        data={"pixels": base64.b64encode(pixels).decode(), "captions": captions, "tones": tones,
              "size": int(size), "cell": max(int(size) + 18, 92 if captions else 0),
              "stamp": stamp, "across": int(across)},
        key=key,
        on_clicked_change=lambda: None,
    )
    return _clicked(result.clicked, stamp, len(pixels))


def enlarge(drawing, title, facts=None):
    """Open a dialog with one drawing, large, and what is known of it.

    Args:
        drawing: (28, 28) or (784,) uint8, white (255) on black.
        title: str, for example the true category; shown as it is, never as Markdown.
        facts: {label: text or number}, or {label: [(name, share in [0, 1]), ...]} for small bars,
            as `evaluation.top` gives them.
    """
    pixels = _pixels(np.asarray(drawing).reshape(1, -1))
    shown = [
        [str(label), [[str(name), float(np.clip(share, 0, 1))] for name, share in value]
         if isinstance(value, (list, tuple)) else str(value)]
        for label, value in (facts or {}).items()
    ]

    @st.dialog("Drawing", width="medium")  # a dialog's own title is Markdown: ours is inside
    def show():
        _closeup(
            data={"pixels": base64.b64encode(pixels).decode(), "title": str(title),
                  "facts": shown},
            key="doodle_closeup",
        )

    show()


def _clicked(event, stamp, count):
    """The index in a click's event from the browser, if it is one on the drawings shown now."""
    if not isinstance(event, dict) or event.get("stamp") != stamp:
        return None
    index = event.get("index")
    return index if isinstance(index, int) and 0 <= index < count else None


def _pixels(drawings):
    """As (N, 784) uint8, in one piece."""
    array = np.asarray(drawings)
    if array.size == 0:
        return np.empty((0, 784), np.uint8)
    if array.dtype != np.uint8 or array.shape[1:] not in ((784,), (28, 28)):
        raise ValueError(f"Got drawings of shape {array.shape} and {array.dtype}; expected "
                         "(N, 28, 28) or (N, 784) of uint8.")
    return np.ascontiguousarray(array.reshape(len(array), 784))
