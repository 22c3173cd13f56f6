// The buttons of an emergency, and the question each one asks before it acts.
import { get } from "./api.js";
import { $, attr, el, keyed, show, text } from "./dom.js";
import * as correcting from "./correcting.js";
import * as deeds from "./deeds.js";
import { notice } from "./notice.js";
import * as panel from "./panel.js";
import { hazardNames } from "./standing.js";
import { known, onChange, selected } from "./store.js";
import { distance, list, minutes, say } from "./words.js";

const bar = $("#incident .actions");
const isOpen = (incident) => incident.state === "open";

/** Every button: its key, when it is there, and what pressing it does. */
export const ACTIONS = [
  { name: "go", key: "g", when: (one) => isOpen(one) && one.held, act: go, loud: true },
  { name: "next", key: "a", when: (one) => isOpen(one) && !one.held, act: next },
  { name: "person", key: "p", when: (one) => isOpen(one) && !one.held, act: person },
  { name: "correct", key: "e", when: isOpen, act: correcting.open },
  { name: "note", key: "t", when: () => true, act: note },
  { name: "stand_down", key: "s", when: isOpen, act: standDown },
  { name: "close", key: "c", when: isOpen, act: close },
  { name: "reopen", key: "o", when: (one) => !isOpen(one), act: reopen },
];

/** Start the buttons. */
export function start() {
  let shown = null;
  onChange(() => {
    const incident = selected();
    if (incident?.id !== shown) panel.close();
    shown = incident?.id;
    draw(incident);
  });
}

/** Press a button by its key; returns whether there is one. */
export function press(key) {
  const incident = selected();
  const action = incident && known.writable && ACTIONS.find((one) => one.key === key && one.when(incident));
  if (action) action.act(incident, $(`[data-key="${action.name}"]`, bar));
  return Boolean(action);
}

function draw(incident) {
  show(bar, incident && known.writable);
  if (!incident || !known.writable) return;
  keyed(bar, ACTIONS.filter((one) => one.when(incident)), (one) => one.name, make);
}

function make(action) {
  return el("button", { type: "button", class: action.loud ? "button loud" : "plain", "aria-keyshortcuts": action.key, on: { click: (event) => action.act(selected(), event.currentTarget) } },
    `${say(`actions.${action.name}`)} `, el("kbd", { text: action.key.toUpperCase() }));
}

function next(incident, from) {
  const input = el("input", { inputmode: "numeric", maxlength: 2, value: "3", class: "number" });
  panel.ask({ name: "next", from, title: say("actions.next"), body: panel.field(say("next_how_many"), input), act: say("next_do"), submit: () => deeds.askNext(incident, Number(input.value) || 0) });
  input.select();
}

async function person(incident, from) {
  let found;
  try {
    found = (await get(`/incidents/${encodeURIComponent(incident.id)}/askable`)).people;
  } catch (error) {
    notice(error.message, true);
    return;
  }
  const rows = found.map((one) => el("li", {},
    el("button", { type: "button", class: "plain", text: say("person_ask"), on: { click: () => panel.run(() => deeds.askPerson(incident, one.responder)) } }), " ",
    list([one.name, one.only_role && say(`only_roles.${one.only_role}`), say("away", { distance: distance(one.distance_m), age: minutes(one.eta_s) }), say(`transports.${one.transport}`), say(`kinds.${one.kind}`), one.again && say("person_again")])));
  panel.ask({ name: "person", from, title: say("actions.person"), body: found.length ? [el("p", { text: say("person_choose") }), el("ul", { class: "askable" }, rows)] : el("p", { text: say("person_none") }), submit: () => undefined });
}

function note(incident, from) {
  const input = el("textarea", { maxlength: 500, rows: 2 });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    input.form.requestSubmit();
  });
  const submit = () => (input.value.trim() ? deeds.note(incident, input.value.trim()) : panel.fault(say("note_missing")));
  panel.ask({ name: "note", from, title: say("actions.note"), body: panel.field(say("note_text"), input), act: say("note_do"), submit });
}

function go(incident, from) {
  const input = el("input", { maxlength: 200 });
  const title = say("go_why", { hazards: hazardNames(incident.hazards) });
  let weighed = incident.hazards;
  const submit = () => {
    if (!input.value.trim()) return panel.fault(say("go_missing"));
    const now = known.incidents.get(incident.id)?.hazards ?? weighed;
    const fresh = now.filter((key) => !weighed.includes(key));
    weighed = now;
    return fresh.length ? panel.fault(say("go_changed", { hazards: hazardNames(fresh) })) : deeds.go(incident, input.value.trim());
  };
  panel.ask({ name: "go", from, title, body: panel.field(say("go_missing"), input), act: say("go_do"), submit });
}

function standDown(incident, from) {
  const what = el("p", { class: "asks", role: "status" });
  const group = panel.choices(say("sd_why"), "reason", known.reasons.map((key) => [key, say(`reasons.${key}`)]));
  const chosen = () => $("input:checked", group)?.value;
  group.addEventListener("change", () => text(what, deeds.standDownTells(selected() ?? incident, chosen())));
  const submit = () => (chosen() ? deeds.standDown(incident, chosen()) : panel.fault(say("choose_first")));
  panel.ask({ name: "stand_down", from, title: say("sd_why"), body: [group, what], act: say("sd_do"), submit });
}

function close(incident, from) {
  let sure = false;
  const what = el("p", { class: "asks warn", role: "status" });
  const group = panel.choices(say("close_how"), "outcome", known.outcomes.map((key) => [key, say(`outcomes.${key}`)]));
  const submit = () => {
    const outcome = $("input:checked", group)?.value;
    if (!outcome) return panel.fault(say("choose_first"));
    panel.fault("");
    const out = deeds.outThere(selected() ?? incident);
    if (out && !sure) {
      sure = true;
      text(what, say("close_people", { n: out }));
      text($('#incident .panel [type="submit"]'), say("close_anyway"));
      return undefined;
    }
    return deeds.close(incident, outcome);
  };
  panel.ask({ name: "close", from, title: say("close_how"), body: [group, what], act: say("close_do"), submit });
}

function reopen(incident, from) {
  panel.ask({ name: "reopen", from, title: say("reopen_sure", { code: incident.code }), body: [], act: say("reopen_do"), submit: () => deeds.reopen(incident) });
}

/** Take one volunteer off, after asking: their text cannot be taken back. */
export function takeOff(callout, from) {
  const incident = selected();
  panel.ask({ name: `off ${callout.id}`, from, title: say("take_off_sure", { name: callout.name ?? say("a_volunteer") }), body: [], act: say("take_off"), submit: () => deeds.takeOff(incident, callout) });
  attr($("#incident .panel"), "data-about", callout.id);
}
