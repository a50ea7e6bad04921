import { CLOSED, fill, setText } from "../shared/dom.js";
import { paint } from "../shared/drawing.js";
import { PIXELS, drawingAt, unpack } from "../shared/pixels.js";
import { makeTile } from "../shared/tiles.js";
import { spoken, step } from "./steps.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = { right: "M4.5 8.5l2.5 2.5 4.5-5.5", wrong: "M5 5l6 6M11 5l-6 6" };

function makeMarkedTile(grid) {
  const button = makeTile(grid), mark = document.createElementNS(SVG, "svg");
  mark.setAttribute("class", "mark");
  mark.setAttribute("viewBox", "0 0 16 16");
  mark.setAttribute("aria-hidden", "true");
  for (const shape of ["circle", "path"]) mark.append(document.createElementNS(SVG, shape));
  for (const [name, value] of [["cx", 8], ["cy", 8], ["r", 8]]) {
    mark.firstChild.setAttribute(name, value);
  }
  button.append(mark);
  return button;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const pixels = unpack(data.pixels), count = pixels.length / PIXELS;
  grid.style.setProperty("--cell", data.cell + "px");
  if (data.across) grid.style.setProperty("--across", data.across);
  const drawings = Array.from({ length: count }, (_, i) => drawingAt(pixels, i));
  fill(grid, drawings, makeMarkedTile, (button, drawing, i) => {
    const caption = data.captions[i] ?? "", tone = data.tones[i] ?? "";
    const [canvas, text, mark] = button.children;
    canvas.style.width = data.size + "px";
    paint(canvas, drawing);
    setText(text, caption);
    button.dataset.tone = tone;
    mark.lastChild.setAttribute("d", SHAPES[tone] ?? "");
    button.setAttribute("aria-label", spoken(i, count, caption, tone));
  });

  // one stop for Tab; the arrow keys go on from there
  const tiles = [...grid.children];
  stopAt(Math.max(0, tiles.findIndex((button) => "stop" in button.dataset)));

  function stopAt(place) {
    tiles.forEach((button, i) => {
      button.tabIndex = i === place ? 0 : -1;
      button.toggleAttribute("data-stop", i === place);
    });
  }
  grid.onclick = (event) => {
    const i = tiles.indexOf(event.target.closest("button"));
    if (i < 0) return;
    setTriggerValue("clicked", { index: i, stamp: data.stamp });
    document.addEventListener(CLOSED, () => tiles[i].focus({ preventScroll: true }),
      { once: true });
  };
  grid.onkeydown = (event) => {
    const from = tiles.indexOf(event.target.closest("button"));
    const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
    const to = step(event.key, from, columns, count);
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= count) return;
    stopAt(to);
    tiles[to].focus();
  };
}
