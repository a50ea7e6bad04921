// How a component asks the page's script, and waits.
//
// A request is a state value that the script run sees, with its number `n`, from 1 on. The script
// takes its time, and a new request breaks off the run that the one before began. So one request at
// a time is under way: what changes meanwhile is not queued, but the latest is sent when the answer
// has come. An answer that has not come within WAIT is not waited for any more.
//
// An answer is known by its number. Mostly another component has it, which stands beside the one
// that asked: it calls `tellAnswered`, and the one that asked listens with `onAnswered`.

export const WAIT = 1500;  // ms
const ANSWERED = "doodle-answered";  // the document's event

export class Asking {
  sent = 0;  // the latest request's number
  answered = 0;  // and that of the latest answer
  post = null;  // function (n): sends the value as it is now, as request n
  #isNew = false;  // the value has changed since the latest request
  #isBusy = false;

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
    }, WAIT);
    this.post(n);
  }
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
