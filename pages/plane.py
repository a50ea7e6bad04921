"""What the Generate page is made of: the decoded plane with its pointer, and ways to show answers.

As in `pages.gallery`, drawings and names travel as data and are painted on canvases.

The plane sends where its pointer is, and waits for the answer before it sends again: then the
latest place, with all between left out. Requests can so never queue up, and none is broken off by
the next. The page's `answer`, which stands beside the plane, tells it what has been answered.
"""

import base64
import math
import zlib

import numpy as np
import streamlit as st

from pages.gallery import _CSS as _GALLERY_CSS
from pages.gallery import _PAINT, _pixels

_PAPER = """
.paper { border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: color-mix(in srgb, var(--st-background-color), var(--st-secondary-background-color)
  35%); }
"""

_PLANE_CSS = _GALLERY_CSS + _PAPER + """
.plane { font-family: var(--st-font); color: var(--st-text-color); max-width: 600px; padding: 3px;
  margin: 0 -3px;
  display: grid; grid-template-columns: 1.25rem minmax(0, 1fr); gap: 0.25rem 0.375rem; }
.frame { position: relative; overflow: hidden; cursor: crosshair; touch-action: none; }
.frame:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.frame canvas { width: 100%; image-rendering: auto; }
.dots { position: absolute; inset: 0; height: 100%; pointer-events: none; }
.pointer { position: absolute; width: 22px; height: 22px; margin: -11px 0 0 -11px;
  border: 2px solid var(--st-primary-color); border-radius: 50%; pointer-events: none;
  box-shadow: 0 0 0 2px var(--st-background-color), inset 0 0 0 2px var(--st-background-color); }
.plane[data-held] .pointer { border-color: var(--st-orange-color); border-width: 4px; }
.ruler { display: flex; justify-content: space-between; font-size: 0.8125rem; line-height: 1;
  color: var(--st-gray-text-color); font-variant-numeric: tabular-nums; }
.ruler.y { flex-direction: column; align-items: flex-end; }
.ruler.y .title { writing-mode: vertical-rl; transform: rotate(180deg); }
.names, .hint { grid-column: 2; font-size: 0.8125rem; line-height: 1.4; }
.hint { margin-top: 0.25rem; color: var(--st-gray-text-color); }
.names { display: flex; flex-wrap: wrap; gap: 0.125rem 0.75rem; margin-top: 0.25rem; }
.names:empty { display: none; }
.names span::before { content: ""; display: inline-block; width: 9px; height: 9px;
  margin-right: 0.375rem; border-radius: 50%; background: var(--dot); }
"""

_SHEET = _PAINT + """
function sheet(canvas, pixels, across, gap) {
  const count = pixels.length / 784, step = 28 + gap, rows = Math.ceil(count / across);
  canvas.width = across * step - gap;
  canvas.height = rows * step - gap;
  canvas.style.aspectRatio = canvas.width + " / " + canvas.height;
  const pen = canvas.getContext("2d"), image = new ImageData(canvas.width, canvas.height);
  for (let n = 0; n < count; n++) {
    const left = (n % across) * step, top = Math.floor(n / across) * step;
    for (let i = 0; i < 784; i++) {
      const at = (top + Math.floor(i / 28)) * canvas.width + left + i % 28;
      image.data[4 * at + 3] = pixels[784 * n + i];
    }
  }
  pen.globalCompositeOperation = "copy";
  pen.putImageData(image, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.fillRect(0, 0, canvas.width, canvas.height);
}
"""

