"""What the Draw page is made of: the canvas, the networks' answers, and the latent space.

The canvas sends its strokes as `pages.plane` sends its pointer: one request under way at a time,
then the latest strokes. `reading`, which must come last on the page, tells it what was answered.
As in `pages.gallery`, drawings and names travel as data and are painted on canvases.
"""

import zlib

import numpy as np
import streamlit as st

from doodle_core.data import sketch
from pages.gallery import _CSS as _GALLERY_CSS
from pages.gallery import _PAINT, _clicked, _pixels
from pages.plane import _PAPER, _text

SIDE = 1000  # the canvas, in the units of its strokes

_PAD_CSS = _GALLERY_CSS + _PAPER + """
.pad { max-width: 560px; padding: 3px;
  margin: 0 -3px; font-family: var(--st-font); color: var(--st-text-color); }
.frame { position: relative; overflow: hidden; aspect-ratio: 1; cursor: crosshair;
  touch-action: none; user-select: none; -webkit-user-select: none; }
.frame:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.frame[data-pointed] { outline: none; }
.frame canvas { width: 100%; height: 100%; image-rendering: auto; }
.hint { position: absolute; inset: 0; display: grid; place-content: center; gap: 0.25rem;
  padding: 2rem; text-align: center; pointer-events: none; color: var(--st-gray-text-color); }
.hint b { font: var(--st-heading-font-weight-3) var(--st-heading-font-size-3) / 1.3
  var(--st-heading-font); color: var(--st-heading-color); }
.hint span { font-size: 0.875rem; }
.pad[data-inked] .hint { display: none; }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-top: 0.625rem; }
.tools button { min-height: 2.5rem; padding: 0.25rem 1rem; font: inherit; color: inherit;
  cursor: pointer; border: 1px solid var(--st-border-color); background: transparent;
  border-radius: var(--st-button-radius); }
.tools button:hover:enabled { border-color: var(--st-primary-color);
  background: var(--st-secondary-background-color); }
.tools button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.tools button:disabled { opacity: 0.45; cursor: default; }
.says { flex: 1 1 8rem; min-height: 1.5rem; text-align: right; font-size: 1.125rem;
  overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.full { margin-top: 0.5rem; font-size: 0.8125rem; color: var(--st-orange-text-color); }
.full:empty { display: none; }
@media (max-width: 640px) {  /* the answer stands above the canvas, which fills the screen */
  .pad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.5rem; }
  .tools { display: contents; }
  .frame, .full, .says { grid-column: 1 / -1; }
  .says { order: -1; text-align: left; }
}
"""

_PAD_HTML = """<div class="pad">
<div class="frame paper" tabindex="0" role="img" aria-label="canvas: draw with the mouse, a pen or
 a finger"><canvas></canvas><div class="hint"><b>Draw here</b><span></span></div></div>
<div class="tools"><button type="button" class="undo" title="Ctrl+Z">Undo</button>
<button type="button" class="redo" title="Ctrl+Shift+Z">Redo</button>
<button type="button" class="clear">Clear</button>
<div class="says" role="status"></div></div>
<div class="full" role="status"></div>
</div>"""

