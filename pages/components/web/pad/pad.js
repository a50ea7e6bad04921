import { Direct, onAnswered } from "../shared/asking.js";
import { until } from "../shared/dom.js";
import { Strokes, unitAt } from "./strokes.js";

const WIDTH = 14, FULL = "This is more ink than a drawing has: undo some strokes.";

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".pad"), frame = root.querySelector(".frame");
  const canvas = frame.querySelector("canvas"), says = root.querySelector(".says");
  const [undo, redo, clear] = root.querySelectorAll("button");
  const isNew = !root.state;
  const state = root.state ??= { drawing: new Strokes(data.strokes), sheet: data.sheet,
    direct: new Direct("pad") };
  const { drawing, direct } = state;
  direct.address = data.address;
  direct.question = () => ({ strokes: drawing.all });
  direct.give = (n) => setStateValue("sketch", { strokes: drawing.all, sheet: state.sheet, n });
  direct.isMoving = () => drawing.isDrawing;
  direct.serve(root);
  if (isNew && drawing.all.length) direct.ask();  // one comes back to a drawing: it is answered anew
  if (state.sheet !== data.sheet) {  // the page took the drawing: a new sheet
    state.sheet = data.sheet;
    drawing.end();
    drawing.clear();
    direct.forget();
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
    pen.lineWidth = WIDTH * scale;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = getComputedStyle(canvas).color;
    for (const [xs, ys] of drawing.all) {
      pen.beginPath();
      pen.moveTo(xs[0] * scale, ys[0] * scale);
      xs.forEach((x, i) => pen.lineTo(x * scale, ys[i] * scale));
      pen.stroke();
      if (xs.length === 1) {  // a dot: a line of no length leaves no ink
        pen.arc(xs[0] * scale, ys[0] * scale, WIDTH / 2 * scale, 0, 7);
        pen.fill();
      }
    }
    root.toggleAttribute("data-inked", drawing.all.length > 0);
    undo.disabled = !drawing.canUndo;
    redo.disabled = !drawing.canRedo;
    clear.disabled = !drawing.all.length;
  }
  function changed() {
    show();
    direct.ask();
  }
  function add(event) {
    const box = canvas.getBoundingClientRect();
    return drawing.add(unitAt((event.clientX - box.left) / box.width, data.side),
      unitAt((event.clientY - box.top) / box.height, data.side));
  }

  frame.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0 || drawing.isDrawing) return;
    const room = data.pointsMost - drawing.points;
    const isFull = drawing.all.length >= data.strokesMost || room <= 0;
    root.querySelector(".full").textContent = isFull ? FULL : "";
    if (isFull) return;
    event.preventDefault();
    frame.dataset.pointed = "";
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    drawing.begin(room);
    add(event);
    changed();
  };
  frame.onpointermove = (event) => {
    if (!drawing.isDrawing || !event.isPrimary) return;
    const added = [...(event.getCoalescedEvents?.() ?? []), event].map(add);
    if (added.includes(true)) changed();
  };
  frame.onpointerup = frame.onpointercancel = frame.onlostpointercapture = (event) => {
    if (event.isPrimary) drawing.end();
  };
  frame.onblur = () => { delete frame.dataset.pointed; };
  undo.onclick = () => { if (drawing.undo()) changed(); };
  redo.onclick = () => { if (drawing.redo()) changed(); };
  clear.onclick = () => {
    if (drawing.isDrawing) return;
    drawing.clear();
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
  const stop = onAnswered("pad", (answer) => {
    says.textContent = drawing.all.length ? answer.reading.words : "";
    direct.hear(answer);
  });
  const size = new ResizeObserver(show);
  size.observe(canvas);
  return until(root, () => {
    stop();
    size.disconnect();
  });
}
