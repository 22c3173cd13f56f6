// One emergency, opened: its place and facts, who does what, the volunteers, and what happened.
import { get } from "./api.js";
import { $, attr, el, keyed, show, text } from "./dom.js";
import { murmur, notice } from "./notice.js";
import * as people from "./people.js";
import { alert, hazardNames, placeName, stateWords, sum, typeName } from "./standing.js";
import { applyOne, known, onChange, select, selected } from "./store.js";
import { eachSecond, ticking } from "./time.js";
import { list, say } from "./words.js";

const root = $("#incident");
let asking = null;
let read = "";

/** Start the panel. */
export function start() {
  onChange((changed) => {
    draw();
    changed.forEach(tell);
  });
  eachSecond(() => selected() && people.draw(selected()));
}

/** Look at an incident, wherever the wish came from: the list, the map, an alarm, a command. */
export async function open(id, focused = true) {
  if (!known.incidents.get(id)?.callouts) {
    try {
      applyOne(await get(`/incidents/${encodeURIComponent(id)}`));
    } catch (error) {
      notice(error.message, true);
      return;
    }
  }
  select(id);
  $("#desk").dataset.view = "incident";
  if (focused) $("#incident-title").focus({ preventScroll: $("#raise")?.hidden ?? true });
}

function draw() {
  const incident = selected();
  show(root, incident);
  show($(".choose"), !incident && ($("#raise")?.hidden ?? true));
  if (!incident) return;
  text($("#incident-title", root), `${incident.code} · ${typeName(incident)}`);
  text($(".sum", root), incident.state === "open" ? sum(incident) : "");
  text($(".alert", root), alert(incident));
  show($(".alert", root), alert(incident) && !incident.held);
  drawMarks(incident);
  drawHeld(incident);
  drawFacts(incident);
  drawRoles(incident);
  people.draw(incident);
  readTimeline(incident);
}

function drawMarks(incident) {
  const marks = $(".marks", root);
  if (!marks.firstChild) marks.append(el("b", { class: "drill", text: say("drill") }), el("span", { class: "place" }), el("span", { class: "age quiet" }), el("span", { class: "short" }));
  show($(".drill", marks), incident.drill);
  text($(".place", marks), placeName(incident));
  const age = $(".age", marks);
  if (incident.state === "open") ticking(age, incident.opened_at, "raised");
  else {
    delete age.dataset.at;
    text(age, list([say("closed"), say(`outcomes.${incident.outcome}`)]));
  }
  text($(".short", marks), incident.state === "open" && incident.shortfall && !incident.covered ? say("shortfall", { why: incident.shortfall }) : "");
}

function drawHeld(incident) {
  const held = $(".held", root);
  show(held, incident.held && incident.state === "open");
  text($("p", held), say("held_why", { hazards: hazardNames(incident.hazards) }));
}

function drawFacts(incident) {
  const fact = (name) => $(`[data-fact="${name}"] dd`, root);
  const ambulance = fact("ambulance");
  if (!incident.ambulance_at || incident.state === "closed") delete ambulance.dataset.at;
  if (incident.ambulance_at && incident.state === "open") ticking(ambulance, incident.ambulance_at, "due");
  else text(ambulance, say("no_ambulance"));
  const overridden = incident.hazards_overridden && say("overridden", { reason: incident.hazards_overridden });
  text(fact("hazards"), incident.hazards.length ? list([hazardNames(incident.hazards), overridden]) : say("no_hazards"));
  text(fact("notes"), incident.access_notes ?? say("no_notes"));
  drawCaller(fact("caller"), incident.caller_phone);
}

function drawCaller(node, phone) {
  if (node.dataset.phone === String(phone)) return;
  node.dataset.phone = String(phone);
  node.replaceChildren(phone ? el("a", { href: `tel:${phone}`, text: phone }) : say("no_caller"));
}

function drawRoles(incident) {
  show($(".roles", root).parentElement, incident.state === "open"); // closed, nobody does anything there any more
  const named = incident.roles.map((role, index) => ({ ...role, index }));
  keyed($(".roles", root), named, (role) => role.index, () => el("li", {}, el("span", { class: "role" }), el("span", { class: "who" })), (row, role) => {
    const holder = incident.callouts.find((one) => one.id === role.filled_by);
    const wanted = incident.state === "open" && incident.asking === "asking";
    text($(".role", row), say(`roles.${role.role}`));
    text($(".who", row), holder ? list([holder.name ?? say("a_volunteer"), stateWords(holder)]) : say(wanted ? "role_wanted" : "role_not_wanted"));
    attr(row, "class", holder ? "filled" : "free");
  });
}

/** Ask for the timeline when something happened. Opening a closed one is itself written down, so that is asked once only. */
async function readTimeline(incident) {
  const wanted = incident.state === "closed" ? `${incident.id} closed ${incident.closed_at}` : `${incident.id} ${incident.number}`;
  if (read === wanted) return;
  const other = !read.startsWith(incident.id);
  read = wanted;
  if (other) $(".timeline", root).replaceChildren();
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await get(`/incidents/${encodeURIComponent(incident.id)}`, mine.signal);
    drawTimeline(answer.events);
    applyOne(answer);
  } catch {
    if (asking === mine) read = "";
  }
}

function drawTimeline(events) {
  const told = events.filter((event) => event.text).reverse();
  keyed($(".timeline", root), told, (event) => event.number, (event) => el("li", { class: weight(event.kind) },
    el("time", { datetime: event.at, text: hour(event.at) }), el("span", { text: event.text })));
}

const MINOR = ["callout_queued", "callout_alerted", "wave_asked", "shortfall"];
const weight = (kind) => (MINOR.includes(kind) || kind.startsWith("text_") ? "minor" : kind.includes("note") ? "note" : null);

const clockOf = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: $("#desk").dataset.timeZone });
const hour = (at) => clockOf.format(new Date(at));

const TOLD = ["accepted", "on_scene", "declined", "unclear", "failed"];

/** Say to screen readers what changed with the volunteers. */
function tell({ incident, before }) {
  if (!before?.callouts) return;
  const stands = (one) => `${one.state} ${one.at_old_address}`;
  const was = new Map(before.callouts.map((one) => [one.id, stands(one)]));
  const moved = incident.callouts.filter((one) => was.has(one.id) && was.get(one.id) !== stands(one) && TOLD.includes(one.state));
  if (moved.length) murmur(moved.map((one) => say("heard", { code: incident.code, name: one.name ?? say("a_volunteer"), state: stateWords(one) })).join(". "));
}
