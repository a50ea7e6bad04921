import { make } from "../shared/dom.js";
import { paintSheet } from "../shared/drawing.js";
import { PIXELS, unpack } from "../shared/pixels.js";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".strips"), pixels = unpack(data.pixels);
  const size = PIXELS * data.ticks.length;
  root.replaceChildren();
  data.names.forEach((name, i) => {
    make("div", root, "name").textContent = name;
    const canvas = make("canvas", root, "paper");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name);
    paintSheet(canvas, pixels.subarray(size * i, size * (i + 1)), data.ticks.length, 2);
  });
  const ticks = make("div", root, "ticks");
  for (const tick of data.ticks) make("span", ticks).textContent = tick;
}
