import assert from "node:assert/strict";
import { test } from "node:test";

import { Strokes, unitAt } from "../../pages/components/web/pad/strokes.js";

function draw(drawing, points, room = 100) {
  drawing.begin(room);
  const added = points.map(([x, y]) => drawing.add(x, y));
  drawing.end();
  return added;
}

test("shares of the canvas become whole units, and what is outside lies on the edge", () => {
  assert.deepEqual([-0.2, 0, 0.1234, 0.9996, 1.7].map((one) => unitAt(one, 1000)),
    [0, 0, 123, 1000, 1000]);
});

test("a point that stays where it is leaves no other, one that comes back does", () => {
  const drawing = new Strokes([]);
  assert.deepEqual(draw(drawing, [[1, 1], [1, 1], [1, 2], [1, 1]]), [true, false, true, true]);
  assert.deepEqual(drawing.all, [[[1, 1, 1], [1, 2, 1]]]);
  assert.equal(drawing.points, 3);
});

test("a stroke has no more points than there is room", () => {
  const drawing = new Strokes([]);
  assert.deepEqual(draw(drawing, [[0, 0], [1, 0], [2, 0]], 2), [true, true, false]);
  assert.deepEqual(drawing.all, [[[0, 1], [0, 0]]]);
});

test("undo and redo go back and forth, and a new stroke ends the way forth", () => {
  const drawing = new Strokes([]), first = [[1, 2], [1, 2]], second = [[5], [5]];
  assert.deepEqual([drawing.canUndo, drawing.canRedo, drawing.undo(), drawing.redo()],
    [false, false, false, false]);
  draw(drawing, [[1, 1], [2, 2]]);
  draw(drawing, [[5, 5]]);
  assert.deepEqual(drawing.all, [first, second]);
  assert.equal(drawing.undo(), true);
  assert.deepEqual(drawing.all, [first]);
  assert.equal(drawing.redo(), true);
  assert.deepEqual(drawing.all, [first, second]);
  assert.equal(drawing.canRedo, false);
  drawing.undo();
  draw(drawing, [[9, 9]]);
  assert.deepEqual([drawing.all, drawing.canRedo], [[first, [[9], [9]]], false]);
  drawing.undo();
  drawing.undo();
  assert.deepEqual([drawing.all, drawing.canUndo, drawing.canRedo], [[], false, true]);
});

test("clearing can be undone, too; what was there at first cannot", () => {
  const drawing = new Strokes([[[1], [1]]]);
  assert.equal(drawing.canUndo, false);
  drawing.clear();
  assert.deepEqual(drawing.all, []);
  drawing.undo();
  assert.deepEqual(drawing.all, [[[1], [1]]]);
});

test("while a stroke is drawn nothing is undone", () => {
  const drawing = new Strokes([]);
  draw(drawing, [[1, 1]]);
  drawing.begin(9);
  drawing.add(3, 3);
  assert.deepEqual([drawing.isDrawing, drawing.undo(), drawing.all.length], [true, false, 2]);
  drawing.end();
  assert.deepEqual([drawing.isDrawing, drawing.undo(), drawing.all.length], [false, true, 1]);
});

test("200 steps are remembered", () => {
  const drawing = new Strokes([]);
  for (let i = 0; i < 203; i++) draw(drawing, [[i, 0]]);
  let steps = 0;
  while (drawing.undo()) steps++;
  assert.deepEqual([steps, drawing.all.length], [200, 3]);
});
