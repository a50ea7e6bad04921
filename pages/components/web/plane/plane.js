import { Direct, onAnswered } from "../shared/asking.js";
import { showNames, until } from "../shared/dom.js";
import { paintSheet } from "../shared/drawing.js";
import { clamp } from "../shared/numbers.js";
import { unpack } from "../shared/pixels.js";
import { edgeOf, moved, placeAt, sharesOf, signed } from "./places.js";

const DOTS = 1120;  // pixels along each side of the canvas with the points

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".plane"), frame = root.querySelector(".frame");
  const canvas = root.querySelector(".sheet"), dots = root.querySelector(".dots");
  const edge = edgeOf(data.reach, data.side);
  const state = root.state ??= { x: 0, y: 0, direct: new Direct("plane") };
  const { direct } = state;
  direct.address = data.address;
  direct.question = () => ({ x: state.x, y: state.y });
  direct.give = (n) => setStateValue("at", { x: state.x, y: state.y, n });
  direct.serve(root);
  const stamp = data.stamp + getComputedStyle(canvas).color;
  if (state.stamp !== stamp) {
    state.stamp = stamp;
    paintSheet(canvas, unpack(data.pixels), data.side, 0);
  }
  showDots();
  for (const [axis, sign] of [["x", 1], ["y", -1]]) {
    const ends = root.querySelector(".ruler." + axis).children;
    ends[0].textContent = signed(-sign * data.reach);
    ends[2].textContent = signed(sign * data.reach);
  }
  showNames(root.querySelector(".names"), data.names);
  showPointer();
  move(clamp(state.x, -edge, edge), clamp(state.y, -edge, edge));  // another plane may be smaller

  function showPointer() {
    const pointer = root.querySelector(".pointer");
    const [across, down] = sharesOf(state.x, state.y, edge);
    pointer.style.left = 100 * across + "%";
    pointer.style.top = 100 * down + "%";
    frame.setAttribute("aria-valuetext", state.x.toFixed(2) + ", " + state.y.toFixed(2));
  }
  function showDots() {
    dots.width = dots.height = DOTS;
    dots.hidden = !data.points;
    if (!data.points) return;
    const places = new Float32Array(unpack(data.points).buffer), pen = dots.getContext("2d");
    const labels = new Uint16Array(unpack(data.labels).buffer);
    pen.strokeStyle = getComputedStyle(root).getPropertyValue("--st-background-color");
    labels.forEach((label, i) => {
      const [across, down] = sharesOf(places[2 * i], places[2 * i + 1], edge);
      pen.fillStyle = data.names[label][1];
      pen.globalAlpha = 0.75;
      pen.beginPath();
      pen.arc(DOTS * across, DOTS * down, 6, 0, 7);
      pen.fill();
      pen.stroke();
    });
  }
  function move(x, y) {
    if (x === state.x && y === state.y) return;
    [state.x, state.y] = [x, y];
    showPointer();
    direct.ask();
  }
  function follow(event) {
    const box = canvas.getBoundingClientRect();
    move(...placeAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height,
      edge));
  }
  function hold(is) { root.toggleAttribute("data-held", is); }

  frame.onpointermove = (event) => {
    if (event.pointerType !== "mouse" || !root.hasAttribute("data-held")) follow(event);
  };
  frame.onpointerdown = (event) => {  // a held pointer stays while the mouse goes elsewhere
    hold(event.pointerType === "mouse" && !root.hasAttribute("data-held"));
    follow(event);
  };
  frame.onkeydown = (event) => {
    if (event.key === "Escape") hold(false);
    const to = moved(state.x, state.y, event.key, event.shiftKey, edge);
    if (!to) return;
    event.preventDefault();
    hold(true);
    move(...to);
  };
  return until(root, onAnswered("plane", (answer) => direct.hear(answer)));
}
