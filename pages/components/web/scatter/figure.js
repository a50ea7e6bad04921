// Plotly's traces and layout. Each trace carries its points' own indices as customdata: with a
// category hidden, or a trace thinned out, a place within a trace is not a place within the cloud.

import { groupsOf, rangeOf } from "./cloud.js";
import { GREY, classOf, palette, stepScale } from "./colours.js";

export function traces(state, ink, isSlow) {
  const { data, places, off, classesOff } = state, d = data.dims, flat = d === 2;
  const colors = palette(data), scale = stepScale(colors);
  const base = (points, uid) => ({ type: flat ? "scattergl" : "scatter3d", mode: "markers",
    hoverinfo: "none", showlegend: false, customdata: points, uid,
    ...Object.fromEntries(["x", "y", "z"].slice(0, d).map((axis, k) =>
      [axis, Float32Array.from(points, (i) => places[i * d + k])])) });
  const isOff = (i) => data.mode === "right" && classesOff.has(classOf(state, i));
  const all = groupsOf(state, isOff).map(({ label, made, points }) => {
    const classes = points.map((i) => classOf(state, i));
    const single = classes.every((one) => one === classes[0]);
    const color = single ? { color: colors[classes[0]] ?? GREY }
      : { color: classes, cmin: -0.5, cmax: colors.length - 0.5, colorscale: scale };
    return { ...base(points, `${label} ${made}`),
      visible: !(off.has(label) || made && off.has("made")),
      marker: { ...color, size: flat ? (made ? 7 : 5) : 2.6, line: { width: 0 },
        symbol: made ? "diamond" : isSlow && !flat ? "square" : "circle",
        opacity: flat ? 0.8 : 1 } };
  });
  const ring = (points, size, width, uid) => ({
    ...base(points.filter((i) => i >= 0 && i < data.n), uid),
    marker: flat ? { symbol: "circle-open", size, color: ink, line: { width, color: ink } }
      : { symbol: "circle-open", size: size * 0.75, color: ink, line: { width: 1, color: ink } } });
  return [...all, ring(data.near, 11, 1.5, "near"), ring([data.pinned], 19, 2.5, "pinned")];
}

export function layout({ data, places }, { ink, font, faint }) {
  const d = data.dims;
  const axis = (k) => ({ range: rangeOf(places, d, k), zerolinecolor: faint, gridcolor: faint,
    title: { text: data.axes[k], font: { size: 12, color: ink } }, showspikes: false,
    tickfont: { size: 10, color: ink }, color: ink, showbackground: false, nticks: 6 });
  const note = { text: data.note, x: 0, y: 1, xref: "paper", yref: "paper", xanchor: "left",
    yanchor: "top", xshift: 8, yshift: -8, showarrow: false, font: { size: 11, color: ink },
    bordercolor: "#808080", borderpad: 3 };
  const both = { uirevision: data.view, hovermode: "closest", showlegend: false,
    font: { family: font, color: ink }, paper_bgcolor: "rgba(0,0,0,0)", autosize: true,
    modebar: { bgcolor: "rgba(0,0,0,0)", color: "#808080", activecolor: data.right },
    plot_bgcolor: "rgba(0,0,0,0)", annotations: data.note ? [note] : [] };
  if (d === 2) {
    return { ...both, dragmode: "pan", xaxis: { ...axis(0), showbackground: undefined },
      yaxis: { ...axis(1), scaleanchor: "x" }, margin: { l: 46, r: 12, t: 16, b: 44 } };
  }
  return { ...both, margin: { l: 0, r: 0, t: 0, b: 0 }, scene: { dragmode: "orbit",
    aspectmode: "data", xaxis: axis(0), yaxis: axis(1), zaxis: axis(2),
    camera: { eye: { x: 1.7, y: 1.7, z: 1.1 }, center: { x: 0, y: 0, z: -0.1 } } } };
}