# `past` and `future` hold whole drawings, whose strokes they share; so clearing can be undone, too.
_PAD = """
const WAIT = 1500;  // an answer that has not come by then is not waited for any more
const kept = new WeakMap();
export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".pad"), frame = root.querySelector(".frame");
  const canvas = frame.querySelector("canvas"), says = root.querySelector(".says");
  const [undo, redo, clear] = root.querySelectorAll("button");
  let state = kept.get(root);
  if (!state) {
    state = { strokes: data.strokes, past: [], future: [], line: null, sheet: data.sheet,
      sent: 0, asked: 0, next: false, when: 0 };
    kept.set(root, state);
    if (state.strokes.length) changed();  // one comes back to a drawing: it is answered anew
  }
  if (state.sheet !== data.sheet) {  // the page took the drawing: a new sheet
    remember();
    [state.sheet, state.strokes, state.line] = [data.sheet, [], null];
    says.textContent = "";
  }
  root.querySelector(".hint span").textContent = data.hint;
  show();

  function show() {
    const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    if (!side) return;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d"), scale = side / data.side;
    pen.clearRect(0, 0, side, side);
    pen.lineWidth = 14 * scale;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = getComputedStyle(canvas).color;
    for (const [xs, ys] of state.strokes) {
      pen.beginPath();
      pen.moveTo(xs[0] * scale, ys[0] * scale);
      xs.forEach((x, i) => pen.lineTo(x * scale, ys[i] * scale));
      pen.stroke();
      if (xs.length === 1) {  // a dot: a line of no length leaves no ink
        pen.arc(xs[0] * scale, ys[0] * scale, 7 * scale, 0, 7);
        pen.fill();
      }
    }
    root.toggleAttribute("data-inked", state.strokes.length > 0);
    undo.disabled = !state.past.length;
    redo.disabled = !state.future.length;
    clear.disabled = !state.strokes.length;
  }
  function send() {
    if (!state.next) return;
    if (state.sent > state.asked && performance.now() - state.when < WAIT) return;
    [state.next, state.when] = [false, performance.now()];
    state.sent += 1;
    setTimeout(send, WAIT);
    const { strokes, sheet, sent } = state;
    setStateValue("sketch", { strokes, sheet, n: sent });
  }
  function changed() {
    root.toggleAttribute("data-waits", true);
    state.next = true;
    send();
  }
  function remember() {
    state.past = [...state.past, state.strokes].slice(-200);
    state.future = [];
  }
  function change(from, to) {  // undo, or redo
    if (!from.length || state.line) return;
    to.push(state.strokes);
    state.strokes = from.pop();
    show();
    changed();
  }
  function points() {
    return state.strokes.reduce((sum, [xs]) => sum + xs.length, 0);
  }
  function add(event) {
    const box = canvas.getBoundingClientRect(), [xs, ys] = state.line;
    const clip = (share) => Math.round(data.side * Math.min(1, Math.max(0, share)));
    const x = clip((event.clientX - box.left) / box.width);
    const y = clip((event.clientY - box.top) / box.height);
    if (x === xs.at(-1) && y === ys.at(-1)) return;
    xs.push(x);
    ys.push(y);
  }

  frame.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0 || state.line) return;
    const isFull = state.strokes.length >= data.strokesMost || points() >= data.pointsMost;
    root.querySelector(".full").textContent = isFull
      ? "This is more ink than a drawing has: undo some strokes." : "";
    if (isFull) return;
    event.preventDefault();
    frame.dataset.pointed = "";
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    remember();
    state.line = [[], []];
    state.room = data.pointsMost - points();
    state.strokes = [...state.strokes, state.line];
    add(event);
    show();
    changed();
  };
  frame.onpointermove = (event) => {
    if (!state.line || !event.isPrimary) return;
    const before = state.line[0].length;
    for (const one of event.getCoalescedEvents?.() ?? []) add(one);
    add(event);
    state.line.forEach((axis) => axis.splice(state.room));
    if (state.line[0].length === before) return;
    show();
    changed();
  };
  frame.onpointerup = frame.onpointercancel = frame.onlostpointercapture = (event) => {
    if (event.isPrimary) state.line = null;
  };
  frame.onblur = () => { delete frame.dataset.pointed; };
  undo.onclick = () => change(state.past, state.future);
  redo.onclick = () => change(state.future, state.past);
  clear.onclick = () => {
    if (state.line) return;
    remember();
    state.strokes = [];
    show();
    changed();
    frame.focus({ preventScroll: true });
  };
  root.onkeydown = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    (key === "y" || event.shiftKey ? redo : undo).click();
  };
  const answered = ({ detail }) => {
    if (detail.n <= state.sent) state.asked = Math.max(state.asked, detail.n);
    says.textContent = state.strokes.length ? detail.words : "";
    send();
    root.toggleAttribute("data-waits", state.next || state.sent > state.asked);
  };
  document.addEventListener("doodle-read", answered);
  const size = new ResizeObserver(show);
  size.observe(canvas);
  return () => {
    document.removeEventListener("doodle-read", answered);
    size.disconnect();
  };
}
"""

