"""One drawing after the other, each to be named: what a session on the People page is made of.

The browser has the next few drawings ahead, so that each appears at once, and never a label. It
measures the time from a drawing's appearing to its answer itself. Its answers are sent again until
they are seen to be saved, each with its line in the log: see `people.record`.

As in `pages.gallery`, drawings and names travel as data and are painted on canvases.
"""

import base64

import streamlit as st

from pages.gallery import _CSS as _GALLERY_CSS
from pages.gallery import _PAINT, _pixels

AHEAD = 12  # drawings that the browser has, the next one among them
FEW = 12  # so many answers have a key of their own; of more, names are typed
KEYS = "123456789abd"  # c and r are Streamlit's
CANNOT_TELL = "0"

_CSS = _GALLERY_CSS + """
.trial { font-family: var(--st-font); color: var(--st-text-color); padding: 3px;
  margin: 0 -3px; display: grid;
  gap: 1rem 1.5rem; grid-template-columns: minmax(0, 364px) minmax(0, 30rem); }
.head { grid-column: 1 / -1; display: grid; grid-template-columns: 1fr auto; gap: 0.5rem;
  align-items: center; max-width: calc(364px + 1.5rem + 30rem); }
.count { font-variant-numeric: tabular-nums; }
.trial .track div { transition: width 0.15s; }
.stage { position: relative; aspect-ratio: 1; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); background: color-mix(in srgb, var(--st-background-color),
  var(--st-secondary-background-color) 35%); }
.stage canvas { width: 100%; }
.cover { position: absolute; inset: 0; display: flex; flex-direction: column; gap: 0.875rem;
  align-items: center; justify-content: center; padding: 1.5rem; text-align: center; }
.cover[hidden] { display: none; }
.cover p { margin: 0; white-space: pre-line; color: var(--st-gray-text-color); }
.trial button { margin: 0; font: inherit; color: inherit; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  background: transparent; padding: 0.375rem 0.75rem; }
.trial button:focus-visible, .find:focus-visible { outline: 2px solid var(--st-primary-color);
  outline-offset: 2px; }
.trial button:disabled { opacity: 0.4; cursor: default; }
.trial .cover button { border-color: var(--st-primary-color); color: #fff;
  background: var(--st-primary-color); padding: 0.5rem 1.25rem; }
.trial button[hidden], .find[hidden] { display: none; }
.trial .pause[hidden] { display: block; visibility: hidden; }
.options { display: grid; gap: 0.5rem; align-content: start; max-height: 364px; overflow-y: auto;
  padding: 3px; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
.trial .options button { display: flex; gap: 0.625rem; align-items: center; min-height: 2.75rem;
  text-align: left; }
.trial .options button[hidden] { display: none; }
.options button.first { border-color: var(--st-primary-color); }
.options span { min-width: 0; overflow-wrap: anywhere; }
.trial kbd { flex: none; min-width: 1.375rem; padding: 0 0.25rem; text-align: center;
  font: 0.8125rem / 1.375rem var(--st-font); color: var(--st-gray-text-color);
  border: 1px solid var(--st-border-color); border-radius: 4px;
  background: var(--st-secondary-background-color); }
.find { width: 100%; margin: 0 0 0.5rem; padding: 0.5rem 0.75rem; font: inherit; color: inherit;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-background-color); }
.trial .pause kbd { margin-left: 0.5rem; }
.trial .undo:not([hidden]) { display: inline-flex; gap: 0.5rem; align-items: center; }
.trial .undo { margin-top: 0.75rem; border-color: transparent; padding: 0.25rem 0.375rem;
  color: var(--st-gray-text-color); font-size: 0.875rem; }
@media (hover: hover) {
  .trial button:not(:disabled):hover { border-color: var(--st-primary-color); }
}
@media (max-width: 640px) {
  .trial { grid-template-columns: minmax(0, 1fr); }
  .stage { width: min(100%, 300px); margin: auto; }
  .options { grid-template-columns: 1fr 1fr; max-height: 17rem; }
  .trial kbd { display: none; }
}
"""

