import { showBars } from "../shared/bars.js";
import { CLOSED, make } from "../shared/dom.js";
import { makePicture, paint } from "../shared/drawing.js";
import { unpack } from "../shared/pixels.js";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".closeup");
  root.replaceChildren();
  const canvas = makePicture(root, "paper");
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
    if (Array.isArray(value)) showBars(says, value);
    else says.textContent = value;
  }
  // a dialog cannot give the focus back into a grid by itself
  return () => setTimeout(() => document.dispatchEvent(new Event(CLOSED)), 50);
}