_READING_CSS = _GALLERY_CSS + _PAPER + """
.reading { padding: 3px; margin: 0 -3px; font-family: var(--st-font); color: var(--st-text-color); }
.pictures { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.75rem;
  max-width: 620px; }
figure { margin: 0; min-width: 0; }
.stack { position: relative; aspect-ratio: 1; overflow: hidden; }
.stack canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.stack .heat { color: var(--st-blue-color); image-rendering: auto; opacity: 0.6; }
.stack[data-hot] .ink { opacity: 0.75; }
figcaption { margin-top: 0.375rem; font-size: 0.8125rem; line-height: 1.3;
  overflow-wrap: anywhere; }
figcaption span { display: block; color: var(--st-gray-text-color); }
.networks { display: grid; gap: 0 2rem; margin-top: 1.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 230px), 1fr)); }
.network { grid-row: span 5; display: grid; grid-template-rows: subgrid; align-content: start;
  min-width: 0; max-width: 420px; margin-bottom: 1.25rem; }  /* bars begin at one height */
.network h4 { margin: 0; font: 600 1rem / 1.3 var(--st-font); overflow-wrap: anywhere; }
.network p { margin: 0.125rem 0 0; font-size: 0.8125rem; line-height: 1.35;
  color: var(--st-gray-text-color); overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.network .note { justify-self: start; margin-top: 0.25rem; padding: 0 0.375rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  color: var(--st-text-color); }
.network .note:empty { border: 0; }
.bars { margin-top: 0.5rem; font-size: 0.875rem; line-height: 1.35; }
.bar[data-top] { font-weight: 600; }
.bar:not([data-top]) .track div { opacity: 0.6; }
.track div { transform-origin: left; transform: scaleX(0); }
"""

# Elements stay and change in place: an answer comes ten times a second.
_READING = _PAINT + """
function fill(parent, items, build, update) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  items.forEach((item, i) => update(parent.children[i] ?? build(parent), item));
}
function set(element, text) { if (element.textContent !== text) element.textContent = text; }
export default function ({ parentElement, data }) {
  const [pictures, networks] = parentElement.querySelector(".reading").children;
  fill(pictures, data.pictures, (parent) => {
    const figure = make("figure", parent), stack = make("div", figure, "stack paper");
    for (const name of ["ink", "heat"]) {
      const canvas = make("canvas", stack, name);
      canvas.width = canvas.height = 28;
    }
    const words = make("figcaption", figure);
    make("b", words);
    make("span", words);
    return figure;
  }, (figure, [title, sub, ink, heat]) => {
    const [stack, words] = figure.children;
    [ink, heat].forEach((text, i) => paint(stack.children[i], text ? unpack(text)
      : new Uint8Array(784)));
    stack.toggleAttribute("data-hot", Boolean(heat));
    stack.setAttribute("role", "img");
    stack.setAttribute("aria-label", ink ? title : title + ", empty");
    set(words.children[0], title);
    set(words.children[1], sub);
  });
  fill(networks, data.networks, (parent) => {
    const one = make("section", parent, "network");
    for (const [tag, name] of [["h4", ""], ["p", ""], ["p", "note"], ["div", "bars"], ["p", ""]]) {
      make(tag, one, name);
    }
    return one;
  }, (one, { name, figures, note, bars, others }) => {
    const [title, sub, mark, list, rest] = one.children;
    set(title, name);
    set(sub, figures);
    set(mark, note);
    set(rest, others);
    const best = Math.max(...bars.map(([, share]) => share));
    fill(list, bars, (parent) => {
      const bar = make("div", parent, "bar");
      make("span", bar);
      make("span", bar);
      make("div", make("div", bar, "track"));
      return bar;
    }, (bar, [label, share]) => {
      const [text, value, track] = bar.children;
      set(text, label);
      set(value, data.isEmpty ? "" : (100 * share).toFixed(1) + "\\u00a0%");
      track.firstChild.style.transform = `scaleX(${share})`;
      bar.toggleAttribute("data-top", !data.isEmpty && share === best);
    });
  });
  document.dispatchEvent(new CustomEvent("doodle-read", { detail: { n: data.n,
    words: data.words } }));
}
"""

