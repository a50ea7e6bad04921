import assert from "node:assert/strict";
import { test } from "node:test";

import { spoken, step } from "../../pages/components/web/gallery/steps.js";

test("keys go through the grid", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Tab"];
  assert.deepEqual(keys.map((key) => step(key, 5, 4, 10)), [4, 6, 1, 9, 0, 9, undefined]);
  assert.deepEqual([step("ArrowUp", 1, 4, 10), step("ArrowDown", 7, 4, 10)], [-3, 11]);
});

test("a drawing is read out with its place, its words and its tone", () => {
  assert.equal(spoken(0, 3, "true: cup\nnamed: moon\n7", "wrong"),
    "drawing 1 of 3, true: cup, named: moon, 7, wrong");
  assert.equal(spoken(2, 3, "", ""), "drawing 3 of 3");
});
