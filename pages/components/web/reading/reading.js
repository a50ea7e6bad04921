import { follow, tellAnswered } from "../shared/asking.js";
import { showBars } from "../shared/bars.js";
import { fill, make, setText, until } from "../shared/dom.js";
import { makePicture, paint } from "../shared/drawing.js";
import { percent } from "../shared/numbers.js";
import { PIXELS, unpack } from "../shared/pixels.js";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".reading");
  const stop = follow(root, "pad", "reading", data, (found) => show(root, found));
  tellAnswered("pad", data.n, { reading: root.shown });
  return until(root, stop);
}

function show(root, data) {
  const [pictures, networks] = root.children;
  fill(pictures, data.pictures, makePictured, showPictured);
  fill(networks, data.networks, makeNetwork, (one, network) => {
    showNetwork(one, network, data.isEmpty);
  });
}

function makePictured(parent) {
  const figure = make("figure", parent), stack = make("div", figure, "stack paper");
  for (const name of ["ink", "heat"]) makePicture(stack, name);
  stack.setAttribute("role", "img");
  const words = make("figcaption", figure);
  make("b", words);
  make("span", words);
  return figure;
}

function showPictured(figure, [title, sub, ink, heat]) {
  const [stack, words] = figure.children;
  [ink, heat].forEach((text, i) => {
    paint(stack.children[i], text ? unpack(text) : new Uint8Array(PIXELS));
  });
  stack.toggleAttribute("data-hot", Boolean(heat));
  stack.setAttribute("aria-label", ink ? title : title + ", empty");
  setText(words.children[0], title);
  setText(words.children[1], sub);
}

function makeNetwork(parent) {
  const one = make("section", parent, "network");
  for (const [tag, name] of [["h4", ""], ["p", ""], ["p", "note"], ["div", "bars"], ["p", ""]]) {
    make(tag, one, name);
  }
  return one;
}

function showNetwork(one, { name, figures, note, bars, others }, isEmpty) {
  const [title, sub, mark, list, rest] = one.children;
  setText(title, name);
  setText(sub, figures);
  setText(mark, note);
  setText(rest, others);
  showBars(list, bars, isEmpty ? () => "" : percent);
  const best = Math.max(...bars.map(([, share]) => share));
  bars.forEach(([, share], i) => {
    list.children[i].toggleAttribute("data-top", !isEmpty && share === best);
  });
}
