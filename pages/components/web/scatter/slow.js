// Without a GPU. Drawn by the processor, a circle of 57 vertices is dear and a square of 18 looks
// much the same; and while a slow computer turns the cloud it draws fewer points, as viewers of large
// clouds do. A trace's points are in random order, so that its first ones are a fair part of it.

const LATE = 60;  // ms between two frames

export const isSlow = (() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const name = gl?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
  const renderer = name ? String(gl.getParameter(name)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(renderer);
})();

/** Draw less while the cloud is turned: half as much as long as frames come late. */
export function startThinning(state) {
  let last = performance.now(), late = 0;
  thin(state, isSlow ? 0.2 : 1);
  const frame = (now) => {
    if (!state.turning) return;
    late = now - last > LATE ? late + 1 : 0;
    last = now;
    if (late >= 2 && state.share > 0.06) {
      late = 0;
      thin(state, state.share / 2);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Draw all points again. */
export function stopThinning(state) {
  for (const [object, count] of state.whole) object.vertexCount = count;
  const plot = state.whole.size && state.plot._fullLayout?.scene?._scene?.glplot;
  state.whole.clear();
  if (plot) plot.dirty = true;  // to be drawn once more
}

function thin(state, share) {
  if (!state.plot._fullLayout?.scene) return;
  state.share = share;
  for (const object of state.plot._fullLayout.scene._scene?.glplot?.objects ?? []) {
    if (!state.whole.has(object)) state.whole.set(object, object.vertexCount);
    const count = state.whole.get(object);
    if (count > 3000) object.vertexCount = 3 * Math.floor(count * share / 3);
  }
}