# The centre of the first cell is at -reach and that of the last at +reach: the edges of the canvas
# are half a cell further out, so that a drawing lies where it was decoded.
_PLANE = _SHEET + """
const WAIT = 1500;  // an answer that has not come by then is not waited for any more
export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".plane"), frame = root.querySelector(".frame");
  const canvas = root.querySelector(".sheet"), dots = root.querySelector(".dots");
  const edge = data.reach * data.side / (data.side - 1);
  const clip = (value) => Math.min(edge, Math.max(-edge, value));
  const state = root.state ??= { x: 0, y: 0, sent: 0, asked: 0, next: false };
  if (state.stamp !== data.stamp + getComputedStyle(canvas).color) {
    state.stamp = data.stamp + getComputedStyle(canvas).color;
    sheet(canvas, unpack(data.pixels), data.side, 0);
  }
  paintDots();
  for (const axis of ["x", "y"]) {
    const ends = root.querySelector(".ruler." + axis).children, sign = axis === "x" ? 1 : -1;
    ends[0].textContent = label(-sign * data.reach);
    ends[2].textContent = label(sign * data.reach);
  }
  const names = root.querySelector(".names");
  names.replaceChildren();
  for (const [name, color] of data.names) {
    const one = make("span", names);
    one.textContent = name;
    one.style.setProperty("--dot", color);
  }
  place();
  if (Math.max(Math.abs(state.x), Math.abs(state.y)) > edge) move(state.x, state.y);

  function label(value) { return (value < 0 ? "\\u2212" : "") + Math.abs(value); }
  function place() {
    const pointer = root.querySelector(".pointer");
    pointer.style.left = 50 + 50 * state.x / edge + "%";
    pointer.style.top = 50 - 50 * state.y / edge + "%";
    frame.setAttribute("aria-valuetext", state.x.toFixed(2) + ", " + state.y.toFixed(2));
  }
  function send() {
    if (!state.next) return;
    const since = performance.now() - state.when;
    if (state.sent > state.asked && since < WAIT) return;
    state.next = false;
    state.sent += 1;
    state.when = performance.now();
    setTimeout(send, WAIT);
    setStateValue("at", { x: state.x, y: state.y, n: state.sent });
  }
  function move(x, y) {
    x = clip(x); y = clip(y);
    if (x === state.x && y === state.y) return;
    [state.x, state.y, state.next] = [x, y, true];
    place();
    send();
  }
  function follow(event) {
    const box = canvas.getBoundingClientRect();
    move(edge * (2 * (event.clientX - box.left) / box.width - 1),
         edge * (1 - 2 * (event.clientY - box.top) / box.height));
  }
  function hold(is) { root.toggleAttribute("data-held", is); }
  function paintDots() {
    dots.width = dots.height = 1120;
    dots.hidden = !data.points;
    if (!data.points) return;
    const places = new Float32Array(unpack(data.points).buffer), pen = dots.getContext("2d");
    const labels = unpack(data.labels);
    pen.strokeStyle = getComputedStyle(root).getPropertyValue("--st-background-color");
    for (let i = 0; i < places.length / 2; i++) {
      pen.fillStyle = data.names[labels[2 * i] + 256 * labels[2 * i + 1]][1];
      pen.globalAlpha = 0.75;
      pen.beginPath();
      pen.arc(560 + 560 * places[2 * i] / edge, 560 - 560 * places[2 * i + 1] / edge, 6, 0, 7);
      pen.fill();
      pen.stroke();
    }
  }

  frame.onpointermove = (event) => {
    if (event.pointerType !== "mouse" || !root.hasAttribute("data-held")) follow(event);
  };
  frame.onpointerdown = (event) => {
    if (event.pointerType !== "mouse") { hold(false); follow(event); return; }
    hold(!root.hasAttribute("data-held"));  // a held pointer stays while the mouse goes elsewhere
    follow(event);
  };
  frame.onkeydown = (event) => {
    const step = event.shiftKey ? 0.5 : 0.1;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step],
      ArrowDown: [0, -step] }[event.key];
    if (event.key === "Escape") hold(false);
    if (event.key === "Home") move(0, 0);
    if (!by && event.key !== "Home") return;
    event.preventDefault();
    hold(true);
    if (by) move(state.x + by[0], state.y + by[1]);
  };
  const answered = (event) => {
    if (event.detail <= state.sent) state.asked = Math.max(state.asked, event.detail);
    send();
  };
  document.addEventListener("doodle-answered", answered);
  return () => document.removeEventListener("doodle-answered", answered);
}
"""

_PLANE_HTML = """<div class="plane">
<div class="ruler y"><span></span><span class="title">latent 2</span><span></span></div>
<div class="frame paper" tabindex="0" role="slider" aria-label="latent plane" aria-valuenow="0"
 ><canvas class="sheet"></canvas><canvas class="dots"></canvas><div class="pointer"></div></div>
<div></div>
<div class="ruler x"><span></span><span class="title">latent 1</span><span></span></div>
<div class="names"></div>
<div class="hint">Move over it, or drag a finger, or use the arrow keys (Shift: longer steps).
 A click holds the pointer where it is; the next lets it go.</div>
</div>"""

