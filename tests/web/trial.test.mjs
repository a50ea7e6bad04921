import assert from "node:assert/strict";
import { test } from "node:test";

import { TAKEN_BACK, cover, due, latest, narrowed, unsaved }
  from "../../pages/components/web/trial/events.js";

const event = (n, answer) => ({ n, answer, seconds: 1 });

test("each answer goes on, each taken back goes back", () => {
  assert.equal(due(4, []), 4);
  assert.equal(due(4, [event(6, 0), event(7, 2), event(8, TAKEN_BACK)]), 5);
});

test("what the log has is not sent again, the rest is", () => {
  const pending = [event(3, 0), event(4, 1), event(5, 2)];
  assert.deepEqual(unsaved(pending, 3), pending);
  assert.deepEqual(unsaved(pending, 5), [event(5, 2)]);
  assert.deepEqual(unsaved(pending, 6), []);
});

test("what does not follow on the log is given up", () => {
  assert.deepEqual(unsaved([event(3, 0), event(4, 1)], 2), []);
});

test("the last answer can be taken back, once", () => {
  assert.equal(latest([], 2), 2);
  assert.equal(latest([], -1), -1);
  assert.equal(latest([event(3, 0), event(4, 5)], 2), 5);
  assert.ok(latest([event(3, TAKEN_BACK)], 2) < 0);
});

test("what is typed leaves the names that have it, and marks the first that begins so", () => {
  const names = ["pineapple", "apple", "Cup", "apple pie"];
  assert.deepEqual(narrowed(names, ""), { left: [true, true, true, true], marked: -1 });
  assert.deepEqual(narrowed(names, " APP"), { left: [true, true, false, true], marked: 1 });
  assert.deepEqual(narrowed(names, "nea"), { left: [true, false, false, false], marked: 0 });
  assert.deepEqual(narrowed(names, "cu"), { left: [false, false, true, false], marked: 2 });
  assert.deepEqual(narrowed(names, "zebra"), { left: [false, false, false, false], marked: -1 });
});

test("what stands in the drawing's place", () => {
  const shown = { place: 0, total: 5, pending: 0, isPaused: false, isBegun: true, isHere: true };
  assert.deepEqual(cover(shown), ["", ""]);
  assert.equal(cover({ ...shown, isHere: false })[0], "The next drawing is on its way.");
  const paused = { ...shown, isPaused: true };
  assert.deepEqual(cover(paused), ["Paused. The clock stands still.", "Go on"]);
  assert.equal(cover({ ...paused, isBegun: false })[1], "Start");
  assert.equal(cover({ ...paused, isBegun: false, place: 2 })[1], "Go on");
  assert.deepEqual(cover({ ...paused, place: 5, pending: 1 }),
    ["Saving the last answer.", "Save again"]);
  assert.deepEqual(cover({ ...shown, place: 5 }), ["All are answered.", ""]);
});
