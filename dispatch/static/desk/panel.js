// One question at a time under the buttons of an emergency: a form with its own error and a way out.
import { $, el, show, text } from "./dom.js";
import { notice } from "./notice.js";
import { say } from "./words.js";

const holder = $("#incident .panel");
let opener = null;

/**
 * Ask something. `body` are its elements; `submit()` does it and returns what to say, or undefined to leave the question open.
 * `act` is the button's words; without them the body has buttons of its own.
 */
export function ask({ name, title, body, act, submit, from }) {
  const again = !holder.hidden && holder.dataset.name === name;
  close();
  if (again) return;
  opener = from ?? document.activeElement;
  const wrong = el("p", { class: "wrong", role: "status", hidden: true });
  const form = el("form", { class: "question", autocomplete: "off", novalidate: true, "aria-label": title, on: { submit: (event) => {
    event.preventDefault();
    run(submit);
  } } },
  el("p", { class: "asks" }, el("b", { text: title })), body, wrong,
  el("p", { class: "buttons" }, act && el("button", { type: "submit", class: "button", text: act }),
    el("button", { type: "button", class: "plain", on: { click: close } }, `${say("close_x")} `, el("kbd", { text: "Esc" }))));
  holder.dataset.name = name;
  holder.replaceChildren(form);
  show(holder, true);
  holder.scrollIntoView({ block: "nearest" });
  ($("input:not([type=checkbox]), select, textarea", form) ?? $("input, button", form)).focus();
}

/** Close the question; the focus goes back to where it came from. */
export function close() {
  if (holder.hidden) return false;
  const held = holder.contains(document.activeElement);
  show(holder, false);
  holder.replaceChildren();
  delete holder.dataset.name;
  if (held || document.activeElement === document.body) release();
  return true;
}

function release() {
  if (opener?.isConnected && !opener.closest("[hidden]")) opener.focus({ preventScroll: true });
  else $("#incident-title").focus(); // what asked is gone, as after a close: how it stands now is told at the top
}

/** Say in the open question what is wrong. */
export function fault(words) {
  const wrong = $(".wrong", holder);
  if (!wrong) return notice(words, true);
  text(wrong, words);
  show(wrong, words);
  return undefined;
}

/** Do what the open question asks, once; say what came of it, and leave the question open when it failed. Meanwhile another may
 * have been opened, of another emergency: that one is left alone. */
export async function run(act) {
  const asked = holder.firstElementChild;
  if (asked.getAttribute("aria-busy")) return;
  asked.setAttribute("aria-busy", "true");
  try {
    const done = await act();
    if (done === undefined) return;
    if (holder.firstElementChild === asked) close();
    notice(done.words ?? done, false, done.undo ?? null);
  } catch (error) {
    if (holder.firstElementChild === asked) fault(error.message);
    else notice(error.message, true);
  } finally {
    asked.removeAttribute("aria-busy");
  }
}

/** A labelled field for a question. */
export function field(label, input) {
  return el("div", { class: "field" }, el("label", {}, el("span", { text: label }), input));
}

/** Choices of which one is taken. */
export function choices(legend, name, options) {
  return el("fieldset", { class: "field" }, el("legend", { class: "unseen", text: legend }), el("div", { class: "ticks" },
    options.map(([value, label]) => el("label", { class: "choice" }, el("input", { type: "radio", name, value }), el("span", { text: label })))));
}