_ANSWER_CSS = _GALLERY_CSS + _PAPER + """
.closeup { gap: 1rem 1.25rem; padding: 3px; margin: 0 -3px; }
.closeup canvas { width: 252px; }
.facts { flex: 1 1 200px; max-width: 360px; }
.facts .sub { min-height: 2.5em; }
.facts .sub { margin: 0 0 0.75rem; color: var(--st-gray-text-color); font-size: 0.875rem;
  font-variant-numeric: tabular-nums; }
.track div { transition: width 0.1s; }
"""

# Elements stay and change in place: an answer comes ten times a second.
_ANSWER = _PAINT + """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".closeup");
  if (!root.firstChild) {
    make("canvas", root, "paper");
    root.firstChild.width = root.firstChild.height = 28;
    root.firstChild.setAttribute("role", "img");
    const beside = make("div", root, "facts");
    make("h3", beside);
    make("p", beside, "sub");
    make("div", beside, "bars");
  }
  const [canvas, beside] = root.children, [title, sub, bars] = beside.children;
  paint(canvas, unpack(data.pixels));
  canvas.setAttribute("aria-label", "generated drawing");
  title.textContent = data.title;
  sub.textContent = data.sub;
  while (bars.children.length > data.bars.length) bars.lastChild.remove();
  while (bars.children.length < data.bars.length) {
    const bar = make("div", bars, "bar");
    make("span", bar);
    make("span", bar);
    make("div", make("div", bar, "track"));
  }
  data.bars.forEach(([name, share], i) => {
    const [label, value, track] = bars.children[i].children;
    label.textContent = name;
    value.textContent = (100 * share).toFixed(1) + "\\u00a0%";
    track.firstChild.style.width = 100 * share + "%";
  });
  document.dispatchEvent(new CustomEvent("doodle-answered", { detail: data.n }));
}
"""

_STRIPS_CSS = _GALLERY_CSS + _PAPER + """
.strips { font-family: var(--st-font); color: var(--st-text-color); padding: 3px; margin: 0 -3px;
  display: grid; gap: 0.625rem 0.75rem; max-width: 760px;
  grid-template-columns: minmax(0, max-content) minmax(0, 1fr); align-items: center; }
.strips canvas { width: 100%; image-rendering: auto; }
.name { font-size: 0.8125rem; line-height: 1.25; white-space: pre-line; }
.ticks { grid-column: 2; display: grid; grid-auto-flow: column; grid-auto-columns: 1fr;
  text-align: center; font-size: 0.8125rem; line-height: 1; color: var(--st-gray-text-color);
  font-variant-numeric: tabular-nums; padding: 0 1px; }
"""

_STRIPS = _SHEET + """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".strips"), pixels = unpack(data.pixels);
  const size = 784 * data.ticks.length;
  root.replaceChildren();
  data.names.forEach((name, i) => {
    make("div", root, "name").textContent = name;
    const canvas = make("canvas", root, "paper");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name);
    sheet(canvas, pixels.subarray(size * i, size * (i + 1)), data.ticks.length, 2);
  });
  const ticks = make("div", root, "ticks");
  for (const tick of data.ticks) make("span", ticks).textContent = tick;
}
"""

_PAIRS_CSS = _GALLERY_CSS + _PAPER + """
.pairs { font-family: var(--st-font); color: var(--st-text-color); padding: 3px;
  margin: 0 -3px; display: grid;
  gap: 0.625rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 216px), 1fr)); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.375rem; margin: 0;
  padding: 0.5rem; }
.half { position: relative; display: flex; flex-direction: column; align-items: center;
  gap: 0.375rem; min-width: 0; }
.half canvas { width: 84px; }
.sign { position: absolute; top: 0; right: 0; width: 17px; height: 17px; border-radius: 50%;
  font-size: 12px; font-weight: 700; line-height: 17px; text-align: center;
  background: var(--tone); color: var(--st-background-color); }
.sign:empty { display: none; }
"""

_PAIRS = _PAINT + """
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".pairs"), pixels = unpack(data.pixels);
  root.replaceChildren();
  for (let i = 0; i < data.captions.length / 2; i++) {
    const pair = make("figure", root, "pair paper");
    for (const n of [2 * i, 2 * i + 1]) {
      const half = make("div", pair, "half");
      half.dataset.tone = data.tones[n] ?? "";
      const canvas = make("canvas", half);
      canvas.width = canvas.height = 28;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label",
        [n % 2 ? "reconstruction" : "drawing", data.captions[n], data.tones[n]].join(", "));
      paint(canvas, pixels.subarray(784 * n, 784 * (n + 1)));
      make("span", half, "caption").textContent = data.captions[n];
      const sign = make("span", half, "sign");
      sign.textContent = { right: "\\u2713", wrong: "\\u00d7" }[half.dataset.tone] ?? "";
      sign.setAttribute("aria-hidden", "true");
    }
  }
}
"""

