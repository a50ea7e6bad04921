export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** A share in [0, 1] in words: "43.1 %", of which the space does not break. */
export function percent(share) {
  return (100 * share).toFixed(1) + "\u00a0%";
}
