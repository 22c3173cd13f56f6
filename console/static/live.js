// Whatever happens, as it happens: `follow` tells a page what has changed since the board it has loaded.
import { Engine } from "./live/engine.js";

const WORKER_SILENT_MS = 30000;
const EVERY_MS = 1000;

/**
 * Follow from event `after`. All tabs of a browser share one stream; while it is down they ask the main address every 3 s.
 *
 * `onChanges(changes)`: incidents that changed, and all alarms that stand. `onReset()`: load the board anew.
 * `onState({mode, last_ms, now, signed_out})`, every second and with every sign of life: mode is "live", "polling" or "stale"
 * (nothing answers), last_ms the milliseconds since the server was last heard, now the server's time where it has just said
 * it (else null; ages are to be reckoned from it, for timers of hidden tabs are slow), signed_out whether it asks for a new
 * sign-in. Returns a function that ends it.
 */
export function follow({ after, onChanges, onReset, onState }) {
  let number = after;
  let line = null;
  let state = { mode: "stale", heard: performance.now(), signed_out: false };
  let spoke = performance.now();

  function take(message) {
    spoke = performance.now();
    if (message.kind === "state") {
      state = { mode: message.mode, heard: performance.now() - message.silent_ms, signed_out: message.signed_out };
      show(message.now);
    } else if (message.kind === "reset") {
      number = message.number ?? number;
      onReset();
    } else {
      number = Math.max(number, message.changes.number);
      onChanges(message.changes);
    }
  }

  function show(now = null) {
    onState({ mode: state.mode, last_ms: Math.max(0, performance.now() - state.heard), now, signed_out: state.signed_out });
  }

  function begin() {
    spoke = performance.now();
    line = shared(address(), number, take, alone) ?? own(address(), number, take);
  }

  function alone() {
    line?.close();
    line = own(address(), number, take);
  }

  function second() {
    if (line?.isShared && performance.now() - spoke > WORKER_SILENT_MS) alone();
    if (line) show();
  }

  function pause() {
    line?.close();
    line = null;
  }

  // A page that is put aside for the Back button keeps no line; when it is shown again it goes on where it was.
  const resume = (event) => event.persisted && !line && begin();
  addEventListener("pagehide", pause);
  addEventListener("pageshow", resume);
  const timer = setInterval(second, EVERY_MS);
  begin();
  return () => {
    removeEventListener("pagehide", pause);
    removeEventListener("pageshow", resume);
    clearInterval(timer);
    pause();
  };
}

function address() {
  const given = document.querySelector('meta[name="live-url"]')?.content;
  return given ? new URL(given, location.href).href : "";
}

function own(url, after, take) {
  const engine = new Engine(url, after, take);
  return { isShared: false, close: () => engine.close() };
}

/** The line through the shared worker; null where there are none (some phones). `failed` is called if it cannot start. */
function shared(url, after, take, failed) {
  if (typeof SharedWorker === "undefined") return null;
  const worker = new SharedWorker(new URL("./live/worker.js", import.meta.url), { type: "module", name: "live" });
  worker.onerror = failed;
  worker.port.onmessage = ({ data }) => take(data);
  worker.port.postMessage({ kind: "join", url, after });
  return { isShared: true, close: () => worker.port.postMessage({ kind: "leave" }) };
}