_plane = st.components.v2.component("doodle_plane", html=_PLANE_HTML, css=_PLANE_CSS, js=_PLANE)
_answer = st.components.v2.component(
    "doodle_answer", html='<div class="closeup"></div>', css=_ANSWER_CSS, js=_ANSWER,
)  # fmt: skip
_strips = st.components.v2.component(
    "doodle_strips", html='<div class="strips"></div>', css=_STRIPS_CSS, js=_STRIPS,
)  # fmt: skip
_pairs = st.components.v2.component(
    "doodle_pairs", html='<div class="pairs"></div>', css=_PAIRS_CSS, js=_PAIRS,
)  # fmt: skip


def plane(drawings, reach, key, points=None, labels=None, colors=None):
    """A decoded 2-D latent plane with a pointer.

    Args:
        drawings: (side * side, 28, 28) uint8, as `Generator.plane` decodes them.
        reach: float, the plane's furthest coordinate. key: str.
        points: (M, 2) float, shown as dots, or None. labels: (M,) int, their categories.
        colors: {category: "#rrggbb"}, in the order of the labels.

    Returns:
        (x, y, n): where the pointer is, and the number of this request, which `answer` must be
        given. (0, 0, 0) at first.
    """
    side = math.isqrt(len(drawings))
    pixels, dots = _text(_pixels(drawings)), {"points": None, "labels": None, "names": []}
    if points is not None:
        dots = {
            "points": _text(np.asarray(points, "<f4")),
            "labels": _text(np.asarray(labels, "<u2")),
            "names": list(colors.items()),
        }
    stamp = zlib.crc32(pixels.encode())
    data = {"pixels": pixels, "side": side, "reach": float(reach), "stamp": stamp} | dots
    found = _plane(data=data, key=key, default={"at": None}, on_at_change=lambda: None)
    return _place(found.at, reach * side / (side - 1))


def _place(at, edge):
    """(x, y, n) from what the browser sent, within the plane."""
    numbers = [at.get(name) for name in ("x", "y", "n")] if isinstance(at, dict) else [0, 0, 0]
    if not all(isinstance(one, (int, float)) and math.isfinite(one) for one in numbers):
        numbers = [0, 0, 0]
    x, y = (float(min(max(one, -edge), edge)) for one in numbers[:2])
    return x, y, int(numbers[2])


def answer(drawing, title, sub, bars, key, n=0):
    """One generated drawing, large, with a verdict; updated in place.

    Args:
        drawing: (28, 28) uint8. title, sub: str. bars: [(category, probability), ...].
        key: str. n: the request of `plane` that this answers.
    """
    _answer(
        data={"pixels": _text(_pixels(np.asarray(drawing).reshape(1, -1))), "title": str(title),
              "sub": str(sub), "bars": [[str(name), float(share)] for name, share in bars], "n": n},
        key=key,
    )  # fmt: skip


def strips(drawings, names, ticks, key):
    """Rows of drawings that do not wrap.

    Args:
        drawings: (len(names) * len(ticks), 28, 28) uint8. names: of the rows. ticks: of the
            columns. key: str.
    """
    _strips(
        data={"pixels": _text(_pixels(drawings)), "names": [str(name) for name in names],
              "ticks": [str(tick) for tick in ticks]},
        key=key,
    )  # fmt: skip


def pairs(drawings, reconstructions, captions, tones, key):
    """Drawings and reconstructions side by side.

    Args:
        drawings, reconstructions: (N, 28, 28) uint8.
        captions, tones: 2 N texts, in turn of a drawing and of its reconstruction; tones as in
            `gallery`. key: str.
    """
    both = np.stack([_pixels(drawings), _pixels(reconstructions)], axis=1)
    _pairs(
        data={"pixels": _text(both), "captions": [str(one) for one in captions],
              "tones": [str(one) for one in tones]},
        key=key,
    )  # fmt: skip


def _text(array):
    """An array's bytes for the browser."""
    return base64.b64encode(np.ascontiguousarray(array)).decode()
