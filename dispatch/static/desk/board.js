// The list of emergencies: what needs a dispatcher most stands on top.
import { get, once } from "./api.js";
import { $, $$, arrows, attr, el, keyed, show, text } from "./dom.js";
import { notice } from "./notice.js";
import { alert, byNeed, isUrgent, placeName, sum, typeName } from "./standing.js";
import { addOlder, known, onChange } from "./store.js";
import { ticking } from "./time.js";
import { say } from "./words.js";

const board = $("#board");
const [openList, closedList] = $$("[data-list]", board);

/** Start the list; `opened` is called when somebody opens an emergency. */
export function start(opened) {
  board.addEventListener("click", (event) => {
    const row = event.target.closest("[data-id]");
    if (row) opened(row.dataset.id);
  });
  arrows(board, "button[data-id]");
  $(".older", board).addEventListener("click", older);
  onChange(draw);
}

/** Put the focus into the list, on what is selected or on the first. */
export function focus() {
  ($('[aria-current="true"]', board) ?? $("button[data-id]", board) ?? board).focus();
}

function draw() {
  const all = [...known.incidents.values()];
  const open = all.filter((one) => one.state === "open").sort(byNeed);
  const closed = all.filter((one) => one.state === "closed").sort((one, other) => other.closed_at.localeCompare(one.closed_at));
  keyed(openList, open, (one) => one.id, make, update);
  keyed(closedList, closed, (one) => one.id, make, update);
  show($(".nothing", board), known.loaded && open.length === 0);
  show($(".closed", board), closed.length > 0);
  text($(".count", board), open.length ? open.length : "");
}

function make(incident) {
  const button = el("button", { type: "button", data: { id: incident.id } },
    el("span", { class: "line" },
      el("b", { class: "code" }), el("span", { class: "type" }), el("span", { class: "drill", text: say("drill") }), el("span", { class: "age" })),
    el("span", { class: "alert" }), el("span", { class: "place" }), el("span", { class: "sum" }));
  return el("li", {}, button);
}

function update(row, incident) {
  const button = row.firstElementChild;
  text($(".code", row), incident.code);
  text($(".type", row), typeName(incident));
  text($(".place", row), placeName(incident));
  text($(".sum", row), incident.state === "closed" ? say(`outcomes.${incident.outcome}`) : sum(incident));
  const red = alert(incident);
  text($(".alert", row), red);
  show($(".alert", row), red);
  show($(".drill", row), incident.drill);
  ticking($(".age", row), incident.state === "closed" ? incident.closed_at : incident.opened_at, incident.state === "closed" ? "ago" : "age");
  attr(button, "aria-current", incident.id === known.selected ? "true" : null);
  row.className = isUrgent(incident) ? "urgent" : incident.state === "closed" ? "over" : incident.covered ? "fine" : "wanting";
}

let after = null;

async function older() {
  try {
    const query = new URLSearchParams({ state: "closed", ...(after && { after }) });
    const page = await once("older", () => get(`/incidents?${query}`));
    if (!page) return;
    after = page.next;
    show($(".older", board), after);
    if (page.incidents.every((one) => known.incidents.has(one.id))) notice(say("no_older"));
    addOlder(page.incidents);
  } catch (error) {
    notice(error.message, true);
  }
}