_HTML = """<div class="trial">
<div class="head"><div class="count" aria-live="polite"></div>
 <button type="button" class="pause"></button>
 <div class="track"><div></div></div></div>
<div class="stage"><canvas width="28" height="28" role="img" aria-label="drawing"></canvas>
 <div class="cover"><p></p><button type="button"></button></div></div>
<div class="answers"><input class="find" type="text" autocomplete="off" spellcheck="false"
 placeholder="Type its beginning, Enter takes the marked one" aria-label="find a category">
 <div class="options" role="group" aria-label="categories"></div>
 <button type="button" class="undo"></button></div>
</div>"""

# `since` is when the drawing was painted, null while none is to be seen; `spent` what passed of its
# time before a pause. Answers that are not saved yet wait in `pending`.
_TRIAL = _PAINT + """
const SOONEST = 150;  // ms: nobody answers sooner, so a key was meant for the drawing before
export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".trial");
  const part = (name) => root.querySelector("." + name);
  const canvas = root.querySelector("canvas"), cover = part("cover"), find = part("find");
  const options = part("options"), [words, go] = cover.children;
  const is_typed = !data.keys.length;
  if (root.state?.session !== data.session) begin();
  const state = root.state;

  function begin() {
    document.removeEventListener("keydown", root.state?.onKey);
    document.removeEventListener("visibilitychange", root.state?.onHide);
    root.state = { session: data.session, pending: [], drawings: new Map(), shown: -1, spent: 0,
      since: null, is_paused: true, is_begun: false };
    options.replaceChildren();
    data.options.forEach((name, i) => {
      const button = make("button", options);
      button.type = "button";
      if (!is_typed) make("kbd", button).textContent = data.keys[i];
      make("span", button).textContent = name;
    });
    find.hidden = !is_typed;
  }

  const bytes = unpack(data.pixels);
  for (let i = 0; i < bytes.length / 784; i++) {
    state.drawings.set(data.first + i, bytes.subarray(784 * i, 784 * (i + 1)));
  }
  for (const place of state.drawings.keys()) {
    if (place < data.first) state.drawings.delete(place);
  }
  state.pending = state.pending.filter((event) => event.n >= data.lines);
  if (state.pending.length && state.pending[0].n !== data.lines) state.pending = [];
  show();

  function last() {
    return state.pending.length ? state.pending.at(-1).answer : data.last;
  }
  function show() {
    const steps = state.pending.map((event) => event.answer < 0 ? -1 : 1);
    const place = steps.reduce((sum, step) => sum + step, data.place);
    const pixels = state.drawings.get(place), is_over = place >= data.total;
    if (place !== state.shown) {
      Object.assign(state, { shown: place, spent: 0, since: null, painting: null });
      find.value = "";
      narrow();
    }
    const says = is_over
      ? state.pending.length ? ["Saving the last answer.", "Save again"] : ["All are answered.", ""]
      : state.is_paused
        ? state.is_begun ? ["Paused. The clock stands still.", "Go on"]
          : ["Name each drawing as well as you can.\\nThe clock runs while it is shown.",
             place ? "Go on" : "Start"]
        : pixels ? ["", ""] : ["The next drawing is on its way.", ""];
    const is_shown = !says[0];
    cover.hidden = is_shown;
    canvas.style.visibility = is_shown ? "visible" : "hidden";
    words.textContent = says[0];
    go.textContent = says[1];
    go.hidden = !says[1];
    if (is_shown) paint(canvas, pixels);
    if (is_shown && state.since === null && !state.painting) {
      const mine = state.painting = {};
      requestAnimationFrame(() => requestAnimationFrame(() => {  // then it is on the screen
        if (state.painting !== mine) return;
        Object.assign(state, { since: performance.now(), painting: null });
        part("stage").dataset.timed = place;
      }));
    }
    part("count").textContent = is_over ? `${data.total} of ${data.total} answered`
      : `Drawing ${place + 1} of ${data.total}`;
    part("track").firstChild.style.width = 100 * place / data.total + "%";
    for (const button of options.children) button.disabled = !is_shown;
    find.disabled = !is_shown;
    // on a touch screen the focus would call the keyboard up, over the drawing
    if (is_shown && is_typed && matchMedia("(pointer: fine)").matches) {
      find.focus({ preventScroll: true });
    }
    part("pause").textContent = "Pause";
    if (!is_typed) make("kbd", part("pause")).textContent = "P";
    part("pause").hidden = is_over || state.is_paused;
    const undo = part("undo"), before = last();
    undo.hidden = !(before >= 0);
    undo.textContent = `Take back \\u201c${data.options[before]}\\u201d`;
    if (!is_typed) make("kbd", undo).textContent = "\\u232b";
  }
  function send() {
    state.tries = (state.tries ?? 0) + 1;  // else the same answers would not be sent once more
    setStateValue("answers",
      { session: data.session, events: [...state.pending], tries: state.tries });
  }
  function push(answer, seconds) {
    state.pending.push({ n: data.lines + state.pending.length, answer, seconds });
    show();
    send();
  }
  function answer(option) {
    if (state.since === null || option < 0) return;
    const took = state.spent + performance.now() - state.since;
    if (performance.now() - state.since >= SOONEST) push(option, took / 1000);
  }
  function takeBack() {
    if (!(last() >= 0)) return;
    state.shown = -1;  // another look: its time begins again, and is added to the first one's
    push(-1, 0);
  }
  function pause() {
    if (state.is_paused) return;
    if (state.since !== null) state.spent += performance.now() - state.since;
    Object.assign(state, { since: null, is_paused: true, painting: null });
    show();
  }
  function goOn() {
    if (state.shown >= data.total) { if (state.pending.length) send(); return; }
    Object.assign(state, { is_paused: false, is_begun: true });
    show();
  }
  function narrow() {
    const typed = find.value.trim().toLowerCase();
    let marked = null;
    for (const button of options.children) {
      const name = button.lastChild.textContent.toLowerCase();
      button.hidden = !name.includes(typed);
      button.classList.remove("first");
      if (typed && !button.hidden && (!marked || name.startsWith(typed)
          && !marked.lastChild.textContent.toLowerCase().startsWith(typed))) marked = button;
    }
    marked?.classList.add("first");
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
    const is_field = target.matches?.("input, textarea, select, [contenteditable]");
    if (is_field && target !== find) return;
    const key = event.key.toLowerCase();
    if (key === "backspace" && !find.value) takeBack();
    else if (key === "enter" && !target.matches?.("button, a")) {
      if (!cover.hidden && !go.hidden) goOn();
      else answer([...options.children].findIndex((one) => one.classList.contains("first")));
    } else if (is_typed) {
      if (key.length === 1 && key > " " && target !== find) find.focus();
      return;
    } else if (key === "p") state.is_paused ? goOn() : pause();
    else if (data.keys.includes(key)) answer(data.keys.indexOf(key));
    else return;
    event.preventDefault();
  };
  const onHide = () => { if (document.hidden) pause(); };
  document.removeEventListener("keydown", state.onKey);
  document.removeEventListener("visibilitychange", state.onHide);
  document.addEventListener("keydown", state.onKey = onKey);
  document.addEventListener("visibilitychange", state.onHide = onHide);
  return () => {
    document.removeEventListener("keydown", state.onKey);
    document.removeEventListener("visibilitychange", state.onHide);
  };
}
"""

