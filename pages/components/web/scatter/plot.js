import { layout, traces } from "./figure.js";
import { point } from "./pointer.js";
import { isSlow, stopThinning } from "./slow.js";

export async function draw(state) {
  const { root, plot } = state, theme = themeOf(root);
  stopThinning(state);
  state.config ??= {  // one object: with another one Plotly would build the plot anew
    displaylogo: false, displayModeBar: true, scrollZoom: true, doubleClick: "reset",
    plotGlPixelRatio: isSlow ? 1 : 2,
    modeBarButtonsToAdd: [{ name: "save", title: "Save this view as a picture",
      icon: window.Plotly.Icons.camera, click: () => save(state) }],
    modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d", "autoScale2d", "hoverClosest3d",
      "tableRotation", "resetCameraLastSave3d", "hoverClosestCartesian",
      "hoverCompareCartesian", "toggleSpikelines", "hoverClosestGl2d"] };
  await window.Plotly.react(plot, traces(state, theme.ink, isSlow), layout(state, theme),
    state.config);
  if (state.listens) return;
  state.listens = true;
  plot.on("plotly_hover", ({ points }) => point(state, points[0]));
  plot.on("plotly_unhover", () => point(state, null));
}

function themeOf(root) {
  const style = getComputedStyle(root);
  const [red, green, blue] = style.color.match(/\d+/g).map(Number);
  const bright = red + green + blue > 382;  // light ink is on a dark page
  return { ink: style.color, font: style.fontFamily, faint: bright ? "#42474D" : "#D6D5CF" };
}

function save({ root, plot, data }) {  // as it is seen, with the ground and the names beside it
  const ground = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const name = ({ uid }) => data.names[parseInt(uid)] ?? "generated";
  const named = plot.data.map((trace) => ({ ...trace, name: name(trace),
    showlegend: data.mode === "true" && !["near", "pinned"].includes(trace.uid) }));
  const legend = { orientation: "h", x: 0.5, xanchor: "center", y: 1, yanchor: "bottom",
    itemsizing: "constant" };
  const { width, height } = plot._fullLayout;
  window.Plotly.downloadImage({ data: named, layout: { ...plot.layout, paper_bgcolor: ground,
    showlegend: true, legend, margin: { ...plot.layout.margin, t: 60 } } },
    { format: data.format, filename: "cloud", width, height: height + 60,
      scale: data.format === "png" ? 2 : 1 });
}
