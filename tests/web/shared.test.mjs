import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../../pages/components/web/shared/dom.js";
import { clamp, percent } from "../../pages/components/web/shared/numbers.js";
import { asAlpha, drawingAt, sheetOf, unpack, unpackHalves }
  from "../../pages/components/web/shared/pixels.js";

test("numbers are kept within bounds, the upper one first", () => {
  assert.deepEqual([-3, 0.5, 7].map((one) => clamp(one, 0, 1)), [0, 0.5, 1]);
  assert.equal(clamp(5, 8, 2), 2);
});

test("a percentage has one decimal and does not break", () => {
  assert.deepEqual([0, 0.4312, 0.99951, 1].map(percent),
    ["0.0\u00a0%", "43.1\u00a0%", "100.0\u00a0%", "100.0\u00a0%"]);
});

test("bytes come out of base64 as they went in", () => {
  assert.deepEqual([...unpack("AAF/gP8=")], [0, 1, 127, 128, 255]);
});

test("two pixels of a byte: the left one in its higher half, 16 greys over the whole range", () => {
  assert.deepEqual([...unpackHalves(Uint8Array.of(0x0f, 0x81, 0xf0))], [0, 255, 136, 17, 255, 0]);
});

test("ink is the alpha of black", () => {
  assert.deepEqual([...asAlpha(Uint8Array.of(0, 200))], [0, 0, 0, 0, 0, 0, 0, 200]);
});

test("a drawing among several", () => {
  const pixels = new Uint8Array(3 * 784);
  pixels[784] = 1;
  pixels[2 * 784 - 1] = 2;
  const one = drawingAt(pixels, 1);
  assert.deepEqual([one.length, one[0], one[783]], [784, 1, 2]);
});

test("a sheet has its drawings side by side, with gaps that are empty", () => {
  const pixels = new Uint8Array(5 * 784);
  for (let n = 0; n < 5; n++) pixels.fill(n + 1, 784 * n, 784 * (n + 1));
  pixels[784 * 4 + 28 * 2 + 3] = 99;  // of the last drawing: third row, fourth pixel
  const { ink, width, height } = sheetOf(pixels, 3, 2);
  assert.deepEqual([width, height, ink.length], [88, 58, 88 * 58]);
  const at = (x, y) => ink[88 * y + x];
  assert.deepEqual([at(0, 0), at(27, 27), at(28, 0), at(29, 0), at(30, 0), at(60, 27)],
    [1, 1, 0, 0, 2, 3]);
  assert.deepEqual([at(0, 28), at(0, 30), at(30, 57), at(33, 32), at(60, 30)], [0, 4, 5, 99, 0]);
});

test("a component listens once, however often it is called", () => {
  const root = {}, ended = [];
  const stops = ["first", "second"].map((one) => () => ended.push(one));
  until(root, stops[0]);
  assert.deepEqual(ended, []);
  assert.equal(until(root, stops[1]), stops[1]);
  assert.deepEqual(ended, ["first"]);
});
