// What the page says, from the words that the server put into the document, in its language.
import { $ } from "./dom.js";

const words = JSON.parse($("#words").textContent);
const language = document.documentElement.lang || "en";
const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

/** The words under `key` ("states.accepted"), with `{names}` replaced by `values`; `n` chooses the form of a number. A key that has
 * none, such as one that an agency made up, is said as it is written, or as `otherwise`. */
export function say(key, values = {}, otherwise = key.split(".").at(-1).replaceAll("_", " ")) {
  let found = key.split(".").reduce((at, part) => at?.[part], words);
  if (found && typeof found === "object") found = found[plural.select(values.n ?? 0)] ?? found.other;
  if (typeof found !== "string") return otherwise;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A distance in metres as people say it. */
export function distance(metres) {
  if (metres === null || metres === undefined) return "";
  if (metres < 1000) return say("metres", { n: Math.max(10, Math.round(metres / 10) * 10) });
  return say("kilometres", { n: number.format(metres / 1000) });
}

/** Seconds as people say them: 45 s, 12 min, 2 h 5 min, 3 d. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return say("seconds", { n: whole });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return say("minutes", { n: minutes });
  if (minutes < 48 * 60) return say("hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return say("days", { n: Math.round(minutes / 1440) });
}

/** A way in whole minutes: nobody's feet know seconds. */
export const minutes = (seconds) => say("minutes", { n: Math.max(1, Math.round(seconds / 60)) });

/** Seconds as a clock: 0:04, 12:30. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A list of words in one sentence. */
export const list = (items) => items.filter(Boolean).join(" · ");

/** A bare digit, with its letter or a time: the state beside it says that already. */
const BARE = /^\s*[a-z]?\s*\d(\s+\d{1,3})?\s*$/i;

/** Of what somebody texted, what a dispatcher has to read. */
export const worthReading = (words) => (words ?? []).filter((word) => !BARE.test(word.text));
