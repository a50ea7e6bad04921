import { paint } from "../shared/drawing.js";
import { unpackHalves } from "../shared/pixels.js";
import { captionOf, tipAt, turnedEye } from "./cloud.js";
import { startThinning, stopThinning } from "./slow.js";

const PACKED = 392;  // bytes of a drawing, two pixels each
const TAP = 250;  // ms: a finger does not hover before it taps, its point is known some frames on

/** The pointer is on that point of Plotly's, or, for null, on none. */
export function point(state, hit) {
  const index = hit ? hit.customdata ?? hit.data.customdata[hit.pointNumber] : -1;
  state.hovered = Number.isInteger(index) ? index : -1;
  state.root.dataset.hovered = state.hovered;
  state.plot.classList.toggle("pointing", state.hovered >= 0);
  showTip(state);
}

function showTip(state) {
  const { data, tip, plot, hovered: i, drawings } = state;
  tip.style.display = i < 0 || state.turning ? "none" : "block";
  if (i < 0 || state.turning) return;
  const [canvas, text] = tip.children;
  const from = data.pictures ? i : i - data.real;  // which of the drawings that are here
  const isHere = drawings && from >= 0;
  canvas.style.display = isHere ? "" : "none";
  if (isHere) paint(canvas, unpackHalves(drawings.subarray(PACKED * from, PACKED * (from + 1))));
  text.textContent = captionOf(state, i);
  const [left, top] = tipAt(state.at, [tip.offsetWidth, tip.offsetHeight],
    [plot.clientWidth, plot.clientHeight]);
  tip.style.left = left + "px";
  tip.style.top = top + "px";
}

/** Follow the pointer and the keys; returns a function that ends it. Plotly calls a press on a 3-D
    point a click, though it may begin a turn: ours is a press and a release at one place. */
export function listen(state) {
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
      startThinning(state);
    }
    if (state.hovered >= 0) showTip(state);
  }, true);
  plot.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".modebar")) return;
    from = state.at = place(event);
    pressed = event.pointerType === "mouse" ? state.hovered : -1;
  }, true);
  const choose = (index) => {
    if (index >= 0) state.choose("clicked", { index, stamp: state.data.stamp });
  };
  const release = (event) => {
    const tapped = from && !state.turning && event.type === "pointerup";
    from = null;
    state.turning = false;
    stopThinning(state);
    if (!tapped) return;
    if (pressed >= 0) choose(pressed);
    else setTimeout(() => choose(state.hovered), TAP);
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
  const { eye } = plot._fullLayout.scene._scene.getCamera();
  window.Plotly.relayout(plot, { "scene.camera.eye": turnedEye(eye, by) });
}
