// Drawings as bytes: 28 x 28 of ink each, 0 (none) to 255, row by row.

export const PIXELS = 784;

/** Bytes from base64. */
export function unpack(text) {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}

/** The drawing of that place among several. */
export function drawingAt(pixels, place) {
  return pixels.subarray(PIXELS * place, PIXELS * (place + 1));
}

/** Ink from 16 greys, two pixels a byte, the left one in the higher half. */
export function unpackHalves(halves) {
  const ink = new Uint8Array(2 * halves.length);
  halves.forEach((pair, i) => {
    ink[2 * i] = 17 * (pair >> 4);
    ink[2 * i + 1] = 17 * (pair & 15);
  });
  return ink;
}

/** Ink as the alpha of black RGBA pixels, four bytes each. */
export function asAlpha(ink) {
  const rgba = new Uint8ClampedArray(4 * ink.length);
  ink.forEach((alpha, i) => { rgba[4 * i + 3] = alpha; });
  return rgba;
}

/** One picture of many drawings, `across` a row and `gap` pixels between: {ink, width, height}. */
export function sheetOf(pixels, across, gap) {
  const count = pixels.length / PIXELS, step = 28 + gap;
  const width = across * step - gap, height = Math.ceil(count / across) * step - gap;
  const ink = new Uint8Array(width * height);
  for (let n = 0; n < count; n++) {
    const left = (n % across) * step, top = Math.floor(n / across) * step;
    for (let y = 0; y < 28; y++) {
      const row = PIXELS * n + 28 * y;
      ink.set(pixels.subarray(row, row + 28), (top + y) * width + left);
    }
  }
  return { ink, width, height };
}
