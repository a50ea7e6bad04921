/** Where a key leads from a place in a grid of so many columns, which may be outside of it, or
    undefined for a key that leads nowhere. */
export function step(key, from, columns, count) {
  return { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: from - columns,
    ArrowDown: from + columns, Home: 0, End: count - 1 }[key];
}

/** What is read out of a drawing. */
export function spoken(place, count, caption, tone) {
  const said = [`drawing ${place + 1} of ${count}`, caption.replace(/\n/g, ", "), tone];
  return said.filter(Boolean).join(", ");
}
