// The command bar: short verbs from anywhere. What it does not surely understand does nothing and says what it knows.
import * as alarms from "./alarms.js";
import { seconds } from "./correcting.js";
import * as deeds from "./deeds.js";
import { $, text } from "./dom.js";
import { open as openIncident } from "./incident.js";
import { notice } from "./notice.js";
import { once } from "./api.js";
import * as raise from "./raise.js";
import { byCode, known, selected } from "./store.js";
import { say } from "./words.js";

const form = $("#command");
const input = form && $("input", form);
const says = form && $(".says", form);
const REASON = { ambulance: "ambulance_on_scene" };
let sure = null;
let back = null;
let before = "";
let seen = null;

/** Start the bar. */
export function start() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (sure) confirm();
    else obey(input.value.trim().replace(/^\//, "").trim());
  });
  input.addEventListener("focus", () => { before = ""; });
  input.addEventListener("input", () => {
    // What is acknowledged is what stood there when the command was begun, not what came while it was typed.
    if (!before) seen = known.alarms[0]?.id;
    before = input.value;
    doubt("");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (sure) doubt("");
    else leave();
  });
}

/** Put the focus into the bar, from wherever; Escape brings it back there. */
export function focus() {
  if (document.activeElement !== input) back = document.activeElement;
  input.focus();
  input.select();
}

function leave() {
  empty();
  doubt("");
  (back?.isConnected && back !== document.body ? back : $("#board")).focus();
}

function doubt(words) {
  sure = null;
  text(says, words);
}

function confirm() {
  const act = sure;
  doubt("");
  perform(act);
}

function empty() {
  input.value = before = "";
}

async function perform(act) {
  const typed = input.value;
  try {
    const done = await once(`command ${known.selected} ${typed}`, act);
    if (done === undefined) return;
    if (input.value === typed) empty(); // else the next one is being typed
    notice(done.words ?? done, false, done.undo ?? null);
  } catch (error) {
    if (input.value === typed) text(says, error.message);
    else notice(error.message, true);
  }
}

function askFirst(what, act) {
  sure = act;
  text(says, say("command_sure", { what }));
}

function one(keys, rest, act) {
  const short = REASON[rest.toLowerCase()];
  const found = deeds.fitting(keys, keys.includes(short) ? short : rest);
  if (found.length === 1) act(found[0]);
  else text(says, say("command_which", { choices: (found.length ? found : keys).join(", ") }));
}

const VERBS = {
  new: (rest) => {
    empty();
    raise.open({ address: rest || null });
  },
  next: (rest, incident) => (/^\d{1,2}$/.test(rest || "3") ? perform(() => deeds.askNext(incident, Number(rest || 3))) : unknown()),
  sd: (rest, incident) => one(known.reasons, rest, (reason) => askFirst(`${say(`reasons.${reason}`)}: ${deeds.standDownTells(incident, reason)}`, () => deeds.standDown(incident, reason))),
  close: (rest, incident) => one(known.outcomes, rest, (outcome) => {
    const out = deeds.outThere(incident);
    if (out) askFirst(say("close_people", { n: out }), () => deeds.close(incident, outcome));
    else perform(() => deeds.close(incident, outcome));
  }),
  note: (rest, incident) => (rest ? perform(() => deeds.note(incident, rest)) : text(says, say("command_text", { verb: "note" }))),
  go: (rest, incident) => (rest ? perform(() => deeds.go(incident, rest)) : text(says, say("command_text", { verb: "go" }))),
  eta: (rest, incident) => (Number.isNaN(seconds(rest)) ? text(says, say("eta_wrong")) : perform(() => deeds.correct(incident, { ambulance_eta_s: seconds(rest) }))),
  reopen: (rest, incident) => perform(() => deeds.reopen(incident)),
  open: (rest) => show(rest),
  ack: () => {
    empty();
    if (!alarms.acknowledge(seen)) text(says, say("ack_none"));
  },
  mute: () => {
    empty();
    alarms.muteAll();
  },
};
const NEED_NO_INCIDENT = ["new", "open", "ack", "mute"];

/** The verbs, as help shows them. */
export const verbs = () => Object.keys(VERBS);

function unknown() {
  text(says, say("command_unknown", { verbs: verbs().join(", ") }));
}

function obey(typed) {
  if (!typed) return;
  const [verb, ...words] = typed.split(/\s+/);
  const rest = typed.slice(verb.length).trim();
  const act = Object.hasOwn(VERBS, verb.toLowerCase()) ? VERBS[verb.toLowerCase()] : null;
  if (!act) {
    if (words.length === 0 && byCode(verb)) show(verb);
    else unknown();
    return;
  }
  const incident = selected();
  if (!incident && !NEED_NO_INCIDENT.includes(verb.toLowerCase())) text(says, say("command_no_incident"));
  else act(rest, incident);
}

function show(code) {
  const incident = byCode(code);
  if (!incident) {
    text(says, say("command_unknown_code", { code }));
    return;
  }
  empty();
  openIncident(incident.id);
}
