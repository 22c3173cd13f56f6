// What stands red until somebody sees to it: each with what to do and its buttons, never scrolled away, with a sound.
import { applyOne, dropAlarm, known, load, onChange } from "./store.js";
import { makeAddress, told } from "./address.js";
import { once, post } from "./api.js";
import { $, arrows, el, keyed, show, text } from "./dom.js";
import { open } from "./incident.js";
import { notice } from "./notice.js";
import { tellRaised } from "./raise.js";
import * as sound from "./sound.js";
import { stateWords } from "./standing.js";
import { ticking } from "./time.js";
import { say, worthReading } from "./words.js";

const strip = $("#alarms");
const muted = new Set();
const heardOf = new Set();
const title = document.title;

/** Start the strip. */
export function start() {
  sound.start();
  arrows(strip, "li > .buttons > button:first-child");
  onChange(draw);
}

/** Put the focus on the first alarm's button. */
export function focus() {
  $("button", strip)?.focus();
}

/** See to an alarm by command; false when it stands no more. */
export function acknowledge(id) {
  const alarm = known.alarms.find((one) => one.id === id);
  if (alarm) act(alarm, "acknowledge");
  return Boolean(alarm);
}

/** Silence the alarms that sound now; a new one sounds again. */
export function muteAll() {
  known.alarms.forEach((alarm) => muted.add(alarm.id));
  draw();
}

function draw() {
  const alarms = known.alarms;
  show(strip, alarms.length > 0);
  keyed($("ul", strip), alarms, (alarm) => alarm.id, make, update);
  const loud = alarms.filter((alarm) => !muted.has(alarm.id));
  sound.want(loud.length > 0, alarms.length - loud.length);
  const fresh = alarms.filter((alarm) => !heardOf.has(alarm.id));
  fresh.forEach((alarm) => heardOf.add(alarm.id));
  if (fresh.length) $("#keys").close(); // help lies over the alarms
  if (fresh.length) text($("#loud"), fresh.map((alarm) => alarm.title).join(". "));
  document.title = alarms.length ? `(${say("title_alarms", { n: alarms.length })}) ${title}` : title;
}

function make(alarm) {
  const may = known.writable ? (alarm.actions ?? ["acknowledge"]) : [];
  const verbs = { acknowledge: () => act(alarm, "acknowledge"), place: (button) => place(alarm, button), dismiss: (button) => dismiss(alarm, button) };
  const buttons = may.map((verb) => el("button", { type: "button", class: verb === "acknowledge" ? "button" : "plain", data: { verb }, text: say(verb), on: { click: (event) => verbs[verb](event.currentTarget) } }));
  return el("li", {},
    el("div", { class: "what" }, el("b", { class: "title" }), " ", el("span", { class: "age" }), el("p", { class: "text" }), el("ul", { class: "besides" })),
    el("div", { class: "buttons" }, buttons,
      alarm.phone && el("a", { class: "button ring", href: `tel:${alarm.phone}`, text: say("ring", { phone: alarm.phone }) }),
      alarm.incident_id && el("button", { type: "button", class: "plain", text: say("alarm_open", { code: alarm.code ?? "" }), on: { click: () => open(alarm.incident_id) } }),
      el("button", { type: "button", class: "plain mute", on: { click: () => toggleMute(alarm.id) } })),
    el("div", { class: "more", hidden: true }), el("p", { class: "wrong", role: "status", hidden: true }));
}

function update(row, alarm) {
  text($(".title", row), alarm.title);
  text($(".text", row), alarm.text);
  ticking($(".age", row), alarm.raised_at, "ago");
  keyed($(".besides", row), besides(alarm), (one) => one, () => el("li"), text);
  text($(".mute", row), say(muted.has(alarm.id) ? "unmute" : "mute"));
}

/** What else a dispatcher needs before they ring: the very words, and who else is there. */
function besides({ data = {}, drill }) {
  const words = worthReading(data.words).map((word) => `“${word.text}”`);
  const others = (data.others ?? []).map((one) => say("alarm_other", { name: one.name, state: stateWords(one), phone: one.phone ?? "" }));
  return [...new Set([...(drill ? [say("alarm_drill")] : []), ...words, ...others])];
}

function toggleMute(id) {
  if (!muted.delete(id)) muted.add(id);
  draw();
}

const rowOf = (alarm) => $(`[data-key="${alarm.id}"]`, strip);

async function act(alarm, verb, body = {}) {
  await once(`alarm ${alarm.id}`, async () => {
    try {
      const answer = await post(`/alarms/${alarm.id}/${verb}`, body);
      dropAlarm(alarm.id);
      applyOne(answer);
      if (answer?.incident) open(answer.incident.id);
      if (verb === "place") tellRaised(answer.incident);
      else notice(say("acknowledged"));
    } catch (error) {
      if (error.status === 404 || error.status === 409) await load().catch(() => {}); // somebody else was quicker, or it stands on
      const row = rowOf(alarm);
      if (!row) {
        notice(error.message, true);
        return;
      }
      text($(".wrong", row), error.message);
      show($(".wrong", row), true);
    }
  });
}

function place(alarm) {
  const more = $(".more", rowOf(alarm));
  if (more.firstChild) {
    more.replaceChildren();
    show(more, false);
    return;
  }
  const field = el("div", { class: "field" });
  const where = makeAddress(field, say("where"), say("where_hint"), () => {});
  const form = el("form", { on: { submit: async (event) => {
    event.preventDefault();
    const chosen = await where.settled();
    if (chosen) act(alarm, "place", told(chosen));
  } } }, field, el("button", { type: "submit", class: "button", text: say("place") }));
  more.replaceChildren(form);
  show(more, true);
  if (alarm.data?.matches?.length) where.offer(alarm.data.matches);
  where.input.value = alarm.address ?? "";
  where.input.focus();
}

function dismiss(alarm, button) {
  const more = $(".more", rowOf(alarm));
  const keep = () => {
    more.replaceChildren();
    show(more, false);
    button.focus();
  };
  const yes = el("button", { type: "button", class: "button", text: say("dismiss_yes"), on: { click: () => act(alarm, "dismiss") } });
  more.replaceChildren(el("p", { text: say("dismiss_sure") }), yes, " ", el("button", { type: "button", class: "plain", text: say("keep"), on: { click: keep } }));
  show(more, true);
  yes.focus();
}
