import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Asking, WAIT, onAnswered, tellAnswered }
  from "../../pages/components/web/shared/asking.js";

let now, timers;

beforeEach(() => {
  now = 0;
  timers = [];
  globalThis.setTimeout = (run, ms) => { timers.push({ run, at: now + ms }); };
  globalThis.document = new EventTarget();
});

function pass(ms) {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { run } of due) run();
}

/** One that asks for `value()`, and what it has sent: [n, value] pairs. */
function asker() {
  const asking = new Asking(), sent = [], is = { value: "" };
  asking.post = (n) => sent.push([n, is.value]);
  return { asking, sent, change: (value) => { is.value = value; asking.ask(); } };
}

test("the first change is sent at once, and nothing is repeated by itself", () => {
  const { asking, sent, change } = asker();
  assert.equal(asking.isWaiting, false);
  change("a");
  assert.deepEqual(sent, [[1, "a"]]);
  assert.equal(asking.isWaiting, true);
  pass(10 * WAIT);
  assert.deepEqual(sent, [[1, "a"]]);
});

test("after the answer the latest is sent, and what was between is left out", () => {
  const { asking, sent, change } = asker();
  for (const value of "abcd") change(value);
  assert.deepEqual(sent, [[1, "a"]]);
  asking.hear(1);
  assert.deepEqual(sent, [[1, "a"], [2, "d"]]);
  assert.equal(asking.isWaiting, true);
  asking.hear(2);
  assert.equal(asking.isWaiting, false);
  assert.equal(sent.length, 2);
});

test("an answer that does not come is waited for 1500 ms", () => {
  const { asking, sent, change } = asker();
  change("a");
  change("b");
  pass(1499);
  assert.equal(sent.length, 1);
  pass(1);
  assert.deepEqual(sent, [[1, "a"], [2, "b"]]);
  change("c");
  asking.hear(1);  // late, and of the one before: still one is under way
  assert.equal(sent.length, 2);
  asking.hear(2);
  assert.deepEqual(sent[2], [3, "c"]);
});

test("a change after the wait is sent at once, and each request has a wait of its own", () => {
  const { asking, sent, change } = asker();
  change("a");
  pass(1000);
  asking.hear(1);
  change("b");  // at 1000 ms
  change("c");
  pass(500);  // the first one's wait is over, the second one's is not
  assert.equal(sent.length, 2);
  pass(1000);
  assert.deepEqual(sent[2], [3, "c"]);
  pass(WAIT);
  change("d");
  assert.deepEqual(sent[3], [4, "d"]);
});

test("numbers of another life of the page do not count as answers", () => {
  const { asking, sent, change } = asker();
  asking.hear(7);
  assert.equal(asking.isWaiting, false);
  change("a");
  asking.hear(7);
  assert.equal(asking.isWaiting, true);
  change("b");
  assert.deepEqual(sent, [[1, "a"]]);
});

test("one that leaves sends what is new without waiting, and once", () => {
  const { asking, sent, change } = asker();
  change("a");
  asking.hurry();
  assert.equal(sent.length, 1);
  change("b");
  assert.equal(sent.length, 1, "with nothing new to send the first is still waited for");
  asking.hurry();
  asking.hurry();
  assert.deepEqual(sent, [[1, "a"], [2, "b"]]);
});

test("an answer reaches the one that asked, until it is gone", () => {
  const heard = [];
  const stop = onAnswered("pad", (answer) => heard.push(answer));
  tellAnswered("pad", 3, { words: "cup" });
  tellAnswered("plane", 4);
  stop();
  tellAnswered("pad", 5);
  assert.deepEqual(heard, [{ who: "pad", n: 3, words: "cup" }]);
});
