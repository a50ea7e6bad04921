import { mixedOrder, readPoints } from "./cloud.js";
import { fetched, loadPlotly } from "./files.js";
import { showLegend } from "./legend.js";
import { draw } from "./plot.js";
import { listen } from "./pointer.js";

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".doodle-scatter");
  if (!root.state) {
    root.state = { root, plot: root.querySelector(".plot"), tip: root.querySelector(".tip"),
      says: root.querySelector(".says"), updates: 0, hovered: -1, at: [0, 0], off: new Set(),
      classesOff: new Set(), whole: new Map(), share: 1 };
    root.state.stop = listen(root.state);
  }
  const state = root.state;
  state.choose = setTriggerValue;
  update(state, data);
  return () => setTimeout(() => {  // gone for good, or only called again
    if (root.isConnected) return;
    state.updates++;
    state.stop();
    root.state = null;
    window.Plotly?.purge(state.plot);  // a browser has few WebGL contexts
  });
}

async function update(state, data) {
  const mine = ++state.updates;
  try {
    const [places, points, drawings] = await Promise.all([
      fetched(data.places), fetched(data.points), data.drawings ? fetched(data.drawings) : null,
      loadPlotly(data.plotly),
    ]);
    if (mine !== state.updates) return;  // another change came meanwhile
    if (state.data?.owner !== data.owner) {
      state.off.clear();
      state.classesOff.clear();
    }
    Object.assign(state, { data, places: new Float32Array(places), ...readPoints(points, data.n),
      drawings: drawings && new Uint8Array(drawings) });
    if (state.order?.length !== data.n) state.order = mixedOrder(data.n);
    showLegend(state);
    await draw(state);
    state.says.textContent = "";
    state.root.dataset.ready = data.revision;
  } catch (error) {
    if (mine !== state.updates) return;
    const able = document.createElement("canvas").getContext("webgl");
    state.says.textContent = able
      ? `The points could not be loaded (${error.message}): reload this page.`
      : "This browser has no WebGL, which the points need: allow it or choose another browser.";
  }
}
