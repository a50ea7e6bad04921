import assert from "node:assert/strict";
import { test } from "node:test";

import { captionOf, groupsOf, mixedOrder, rangeOf, readPoints, tipAt, turnedEye }
  from "../../pages/components/web/scatter/cloud.js";
import { GREY, STEPS, classOf, mix, palette, ramp, stepScale }
  from "../../pages/components/web/scatter/colours.js";
import { layout, traces } from "../../pages/components/web/scatter/figure.js";

const RIGHT = "#0072b2", WRONG = "#ee7733";

/** Five points: apple, cup, unknown; then generated ones, of which one was asked to be a cup. */
function cloud(data = {}) {
  return {
    data: { mode: "true", names: ["apple", "cup"], colors: ["#ff0000", "#00ff00"], right: RIGHT,
      wrong: WRONG, n: 5, real: 3, dims: 2, pictures: true, axes: ["a", "b", "c"], near: [],
      pinned: -1, note: "", view: "v", ...data },
    labels: Int16Array.of(0, 1, -1, -1, 1), said: Int16Array.of(0, 0, 1, -1, 1),
    sure: Uint8Array.of(255, 139, 51, 0, 0),
    places: Float32Array.of(0, 10, 1, 11, 2, 12, 3, 13, 4, 14),
    order: [4, 3, 2, 1, 0], off: new Set(), classesOff: new Set(),
  };
}

// --- colours -------------------------------------------------------------------------------------

test("a colour between two others", () => {
  assert.equal(mix("#000000", "#ffffff", 0.5), "#808080");
  assert.equal(mix("#102030", "#ffffff", 0), "#102030");
  assert.equal(mix("#0a0000", "#000a64", 1), "#000a64");
  assert.equal(mix("#c80000", "#006400", 0.25), "#961900");
});

test("the ramp goes from wrong to right, over grey", () => {
  const colors = ramp({ wrong: WRONG, right: RIGHT });
  assert.deepEqual([colors.length, colors[0], colors.at(-1)], [STEPS, WRONG, RIGHT]);
  assert.equal(colors[11], mix(WRONG, "#B8B8B8", 22 / 23));
  assert.equal(colors[12], mix("#B8B8B8", RIGHT, 1 / 23));
});

test("each mode has its palette, with grey for what is not known", () => {
  const colors = (mode) => palette(cloud({ mode }).data);
  assert.deepEqual(colors("true"), ["#ff0000", "#00ff00", GREY]);
  assert.deepEqual(colors("predicted"), ["#ff0000", "#00ff00", GREY]);
  assert.deepEqual(colors("right"), [RIGHT, WRONG, GREY]);
  assert.deepEqual([colors("confidence").length, colors("confidence").at(-1)], [25, GREY]);
});

test("a point's class in each mode", () => {
  const classes = (mode) => [0, 1, 2, 3, 4].map((i) => classOf(cloud({ mode }), i));
  assert.deepEqual(classes("true"), [0, 1, 2, 2, 1]);
  assert.deepEqual(classes("predicted"), [0, 0, 1, 2, 1]);
  assert.deepEqual(classes("right"), [0, 1, 2, 2, 0]);
  assert.deepEqual(classes("confidence"), [23, 13, 5, 24, 0]);  // 139 / 255 * 23 = 12.54
});

test("a scale of steps, each colour as wide as the next", () => {
  assert.deepEqual(stepScale(["red", "blue"]),
    [[0, "red"], [0.5, "red"], [0.5, "blue"], [1, "blue"]]);
});

// --- the cloud -----------------------------------------------------------------------------------

test("labels, judgements and confidence come out of one buffer", () => {
  const bytes = Uint8Array.of(1, 0, 255, 255, 2, 0, 3, 1, 200, 7);
  const { labels, said, sure } = readPoints(bytes.buffer, 2);
  assert.deepEqual([[...labels], [...said], [...sure]], [[1, -1], [2, 259], [200, 7]]);
});

test("the order is mixed, has each number once, and is always the same", () => {
  const order = mixedOrder(1000);
  assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual(order, mixedOrder(1000));
  // (i + 1) * 2654435761 modulo 2 ** 32: 2654435761, 1013904226, 3668339987, 2027808452
  assert.deepEqual(mixedOrder(4), [1, 3, 0, 2]);
  const mean = order.slice(0, 100).reduce((sum, one) => sum + one, 0) / 100;
  assert.ok(Math.abs(mean - 499.5) < 60, "the first ones are a fair part");
});

test("points by category, drawings before generated ones, in the mixed order", () => {
  assert.deepEqual(groupsOf(cloud()), [
    { label: -1, made: false, points: [2] }, { label: 0, made: false, points: [0] },
    { label: 1, made: false, points: [1] }, { label: -1, made: true, points: [3] },
    { label: 1, made: true, points: [4] },
  ]);
  const left = groupsOf({ ...cloud(), labels: Int16Array.of(0, 0, 0, 0, 0) }, (i) => i === 1);
  assert.deepEqual(left.map(({ points }) => points), [[2, 0], [4, 3]]);
});

test("an axis has some room at both ends, even where all points are at one place", () => {
  const range = rangeOf([0, 7, 100, 7, 50, 7], 2, 0);
  assert.deepEqual(range, [-3, 103]);
  assert.deepEqual(rangeOf([0, 7, 100, 7], 2, 1), [6, 8]);
});

