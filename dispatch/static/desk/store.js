// What the page knows: the board as the server told it last, and which emergency is being looked at.
import { get } from "./api.js";
import { whenStill } from "../press.js";
import { setNow } from "./time.js";

export const known = {
  incidents: new Map(),
  alarms: [],
  faults: [],
  plans: [],
  hazards: [],
  outcomes: [],
  reasons: [],
  writable: false,
  number: 0,
  selected: null,
  loaded: false,
};

const listeners = new Set();

/** Call `act(changed)` after every change; `changed` has the incidents that came in and what they were before. */
export const onChange = (act) => listeners.add(act);

function tell(changed = []) {
  listeners.forEach((act) => act(changed));
}

/** Read the whole board. */
export async function load() {
  let board;
  let heard;
  do {
    heard = known.number;
    board = await get("/board");
  } while (known.number !== heard && board.number < known.number); // the stream brought newer things meanwhile
  setNow(board.now);
  const older = [...known.incidents.values()].filter((one) => one.older);
  const before = known.incidents;
  known.incidents = new Map([...older, ...board.incidents.map(whole)].map((one) => [one.id, one]));
  const looked = before.get(known.selected);
  if (looked && !known.incidents.has(looked.id)) known.incidents.set(looked.id, looked);
  for (const name of ["alarms", "faults", "plans", "hazards", "outcomes", "reasons", "writable", "number"]) known[name] = board[name];
  known.loaded = true;
  const changed = board.incidents.map((incident) => ({ incident, before: before.get(incident.id) }));
  whenStill(() => tell(changed));
}

/** Each callout knows how long its plan waits for an answer. */
function whole(incident) {
  for (const callout of incident.callouts) callout.silence_s = incident.silence_s;
  return incident;
}

/** Take in what the stream, or the answer to an action, says; an older state never replaces a newer one. */
export function apply(changes) {
  const changed = [];
  for (const incident of (changes.incidents ?? []).map(whole)) {
    const before = known.incidents.get(incident.id);
    if (before && before.number > incident.number) continue;
    known.incidents.set(incident.id, incident);
    changed.push({ incident, before });
  }
  if (changes.alarms && (changes.number ?? known.number) >= known.number) known.alarms = changes.alarms;
  if (changes.faults && (changes.number ?? known.number) >= known.number) known.faults = changes.faults;
  known.number = Math.max(known.number, changes.number ?? 0);
  tell(changed);
}

/** Take in one incident, as the answers to actions bring it. */
export const applyOne = (answer) => answer?.incident && apply({ incidents: [answer.incident] });

/** Take in closed incidents of earlier hours; they stay on this page until it is left. */
export function addOlder(incidents) {
  for (const incident of incidents) if (!known.incidents.has(incident.id)) known.incidents.set(incident.id, { ...incident, older: true });
  tell();
}

/** Take an alarm off the page at once; the next word of the server is the truth. */
export function dropAlarm(id) {
  known.alarms = known.alarms.filter((alarm) => alarm.id !== id);
  tell();
}

/** Look at an incident that is known whole (or at none, with null). */
export function select(id) {
  if (known.selected === id) return;
  known.selected = id;
  history.replaceState(null, "", id ? `#${id}` : location.pathname);
  tell();
}

export const selected = () => known.incidents.get(known.selected) ?? null;
export const byCode = (code) => [...known.incidents.values()].find((one) => one.code.toUpperCase() === code.toUpperCase());
export const alarmsOf = (id) => known.alarms.filter((alarm) => alarm.incident_id === id);
