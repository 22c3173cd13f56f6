// What a dispatcher does with an open emergency, as calls: used by the buttons and by the command bar alike.
import { patch, post } from "./api.js";
import { applyOne } from "./store.js";
import { say } from "./words.js";

const path = (incident, rest) => `/incidents/${encodeURIComponent(incident.id)}${rest}`;

async function tell(promise) {
  const answer = await promise;
  applyOne(answer);
  return answer.incident ?? null;
}

/** Ask so many more; says how many it were. */
export async function askNext(incident, n) {
  const answer = await post(path(incident, "/ask-next"), { people: n });
  applyOne(answer);
  return answer.asked ? say("asked_next", { n: answer.asked }) : say("asked_none");
}

export async function askPerson(incident, responder) {
  await tell(post(path(incident, "/ask"), { responder }));
  return say("person_done");
}

/** Take somebody off; the word about it has a button that asks them again. */
export async function takeOff(incident, callout) {
  const answer = await post(path(incident, `/callouts/${encodeURIComponent(callout.id)}/take-off`));
  applyOne(answer);
  const undo = incident.held ? null : { label: say("undo_take_off"), act: () => askPerson(incident, answer.responder) };
  return { words: say("take_off_done", { name: callout.name ?? say("a_volunteer") }), undo };
}

export async function correct(incident, fields) {
  await tell(patch(path(incident, ""), fields));
  return say("correct_done");
}

export async function standDown(incident, reason) {
  await tell(post(path(incident, "/stand-down"), { reason }));
  return say("sd_done");
}

/** Close it; the word about it has a button that opens it again. */
export async function close(incident, outcome) {
  await tell(post(path(incident, "/close"), { outcome }));
  return { words: say("close_done", { code: incident.code }), undo: { label: say("undo_close"), act: () => reopen(incident) } };
}

export async function reopen(incident) {
  await tell(post(path(incident, "/reopen")));
  return say("reopened", { code: incident.code });
}

export async function go(incident, reason) {
  await tell(post(path(incident, "/go"), { reason }));
  return say("go_done");
}

export async function note(incident, words) {
  await tell(post(path(incident, "/note"), { text: words }));
  return say("note_done");
}

const IN = { asked: ["queued", "alerted", "unclear", "expired"], coming: ["accepted"], there: ["on_scene"] };
const count = (incident, groups) => incident.callouts.filter((one) => groups.some((group) => IN[group].includes(one.state))).length;

/** How many are going or at the door: closing over their heads asks first. */
export const outThere = (incident) => count(incident, ["coming", "there"]);

/** What a stand-down does to whom, in words. */
export function standDownTells(incident, reason) {
  const n = count(incident, reason === "covered" ? ["asked"] : ["asked", "coming", "there"]);
  return `${n ? say("sd_tells", { n }) : say("sd_tells_nobody")}${reason === "covered" ? ` ${say("sd_covered")}` : ""}`;
}

/** The keys of a list that begin with what was typed; the very same word wins over longer ones. */
export function fitting(keys, typed) {
  const plain = typed.toLowerCase().replaceAll(" ", "_");
  return keys.includes(plain) ? [plain] : keys.filter((key) => plain.length > 2 && key.startsWith(plain));
}
