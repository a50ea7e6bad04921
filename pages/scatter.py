"""A cloud of drawings in 3-D or 2-D, each seen under the pointer and chosen with a click.

Streamlit's Plotly element tells nothing of the points of a 3-D scatter, hence a component around
Plotly's own JavaScript, the file that its Python package carries. The script, the places of the
points and the drawings are handed out as files by this server under names made from their contents:
a browser gets each once, however often the page runs, and a change of colours sends none of them.

Drawings and names are data, never markup, as in `gallery`.
"""

import zlib
from pathlib import Path

import numpy as np
import plotly
import streamlit as st
from streamlit.runtime import get_instance

from doodle_core.plots import RIGHT, WRONG

MODES = ("true", "predicted", "right", "confidence")

_CSS = """
.doodle-scatter { position: relative; font-family: var(--st-font); color: var(--st-text-color); }
.doodle-scatter .plot { height: clamp(360px, 62vw, 620px); border-radius: var(--st-base-radius);
  border: 1px solid var(--st-border-color); overflow: hidden; outline-offset: 2px; }
.doodle-scatter .plot:focus-visible { outline: 2px solid var(--st-primary-color); }
.doodle-scatter .plot.pointing, .doodle-scatter .plot.pointing * { cursor: pointer !important; }
.doodle-scatter .says { position: absolute; inset: 0 0 auto; padding: 1.25rem; font-size: 0.875rem;
  color: var(--st-gray-text-color); pointer-events: none; }
.doodle-scatter .says:empty { display: none; }
.doodle-scatter .legend { display: flex; flex-wrap: wrap; gap: 0.375rem; align-items: center;
  max-height: 9rem; overflow-y: auto; padding: 3px 3px 0.625rem; font-size: 0.8125rem; }
.doodle-scatter .legend:empty { display: none; }
.doodle-scatter .legend button { display: inline-flex; gap: 0.375rem; align-items: center;
  margin: 0; padding: 0.25rem 0.625rem; font: inherit; color: inherit; cursor: pointer;
  border-radius: 999px;
  border: 1px solid var(--st-border-color); background: transparent; }
.doodle-scatter .legend button:hover { border-color: var(--st-primary-color); }
.doodle-scatter .legend button:focus-visible { outline: 2px solid var(--st-primary-color);
  outline-offset: 1px; }
.doodle-scatter .legend button[aria-pressed="false"] { opacity: 0.5;
  text-decoration: line-through; }
.doodle-scatter .legend i { width: 0.625rem; height: 0.625rem; border-radius: 50%; flex: none; }
.doodle-scatter .legend i.made { border-radius: 0; transform: rotate(45deg) scale(0.85); }
.doodle-scatter .legend .ramp { width: 9rem; height: 0.5rem; border-radius: 4px; }
.doodle-scatter .legend .words { color: var(--st-gray-text-color); }
.doodle-scatter .tip { position: absolute; z-index: 5; display: none; pointer-events: none;
  width: 138px; padding: 0.5rem; border: 1px solid var(--st-border-color); text-align: center;
  border-radius: var(--st-base-radius); background: var(--st-background-color);
  box-shadow: 0 4px 18px rgba(0, 0, 0, 0.22); font-size: 0.8125rem; line-height: 1.3; }
.doodle-scatter .tip canvas { display: block; width: 112px; height: 112px; margin: 0 auto 0.375rem;
  image-rendering: pixelated; }
.doodle-scatter .tip div { white-space: pre-line; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
"""

_HTML = """
<div class="doodle-scatter">
  <div class="legend" role="group" aria-label="what is shown"></div>
  <div class="legend key" role="group" aria-label="colours"></div>
  <div style="position: relative">
    <div class="plot" tabindex="0" role="group" aria-label="cloud of drawings; arrow keys turn it,
      plus and minus come nearer and go away"></div>
    <div class="says" role="status">Loading the points</div>
    <div class="tip"><canvas width="28" height="28"></canvas><div></div></div>
  </div>
</div>
"""

