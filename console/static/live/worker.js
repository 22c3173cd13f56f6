// The worker that all tabs of a browser share: one stream for all of them, however many there are.
import { Engine, ask } from "./engine.js";

const tabs = new Map();
let engine = null;

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => (data.kind === "join" ? join(port, data) : leave(port));
};

function join(port, { url, after }) {
  const tab = { held: null };
  tabs.set(port, tab);
  if (!engine) engine = new Engine(url, after, tellAll);
  else if (after < engine.number) catchUp(port, tab, after);
  else engine.report();
}

function leave(port) {
  tabs.delete(port);
  port.close();
  if (tabs.size > 0) return;
  engine?.close();
  engine = null;
}

/** A tab whose board is older than what the others know is told first what it lacks, then what came meanwhile. */
async function catchUp(port, tab, after) {
  tab.held = [];
  let first = { kind: "reset" };
  try {
    const { changes } = await ask(after);
    if (!changes.reset) first = { kind: "changes", changes };
  } catch {
    // It loads its board anew, which tells it everything.
  }
  const held = tab.held;
  tab.held = null;
  for (const message of [first, ...held]) port.postMessage(message);
}

function tellAll(message) {
  for (const [port, tab] of tabs) {
    if (tab.held && message.kind !== "state") tab.held.push(message);
    else port.postMessage(message);
  }
}
