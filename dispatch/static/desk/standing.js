// How an incident stands, in plain words, and how urgent it is: what the list, the sum line and the order are made from.
import { alarmsOf } from "./store.js";
import { secondsSince } from "./time.js";
import { list, say } from "./words.js";

const CHIP = {
  queued: "asked", alerted: "asked", unclear: "unclear", failed: "failed", expired: "silent", accepted: "going", on_scene: "there",
  declined: "cannot", finished: "done", stood_down: "let_go",
};

/** Whether somebody was asked longer ago than people need to answer: nothing happens at that moment, it is only said. */
const isSilent = (callout) => callout.state === "alerted" && secondsSince(callout.alerted_at) > (callout.silence_s ?? Infinity);

/** Which shape, and which chip, a callout belongs to. */
export const shapeOf = (callout) => (isSilent(callout) ? "silent" : callout.at_old_address ? "going" : CHIP[callout.state]);
export const chipOf = (callout) => (shapeOf(callout) === "let_go" ? "done" : shapeOf(callout));
export const stateWords = (callout) => (callout.state === "stood_down" && say(`let_go.${callout.stood_down_as}`, {}, null))
  || say(callout.at_old_address ? "at_old_address" : `states.${isSilent(callout) ? "silent" : callout.state}`);

/** Roles that nobody fills. */
export const missing = (incident) => incident.roles.filter((role) => !role.filled_by).length;

/** Whether a dispatcher must do something now: this alone is red. */
export const isUrgent = (incident) => incident.state === "open" && (incident.held || alarmsOf(incident.id).length > 0);

/** What must be done now, in one line; empty when nothing must. */
export const alert = (incident) => alarmsOf(incident.id)[0]?.title.replace(/[:\s]*$/, "") ?? (incident.state === "open" && incident.held ? say("is_held") : "");

/** One line: who is going and what is missing. */
export function sum(incident) {
  if (incident.state === "closed") return say("closed");
  if (incident.held) return people(incident) || say("is_held");
  if (incident.asking === "asking" && incident.callouts.length === 0) return say("nobody");
  if (incident.asking === "ended" && incident.stood_down_as === "unsafe") return list([people(incident), say("called_unsafe")]);
  if (incident.covered) return list([people(incident), say("covered")]);
  if (incident.asking === "ended") return list([people(incident), say("ended")]);
  if (incident.asking === "filled") return list([people(incident), say("called_enough")]);
  return list([people(incident) || say("nobody_yet"), say("wanted", { n: missing(incident) }), incident.asked && say("asked_n", { n: incident.asked })]);
}

const people = ({ going, on_scene: there }) => list([there && say("there", { n: there }), going && say("going", { n: going })]);

/** Red ones first, then those that still want people, then covered ones, each the oldest first. */
export function byNeed(one, other) {
  const rank = (incident) => (isUrgent(incident) ? 0 : incident.covered || incident.asking !== "asking" ? 2 : 1);
  return rank(one) - rank(other) || one.opened_at.localeCompare(other.opened_at) || one.id.localeCompare(other.id);
}

/** What a place is called. */
export function placeName(incident) {
  const { address, lat, lon } = incident.location;
  const place = address ?? say("on_the_map", { lat: lat.toFixed(5), lon: lon.toFixed(5) });
  return incident.district && !place.includes(incident.district) ? `${place}, ${incident.district}` : place;
}

/** Only words that differ from the district are worth their room in the list. */
export const typeName = (incident) => incident.type_name ?? incident.type.replaceAll("_", " ");
export const hazardNames = (keys) => keys.map((key) => say(`hazards.${key}`)).join(", ");
