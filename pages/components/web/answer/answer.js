import { follow, tellAnswered } from "../shared/asking.js";
import { showBars } from "../shared/bars.js";
import { make, until } from "../shared/dom.js";
import { makePicture, paint } from "../shared/drawing.js";
import { unpack } from "../shared/pixels.js";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".closeup");
  if (!root.firstChild) build(root);
  const stop = follow(root, "plane", "answer", data, (found) => show(root, found));
  tellAnswered("plane", data.n);
  return until(root, stop);
}

function show(root, data) {
  const [canvas, beside] = root.children, [title, sub, bars] = beside.children;
  paint(canvas, unpack(data.pixels));
  title.textContent = data.title;
  sub.textContent = data.sub;
  showBars(bars, data.bars);
}

function build(root) {
  const canvas = makePicture(root, "paper");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "generated drawing");
  const beside = make("div", root, "facts");
  make("h3", beside);
  make("p", beside, "sub");
  make("div", beside, "bars");
}
