import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Asking, Direct, LONG, REST, WAIT, isOlder, onAnswered, tellAnswered }
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

/** One that asks the server, which answers what `answers()` returns: its state is seen in `seen`. */
function directed(answers) {
  const direct = new Direct("pad"), seen = { asked: [], given: [], heard: [], waits: [] };
  globalThis.clearTimeout = (id) => { timers = timers.filter((one) => one.id !== id); };
  globalThis.setTimeout = (run, ms) => {
    timers.push({ run, at: now + ms, id: ++ids });
    return ids;
  };
  globalThis.document = Object.assign(new EventTarget(), { baseURI: "http://localhost/lab/draw" });
  globalThis.fetch = async (url, { body }) => {
    seen.asked.push([String(url), JSON.parse(body)]);
    return answers();
  };
  Object.assign(direct, { address: "answers/x", question: () => seen.value,
    give: (n) => seen.given.push([n, seen.value]), onState: (one) => seen.waits.push(one) });
  onAnswered("pad", (answer) => {
    seen.heard.push(answer.words ?? answer.n);
    direct.hear(answer);
  });
  return { direct, seen, change: (value) => { seen.value = value; direct.ask(); } };
}
let ids = 0;
const answered = () => new Promise((done) => { setImmediate(done); });
const words = (text) => ({ ok: true, json: async () => ({ words: text }) });

test("the server answers, and the script gets what came to rest", async () => {
  const { direct, seen, change } = directed(() => words("cup"));
  change("a");
  change("b");
  await answered();
  const url = "http://localhost/lab/answers/x";
  assert.deepEqual(seen.asked, [[url, "a"], [url, "b"]]);
  assert.deepEqual(seen.heard, ["cup", "cup"]);
  assert.equal(direct.isWaiting, true, "the script does not have it yet");
  pass(REST - 1);
  assert.deepEqual(seen.given, []);
  pass(1);
  assert.deepEqual(seen.given, [[2, "b"]]);
  tellAnswered("pad", 2);
  assert.equal(direct.isWaiting, false);
  assert.equal(seen.waits.at(-1), false);
  pass(10 * WAIT);
  assert.equal(seen.given.length, 1);
});

test("while it moves the script is not bothered", async () => {
  const { direct, seen, change } = directed(() => words("cup"));
  direct.isMoving = () => now < 1000;
  change("a");
  await answered();
  pass(REST);
  pass(500);
  assert.deepEqual(seen.given, []);
  pass(REST);
  pass(1000);
  assert.deepEqual(seen.given, [[1, "a"]]);
});

test("without an answer from the server the script is asked, after three failures at once", async () => {
  for (const none of [() => ({ ok: false, status: 404 }), () => { throw new TypeError("gone"); },
    () => ({ ok: true, json: async () => { throw new SyntaxError("a proxy's page"); } })]) {
    const { direct, seen, change } = directed(none);
    for (const [at, value] of [..."abcd"].entries()) {
      change(value);
      await answered();
      assert.deepEqual(seen.given.at(-1), [at + 1, value]);
      tellAnswered("pad", at + 1);
      assert.equal(direct.isWaiting, false);
    }
    assert.equal(seen.given.length, 4);
    assert.equal(seen.asked.length, 3);
  }
});

test("a question that is refused goes to the script, and the next is asked again", async () => {
  let answer = { ok: false, status: 400 };
  const { seen, change } = directed(() => answer);
  for (const value of "abcd") {
    change(value);
    await answered();
    tellAnswered("pad", seen.given.length);
  }
  answer = words("cup");
  change("e");
  await answered();
  assert.deepEqual([seen.asked.length, seen.given.length, seen.heard.at(-1)], [5, 4, "cup"]);
});

test("slow answers are shown in their order, and not asked for side by side", async () => {
  const waiting = [];
  const { seen, change } = directed(() => new Promise((done) => { waiting.push(done); }));
  change("a");
  change("b");
  pass(LONG - 1);
  assert.equal(waiting.length, 1);
  pass(1);
  waiting[1](words("new"));
  await answered();
  waiting[0](words("old"));
  await answered();
  assert.deepEqual(seen.heard, ["new"]);
});

test("who leaves for a button gives the script the value first, and once", async () => {
  const { direct, seen, change } = directed(() => words("cup"));
  direct.hurry();
  change("a");
  direct.hurry();
  assert.deepEqual(seen.given, [[1, "a"]]);
  await answered();
  pass(REST);
  direct.hurry();
  assert.equal(seen.given.length, 1);
  tellAnswered("pad", 1);
  assert.equal(direct.isWaiting, false);

  change("b");
  change("c");  // not asked yet
  direct.hurry();
  assert.deepEqual(seen.given[1], [2, "c"]);
  await answered();
  tellAnswered("pad", 2);
  assert.deepEqual([seen.asked.length, direct.isWaiting], [3, false]);
});

test("one that is gone, or whose value the script took, says nothing more", async () => {
  for (const go of [(direct) => { direct.isGone = () => true; }, (direct) => direct.forget()]) {
    const { direct, seen, change } = directed(() => words("cup"));
    change("a");
    await answered();
    go(direct);
    pass(10 * REST);
    assert.deepEqual(seen.given, []);
  }
  const { direct, seen, change } = directed(() => words("cup"));
  change("a");
  direct.isGone = () => true;
  await answered();
  assert.deepEqual(seen.heard, []);
});

test("what the script says of an earlier request is older than what is shown", () => {
  assert.equal(isOlder({ n: 3 }, { n: 4 }), true);
  assert.equal(isOlder({ n: 4 }, { n: 4 }), false);
  assert.equal(isOlder({ n: 0 }, { n: 4 }), false, "a new sheet, or a file");
  assert.equal(isOlder({ n: 1 }, undefined), false);
});
