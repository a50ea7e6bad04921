// What a person has answered. An event is { n, answer, seconds }: `n` is the line that it will have
// in the session's log, `answer` a place among the options, or TAKEN_BACK.

export const TAKEN_BACK = -1;

/** The place of the drawing that is due: `place` in the log, and then what is not saved yet. */
export function due(place, pending) {
  return pending.reduce((sum, { answer }) => sum + (answer === TAKEN_BACK ? -1 : 1), place);
}

/** Which events are left to be saved, of a log with so many lines; none where another window has
    gone on with the session meanwhile, and they no longer follow on it. */
export function unsaved(pending, lines) {
  const left = pending.filter(({ n }) => n >= lines);
  return left.length && left[0].n !== lines ? [] : left;
}

/** The answer that can be taken back; below 0 for none. */
export function latest(pending, saved) {
  return pending.length ? pending.at(-1).answer : saved;
}

/** Which of the names are left by what was typed, and the place of the one that Enter takes: the
    first that begins so, else the first that has it; -1 while nothing is typed. */
export function narrowed(names, typed) {
  const wanted = typed.trim().toLowerCase(), lower = names.map((name) => name.toLowerCase());
  const left = lower.map((name) => name.includes(wanted));
  const begins = lower.findIndex((name) => name.startsWith(wanted));
  return { left, marked: !wanted ? -1 : begins >= 0 ? begins : left.indexOf(true) };
}

/** What stands in a drawing's place, and on its button: ["", ""] where the drawing is shown. */
export function cover({ place, total, pending, isPaused, isBegun, isHere }) {
  if (place >= total) {
    return pending ? ["Saving the last answer.", "Save again"] : ["All are answered.", ""];
  }
  if (isPaused && isBegun) return ["Paused. The clock stands still.", "Go on"];
  if (isPaused) {
    return ["Name each drawing as well as you can.\nThe clock runs while it is shown.",
      place ? "Go on" : "Start"];
  }
  return isHere ? ["", ""] : ["The next drawing is on its way.", ""];
}
