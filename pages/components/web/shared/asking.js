// How a component asks the page's script, and waits.
//
// A request is a state value that the script run sees, with its number `n`, from 1 on. The script
// takes its time, and a new request breaks off the run that the one before began. So one request at
// a time is under way: what changes meanwhile is not queued, but the latest is sent when the answer
// has come. An answer that has not come within WAIT is not waited for any more.
//
// An answer is known by its number. Mostly another component has it, which stands beside the one
// that asked: it calls `tellAnswered`, and the one that asked listens with `onAnswered`.
//
// Where the page gives an address, `Direct` asks the server there, without a run of the script, and
// tells the components beside it; the script hears of what came to rest. Without an answer from there
// the script is asked as before.

export const WAIT = 1500;  // ms
export const LONG = 5000;  // ms, where the server is asked: it is not asked again meanwhile
const FAILURES = 3;  // after so many in a row the server is not asked any more
export const REST = 200;  // ms without a change, after which the script hears of it
const ANSWERED = "doodle-answered";  // the document's event

export class Asking {
  sent = 0;  // the latest request's number
  answered = 0;  // and that of the latest answer
  post = null;  // function (n): sends the value as it is now, as request n
  #isNew = false;  // the value has changed since the latest request
  #isBusy = false;
  #wait;

  constructor(wait = WAIT) {
    this.#wait = wait;
  }

  /** True while something is not sent or not answered. */
  get isWaiting() {
    return this.#isNew || this.sent > this.answered;
  }

  /** The value has changed: it is sent as soon as it may. */
  ask() {
    this.#isNew = true;
    this.#send();
  }

  /** Request n is answered. A number from before this component was there does not count. */
  hear(n) {
    if (n <= this.sent) this.answered = Math.max(this.answered, n);
    if (this.answered === this.sent) this.#isBusy = false;
    this.#send();
  }

  /** The page may be gone at once: what has changed is sent without waiting. */
  hurry() {
    if (this.#isNew) this.#isBusy = false;
    this.#send();
  }

  #send() {
    if (!this.#isNew || this.#isBusy) return;
    this.#isNew = false;
    this.#isBusy = true;
    const n = ++this.sent;
    setTimeout(() => {
      if (n !== this.sent) return;  // a later request has a time of its own
      this.#isBusy = false;
      this.#send();
    }, this.#wait);
    this.post(n);
  }
}

/** Asks the server at an address of the page's, and gives the script what came to rest. */
export class Direct {
  asking = new Asking(LONG);
  address = "";  // of the page's; "": there is none
  question = null;  // function (): what is asked there
  give = null;  // function (n): gives the value to the script, as request n
  isMoving = () => false;  // the value is about to change again: the script need not have it yet
  isGone = () => false;  // the component is not there any more
  onState = () => {};  // function (isWaiting)
  #who;  // the component that asks
  #failures = 0;  // of the address, in a row
  #isGiven = true;  // the script was given the value
  #givenAs = 0;  // as that request
  #isHeard = true;  // and has answered
  #timer = 0;

  constructor(who) {
    this.#who = who;
    this.asking.post = (n) => this.#post(n);
  }

  /** It asks for the component that is that element. */
  serve(root) {
    this.isGone = () => !root.isConnected;
    this.onState = (isWaiting) => root.toggleAttribute("data-waits", isWaiting);
    root.onpointerleave = root.onfocusout = () => this.hurry();
  }

  /** True until all is answered, and the script has the value and has answered it. */
  get isWaiting() {
    return this.asking.isWaiting || !this.#isHeard;
  }

  /** The value has changed. */
  ask() {
    this.#isGiven = this.#isHeard = false;
    this.asking.ask();
    this.onState(true);
  }

  /** An answer to this component was told; `isDirect`: not by the script. */
  hear({ n, isDirect }) {
    if (!isDirect && this.#isGiven && n >= this.#givenAs) this.#isHeard = true;
    this.asking.hear(n);
    this.onState(this.isWaiting);
  }

  /** Something else may be clicked now, and the script is to have the value before. */
  hurry() {
    if (!this.#isGiven && this.asking.sent) this.#give(this.asking.sent);
  }

  /** The script itself has changed the value. */
  forget() {
    clearTimeout(this.#timer);
    this.#isGiven = this.#isHeard = true;
    this.onState(this.isWaiting);
  }

  async #post(n) {
    const { found, isRefused } = this.address && this.#failures < FAILURES
      ? await askServer(this.address, this.question()) : {};
    if (this.isGone()) return;
    if (found) {
      this.#failures = 0;
      if (n <= this.asking.answered) return;  // a later one was quicker
      this.#rest();
      tellAnswered(this.#who, n, { ...found, isDirect: true });
    } else {
      if (!isRefused) this.#failures++;
      this.#give(n);
    }
  }

  #give(n) {
    clearTimeout(this.#timer);
    this.#isGiven = true;
    this.#givenAs = n;
    this.give(n);
  }

  /** The script gets the value when it has not changed for a while. */
  #rest() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.isGone() || this.#isGiven) return;
      if (this.asking.isWaiting || this.isMoving()) this.#rest();
      else this.#give(this.asking.sent);
    }, REST);
  }
}

/** {found} is the answer; {isRefused}: there is none to this question; {}: none to any. */
async function askServer(address, question) {
  try {
    const answer = await fetch(new URL(address, document.baseURI), { method: "POST",
      headers: { "content-type": "application/json" }, body: JSON.stringify(question),
      signal: AbortSignal.timeout(LONG) });
    return answer.ok ? { found: await answer.json() } : { isRefused: answer.status === 400 };
  } catch {
    return {};  // no connection, none in time, or no JSON: a proxy's own page
  }
}

/** Whether what the script sends is older than what is shown, which the server gave directly. */
export function isOlder(data, shown) {
  return data.n > 0 && data.n < (shown?.n ?? 0);
}

/** Show what the script sends, unless it is older, and then what the server says to the component
    called `who`, of whose answers this is the part of that name. Returns what ends it. */
export function follow(root, who, part, data, show) {
  const take = (found) => {
    root.shown = found;
    show(found);
  };
  if (!isOlder(data, root.shown)) take(data);
  return onAnswered(who, ({ n, isDirect, [part]: found }) => {
    if (isDirect && found) take({ ...found, n });
  });
}

/** Say that request n of the component called `who` is answered; `more` goes with it. */
export function tellAnswered(who, n, more = {}) {
  document.dispatchEvent(new CustomEvent(ANSWERED, { detail: { who, n, ...more } }));
}

/** Call `hear({ n, ...more })` for each answer to the component called `who`, until the function
    that is returned has been called. */
export function onAnswered(who, hear) {
  const listen = ({ detail }) => { if (detail.who === who) hear(detail); };
  document.addEventListener(ANSWERED, listen);
  return () => document.removeEventListener(ANSWERED, listen);
}