_SPACE_CSS = _GALLERY_CSS + _PAPER + """
.space { padding: 3px;
  margin: 0 -3px; font-family: var(--st-font); color: var(--st-text-color); display: grid;
  gap: 2rem 3rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
section { min-width: 0; }
h4 { margin: 0; font: 600 1rem / 1.3 var(--st-font); }
p { margin: 0.125rem 0 0.625rem; font-size: 0.8125rem; line-height: 1.35; min-height: 1.35em;
  color: var(--st-gray-text-color); overflow-wrap: anywhere; }
.frame { position: relative; height: clamp(280px, 40vw, 400px); overflow: hidden; cursor: grab;
  touch-action: pan-y; }
.frame:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.frame canvas { width: 100%; height: 100%; aspect-ratio: auto; image-rendering: auto; }
.note { position: absolute; top: 0.5rem; left: 0.5rem; padding: 0 0.375rem; font-size: 0.8125rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-background-color); }
.note:empty { display: none; }
.names { display: flex; flex-wrap: wrap; gap: 0.125rem 0.75rem; margin-top: 0.375rem;
  font-size: 0.8125rem; line-height: 1.4; }
.names span::before { content: ""; display: inline-block; width: 9px; height: 9px;
  margin-right: 0.375rem; border-radius: 50%; background: var(--dot); }
.alike { padding: 0; margin: 0; --cell: 98px; }
.alike canvas { width: 84px; }
"""

_SPACE_HTML = """<div class="space">
<section><h4></h4><p></p>
<div class="frame paper" tabindex="0" role="img"><canvas></canvas><div class="note"></div></div>
<div class="names"></div></section>
<section><h4></h4><p></p><div class="alike grid" role="group" aria-label="similar drawings"></div>
</section></div>"""

