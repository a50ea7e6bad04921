import { Asking } from "../shared/asking.js";
import { make, until } from "../shared/dom.js";
import { paint } from "../shared/drawing.js";
import { PIXELS, drawingAt, unpack } from "../shared/pixels.js";
import { TAKEN_BACK, cover, due, latest, narrowed, unsaved } from "./events.js";

const SOONEST = 150;  // ms: nobody answers sooner, so a key was meant for the drawing before

// `since` is when the drawing was painted, null while none is to be seen; `spent` is what passed of
// its time before a pause. Answers wait in `pending` until the log has their lines: each request has
// all of them, and is answered when the log has `upTo` lines, as many as it then must have.
export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".trial");
  const part = (name) => root.querySelector("." + name);
  const canvas = root.querySelector("canvas"), find = part("find"), options = part("options");
  const [words, go] = part("cover").children;
  const isTyped = !data.keys.length;
  if (root.state?.session !== data.session) begin();
  const state = root.state, { asking } = state;
  asking.post = (n) => {
    state.upTo = data.lines + state.pending.length;
    setStateValue("answers", { session: data.session, events: [...state.pending], n });
  };

  const pixels = unpack(data.pixels);
  for (let i = 0; i < pixels.length / PIXELS; i++) {
    state.drawings.set(data.first + i, drawingAt(pixels, i));
  }
  for (const place of state.drawings.keys()) {
    if (place < data.first) state.drawings.delete(place);
  }
  state.pending = unsaved(state.pending, data.lines);
  if (data.lines >= state.upTo) asking.hear(asking.sent);
  show();

  function begin() {
    root.state = { session: data.session, asking: new Asking(), upTo: 0, pending: [],
      drawings: new Map(), shown: -1, spent: 0, since: null, isPaused: true, isBegun: false };
    options.replaceChildren();
    data.options.forEach((name, i) => {
      const button = make("button", options);
      button.type = "button";
      if (!isTyped) make("kbd", button).textContent = data.keys[i];
      make("span", button).textContent = name;
    });
    find.hidden = !isTyped;
  }
  function show() {
    const place = due(data.place, state.pending), drawing = state.drawings.get(place);
    if (place !== state.shown) {
      Object.assign(state, { shown: place, spent: 0, since: null, painting: null });
      find.value = "";
      narrow();
    }
    const [says, does] = cover({ place, total: data.total, pending: state.pending.length,
      isPaused: state.isPaused, isBegun: state.isBegun, isHere: Boolean(drawing) });
    const isShown = !says, isOver = place >= data.total;
    part("cover").hidden = isShown;
    canvas.style.visibility = isShown ? "visible" : "hidden";
    words.textContent = says;
    go.textContent = does;
    go.hidden = !does;
    if (isShown) paint(canvas, drawing);
    if (isShown && state.since === null && !state.painting) startClock(place);
    part("count").textContent = isOver ? `${data.total} of ${data.total} answered`
      : `Drawing ${place + 1} of ${data.total}`;
    part("track").firstChild.style.setProperty("--share", place / data.total);
    for (const button of options.children) button.disabled = !isShown;
    find.disabled = !isShown;
    // on a touch screen the focus would call the keyboard up, over the drawing
    if (isShown && isTyped && matchMedia("(pointer: fine)").matches) {
      find.focus({ preventScroll: true });
    }
    say("pause", "Pause", "P");
    part("pause").hidden = isOver || state.isPaused;
    const before = latest(state.pending, data.last);
    say("undo", `Take back \u201c${data.options[before]}\u201d`, "\u232b");
    part("undo").hidden = !(before >= 0);
  }
  function startClock(place) {
    const mine = state.painting = {};
    requestAnimationFrame(() => requestAnimationFrame(() => {  // then it is on the screen
      if (state.painting !== mine) return;
      Object.assign(state, { since: performance.now(), painting: null });
      part("stage").dataset.timed = place;
    }));
  }
  function say(button, text, key) {
    part(button).textContent = text;
    if (!isTyped) make("kbd", part(button)).textContent = key;
  }
  function push(answer, seconds) {
    state.pending.push({ n: data.lines + state.pending.length, answer, seconds });
    show();
    asking.ask();
  }
  function answer(option) {
    if (state.since === null || option < 0) return;
    const seen = performance.now() - state.since;
    if (seen >= SOONEST) push(option, (state.spent + seen) / 1000);
  }
  function takeBack() {
    if (!(latest(state.pending, data.last) >= 0)) return;
    state.shown = -1;  // another look: its time begins again, and is added to the first one's
    push(TAKEN_BACK, 0);
  }
  function pause() {
    if (state.isPaused) return;
    if (state.since !== null) state.spent += performance.now() - state.since;
    Object.assign(state, { since: null, isPaused: true, painting: null });
    show();
  }
  function goOn() {
    if (state.shown >= data.total) { if (state.pending.length) asking.ask(); return; }
    Object.assign(state, { isPaused: false, isBegun: true });
    show();
  }
  function narrow() {
    const { left, marked } = narrowed(data.options, find.value);
    [...options.children].forEach((button, i) => {
      button.hidden = !left[i];
      button.classList.toggle("first", i === marked);
    });
  }

  options.onclick = (event) => {
    answer([...options.children].indexOf(event.target.closest("button")));
  };
  options.onkeydown = (event) => { if (event.repeat) event.preventDefault(); };
  go.onclick = goOn;
  part("pause").onclick = pause;
  part("undo").onclick = takeBack;
  find.oninput = narrow;
  const onKey = (event) => {
    if (!root.isConnected || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("[role=dialog]")) return;
    const target = event.composedPath()[0];
    const isField = target.matches?.("input, textarea, select, [contenteditable]");
    if (isField && target !== find) return;
    const key = event.key.toLowerCase();
    if (key === "backspace" && !find.value) takeBack();
    else if (key === "enter" && !target.matches?.("button, a")) {
      if (!part("cover").hidden && !go.hidden) goOn();
      else answer(narrowed(data.options, find.value).marked);
    } else if (isTyped) {
      if (key.length === 1 && key > " " && target !== find) find.focus();
      return;
    } else if (key === "p") state.isPaused ? goOn() : pause();
    else if (data.keys.includes(key)) answer(data.keys.indexOf(key));
    else return;
    event.preventDefault();
  };
  const onHide = () => {
    if (!document.hidden) return;
    pause();
    asking.hurry();  // the window may be closed: each answer is to be saved
  };
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", onHide);
  return until(root, () => {
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("visibilitychange", onHide);
  });
}