# Streamlit calls the default function again whenever the data or the theme change: what was built
# is kept by root element. Each trace carries its points' own indices as customdata: with a category
# hidden, or a trace thinned out, a place within a trace is not a place within the cloud.
_JS = """
const kept = new WeakMap(), files = new Map();
let script;

function load(url) {  // Plotly, once a browser window
  script ??= window.Plotly?.newPlot ? Promise.resolve() : new Promise((done, fail) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = done;
    element.onerror = () => { script = undefined; element.remove(); fail(new Error("script")); };
    document.head.append(element);
  });
  return script;
}
async function unpack(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const open = answer.body.pipeThrough(new DecompressionStream("deflate"));
  return new Response(open).arrayBuffer();
}
function fetched(url) {  // a name is made from the content, so what was fetched stays true
  if (!files.has(url)) {
    if (files.size > 12) files.delete(files.keys().next().value);
    const promise = unpack(url);
    promise.catch(() => files.delete(url));
    files.set(url, promise);
  }
  return files.get(url);
}
function make(name, parent, className) {
  const element = document.createElement(name);
  if (className) element.className = className;
  parent.append(element);
  return element;
}

// --- colours ------------------------------------------------------------------------------------

const GREY = "#8A8A8A", STEPS = 24;
function mix(one, other, share) {
  const part = (color, at) => parseInt(color.slice(at, at + 2), 16);
  return "#" + [1, 3, 5].map((at) => Math.round(part(one, at) * (1 - share)
    + part(other, at) * share).toString(16).padStart(2, "0")).join("");
}
function ramp({ wrong, right }) {  // from unsure to sure
  return Array.from({ length: STEPS }, (_, i) => {
    const at = i / (STEPS - 1);
    return at < 0.5 ? mix(wrong, "#B8B8B8", 2 * at) : mix("#B8B8B8", right, 2 * at - 1);
  });
}
// A point's class: its place in `palette`. Numbers and a step scale, since Plotly would parse a
// colour text a point.
function palette(data) {
  if (data.mode === "right") return [data.right, data.wrong, GREY];
  if (data.mode === "confidence") return [...ramp(data), GREY];
  return [...data.colors, GREY];
}
function classOf(state, i) {
  const { data, labels, said, sure } = state, none = data.names.length;
  if (data.mode === "true") return labels[i] < 0 ? none : labels[i];
  if (data.mode === "predicted") return said[i] < 0 ? none : said[i];
  if (data.mode === "right") {
    return labels[i] < 0 || said[i] < 0 ? 2 : said[i] === labels[i] ? 0 : 1;
  }
  return said[i] < 0 ? STEPS : Math.round(sure[i] / 255 * (STEPS - 1));
}
function stepScale(colors) {
  const n = colors.length;
  return colors.flatMap((color, i) => [[i / n, color], [(i + 1) / n, color]]);
}

// --- without a GPU ------------------------------------------------------------------------------

// Drawn by the processor, a circle of 57 vertices is dear and a square of 18 looks much the same.
const isSlow = (() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const name = gl?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
  const renderer = name ? String(gl.getParameter(name)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
})();
// While a slow computer turns the cloud it draws fewer points, as viewers of large clouds do. A
// trace's points are in random order, so that its first ones are a fair part of it.
function thin(state, share) {
  if (!state.plot._fullLayout?.scene) return;
  state.share = share;
  for (const object of state.plot._fullLayout.scene._scene?.glplot?.objects ?? []) {
    if (!state.whole.has(object)) state.whole.set(object, object.vertexCount);
    const count = state.whole.get(object);
    if (count > 3000) object.vertexCount = 3 * Math.floor(count * share / 3);
  }
}
function whole(state) {
  for (const [object, count] of state.whole) object.vertexCount = count;
  const plot = state.whole.size && state.plot._fullLayout?.scene?._scene?.glplot;
  state.whole.clear();
  if (plot) plot.dirty = true;  // to be drawn once more
}
function watch(state) {  // halves what is drawn as long as frames come late
  let last = performance.now(), late = 0;
  thin(state, isSlow ? 0.2 : 1);
  const frame = (now) => {
    if (!state.turning) return;
    late = now - last > 60 ? late + 1 : 0;
    last = now;
    if (late >= 2 && state.share > 0.06) {
      late = 0;
      thin(state, state.share / 2);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

// --- the figure ---------------------------------------------------------------------------------

function look(root) {
  const style = getComputedStyle(root);
  const [red, green, blue] = style.color.match(/\\d+/g).map(Number);
  const bright = red + green + blue > 382;  // light ink is on a dark page
  return { ink: style.color, font: style.fontFamily, faint: bright ? "#42474D" : "#D6D5CF" };
}
function traces(state, ink) {
  const { data, places, labels, off, classesOff } = state, d = data.dims, flat = d === 2;
  const colors = palette(data), scale = stepScale(colors), groups = new Map();
  for (const i of state.order) {
    const made = i >= data.real, group = `${labels[i]} ${made}`;
    if (!groups.has(group)) groups.set(group, { label: labels[i], made, points: [] });
    const isOff = data.mode === "right" && classesOff.has(classOf(state, i));
    if (!isOff) groups.get(group).points.push(i);
  }
  const type = flat ? "scattergl" : "scatter3d";
  const axes = (points) => Object.fromEntries(["x", "y", "z"].slice(0, d).map((axis, k) =>
    [axis, Float32Array.from(points, (i) => places[i * d + k])]));
  const found = [...groups.values()].sort((a, b) => a.made - b.made || a.label - b.label);
  const all = found.map(({ label, made, points }) => {
    const classes = points.map((i) => classOf(state, i));
    const single = classes.every((one) => one === classes[0]);
    const color = single ? { color: colors[classes[0]] ?? GREY }
      : { color: classes, cmin: -0.5, cmax: colors.length - 0.5, colorscale: scale };
    return { type, mode: "markers", hoverinfo: "none", showlegend: false, customdata: points,
      ...axes(points), visible: !(off.has(label) || made && off.has("made")),
      uid: `${label} ${made}`,
      marker: { ...color, size: flat ? (made ? 7 : 5) : 2.6, line: { width: 0 },
        symbol: made ? "diamond" : isSlow && !flat ? "square" : "circle",
        opacity: flat ? 0.8 : 1 } };
  });
  const ring = (points, size, width, uid) => ({ type, mode: "markers", hoverinfo: "none",
    showlegend: false, customdata: points, ...axes(points), uid,
    marker: flat ? { symbol: "circle-open", size, color: ink, line: { width, color: ink } }
      : { symbol: "circle-open", size: size * 0.75, color: ink, line: { width: 1, color: ink } } });
  const there = (i) => i >= 0 && i < data.n;
  all.push(ring(data.near.filter(there), 11, 1.5, "near"));
  all.push(ring([data.pinned].filter(there), 19, 2.5, "pinned"));
  return all;
}
function reach(places, d, k) {
  let low = Infinity, high = -Infinity;
  for (let i = k; i < places.length; i += d) {
    low = Math.min(low, places[i]);
    high = Math.max(high, places[i]);
  }
  const room = 0.03 * (high - low) || 1;
  return [low - room, high + room];
}
function layout(state, { ink, font, faint }) {
  const { data, places } = state, d = data.dims;
  const axis = (k) => ({ range: reach(places, d, k), zerolinecolor: faint, gridcolor: faint,
    title: { text: data.axes[k], font: { size: 12, color: ink } }, showspikes: false,
    tickfont: { size: 10, color: ink }, color: ink, showbackground: false, nticks: 6 });
  const shared = { uirevision: data.view, hovermode: "closest", showlegend: false,
    font: { family: font, color: ink }, paper_bgcolor: "rgba(0,0,0,0)", autosize: true,
    modebar: { bgcolor: "rgba(0,0,0,0)", color: "#808080", activecolor: data.right },
    plot_bgcolor: "rgba(0,0,0,0)", annotations: data.note ? [{ text: data.note, x: 0, y: 1,
      xref: "paper", yref: "paper", xanchor: "left", yanchor: "top", xshift: 8, yshift: -8,
      showarrow: false, font: { size: 11, color: ink }, bordercolor: "#808080",
      borderpad: 3 }] : [] };
  if (d === 2) {
    return { ...shared, dragmode: "pan", xaxis: { ...axis(0), showbackground: undefined },
      yaxis: { ...axis(1), scaleanchor: "x" }, margin: { l: 46, r: 12, t: 16, b: 44 } };
  }
  return { ...shared, margin: { l: 0, r: 0, t: 0, b: 0 }, scene: { dragmode: "orbit",
    aspectmode: "data", xaxis: axis(0), yaxis: axis(1), zaxis: axis(2),
    camera: { eye: { x: 1.7, y: 1.7, z: 1.1 }, center: { x: 0, y: 0, z: -0.1 } } } };
}
async function draw(state) {
  const { root, plot } = state, theme = look(root);
  whole(state);
  state.config ??= {  // one object: with another one Plotly would build the plot anew
    displaylogo: false, displayModeBar: true, scrollZoom: true, doubleClick: "reset",
    plotGlPixelRatio: isSlow ? 1 : 2,
    modeBarButtonsToAdd: [{ name: "save", title: "Save this view as a picture",
      icon: window.Plotly.Icons.camera, click: () => save(state) }],
    modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "hoverClosest3d",
      "tableRotation", "resetCameraLastSave3d", "hoverClosestCartesian",
      "hoverCompareCartesian", "toggleSpikelines", "hoverClosestGl2d"] };
  await window.Plotly.react(plot, traces(state, theme.ink), layout(state, theme), state.config);
  if (state.listens) return;
  state.listens = true;
  plot.on("plotly_hover", ({ points }) => point(state, points[0]));
  plot.on("plotly_unhover", () => point(state, null));
}

function save({ root, plot, data }) {  // as it is seen, with the ground and the names beside it
  const ground = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const name = ({ uid }) => data.names[parseInt(uid)] ?? "generated";
  const named = plot.data.map((trace) => ({ ...trace, name: name(trace),
    showlegend: data.mode === "true" && !["near", "pinned"].includes(trace.uid) }));
  const above = { orientation: "h", x: 0.5, xanchor: "center", y: 1, yanchor: "bottom",
    itemsizing: "constant" };
  const { width, height } = plot._fullLayout;
  window.Plotly.downloadImage({ data: named, layout: { ...plot.layout, paper_bgcolor: ground,
    showlegend: true, legend: above, margin: { ...plot.layout.margin, t: 60 } } },
    { format: data.format, filename: "cloud", width, height: height + 60, scale: data.format === "png" ? 2 : 1 });
}

// --- the pointer --------------------------------------------------------------------------------

function point(state, hit) {
  const index = hit ? hit.customdata ?? hit.data.customdata[hit.pointNumber] : -1;
  state.hovered = Number.isInteger(index) ? index : -1;
  state.root.dataset.hovered = state.hovered;
  state.plot.classList.toggle("pointing", state.hovered >= 0);
  show(state);
}
function caption({ data, labels, said, sure }, i) {
  const lines = [];
  if (labels[i] >= 0) lines.push((i >= data.real ? "asked for: " : "") + data.names[labels[i]]);
  else lines.push("generated");
  if (said[i] >= 0) {
    lines.push(`called ${data.names[said[i]]}, ${Math.round(sure[i] / 2.55)}\\u00a0%`);
  }
  lines.push(`point ${i.toLocaleString("en")}`);
  if (!data.pictures && i < data.real) lines.push("its drawing is not on this computer");
  return lines.join("\\n");
}
function show(state) {
  const { data, tip, plot, hovered: i, drawings } = state;
  tip.style.display = i < 0 || state.turning ? "none" : "block";
  if (i < 0 || state.turning) return;
  const [canvas, text] = tip.children;
  const from = data.pictures ? i : i - data.real;  // which of the drawings that are here
  canvas.style.display = drawings && from >= 0 ? "" : "none";
  if (drawings && from >= 0) paint(canvas, drawings.subarray(392 * from, 392 * (from + 1)));
  text.textContent = caption(state, i);
  const [x, y] = state.at, w = tip.offsetWidth, h = tip.offsetHeight;
  tip.style.left = Math.max(4, x + 18 + w > plot.clientWidth ? x - w - 18 : x + 18) + "px";
  tip.style.top = Math.max(4, Math.min(y - h / 2, plot.clientHeight - h - 4)) + "px";
}
function paint(canvas, halves) {  // two pixels a byte
  const pen = canvas.getContext("2d"), image = new ImageData(28, 28);
  for (let i = 0; i < 392; i++) {
    image.data[8 * i + 3] = 17 * (halves[i] >> 4);
    image.data[8 * i + 7] = 17 * (halves[i] & 15);
  }
  pen.globalCompositeOperation = "copy";
  pen.putImageData(image, 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.fillRect(0, 0, 28, 28);
}
// Plotly calls a press on a 3-D point a click, though it may begin a turn: ours is a press and a
// release at one place.
function listen(state) {
  const { plot } = state;
  let from = null, pressed = -1;  // on a plane Plotly leaves a point when the button goes down
  const place = (event) => {
    const box = plot.getBoundingClientRect();
    return [event.clientX - box.x, event.clientY - box.y];
  };
  plot.addEventListener("pointermove", (event) => {
    state.at = place(event);
    if (from && !state.turning && Math.hypot(state.at[0] - from[0], state.at[1] - from[1]) > 4) {
      state.turning = true;
      watch(state);
    }
    if (state.hovered >= 0) show(state);
  }, true);
  plot.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".modebar")) return;
    from = state.at = place(event);
    pressed = event.pointerType === "mouse" ? state.hovered : -1;
  }, true);
  const release = (event) => {
    const tapped = from && !state.turning && event.type === "pointerup";
    from = null;
    state.turning = false;
    whole(state);
    if (!tapped) return;
    // a finger does not hover before it taps: the point is known some frames later
    const index = pressed;
    if (index >= 0) return state.choose("clicked", { index, stamp: state.data.stamp });
    setTimeout(() => {
      const index = state.hovered;
      if (index >= 0) state.choose("clicked", { index, stamp: state.data.stamp });
    }, 250);
  };
  window.addEventListener("pointerup", release, true);
  window.addEventListener("pointercancel", release, true);
  plot.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") point(state, null);
  });
  plot.addEventListener("keydown", (event) => turn(state, event));
  const size = new ResizeObserver(() => {
    if (state.listens && plot.clientWidth) window.Plotly.Plots.resize(plot);
  });
  size.observe(plot);
  return () => {
    size.disconnect();
    window.removeEventListener("pointerup", release, true);
    window.removeEventListener("pointercancel", release, true);
  };
}
function turn({ plot, data }, event) {
  const by = { ArrowLeft: [-0.15, 0, 1], ArrowRight: [0.15, 0, 1], ArrowUp: [0, 0.15, 1],
    ArrowDown: [0, -0.15, 1], "+": [0, 0, 0.87], "-": [0, 0, 1.15] }[event.key];
  if (!by || data.dims !== 3 || !plot._fullLayout?.scene) return;
  event.preventDefault();
  const { x, y, z } = plot._fullLayout.scene._scene.getCamera().eye;
  const far = Math.hypot(x, y, z) * by[2], around = Math.atan2(y, x) + by[0];
  const up = Math.max(-1.5, Math.min(1.5, Math.asin(z / Math.hypot(x, y, z)) + by[1]));
  window.Plotly.relayout(plot, { "scene.camera.eye": { x: far * Math.cos(up) * Math.cos(around),
    y: far * Math.cos(up) * Math.sin(around), z: far * Math.sin(up) } });
}

// --- the legend ---------------------------------------------------------------------------------

function chip(parent, words, color, made, isOn, toggle, only) {
  const button = make("button", parent);
  button.type = "button";
  make("i", button, made ? "made" : "").style.background = color;
  make("span", button).textContent = words;
  button.setAttribute("aria-pressed", isOn);
  button.onclick = toggle;
  if (only) {
    button.title = "click: show or hide; double click: this one alone";
    button.ondblclick = only;
  }
}
function legend(state) {
  const { data, labels, off, classesOff } = state;
  const [list, key] = state.root.querySelectorAll(".legend");
  const focus = [...state.root.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren();
  key.replaceChildren();
  const flip = (set, one) => () => {
    set.has(one) ? set.delete(one) : set.add(one);
    again();
  };
  const again = () => { point(state, null); legend(state); draw(state); };
  const present = [...new Set(labels)].filter((label) => label >= 0).sort((a, b) => a - b);
  const coloured = ["true", "predicted"].includes(data.mode);
  for (const label of present) {
    chip(list, data.names[label], coloured ? data.colors[label] : GREY, false, !off.has(label),
      flip(off, label), () => {
        off.clear();
        for (const other of present) if (other !== label) off.add(other);
        again();
      });
  }
  if (data.n > data.real) {
    chip(list, "generated", GREY, true, !off.has("made"), flip(off, "made"));
  }
  if (off.size) {
    const all = make("button", list);
    all.type = "button";
    all.textContent = "show all";
    all.onclick = () => { off.clear(); again(); };
  }
  if (data.mode === "predicted") {
    make("span", key, "words").textContent = "The colour is the predicted category; the names "
      + "above hide and show true ones.";
  } else if (data.mode === "right") {
    ["named right", "named wrong"].forEach((words, one) => chip(key, words, palette(data)[one],
      false, !classesOff.has(one), flip(classesOff, one)));
  } else if (data.mode === "confidence") {
    make("span", key, "words").textContent = "top probability 0";
    make("span", key, "ramp").style.background = `linear-gradient(90deg, ${ramp(data).join(",")})`;
    make("span", key, "words").textContent = "1";
  }
  if (focus >= 0) state.root.querySelectorAll("button")[focus]?.focus({ preventScroll: true });
}

// --- from data to figure ------------------------------------------------------------------------

async function update(state, data) {
  const turn = ++state.turn;
  try {
    const [places, points, drawings] = await Promise.all([
      fetched(data.places), fetched(data.points), data.drawings ? fetched(data.drawings) : null,
      load(data.plotly),
    ]);
    if (turn !== state.turn) return;  // another change came meanwhile
    if (state.data?.owner !== data.owner) {
      state.off.clear();
      state.classesOff.clear();
    }
    const n = data.n;
    Object.assign(state, { data, places: new Float32Array(places),
      labels: new Int16Array(points, 0, n), said: new Int16Array(points, 2 * n, n),
      sure: new Uint8Array(points, 4 * n, n), drawings: drawings && new Uint8Array(drawings) });
    if (state.order?.length !== n) {  // mixed, and always in the same way
      state.order = Array.from({ length: n }, (_, i) => i);
      const mixed = state.order.map((i) => Math.imul(i + 1, 2654435761) >>> 0);
      state.order.sort((a, b) => mixed[a] - mixed[b]);
    }
    legend(state);
    await draw(state);
    state.says.textContent = "";
    state.root.dataset.ready = data.revision;
  } catch (error) {
    if (turn !== state.turn) return;
    const able = document.createElement("canvas").getContext("webgl");
    state.says.textContent = able
      ? `The points could not be loaded (${error.message}): reload this page.`
      : "This browser has no WebGL, which the points need: allow it or choose another browser.";
  }
}
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".doodle-scatter");
  let state = kept.get(root);
  if (!state) {
    state = { root, plot: root.querySelector(".plot"), tip: root.querySelector(".tip"), turn: 0,
      says: root.querySelector(".says"), hovered: -1, at: [0, 0], off: new Set(),
      classesOff: new Set(), whole: new Map(), share: 1 };
    kept.set(root, state);
    state.stop = listen(state);
  }
  state.choose = setTriggerValue;
  update(state, data);
  return () => setTimeout(() => {  // gone for good, or only called again
    if (root.isConnected) return;
    state.turn++;
    state.stop();
    kept.delete(root);
    window.Plotly?.purge(state.plot);  // a browser has few WebGL contexts
  });
}
"""