# An answer moves only the drawing's place, so the points are painted once for each view.
_SPACE = _PAINT + """
const kept = new WeakMap();
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".space"), frame = root.querySelector(".frame");
  const canvas = frame.querySelector("canvas"), flat = data.dims < 3;
  let state = kept.get(root);
  if (!state || state.stamp !== data.stamp) {
    state = { stamp: data.stamp, yaw: flat ? 0 : 0.6, tilt: flat ? 0 : 0.35, trail: [],
      points: new Float32Array(unpack(data.points).buffer),
      labels: new Uint16Array(unpack(data.labels).buffer) };
    kept.set(root, state);
    const names = root.querySelector(".names");
    names.replaceChildren();
    for (const [name, color] of data.names) {
      const one = make("span", names);
      one.textContent = name;
      one.style.setProperty("--dot", color);
    }
  }
  root.querySelector(".note").textContent = data.note;
  [...root.children].forEach((section, i) => {
    section.querySelector("h4").textContent = data.titles[i][0];
    section.querySelector("p").textContent = data.titles[i][1];
  });
  const alike = root.querySelector(".alike"), pixels = unpack(data.alike);
  while (alike.children.length > data.captions.length) alike.lastChild.remove();
  data.captions.forEach((caption, i) => {
    const tile = alike.children[i] ?? make("button", alike);
    if (!tile.firstChild) {
      tile.type = "button";
      const picture = make("canvas", tile);
      picture.width = picture.height = 28;
      make("span", tile, "caption");
    }
    tile.onclick = () => setTriggerValue("clicked", { index: i, stamp: data.alikeStamp });
    paint(tile.firstChild, pixels.subarray(784 * i, 784 * (i + 1)));
    tile.lastChild.textContent = caption;
  });
  frame.setAttribute("aria-label", "latent space"
    + (data.at ? ", the drawing is at " + data.at.map((one) => one.toFixed(1)).join(", ") : "")
    + (flat ? "" : "; arrow keys turn it"));
  const last = state.trail.at(-1);
  if (!data.at) state.trail = [];
  else if (!last || data.at.some((one, i) => one !== last[i])) {
    state.trail = [...state.trail, data.at].slice(-60);
  }
  show();

  function show() {
    const ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    if (!w || !h) return;
    const style = getComputedStyle(root), ink = style.color;
    const scale = 0.44 * Math.min(w, 1.2 * h) / data.reach;
    const [c, s, u, v] = [Math.cos(state.yaw), Math.sin(state.yaw), Math.cos(state.tilt),
      Math.sin(state.tilt)];
    const place = (x, y, z) => {  // across, down, and towards the eye
      const a = c * x - s * z, b = s * x + c * z;
      return [w / 2 + scale * a, h / 2 - scale * (u * y - v * b), v * y + u * b];
    };
    const seen = [w, h, ratio, state.yaw, state.tilt, ink].join();
    if (state.seen !== seen) {
      state.seen = seen;
      state.ground ??= document.createElement("canvas");
      canvas.width = state.ground.width = w * ratio;
      canvas.height = state.ground.height = h * ratio;
      const pen = state.ground.getContext("2d");
      pen.scale(ratio, ratio);
      showAxes(pen, place, style);
      showPoints(pen, place);
      showTitles(pen, place, w, h, style);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 1;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(state.ground, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (data.at) showDrawing(pen, place, ink, style.getPropertyValue("--st-background-color"));
  }
  function ends(i) {  // of an axis
    return [1, -1].map((side) => [0, 1, 2].map((one) => one === i ? side * 0.95 * data.reach : 0));
  }
  function showAxes(pen, place, style) {
    pen.strokeStyle = style.color;
    pen.globalAlpha = 0.22;
    data.axes.forEach((_, i) => {
      const [there, back] = ends(i);
      pen.beginPath();
      pen.moveTo(...place(...back));
      pen.lineTo(...place(...there));
      pen.stroke();
    });
  }
  function showTitles(pen, place, w, h, style) {  // over the points, on a rim of the ground
    pen.font = `12px ${style.fontFamily}`;
    [pen.fillStyle, pen.strokeStyle] = [style.color, style.getPropertyValue("--st-background-color")];
    [pen.lineWidth, pen.lineJoin, pen.globalAlpha] = [4, "round", 0.9];
    data.axes.forEach((title, i) => {
      const [x, y] = place(...ends(i)[0]), wide = pen.measureText(title).width;
      const at = [Math.min(w - wide - 8, Math.max(8, x + 5)), Math.min(h - 8, Math.max(16, y - 5))];
      pen.strokeText(title, ...at);
      pen.fillText(title, ...at);
    });
  }
  function showPoints(pen, place) {
    const { points, labels } = state, shown = [];
    for (let i = 0; i < labels.length; i++) {
      shown.push([...place(points[3 * i], points[3 * i + 1], points[3 * i + 2]), labels[i]]);
    }
    shown.sort((one, other) => one[2] - other[2]);
    for (const [x, y, depth, label] of shown) {
      const near = Math.min(1, Math.max(0, 0.5 + 0.5 * depth / data.reach));
      pen.globalAlpha = flat ? 0.65 : 0.3 + 0.5 * near;
      pen.fillStyle = data.names[label][1];
      pen.beginPath();
      pen.arc(x, y, flat ? 2.4 : 1.6 + 1.4 * near, 0, 7);
      pen.fill();
    }
  }
  function showDrawing(pen, place, ink, ground) {
    const lines = (ends, width, alpha) => {
      [pen.lineWidth, pen.strokeStyle, pen.globalAlpha] = [width, ink, alpha];
      pen.beginPath();
      for (const [from, to] of ends) {
        pen.moveTo(...place(...from));
        pen.lineTo(...place(...to));
      }
      pen.stroke();
    };
    lines(data.near.map((one) => [data.at, one]), 1, 0.7);
    lines(state.trail.slice(1).map((one, i) => [state.trail[i], one]), 1.5, 0.85);
    const [x, y] = place(...data.at);
    pen.globalAlpha = 1;
    for (const [radius, color] of [[10, ground], [8, ink], [3.5, ground]]) {
      pen.fillStyle = color;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    }
  }
  function turn(right, down) {
    if (flat) return;
    state.yaw += right;
    state.tilt = Math.min(1.5, Math.max(-1.5, state.tilt + down));
    show();
  }
  frame.style.cursor = flat ? "default" : "grab";
  frame.onpointerdown = (event) => {
    if (flat || !event.isPrimary || event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    state.from = [event.clientX, event.clientY];
  };
  frame.onpointermove = (event) => {
    if (!state.from || !event.isPrimary) return;
    turn((event.clientX - state.from[0]) / 120, (event.clientY - state.from[1]) / 120);
    state.from = [event.clientX, event.clientY];
  };
  frame.onpointerup = frame.onpointercancel = () => { state.from = null; };
  frame.onkeydown = (event) => {
    const by = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.15],
      ArrowDown: [0, 0.15] }[event.key];
    if (!by || flat) return;
    event.preventDefault();
    turn(...by);
  };
  const size = new ResizeObserver(show);
  size.observe(canvas);
  return () => size.disconnect();
}
"""

_pad = st.components.v2.component("doodle_pad", html=_PAD_HTML, css=_PAD_CSS, js=_PAD)
_reading = st.components.v2.component(
    "doodle_reading", css=_READING_CSS, js=_READING,
    html='<div class="reading"><div class="pictures"></div><div class="networks"></div></div>',
)  # fmt: skip
_space = st.components.v2.component("doodle_space", html=_SPACE_HTML, css=_SPACE_CSS, js=_SPACE)


