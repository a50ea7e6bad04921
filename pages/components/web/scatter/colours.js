// What colour a point has. Its class is its place in the palette: numbers and a scale of steps,
// since Plotly would parse a colour's text for each point.

export const GREY = "#8A8A8A", MIDDLE = "#B8B8B8", STEPS = 24;

/** A colour between two "#rrggbb", at a share of the way. */
export function mix(one, other, share) {
  const part = (color, at) => parseInt(color.slice(at, at + 2), 16);
  return "#" + [1, 3, 5].map((at) => Math.round(part(one, at) * (1 - share)
    + part(other, at) * share).toString(16).padStart(2, "0")).join("");
}

/** STEPS colours from unsure to sure, over grey. */
export function ramp({ wrong, right }) {
  return Array.from({ length: STEPS }, (_, i) => {
    const at = i / (STEPS - 1);
    return at < 0.5 ? mix(wrong, MIDDLE, 2 * at) : mix(MIDDLE, right, 2 * at - 1);
  });
}

/** The colours of a mode; the last is that of what is not known. */
export function palette(data) {
  if (data.mode === "right") return [data.right, data.wrong, GREY];
  if (data.mode === "confidence") return [...ramp(data), GREY];
  return [...data.colors, GREY];
}

export function classOf({ data, labels, said, sure }, i) {
  const none = data.names.length;
  if (data.mode === "true") return labels[i] < 0 ? none : labels[i];
  if (data.mode === "predicted") return said[i] < 0 ? none : said[i];
  if (data.mode === "right") {
    return labels[i] < 0 || said[i] < 0 ? 2 : said[i] === labels[i] ? 0 : 1;
  }
  return said[i] < 0 ? STEPS : Math.round(sure[i] / 255 * (STEPS - 1));
}

/** Plotly's scale on which each class, from -0.5 to +0.5 around its number, has its colour. */
export function stepScale(colors) {
  const n = colors.length;
  return colors.flatMap((color, i) => [[i / n, color], [(i + 1) / n, color]]);
}
