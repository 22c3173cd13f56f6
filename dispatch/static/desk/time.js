// The server's time: ages are reckoned from it, for the clock of this machine may be wrong and timers of hidden tabs sleep.
import { $$, text } from "./dom.js";
import { whenStill } from "../press.js";
import { clock, say, span } from "./words.js";

let ahead = 0;
const everySecond = new Set();

/** Take over the server's clock from an answer's `now`. */
export function setNow(rfc3339) {
  const at = Date.parse(rfc3339 ?? "");
  if (!Number.isNaN(at)) ahead = at - Date.now();
}

export const now = () => Date.now() + ahead;
export const secondsSince = (rfc3339) => (now() - Date.parse(rfc3339)) / 1000;

const FORMS = {
  ago: (s) => say("ago", { age: span(s) }),
  age: span,
  raised: (s) => say("raised_ago", { age: span(s) }),
  due: (s) => (s < 0 ? say("in_time", { age: clock(-s) }) : say("due", { age: clock(s) })),
  there: (s) => (s < 0 ? say("there_in", { age: clock(-s) }) : say("was_due", { age: span(s) })),
};

/** Let `node` show the age of a moment, kept up to date; `form` is one of FORMS. */
export function ticking(node, rfc3339, form) {
  node.dataset.at = rfc3339 ?? "";
  node.dataset.form = form;
  refresh(node);
}

function refresh(node) {
  text(node, node.dataset.at ? FORMS[node.dataset.form](secondsSince(node.dataset.at)) : "");
}

/** Call `act` once a second, as long as the page is open. */
export const eachSecond = (act) => everySecond.add(act);

function second() {
  $$("[data-at]").forEach(refresh);
  everySecond.forEach((act) => act());
}

setInterval(() => whenStill(second), 1000);
