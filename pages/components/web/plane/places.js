// Places on the latent plane, from -edge to edge across and upwards.

import { clamp } from "../shared/numbers.js";

/** The centre of the first cell is at -reach and that of the last at +reach: the edges of the
    canvas are half a cell further out, so that a drawing lies where it was decoded. */
export function edgeOf(reach, side) {
  return reach * side / (side - 1);
}

/** The place at these shares of the canvas's width and height, from its upper left corner. */
export function placeAt(across, down, edge) {
  return [clamp(edge * (2 * across - 1), -edge, edge), clamp(edge * (1 - 2 * down), -edge, edge)];
}

/** The shares of the width and the height at which a place lies. */
export function sharesOf(x, y, edge) {
  return [0.5 + 0.5 * x / edge, 0.5 - 0.5 * y / edge];
}

/** Where a key leads from a place, within the edges; null for a key that leads nowhere. */
export function moved(x, y, key, isLong, edge) {
  const step = isLong ? 0.5 : 0.1;
  const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step],
    ArrowDown: [0, -step], Home: [-x, -y] }[key];
  return by ? [clamp(x + by[0], -edge, edge), clamp(y + by[1], -edge, edge)] : null;
}

/** A number with a minus sign in place of a hyphen. */
export function signed(value) {
  return (value < 0 ? "\u2212" : "") + Math.abs(value);
}