_scatter = st.components.v2.component(
    "doodle_scatter", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
)  # Plotly puts its own styles into the document


def pack_drawings(drawings):
    """(N, 28, 28) uint8 -> bytes: 16 greys, two pixels a byte, deflated."""
    grey = np.asarray(drawings, np.uint8).reshape(len(drawings), 784) >> 4
    return zlib.compress((grey[:, 0::2] << 4 | grey[:, 1::2]).tobytes(), 6)


def pack_places(places):
    """(N, 2 or 3) float -> bytes."""
    return zlib.compress(np.ascontiguousarray(places, "<f4").tobytes(), 1)


def pack_points(labels, said, sure):
    """Categories and judgements -> bytes.

    Args:
        labels, said: (N,) int, the true and the predicted category; -1 for none.
        sure: (N,) float in [0, 1], the top probability.
    """
    tenths = np.round(255 * np.clip(np.nan_to_num(sure), 0, 1)).astype(np.uint8)
    parts = (np.asarray(labels, "<i2"), np.asarray(said, "<i2"), tenths)
    return zlib.compress(b"".join(part.tobytes() for part in parts), 6)


def scatter(packed, shape, real, names, colors, axes, mode, *, pictures=True, near=(), pinned=None,
            owner="", note="", key, on_click):
    """Show a cloud of drawings.

    Args:
        packed: (drawings or None, places, points), bytes as of the functions above.
        shape: (N, 2 or 3), of the places.
        real: int, the first so many are drawings, the others generated.
        names, colors: C categories and their "#rrggbb".
        axes: titles of the axes.
        mode: what colours the points, one of MODES.
        pictures: bool, False where the drawings are only those of the generated ones.
        near, pinned: indices to draw a ring around.
        owner: str: as long as it stays, so does what the legend hides; and, while the axes stay,
            the camera.
        note: text inside the figure.
        key: str. on_click: called when a point was clicked; `clicked_in(key, ...)` says which.
    """
    drawings, places, points = packed
    n, dims = shape
    stamp = zlib.crc32(f"{owner} {n}".encode())
    _scatter(
        data={
            "plotly": _serve(Path(plotly.__file__).parent / "package_data/plotly.min.js", key),
            "drawings": _serve(drawings, f"{key} drawings") if drawings else None,
            "places": _serve(places, f"{key} places"), "points": _serve(points, f"{key} points"),
            "n": int(n), "dims": int(dims), "real": int(real), "pictures": bool(pictures),
            "names": [str(name) for name in names], "colors": list(colors),
            "axes": list(axes), "mode": mode, "note": note, "owner": owner, "stamp": stamp,
            "view": f"{owner} {axes}", "right": RIGHT, "wrong": WRONG,
            "format": st.session_state.get("plot format", "png"),
            "pinned": -1 if pinned is None else int(pinned), "near": [int(one) for one in near],
            "revision": f"{mode} {dims} {n} {-1 if pinned is None else pinned}",
        },
        key=key,
        on_clicked_change=on_click,
    )  # fmt: skip


def clicked_in(key, owner, n):
    """Within `on_click`: the index that was clicked, or None where it is of another cloud."""
    event = st.session_state.get(key, {}).get("clicked")
    stamp = zlib.crc32(f"{owner} {n}".encode())
    if not isinstance(event, dict) or event.get("stamp") != stamp:
        return None
    index = event.get("index")
    return index if isinstance(index, int) and 0 <= index < n else None


def _serve(content, place):
    """The address at which this server hands out a file or bytes, while a session shows them."""
    is_script = isinstance(content, Path)
    kind = "text/javascript" if is_script else "application/octet-stream"
    content = str(content) if is_script else content
    url = get_instance().media_file_mgr.add(content, kind, f"doodle scatter {place}")
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"/{base}{url}" if base else url
