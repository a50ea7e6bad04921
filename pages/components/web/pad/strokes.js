// A drawing as strokes, with its undo and redo.

import { clamp } from "../shared/numbers.js";

const REMEMBERED = 200;

/** A share of the canvas's width or height as one of its units, 0 to `side`. */
export function unitAt(share, side) {
  return Math.round(clamp(side * share, 0, side));
}

/** Strokes are [xs, ys]. `#past` and `#future` hold whole drawings, which share their strokes: so
    clearing can be undone, too. */
export class Strokes {
  #past = [];
  #future = [];
  #line = null;  // the stroke that is being drawn
  #room = 0;  // points that it may have

  constructor(strokes) {
    this.all = strokes;
  }
  get isDrawing() { return this.#line !== null; }
  get canUndo() { return this.#past.length > 0; }
  get canRedo() { return this.#future.length > 0; }
  get points() { return this.all.reduce((sum, [xs]) => sum + xs.length, 0); }

  /** Begin a stroke, for `room` points at most. */
  begin(room) {
    this.#line = [[], []];
    this.#room = room;
    this.#become([...this.all, this.#line]);
  }
  /** Go on with it. False for the point where it is already, and for one too many. */
  add(x, y) {
    const [xs, ys] = this.#line;
    if (xs.length >= this.#room || x === xs.at(-1) && y === ys.at(-1)) return false;
    xs.push(x);
    ys.push(y);
    return true;
  }
  end() { this.#line = null; }
  clear() { this.#become([]); }

  /** False where there is nothing to undo, or redo, or a stroke is being drawn. */
  undo() { return this.#change(this.#past, this.#future); }
  redo() { return this.#change(this.#future, this.#past); }

  #become(strokes) {
    this.#past = [...this.#past, this.all].slice(-REMEMBERED);
    this.#future = [];
    this.all = strokes;
  }
  #change(from, to) {
    if (!from.length || this.isDrawing) return false;
    to.push(this.all);
    this.all = from.pop();
    return true;
  }
}
