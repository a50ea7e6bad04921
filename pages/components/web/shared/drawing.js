// Drawings on canvases, in the colour that the theme gives a canvas: dark on light or light on dark.

import { make } from "./dom.js";
import { asAlpha, sheetOf } from "./pixels.js";

export function makePicture(parent, className) {
  const canvas = make("canvas", parent, className);
  canvas.width = canvas.height = 28;
  return canvas;
}

export function paint(canvas, ink, width = 28, height = 28) {
  const pen = canvas.getContext("2d");
  pen.globalCompositeOperation = "copy";
  pen.putImageData(new ImageData(asAlpha(ink), width, height), 0, 0);
  pen.globalCompositeOperation = "source-in";
  pen.fillStyle = getComputedStyle(canvas).color;
  pen.fillRect(0, 0, width, height);
}

/** Many drawings on one canvas, which takes their size; see `sheetOf`. */
export function paintSheet(canvas, pixels, across, gap) {
  const { ink, width, height } = sheetOf(pixels, across, gap);
  canvas.width = width;
  canvas.height = height;
  canvas.style.aspectRatio = width + " / " + height;
  paint(canvas, ink, width, height);
}
