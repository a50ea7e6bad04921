import { follow } from "../shared/asking.js";
import { fill, showNames, until } from "../shared/dom.js";
import { paint } from "../shared/drawing.js";
import { clamp } from "../shared/numbers.js";
import { drawingAt, unpack } from "../shared/pixels.js";
import { makeTile } from "../shared/tiles.js";
import { axisEnds, nearness, scaleFor, titleAt, trailed, viewed } from "./view.js";

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".space"), frame = root.querySelector(".frame");
  const canvas = frame.querySelector("canvas"), flat = data.dims < 3;
  if (root.state?.stamp !== data.stamp) {
    root.state = { stamp: data.stamp, yaw: flat ? 0 : 0.6, tilt: flat ? 0 : 0.35, trail: [],
      points: new Float32Array(unpack(data.points).buffer),
      labels: new Uint16Array(unpack(data.labels).buffer) };
    root.shown = null;
    showNames(root.querySelector(".names"), data.names);
  }
  const state = root.state;
  root.querySelector(".note").textContent = data.note;
  const stop = follow(root, "pad", "space", data, take);

  function take(found) {
    [...root.children].forEach((section, i) => {
      section.querySelector("h4").textContent = found.titles[i][0];
      section.querySelector("p").textContent = found.titles[i][1];
    });
    const alike = unpack(found.alike);
    fill(root.querySelector(".alike"), found.captions, makeTile, (tile, caption, i) => {
      tile.onclick = () => setTriggerValue("clicked", { index: i, stamp: found.alikeStamp });
      paint(tile.firstChild, drawingAt(alike, i));
      tile.lastChild.textContent = caption;
    });
    frame.setAttribute("aria-label", "latent space"
      + (found.at ? ", the drawing is at " + found.at.map((one) => one.toFixed(1)).join(", ") : "")
      + (flat ? "" : "; arrow keys turn it"));
    state.trail = trailed(state.trail, found.at);
    show();
  }

  // An answer moves only the drawing's place, so the points are painted once for each view.
  function show() {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height) return;
    const { yaw, tilt } = state, style = getComputedStyle(root);
    const place = viewed({ yaw, tilt, scale: scaleFor(width, height, data.reach), width, height });
    const seen = [width, height, ratio, yaw, tilt, style.color].join();
    if (state.seen !== seen) {
      state.seen = seen;
      state.ground ??= document.createElement("canvas");
      canvas.width = state.ground.width = width * ratio;
      canvas.height = state.ground.height = height * ratio;
      const pen = state.ground.getContext("2d");
      pen.scale(ratio, ratio);
      showAxes(pen, place, style);
      showPoints(pen, place);
      showTitles(pen, place, width, height, style);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 1;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(state.ground, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (root.shown.at) showDrawing(pen, place, style, root.shown);
  }
  function showAxes(pen, place, style) {
    pen.strokeStyle = style.color;
    pen.globalAlpha = 0.22;
    data.axes.forEach((_, i) => {
      const [there, back] = axisEnds(i, data.reach);
      pen.beginPath();
      pen.moveTo(...place(...back));
      pen.lineTo(...place(...there));
      pen.stroke();
    });
  }
  function showTitles(pen, place, width, height, style) {  // over the points, with a rim around
    pen.font = `12px ${style.fontFamily}`;
    pen.fillStyle = style.color;
    pen.strokeStyle = style.getPropertyValue("--st-background-color");
    [pen.lineWidth, pen.lineJoin, pen.globalAlpha] = [4, "round", 0.9];
    data.axes.forEach((title, i) => {
      const [x, y] = place(...axisEnds(i, data.reach)[0]);
      const at = titleAt(x, y, pen.measureText(title).width, width, height);
      pen.strokeText(title, ...at);
      pen.fillText(title, ...at);
    });
  }
  function showPoints(pen, place) {
    const { points, labels } = state;
    const shown = Array.from(labels, (label, i) => [...place(...points.subarray(3 * i, 3 * i + 3)),
      label]);
    shown.sort((one, other) => one[2] - other[2]);
    for (const [x, y, depth, label] of shown) {
      const near = nearness(depth, data.reach);
      pen.globalAlpha = flat ? 0.65 : 0.3 + 0.5 * near;
      pen.fillStyle = data.names[label][1];
      pen.beginPath();
      pen.arc(x, y, flat ? 2.4 : 1.6 + 1.4 * near, 0, 7);
      pen.fill();
    }
  }
  function showDrawing(pen, place, style, { at, near }) {
    const ink = style.color, ground = style.getPropertyValue("--st-background-color");
    const lines = (ends, width, alpha) => {
      [pen.lineWidth, pen.strokeStyle, pen.globalAlpha] = [width, ink, alpha];
      pen.beginPath();
      for (const [from, to] of ends) {
        pen.moveTo(...place(...from));
        pen.lineTo(...place(...to));
      }
      pen.stroke();
    };
    lines(near.map((one) => [at, one]), 1, 0.7);
    lines(state.trail.slice(1).map((one, i) => [state.trail[i], one]), 1.5, 0.85);
    const [x, y] = place(...at);
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
    state.tilt = clamp(state.tilt + down, -1.5, 1.5);
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
  return until(root, () => {
    stop();
    size.disconnect();
  });
}
