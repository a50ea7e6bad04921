// Elements. Streamlit calls a component's function again whenever the data or the theme change, ten
// times a second where answers follow a pointer: elements that are there stay and change in place,
// so that nothing flickers and neither scroll nor focus is lost. What a component remembers between
// the calls is its root element's `state`.

export const CLOSED = "doodle-closed";  // the document's event when a closeup is gone

/** What a component's function returns, so that `stop` ends what this call listens to. Streamlit calls
    that when the component goes, and not before the next call: what the call before listens to is
    ended here. */
export function until(root, stop) {
  root.stop?.();
  root.stop = stop;
  return stop;
}

export function make(name, parent, className) {
  const element = document.createElement(name);
  if (className) element.className = className;
  parent.append(element);
  return element;
}

/** As many children as items: `build(parent)` makes one, `update(child, item, i)` says its item. */
export function fill(parent, items, build, update) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  items.forEach((item, i) => update(parent.children[i] ?? build(parent), item, i));
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A legend of [name, colour] pairs; see names.css. */
export function showNames(parent, names) {
  fill(parent, names, () => make("span", parent), (one, [name, color]) => {
    setText(one, name);
    one.style.setProperty("--dot", color);
  });
}