_trial = st.components.v2.component("doodle_trial", html=_HTML, css=_CSS, js=_TRIAL)


def trial(drawings, options, found, stamp, key, on_answers):
    """The next drawing of a session, to be named by a key or a click.

    Args:
        drawings: (N, 28, 28) uint8, all of the session's. options: the answers offered, of which
            "cannot tell" has a key of its own. found: people.Answers, those saved so far.
        stamp: str, another one for another session. key: str.
        on_answers: called in the script run that brings answers; `sent` then has them.
    """
    place = len(found.said)
    first = max(place - 1, 0)  # the one before is seen again when its answer is taken back
    data = {
        "pixels": base64.b64encode(_pixels(drawings[first : place + AHEAD])).decode(),
        "first": first, "place": place, "total": len(drawings), "lines": found.lines,
        "last": found.said[-1] if found.can_undo else -1, "session": stamp,
        "options": list(options), "keys": keys(options),
    }  # fmt: skip
    _trial(data=data, key=key, default={"answers": None}, on_answers_change=on_answers)


def keys(options):
    """The key of each answer; none where there are too many answers."""
    named = [one for one in options if one != "cannot tell"]
    if len(named) > FEW:
        return []
    return [*KEYS[: len(named)], *(CANNOT_TELL,) * (len(options) - len(named))]


def sent(key, stamp):
    """What the browser sent last, as `people.record` takes it; of another session, nothing."""
    answers = st.session_state[key].get("answers") if key in st.session_state else None
    if not isinstance(answers, dict) or answers.get("session") != stamp:
        return []
    return answers.get("events")
