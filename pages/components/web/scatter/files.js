// What the server hands out as files, whose names are made from their contents: what was fetched
// stays true.

const MOST = 12;
const files = new Map();
let script;

/** Plotly, once a browser window. */
export function loadPlotly(url) {
  script ??= window.Plotly?.newPlot ? Promise.resolve() : new Promise((done, fail) => {
    const element = document.createElement("script");
    element.src = url;
    element.onload = done;
    element.onerror = () => { script = undefined; element.remove(); fail(new Error("script")); };
    document.head.append(element);
  });
  return script;
}

/** A file's bytes, inflated; a promise of an ArrayBuffer. */
export function fetched(url) {
  if (!files.has(url)) {
    if (files.size > MOST) files.delete(files.keys().next().value);
    const promise = inflated(url);
    promise.catch(() => files.delete(url));
    files.set(url, promise);
  }
  return files.get(url);
}

async function inflated(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const open = answer.body.pipeThrough(new DecompressionStream("deflate"));
  return new Response(open).arrayBuffer();
}
