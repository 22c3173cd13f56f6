// Correcting an emergency: only what was changed is sent.
import { makeAddress, told } from "./address.js";
import { $$, el } from "./dom.js";
import * as deeds from "./deeds.js";
import * as panel from "./panel.js";
import { known } from "./store.js";
import { secondsSince } from "./time.js";
import { say } from "./words.js";

const MOST_ETA_MIN = 240;

/** Ask what to correct in `incident`. */
export function open(incident, from) {
  const place = el("div", { class: "field" });
  const where = makeAddress(place, say("correct_place"), say("correct_place_hint"), () => {});
  const inputs = {
    eta: el("input", { inputmode: "numeric", maxlength: 3, class: "number", value: minutesLeft(incident) }),
    notes: el("input", { maxlength: 200, value: incident.access_notes ?? "" }),
    phone: el("input", { type: "tel", maxlength: 40, value: incident.caller_phone ?? "" }),
  };
  const before = { eta: inputs.eta.value, notes: inputs.notes.value, phone: inputs.phone.value };
  const dangers = dangersOf(incident);
  const submit = async () => {
    if (where.value && !(await where.settled())) return panel.fault(say(where.trouble));
    const fields = { ...(where.place && told(where.place)), ...changed(incident, inputs, before, $$("input:checked", dangers).map((box) => box.value)) };
    if (Number.isNaN(fields.ambulance_eta_s)) return panel.fault(say("eta_wrong"));
    if (Object.keys(fields).length === 0) return panel.fault(say("correct_same"));
    return deeds.correct(incident, fields);
  };
  const body = [place, panel.field(say("access_notes"), inputs.notes), panel.field(say("ambulance_minutes"), inputs.eta), panel.field(say("caller_phone"), inputs.phone), dangers];
  panel.ask({ name: "correct", from, title: say("actions.correct"), body, act: say("correct_do"), submit });
}

function dangersOf(incident) {
  const stops = known.plans.find((plan) => plan.type === incident.type)?.excluded_hazards ?? [];
  const legend = el("legend", { text: `${say("dangers")} ` }, el("span", { class: "stops", "aria-hidden": "true", text: `‖ ${say("hazards_stop")}` }));
  return el("fieldset", { class: "field" }, legend, el("div", { class: "ticks dangers" }, known.hazards.map((key) => el("label", { class: "choice" },
    el("input", { type: "checkbox", value: key, checked: incident.hazards.includes(key) }), el("span", { text: say(`hazards.${key}`) }),
    el("small", { text: say("hazard_stops"), hidden: !stops.includes(key) })))));
}

function minutesLeft(incident) {
  return incident.ambulance_at ? String(Math.max(0, Math.round(-secondsSince(incident.ambulance_at) / 60))) : "";
}

/** Minutes as seconds; NaN for what is no such number. */
export function seconds(minutes) {
  const n = Number(minutes.replace(",", "."));
  return minutes.trim() && n >= 0 && n <= MOST_ETA_MIN ? Math.round(n * 60) : Number.NaN;
}

/** The dangers after what was ticked and unticked here, beside whatever others have told meanwhile; null when none is changed. */
function dangersThen(incident, ticked) {
  const now = known.incidents.get(incident.id)?.hazards ?? incident.hazards;
  const added = ticked.filter((key) => !incident.hazards.includes(key) && !now.includes(key));
  const removed = now.filter((key) => incident.hazards.includes(key) && !ticked.includes(key));
  return added.length || removed.length ? [...now.filter((key) => !removed.includes(key)), ...added] : null;
}

function changed(incident, { eta, notes, phone }, before, hazards) {
  const fields = {};
  if (eta.value !== before.eta) fields.ambulance_eta_s = seconds(eta.value);
  if (notes.value !== before.notes && notes.value.trim()) fields.access_notes = notes.value.trim();
  if (phone.value !== before.phone && phone.value.trim()) fields.caller_phone = phone.value.trim();
  const dangers = dangersThen(incident, hazards);
  if (dangers) fields.hazards = dangers;
  return fields;
}