test("what is said of a point", () => {
  const state = cloud();
  assert.equal(captionOf(state, 0), "apple\ncalled apple, 100\u00a0%\npoint 0");
  assert.equal(captionOf(state, 2), "generated\ncalled cup, 20\u00a0%\npoint 2");
  assert.equal(captionOf(state, 3), "generated\npoint 3");
  assert.equal(captionOf(state, 4), "asked for: cup\ncalled cup, 0\u00a0%\npoint 4");
  assert.equal(captionOf(cloud({ pictures: false }), 1),
    "cup\ncalled apple, 55\u00a0%\npoint 1\nits drawing is not on this computer");
});

test("the tip stands to the right of the pointer, else to the left, and within the plot", () => {
  const tip = [100, 60], plot = [400, 300];
  assert.deepEqual(tipAt([50, 150], tip, plot), [68, 120]);
  assert.deepEqual(tipAt([350, 150], tip, plot), [232, 120]);
  assert.deepEqual(tipAt([50, 10], tip, plot), [68, 4]);
  assert.deepEqual(tipAt([50, 295], tip, plot), [68, 236]);
  assert.deepEqual(tipAt([60, 20], tip, [120, 50]), [4, 4], "a plot that is too small for it");
});

test("the eye turns around, up to almost above, and goes away", () => {
  const close = (found, wanted) => ["x", "y", "z"].forEach((axis, i) => {
    assert.ok(Math.abs(found[axis] - wanted[i]) < 1e-9, JSON.stringify(found));
  });
  close(turnedEye({ x: 2, y: 0, z: 0 }, [Math.PI / 2, 0, 1]), [0, 2, 0]);
  close(turnedEye({ x: 2, y: 0, z: 0 }, [0, Math.PI / 6, 1]), [Math.sqrt(3), 0, 1]);
  close(turnedEye({ x: 1, y: 2, z: 2 }, [0, 0, 1.5]), [1.5, 3, 3]);
  close(turnedEye({ x: 1, y: 0, z: 0 }, [0, 9, 1]), [Math.cos(1.5), 0, Math.sin(1.5)]);
});

// --- the figure ----------------------------------------------------------------------------------

test("each trace carries its points' own places in the cloud", () => {
  const all = traces(cloud({ near: [1, 9], pinned: 0 }), "black", false);
  assert.deepEqual(all.map(({ uid }) => uid),
    ["-1 false", "0 false", "1 false", "-1 true", "1 true", "near", "pinned"]);
  assert.deepEqual(all.map(({ customdata }) => customdata), [[2], [0], [1], [3], [4], [1], [0]]);
  assert.deepEqual([[...all[2].x], [...all[2].y], "z" in all[2]], [[1], [11], false]);
  assert.deepEqual(all.map(({ type }) => type), Array(7).fill("scattergl"));
  assert.deepEqual([all[1].marker.color, all[0].marker.color], ["#ff0000", GREY]);
  assert.deepEqual([all[1].marker.symbol, all[4].marker.symbol, all[5].marker.symbol],
    ["circle", "diamond", "circle-open"]);
});

test("what the legend hides is not to be seen", () => {
  const state = cloud();
  state.off.add(1).add("made");
  const seen = traces(state, "black", false).filter(({ visible }) => visible !== false);
  assert.deepEqual(seen.map(({ uid }) => uid), ["-1 false", "0 false", "near", "pinned"]);
  const judged = cloud({ mode: "right" });
  judged.classesOff.add(1);
  const left = traces(judged, "black", false).flatMap(({ customdata }) => customdata);
  assert.deepEqual(left.sort(), [0, 2, 3, 4], "the one that was named wrong is gone");
});

test("classes of several colours come as numbers with a scale", () => {
  const state = cloud({ mode: "right" });
  state.labels = Int16Array.of(0, 0, 0, 0, 0);
  const { marker } = traces(state, "black", false)[0];
  assert.deepEqual([marker.color, marker.cmin, marker.cmax], [[1, 0, 0], -0.5, 2.5]);
  assert.equal(marker.colorscale.length, 6);
});

test("in three dimensions a slow computer draws squares", () => {
  const state = cloud({ dims: 3 });
  state.places = Float32Array.from({ length: 15 }, (_, i) => i);
  const symbols = (isSlow) => traces(state, "black", isSlow)[1].marker.symbol;
  assert.deepEqual([symbols(false), symbols(true)], ["circle", "square"]);
  assert.deepEqual([...traces(state, "black", true)[1].z], [2]);
  assert.equal(traces(cloud(), "black", true)[1].marker.symbol, "circle", "but not in two");
});

test("the layout has the axes of its dimensions, and a note where there is one", () => {
  const theme = { ink: "black", font: "serif", faint: "grey" };
  const flat = layout(cloud({ note: "practice" }), theme);
  assert.deepEqual([flat.xaxis.title.text, flat.yaxis.title.text, "scene" in flat],
    ["a", "b", false]);
  assert.deepEqual([flat.xaxis.range[0], flat.annotations[0].text], [-0.12, "practice"]);
  const deep = layout({ ...cloud({ dims: 3 }), places: new Float32Array(15) }, theme);
  assert.deepEqual([deep.scene.zaxis.title.text, deep.annotations, deep.uirevision],
    ["c", [], "v"]);
});
