import { fill, make, setText } from "./dom.js";
import { percent } from "./numbers.js";

/** [name, share in [0, 1]] pairs as bars, with `words(share)` beside each; see bars.css. */
export function showBars(parent, bars, words = percent) {
  fill(parent, bars, makeBar, (bar, [name, share]) => {
    const [label, value, track] = bar.children;
    setText(label, name);
    setText(value, words(share));
    track.firstChild.style.setProperty("--share", share);
  });
}

function makeBar(parent) {
  const bar = make("div", parent, "bar");
  make("span", bar);
  make("span", bar);
  make("div", make("div", bar, "track"));
  return bar;
}