def pad(strokes, sheet, hint, key):
    """A canvas to draw on, with undo, redo and clear.

    Args:
        strokes: what is on it when it appears, as it is returned.
        sheet: int; another number takes the drawing away, for a new one.
        hint: str, shown while nothing is drawn. key: str.

    Returns:
        (strokes, n): list of `[xs, ys]`, whole numbers from 0 to SIDE, x to the right, y down; and
        the number of this request, which `reading` must be given. `n` is 0 at first.

    Raises:
        ValueError: what the browser sent is no drawing.
    """
    found = _pad(
        data={"strokes": strokes, "sheet": sheet, "hint": hint, "side": SIDE,
              "strokesMost": sketch.MOST_STROKES, "pointsMost": sketch.MOST_POINTS},
        key=key, default={"sketch": None}, on_sketch_change=lambda: None,
    )  # fmt: skip
    return _sketched(found.sketch, strokes, sheet)


def _sketched(sent, strokes, sheet):
    """(strokes, n) from what the browser sent, if it belongs to this sheet."""
    if not isinstance(sent, dict) or sent.get("sheet") != sheet:
        return strokes, 0
    n = sent.get("n")
    if not isinstance(n, int) or not 0 <= n < 2**53:
        raise ValueError("The canvas sent something else than a drawing.")
    sketch.checked(sent.get("strokes"))
    return sent["strokes"], n


def reading(pictures, networks, words, n, key):
    """What the networks make of the drawing; changes in place.

    Args:
        pictures: list of (title, words, drawing, heat): (28, 28) uint8, (28, 28) float in [0, 1];
            either may be None.
        networks: list of dicts: `name`, `figures`, `note`, `others`, texts; `bars`, list of
            (category, probability), where the probability is None before anything is drawn.
        words: str, the one answer that the canvas shows. n: the request of `pad` answered.
        key: str.
    """
    shown = [
        [title, sub, "" if drawing is None else _text(_pixels(drawing[None])),
         "" if heat is None else _text((255 * np.asarray(heat)).astype(np.uint8))]
        for title, sub, drawing, heat in pictures
    ]  # fmt: skip
    is_empty = all(share is None for one in networks for _, share in one["bars"])
    blocks = [
        one | {"bars": [[str(name), float(share or 0)] for name, share in one["bars"]]}
        for one in networks
    ]
    _reading(
        data={"pictures": shown, "networks": blocks, "words": words, "n": n, "isEmpty": is_empty},
        key=key,
    )


def space(points, labels, colors, axes, at, near, alike, captions, titles, key, note=""):
    """Points of a latent space, where the drawing is among them, and the drawings most like it.

    Args:
        points: (N, 1, 2 or 3) float. labels: (N,) int, their categories.
        colors: {category: "#rrggbb"}, in the order of the labels. axes: their titles.
        at: (1, 2 or 3) float, the drawing's place, or None. near: (K, ...) float, tied to it.
        alike: (M, 28, 28) uint8, the drawings. captions: M texts.
        titles: two pairs (title, words), of the points and of the drawings.
        key: str. note: str, shown inside.

    Returns:
        The index of the similar drawing that was clicked in this run, or None.
    """
    dims = points.shape[1]
    whole = np.zeros((len(points), 3), "<f4")
    whole[:, :dims] = points
    packed = _text(whole)

    def padded(one):
        return [float(value) for value in one] + [0.0] * (3 - dims)

    shown = _pixels(alike)
    stamp = zlib.crc32(shown)
    result = _space(
        data={"points": packed, "labels": _text(np.asarray(labels, "<u2")), "dims": dims,
              "names": [[str(name), color] for name, color in colors.items()],
              "axes": [str(title) for title in axes],
              "reach": float(np.quantile(np.linalg.norm(whole, axis=1), 0.99)) or 1.0,
              "stamp": zlib.crc32(packed.encode()), "note": note, "titles": titles,
              "alike": _text(shown), "alikeStamp": stamp, "captions": [str(one) for one in captions],
              "at": None if at is None else padded(at), "near": [padded(one) for one in near]},
        key=key, on_clicked_change=lambda: None,
    )  # fmt: skip
    return _clicked(result.clicked, stamp, len(shown))
