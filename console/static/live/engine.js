// One line to the server: the stream while it can be had, asking every few seconds while it cannot, and always trying the
// stream again. It runs in the worker that all tabs share, or in the page itself where there are no such workers.

const ASK_EVERY_MS = 3000;
const SILENT_MS = 15000;
const AGAIN_MS = 2000;
const LOOK_EVERY_MS = 1000;
const PATIENCE_MS = 10000;
const CHANGES = "/desk/api/changes";

/** What has changed since event `after`, asked on the console's own address. Throws an Error with the answer's status. */
export async function ask(after) {
  const answer = await fetch(`${CHANGES}?after=${after}`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw Object.assign(new Error("the server says no"), { status: answer.status });
  const date = Date.parse(answer.headers.get("date"));
  return { changes: await answer.json(), now: Number.isNaN(date) ? null : new Date(date).toISOString() };
}

/**
 * Follow from event `after`. `url` is the stream's address ("" when there is none). `tell` gets {kind: "changes", changes},
 * {kind: "reset", number} and {kind: "state", mode, silent_ms, now, signed_out}, the last with every sign of life.
 */
export class Engine {
  constructor(url, after, tell) {
    this.url = url;
    this.number = after;
    this.tell = tell;
    this.source = null;
    this.open = false;
    this.asking = false;
    this.signedOut = false;
    this.heard = performance.now();
    this.asked = url ? performance.now() : -Infinity; // the stream is given a moment before anything else is asked
    this.tried = -Infinity;
    this.answered = -Infinity;
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    if (url) this.connect();
    else this.askNow();
  }

  close() {
    clearInterval(this.timer);
    this.source?.close();
    this.tell = () => {};
  }

  get mode() {
    if (this.open) return "live";
    return performance.now() - this.answered < ASK_EVERY_MS * 3 ? "polling" : "stale";
  }

  connect() {
    this.tried = performance.now();
    const source = new EventSource(`${this.url}?after=${this.number}`, { withCredentials: true });
    this.source = source;
    const on = (kind, take) => source.addEventListener(kind, (event) => source === this.source && take(JSON.parse(event.data)));
    on("tick", (data) => this.alive(data.now));
    on("change", (changes) => this.hear(changes));
    on("reset", (data) => this.hear({ ...data, reset: true }));
    source.onerror = () => source === this.source && this.lost();
  }

  /** The stream speaks: whatever it says shows that it is up. */
  alive(now) {
    this.open = true;
    this.signedOut = false;
    this.sign(now);
  }

  hear(changes) {
    this.take(changes);
    this.alive(null);
  }

  sign(now) {
    this.heard = performance.now();
    this.report(now);
  }

  report(now = null) {
    const silent = performance.now() - this.heard;
    this.tell({ kind: "state", mode: this.mode, silent_ms: silent, now, signed_out: this.signedOut });
  }

  take(changes) {
    if (changes.reset) {
      this.number = changes.number;
      this.tell({ kind: "reset", number: changes.number });
    } else if (changes.number > this.number) {
      // An older answer that comes late says nothing new, and would put an older state over a newer one.
      this.number = changes.number;
      this.tell({ kind: "changes", changes });
    }
  }

  lost() {
    this.source?.close();
    this.source = null;
    this.open = false;
    this.report();
    if (performance.now() - this.asked >= ASK_EVERY_MS) this.askNow();
  }

  async askNow() {
    this.asked = performance.now();
    this.asking = true;
    try {
      const { changes, now } = await ask(this.number);
      this.answered = performance.now();
      this.signedOut = false;
      this.take(changes);
      this.sign(now);
    } catch (error) {
      this.signedOut = error.status === 401;
      this.report();
    } finally {
      this.asking = false;
    }
  }

  look() {
    const now = performance.now();
    if (this.source && now - Math.max(this.heard, this.tried) > SILENT_MS) this.lost();
    if (this.url && !this.source && now - this.tried >= AGAIN_MS) this.connect();
    if (!this.open && !this.asking && now - this.asked >= ASK_EVERY_MS) this.askNow();
    this.report();
  }
}
