// The volunteers of one emergency: a row each, and chips that count and choose.
import { $, arrows, attr, el, keyed, show, text } from "./dom.js";
import { shape } from "./shapes.js";
import { chipOf, shapeOf, stateWords } from "./standing.js";
import { ticking } from "./time.js";
import { distance, list, minutes, say, worthReading } from "./words.js";

const root = $("#incident");
const rows = $(".people", root);
let chosen = "all";
let shown = null;
let takeOff = null;

/** Start the rows; `onTakeOff(callout)` is called by the button of a row, absent for those who may only read. */
export function start(onTakeOff) {
  takeOff = onTakeOff;
  arrows($(".chips", root), "button");
  arrows(rows, "button, a");
}

const CHIPS = ["all", "going", "there", "unclear", "failed", "asked", "silent", "cannot", "done"];
const ORDER = ["there", "going", "unclear", "failed", "asked", "silent", "cannot", "done", "let_go"];
const byState = (one, other) => ORDER.indexOf(shapeOf(one)) - ORDER.indexOf(shapeOf(other)) || one.eta_s - other.eta_s || one.id.localeCompare(other.id);

/** Show the callouts of `incident`. */
export function draw(incident) {
  if (shown?.id !== incident.id) chosen = "all";
  shown = incident;
  drawChips(incident.callouts);
  const those = incident.callouts.filter((one) => chosen === "all" || chipOf(one) === chosen).sort(byState);
  keyed(rows, those, (one) => one.id, make, update);
  const nobody = $(".nobody", root);
  text(nobody, incident.callouts.length ? say("chip_none") : say("people_none"));
  show(nobody, those.length === 0);
  drawPassed(incident.passed_over ?? []);
}

function drawChips(callouts) {
  const counts = { all: callouts.length };
  for (const one of callouts) counts[chipOf(one)] = (counts[chipOf(one)] ?? 0) + 1;
  const names = CHIPS.filter((name) => name === "all" || name === chosen || counts[name]);
  keyed($(".chips", root), names, (name) => name, makeChip, (chip, name) => {
    text($("b", chip), counts[name] ?? 0);
    attr(chip, "aria-pressed", String(chosen === name));
  });
}

function makeChip(name) {
  const press = () => {
    chosen = chosen === name ? "all" : name;
    draw(shown);
  };
  return el("button", { type: "button", class: `chip ${name}`, on: { click: press } },
    name === "all" ? null : shape(name), el("span", { text: say(`chips.${name}`) }), el("b"));
}

function make(callout) {
  const off = takeOff && el("button", { type: "button", class: "plain off", text: say("take_off"), on: { click: (event) => {
    takeOff(shown.callouts.find((one) => one.id === callout.id), event.currentTarget);
  } } });
  return el("li", {},
    el("span", { class: "mark" }), el("span", { class: "state" }), el("span", { class: "name" }), el("span", { class: "how" }, el("b"), " ", el("span")),
    el("span", { class: "since" }), el("a", { class: "phone" }), off, el("ul", { class: "words" }));
}

const MAY_BE_TAKEN_OFF = ["queued", "alerted", "unclear", "accepted", "on_scene"];

function update(row, callout) {
  const kind = shapeOf(callout);
  if (row.dataset.kind !== kind) $(".mark", row).replaceChildren(shape(kind));
  row.dataset.kind = kind;
  row.dataset.state = callout.state;
  row.className = `person ${kind}${callout.no_address || callout.unsafe ? " act-now" : ""}${callout.at_old_address ? " at-old-address" : ""}`;
  text($(".state", row), stateWords(callout));
  text($(".name", row), list([callout.name ?? say("a_volunteer"), callout.at_old_address && say("said_there_before"), callout.no_address && say("no_address"), callout.unsafe && say("not_away"), callout.rung && say("rung"),
    callout.delivered === false && say("undelivered")]));
  drawHow($(".how", row), callout);
  ticking($(".since", row), callout.since, "ago");
  const phone = $(".phone", row);
  text(phone, callout.phone);
  attr(phone, "href", callout.phone && `tel:${callout.phone}`);
  show(phone, callout.phone);
  const off = $(".off", row);
  if (off) show(off, shown.state === "open" && MAY_BE_TAKEN_OFF.includes(callout.state));
  const words = worthReading(callout.words);
  const keys = words.map(({ at, text: said }, nth) => `${at} ${nth} ${said}`); // the same may be said twice in a second
  keyed($(".words", row), words, (word) => keys[words.indexOf(word)], (word) => el("li", {}, el("q", { text: word.text }), " ", tick(word.at)));
}

function tick(at) {
  const node = el("span", { class: "quiet" });
  ticking(node, at, "ago");
  return node;
}

function drawHow(node, callout) {
  const [when, way] = [$("b", node), $("span", node)];
  const there = callout.state === "accepted" ? new Date(Date.parse(callout.set_out_at) + callout.eta_s * 1000).toISOString() : null;
  ticking(when, there, "there");
  const role = callout.role ? say(`roles.${callout.role}`) : callout.only_role && say(`only_roles.${callout.only_role}`);
  text(way, list([role, say("away", { distance: distance(callout.distance_m), age: minutes(callout.eta_s) }), say(`transports.${callout.transport}`), callout.kind && say(`kinds.${callout.kind}`)]));
}

function drawPassed(reasons) {
  const all = reasons.reduce((sum, one) => sum + one.count, 0);
  const details = $(".passed", root);
  show(details, all > 0);
  text($("summary", details), say("passed", { n: all }));
  keyed($("ul", details), reasons, (one) => one.reason, () => el("li"), (row, one) => text(row, `${one.count}: ${say(`reasons_passed.${one.reason}`)}`));
}
