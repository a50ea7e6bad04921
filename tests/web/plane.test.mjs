import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeOf, moved, placeAt, sharesOf, signed }
  from "../../pages/components/web/plane/places.js";

test("the edges are half a cell further out than the outermost drawings", () => {
  const edge = edgeOf(3, 4);  // four cells, their centres at -3, -1, 1, 3
  assert.equal(edge, 4);
  assert.deepEqual([0, 1, 2, 3].map((cell) => placeAt((cell + 0.5) / 4, 0.5, edge)[0]),
    [-3, -1, 1, 3]);
});

test("a place under the pointer: upwards is more, and nothing is outside", () => {
  assert.deepEqual(placeAt(0, 0, 2), [-2, 2]);
  assert.deepEqual(placeAt(0.75, 0.75, 2), [1, -1]);
  assert.deepEqual(placeAt(1.5, -1, 2), [2, 2]);
});

test("and where the pointer stands for a place", () => {
  assert.deepEqual(sharesOf(0, 0, 2), [0.5, 0.5]);
  assert.deepEqual(sharesOf(1, -1, 2), [0.75, 0.75]);
  for (const shares of [[0.1, 0.9], [1, 0]]) {
    sharesOf(...placeAt(...shares, 3), 3).forEach((one, i) => {
      assert.ok(Math.abs(one - shares[i]) < 1e-12);
    });
  }
});

test("keys move it by a tenth or a half, within the edges", () => {
  assert.deepEqual(moved(1, 1, "ArrowRight", false, 2), [1.1, 1]);
  assert.deepEqual(moved(1, 1, "ArrowDown", true, 2), [1, 0.5]);
  assert.deepEqual(moved(1.8, -1.8, "ArrowRight", true, 2), [2, -1.8]);
  assert.deepEqual(moved(1, -1.8, "ArrowDown", true, 2), [1, -2]);
  assert.deepEqual(moved(0.3, -0.7, "Home", false, 2), [0, 0]);
  assert.equal(moved(1, 1, "Escape", false, 2), null);
});

test("a negative number has a minus sign", () => {
  assert.deepEqual([-3, 0, 2.5].map(signed), ["\u22123", "0", "2.5"]);
});
