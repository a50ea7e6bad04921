import { make } from "../shared/dom.js";
import { GREY, palette, ramp } from "./colours.js";
import { draw } from "./plot.js";
import { point } from "./pointer.js";

/** What is shown, as buttons that hide and show it; below, what the colours mean. */
export function showLegend(state) {
  const { data, labels, off, classesOff } = state;
  const [list, key] = state.root.querySelectorAll(".legend");
  const focus = [...state.root.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren();
  key.replaceChildren();
  const again = () => { point(state, null); showLegend(state); draw(state); };
  const flip = (set, one) => () => {
    set.has(one) ? set.delete(one) : set.add(one);
    again();
  };
  const present = [...new Set(labels)].filter((label) => label >= 0).sort((a, b) => a - b);
  const coloured = ["true", "predicted"].includes(data.mode);
  for (const label of present) {
    const chip = makeChip(list, data.names[label], coloured ? data.colors[label] : GREY,
      !off.has(label), flip(off, label));
    chip.title = "click: show or hide; double click: this one alone";
    chip.ondblclick = () => {
      off.clear();
      for (const other of present) if (other !== label) off.add(other);
      again();
    };
  }
  if (data.n > data.real) {
    const chip = makeChip(list, "generated", GREY, !off.has("made"), flip(off, "made"));
    chip.firstChild.className = "made";
  }
  if (off.size) {
    const all = make("button", list);
    all.type = "button";
    all.textContent = "show all";
    all.onclick = () => { off.clear(); again(); };
  }
  if (data.mode === "predicted") {
    make("span", key, "words").textContent = "The colour is the predicted category; the names "
      + "above hide and show true ones.";
  } else if (data.mode === "right") {
    ["named right", "named wrong"].forEach((words, one) => {
      makeChip(key, words, palette(data)[one], !classesOff.has(one), flip(classesOff, one));
    });
  } else if (data.mode === "confidence") {
    make("span", key, "words").textContent = "top probability 0";
    make("span", key, "ramp").style.background = `linear-gradient(90deg, ${ramp(data).join(",")})`;
    make("span", key, "words").textContent = "1";
  }
  if (focus >= 0) state.root.querySelectorAll("button")[focus]?.focus({ preventScroll: true });
}

function makeChip(parent, words, color, isOn, toggle) {
  const button = make("button", parent);
  button.type = "button";
  make("i", button).style.background = color;
  make("span", button).textContent = words;
  button.setAttribute("aria-pressed", isOn);
  button.onclick = toggle;
  return button;
}
