// Single keys and the page that explains them. They act only while nobody types, and can be switched off (WCAG 2.1.4).
import * as actions from "./actions.js";
import * as alarms from "./alarms.js";
import * as board from "./board.js";
import * as command from "./command.js";
import { $, el } from "./dom.js";
import * as panel from "./panel.js";
import * as raise from "./raise.js";
import { known } from "./store.js";
import { say } from "./words.js";

const REMEMBERED = "doorstep.single-keys";
const dialog = $("#keys");
const isOn = () => localStorage.getItem(REMEMBERED) !== "off";
const inForm = (node) => node.closest("form, dialog, select, [contenteditable]");
/** A slash that begins nothing: no address, name or number starts with one. */
const isEmptyField = (node) => (node.tagName === "INPUT" || node.tagName === "TEXTAREA") && node.value === "";

const isTick = (node) => ["checkbox", "radio", "submit", "button"].includes(node.type) && inForm(node);

const KEYS = {
  "/": () => known.writable && command.focus(),
  n: () => known.writable && raise.open(),
  b: () => board.focus(),
  i: () => $("#incident-title").focus(),
  x: () => alarms.focus(),
  "?": () => help(),
};

/** Start the keys. */
export function start() {
  document.addEventListener("keydown", pressed);
  $("#help").addEventListener("click", help);
  $(".leave", dialog).addEventListener("click", () => dialog.close());
  const box = $("#single-keys");
  box.checked = isOn();
  box.addEventListener("change", () => localStorage.setItem(REMEMBERED, box.checked ? "on" : "off"));
  drawHelp();
}

function pressed(event) {
  if (event.defaultPrevented || dialog.open) return;
  if (event.key === "Escape") {
    escape(event);
    return;
  }
  if (event.key === "/" && known.writable && (event.ctrlKey || isEmptyField(event.target) || isTick(event.target))) {
    event.preventDefault();
    command.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || inForm(event.target) || !isOn()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : "";
  const done = key && (KEYS[key] ? KEYS[key]() !== false : actions.press(key));
  if (done) event.preventDefault();
}

/** Escape leaves the innermost thing that is open. */
function escape(event) {
  if (panel.close()) event.preventDefault();
  else if (raise.isOpen()) {
    event.preventDefault();
    raise.leave();
  }
}

function help() {
  dialog.showModal();
}

function drawHelp() {
  const named = [["/", "slash"], ["Ctrl /", "ctrl_slash"], ["N", "n"], ["B", "b"], ["I", "i"], ["X", "x"], ["↑ ↓", "updown"], ["Enter", "enter"], ["Ctrl Enter", "ctrl_enter"], ["Esc", "esc"]];
  const acting = actions.ACTIONS.map((one) => [one.key.toUpperCase(), one.key]);
  const row = ([key, words]) => el("tr", {}, el("th", { scope: "row" }, el("kbd", { text: key })), el("td", { text: words }));
  const keys = [...named, ...acting, ["?", "question"]].map(([key, name]) => [key, say(`keys.${name}`)]);
  $("#key-rows").replaceChildren(...keys.map(row));
  $("#command-rows").replaceChildren(...command.verbs().map((verb) => row([verb, say(`commands.${verb}`)])));
}
