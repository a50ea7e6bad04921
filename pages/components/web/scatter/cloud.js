// The points of a cloud: `labels` and `said` are the true and the predicted category, -1 for none,
// `sure` is the top probability in 255ths. The first `data.real` are drawings, the others were
// generated.

import { clamp } from "../shared/numbers.js";

/** The arrays that `pack_points` of the Python side has put into one buffer. */
export function readPoints(buffer, n) {
  return { labels: new Int16Array(buffer, 0, n), said: new Int16Array(buffer, 2 * n, n),
    sure: new Uint8Array(buffer, 4 * n, n) };
}

/** The numbers below n, mixed, and always in the same way. */
export function mixedOrder(n) {
  const mixed = Uint32Array.from({ length: n }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  return Array.from({ length: n }, (_, i) => i).sort((a, b) => mixed[a] - mixed[b]);
}

/** [{ label, made, points }], of each category the drawings and then the generated ones. */
export function groupsOf({ data, labels, order }, isOff = () => false) {
  const groups = new Map();
  for (const i of order) {
    const made = i >= data.real, group = `${labels[i]} ${made}`;
    if (!groups.has(group)) groups.set(group, { label: labels[i], made, points: [] });
    if (!isOff(i)) groups.get(group).points.push(i);
  }
  return [...groups.values()].sort((a, b) => a.made - b.made || a.label - b.label);
}

/** [low, high] of axis `k` of places with `dims` coordinates each, with some room. */
export function rangeOf(places, dims, k) {
  let low = Infinity, high = -Infinity;
  for (let i = k; i < places.length; i += dims) {
    low = Math.min(low, places[i]);
    high = Math.max(high, places[i]);
  }
  const room = 0.03 * (high - low) || 1;
  return [low - room, high + room];
}

/** What is said of a point. */
export function captionOf({ data, labels, said, sure }, i) {
  const lines = [];
  if (labels[i] >= 0) lines.push((i >= data.real ? "asked for: " : "") + data.names[labels[i]]);
  else lines.push("generated");
  if (said[i] >= 0) {
    lines.push(`called ${data.names[said[i]]}, ${Math.round(sure[i] / 2.55)}\u00a0%`);
  }
  lines.push(`point ${i.toLocaleString("en")}`);
  if (!data.pictures && i < data.real) lines.push("its drawing is not on this computer");
  return lines.join("\n");
}

/** Where a tip of that size stands beside the pointer: [left, top] within the plot. */
export function tipAt([x, y], [wide, high], [plotWide, plotHigh]) {
  return [Math.max(4, x + 18 + wide > plotWide ? x - wide - 18 : x + 18),
    Math.max(4, Math.min(y - high / 2, plotHigh - high - 4))];
}

/** A camera's eye after a turn around and upwards, in radians, and `far` times as far away. */
export function turnedEye({ x, y, z }, [around, up, far]) {
  const distance = Math.hypot(x, y, z), yaw = Math.atan2(y, x) + around;
  const tilt = clamp(Math.asin(z / distance) + up, -1.5, 1.5), now = far * distance;
  return { x: now * Math.cos(tilt) * Math.cos(yaw), y: now * Math.cos(tilt) * Math.sin(yaw),
    z: now * Math.sin(tilt) };
}
