import { make } from "../shared/dom.js";
import { makePicture, paint } from "../shared/drawing.js";
import { drawingAt, unpack } from "../shared/pixels.js";

const SIGNS = { right: "\u2713", wrong: "\u00d7" };

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".pairs"), pixels = unpack(data.pixels);
  root.replaceChildren();
  for (let i = 0; i < data.captions.length / 2; i++) {
    const pair = make("figure", root, "pair paper");
    for (const n of [2 * i, 2 * i + 1]) {
      const half = make("div", pair, "half");
      half.dataset.tone = data.tones[n] ?? "";
      const canvas = makePicture(half);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label",
        [n % 2 ? "reconstruction" : "drawing", data.captions[n], data.tones[n]].join(", "));
      paint(canvas, drawingAt(pixels, n));
      make("span", half, "caption").textContent = data.captions[n];
      const sign = make("span", half, "sign");
      sign.textContent = SIGNS[half.dataset.tone] ?? "";
      sign.setAttribute("aria-hidden", "true");
    }
  }
}
