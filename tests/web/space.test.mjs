import assert from "node:assert/strict";
import { test } from "node:test";

import { axisEnds, nearness, scaleFor, titleAt, trailed, viewed }
  from "../../pages/components/web/space/view.js";

function close(found, wanted) {
  assert.equal(found.length, wanted.length);
  found.forEach((one, i) => assert.ok(Math.abs(one - wanted[i]) < 1e-12, `${found} not ${wanted}`));
}

test("seen from the front, x is across, y upwards, z towards the eye", () => {
  const place = viewed({ yaw: 0, tilt: 0, scale: 10, width: 200, height: 100 });
  close(place(0, 0, 0), [100, 50, 0]);
  close(place(2, 3, 4), [120, 20, 4]);
});

test("a quarter turn brings z across and x away; a quarter tilt shows it from above", () => {
  const turned = viewed({ yaw: Math.PI / 2, tilt: 0, scale: 1, width: 0, height: 0 });
  close(turned(1, 0, 0), [0, 0, 1]);
  close(turned(0, 0, 1), [-1, 0, 0]);
  const above = viewed({ yaw: 0, tilt: Math.PI / 2, scale: 1, width: 0, height: 0 });
  close(above(0, 1, 0), [0, 0, 1]);
  close(above(0, 0, 1), [0, 1, 0]);
});

test("the smaller side decides on the scale", () => {
  close([scaleFor(100, 500, 2), scaleFor(600, 100, 2)], [22, 26.4]);
});

test("an axis goes almost as far as the points", () => {
  assert.deepEqual(axisEnds(1, 2), [[0, 1.9, 0], [0, -1.9, 0]]);
});

test("a title stays within the picture", () => {
  assert.deepEqual(titleAt(50, 60, 40, 200, 100), [55, 55]);
  assert.deepEqual(titleAt(190, 99, 40, 200, 100), [152, 92]);
  assert.deepEqual(titleAt(-9, 3, 40, 200, 100), [8, 16]);
});

test("nearness is from 0 at the back to 1 at the front", () => {
  assert.deepEqual([-4, -2, 0, 1, 9].map((depth) => nearness(depth, 2)), [0, 0, 0.5, 0.75, 1]);
});

test("the trail has each place once, the latest sixty, and none without a drawing", () => {
  let trail = trailed([], [1, 2, 0]);
  assert.equal(trailed(trail, [1, 2, 0]), trail);
  trail = trailed(trail, [1, 3, 0]);
  assert.deepEqual(trail, [[1, 2, 0], [1, 3, 0]]);
  for (let i = 0; i < 70; i++) trail = trailed(trail, [i, 0, 0]);
  assert.deepEqual([trail.length, trail[0], trail[59]], [60, [10, 0, 0], [69, 0, 0]]);
  assert.deepEqual(trailed(trail, null), []);
});
