// Raising an emergency: where, what, which dangers; what would happen is shown before it does.
import { once, post } from "./api.js";
import { give, makeAddress, told } from "./address.js";
import { $, $$, el, keyed, show, text } from "./dom.js";
import { open as openIncident } from "./incident.js";
import { notice } from "./notice.js";
import { makePreview } from "./preview.js";
import { apply, known, onChange } from "./store.js";
import { say } from "./words.js";

const MOST_ETA_MIN = 240;
const form = $("#raise");
const wrong = form && $(".wrong", form);
let where = null;
let preview = null;
let report = newReport();
let mapPick = () => {};

/** A number of its own for each report: if an answer is lost and it is sent again, nobody is asked twice. */
function newReport() {
  return `desk-${crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`}`;
}

/** Start the form; `onPick(place)` shows its place on the map. */
export function start(onPick) {
  mapPick = onPick;
  preview = makePreview(form, (id) => openIncident(id));
  where = makeAddress($('[data-field="address"]', form), say("where"), say("where_hint"), (place) => {
    mapPick(place);
    ask();
  });
  form.addEventListener("submit", submit);
  form.addEventListener("input", ask);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  });
  $(".leave", form).addEventListener("click", leave);
  $(".clear", form).addEventListener("click", () => {
    clear();
    where.input.focus();
  });
  onChange(drawChoices);
}

/**
 * Show the form with the focus in the address. What was put aside in it is still there, and said to be; but a command that brings
 * an `address` begins anew, and nothing of a drill gets into an emergency, nor the other way round.
 */
export function open({ address = null, drill = false } = {}) {
  $("#desk").dataset.view = "raise";
  if (address || (form.hidden && form.elements.drill.checked !== drill)) clear();
  if (form.hidden) show($(".kept", form), isBegun());
  if (form.hidden || drill) form.elements.drill.checked = drill;
  show(form, true);
  show($(".choose"), false);
  if (address) where.type(address);
  form.scrollIntoView({ block: "nearest" });
  where.input.focus();
  where.input.select(); // typing begins a new address instead of growing onto the one that was put aside
}

/** Put the form aside; what is typed stays in it. */
export function leave() {
  show(form, false);
  $("#desk").dataset.view = known.selected ? "incident" : "board";
  show($(".choose"), !known.selected);
  $("#new").focus();
}

export const isOpen = () => Boolean(form) && !form.hidden;

/** Whether anything has been filled in that would go out with the next emergency. */
function isBegun() {
  const { hazards, drill, type, ...typed } = read();
  return Boolean(where.value || hazards.length || Object.keys(typed).length);
}

/** A place pressed on the map goes into the address that is being given, or else into this form, which opens for it; what was
 * put aside there is kept. */
export function pick(lat, lon) {
  if (!form || give(lat, lon)) return;
  open();
  if (!where.value) give(lat, lon);
}

function drawChoices() {
  const plans = known.plans.filter((plan) => plan.is_on);
  keyed($(".types", form), plans, (plan) => plan.type, (plan) => el("label", { class: "choice" },
    el("input", { type: "radio", name: "type", value: plan.type }), el("span", { text: plan.name })));
  if (plans.length && !chosenType()) form.elements.type.value = plans[0].type;
  keyed($(".ticks", form), known.hazards, (key) => key, (key) => el("label", { class: "choice", data: { hazard: key } },
    el("input", { type: "checkbox", name: "hazard", value: key }), el("span", { text: say(`hazards.${key}`) }), el("small", { text: say("hazard_stops") })));
  markStopping();
}

const chosenType = () => $('[name="type"]:checked', form)?.value ?? null;

function markStopping() {
  const stops = known.plans.find((plan) => plan.type === chosenType())?.excluded_hazards ?? [];
  for (const label of $$("[data-hazard]", form)) show($("small", label), stops.includes(label.dataset.hazard));
}

function read() {
  const { eta, phone, notes, drill } = form.elements;
  const minutes = eta.value.trim();
  return {
    type: chosenType(),
    hazards: $$('[name="hazard"]:checked', form).map((box) => box.value),
    drill: drill.checked,
    ...(minutes && { ambulance_eta_s: Math.round(Number(minutes.replace(",", ".")) * 60) }),
    ...(phone.value.trim() && { caller_phone: phone.value.trim() }),
    ...(notes.value.trim() && { access_notes: notes.value.trim() }),
  };
}

function ask() {
  markStopping();
  sayWrong("");
  const body = read();
  if (Number.isNaN(body.ambulance_eta_s)) delete body.ambulance_eta_s;
  preview.ask(where.place && { ...told(where.place), ...body });
}

async function submit(event) {
  event.preventDefault();
  await once("raise", async () => {
    const place = await where.settled();
    const body = read();
    if (!place) return fault("address", say(where.trouble));
    if ("ambulance_eta_s" in body && !(body.ambulance_eta_s >= 0 && body.ambulance_eta_s <= MOST_ETA_MIN * 60)) return fault("ambulance_eta_s", say("eta_wrong"));
    const button = $(".go", form);
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await post("/incidents", { ...told(place), ...body, external_id: report });
      raised(answer.incident);
    } catch (error) {
      refuse(error);
    } finally {
      button.removeAttribute("aria-busy");
    }
    return undefined;
  });
}

function raised(incident) {
  clear();
  show(form, false);
  apply({ incidents: [incident] });
  openIncident(incident.id);
  tellRaised(incident);
}

/** Say of an emergency that was just raised whether anybody is asked. */
export function tellRaised(incident) {
  const asked = incident.callouts.length;
  const key = incident.held ? "raised_held" : asked ? "raised" : "raised_nobody";
  notice(say(key, { code: incident.code, n: asked }), key !== "raised");
}

function refuse(error) {
  const before = [...known.incidents.values()].find((one) => one.external_id === report);
  if (error.status === 409 && before) {
    raised(before);
    notice(say("raised_before"));
    return;
  }
  if (error.matches?.length) where.offer(error.matches);
  const field = error.fields?.map((one) => one.pointer.split("/")[1]).find((name) => $(`[data-field="${name === "location" ? "address" : name}"]`, form));
  fault(field === "location" ? "address" : field, error.message);
}

function fault(field, words) {
  sayWrong(words);
  const holder = field && $(`[data-field="${field}"]`, form);
  const input = holder && $("input", holder);
  if (!input) return;
  input.setAttribute("aria-invalid", "true");
  input.focus();
}

function sayWrong(words) {
  text(wrong, words);
  show(wrong, words);
  if (!words) $$("[aria-invalid]", form).forEach((input) => input.removeAttribute("aria-invalid"));
}

function clear() {
  form.reset();
  show($(".kept", form), false);
  where.set(null);
  report = newReport();
  drawChoices();
  ask();
}
