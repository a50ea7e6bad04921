// How points of a latent space, of three coordinates each, are seen on a plane.

import { clamp } from "../shared/numbers.js";

/** A function of (x, y, z), which gives what is across, down, and towards the eye: in pixels, in
    pixels, and in the units of the space. `yaw` and `tilt` are in radians, `scale` is pixels a
    unit, and the origin is seen at the middle of `width` and `height`. */
export function viewed({ yaw, tilt, scale, width, height }) {
  const [c, s, u, v] = [Math.cos(yaw), Math.sin(yaw), Math.cos(tilt), Math.sin(tilt)];
  return (x, y, z) => {
    const a = c * x - s * z, b = s * x + c * z;
    return [width / 2 + scale * a, height / 2 - scale * (u * y - v * b), v * y + u * b];
  };
}

/** Pixels a unit, with which what is within `reach` of the origin has room. */
export function scaleFor(width, height, reach) {
  return 0.44 * Math.min(width, 1.2 * height) / reach;
}

/** Both ends of an axis, the positive one first. */
export function axisEnds(axis, reach) {
  return [1, -1].map((side) => [0, 1, 2].map((one) => one === axis ? side * 0.95 * reach : 0));
}

/** Where a title of that width begins, beside (x, y) and within the picture. */
export function titleAt(x, y, wide, width, height) {
  return [clamp(x + 5, 8, width - wide - 8), clamp(y - 5, 16, height - 8)];
}

/** How near a point is to the eye, 0 to 1. */
export function nearness(depth, reach) {
  return clamp(0.5 + 0.5 * depth / reach, 0, 1);
}

/** Where the drawing has been, the latest place last; another `at` goes on with it. */
export function trailed(trail, at) {
  if (!at) return [];
  const last = trail.at(-1);
  return last && at.every((one, i) => one === last[i]) ? trail : [...trail, at].slice(-60);
}
