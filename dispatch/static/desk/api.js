// Questions to the server, and its answers and refusals.
import { $ } from "./dom.js";
import { say } from "./words.js";

const BASE = "/desk/api";

/** A refusal or a failure: `message` is for people, `fields` says what is wrong where, `matches` what an address could mean. */
export class Refused extends Error {
  constructor(status, problem = {}) {
    super(sentence(status, problem));
    this.status = status;
    this.fields = problem.errors ?? [];
    this.matches = problem.matches ?? [];
  }
}

function sentence(status, problem) {
  if (status === 0) return say("error_network");
  if (status === 401) return say("error_signed_out");
  if (status >= 500) return say("error_server");
  const details = (problem.errors ?? []).map((one) => one.detail).join("; ");
  return say("error", { why: [problem.title, details].filter(Boolean).join(": ") || status });
}

/** The token of the page as it is for whoever is signed in now: in another tab they may have signed in anew. */
async function renewToken() {
  const page = await fetch("/desk").then((response) => response.text()).catch(() => "");
  const found = $('meta[name="csrf-token"]', new DOMParser().parseFromString(page, "text/html"));
  if (found) $('meta[name="csrf-token"]').content = found.content;
}

async function call(method, path, body, signal, again = false) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-CSRF-Token"] = $('meta[name="csrf-token"]')?.content ?? "";
    headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    const init = { method, headers, body: method === "GET" ? undefined : JSON.stringify(body ?? {}), signal: signal ?? AbortSignal.timeout(15000) };
    response = await fetch(BASE + path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0);
  }
  if (response.status === 403 && method !== "GET" && !again) {
    await renewToken();
    return call(method, path, body, signal, true);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

export const get = (path, signal) => call("GET", path, undefined, signal);
export const post = (path, body, signal) => call("POST", path, body, signal);
export const patch = (path, body) => call("PATCH", path, body);

const busy = new Set();

/** Do `act` unless the same thing is being done: a second press of a button, or of Enter, changes nothing. */
export async function once(key, act) {
  if (busy.has(key)) return undefined;
  busy.add(key);
  try {
    return await act();
  } finally {
    busy.delete(key);
  }
}
