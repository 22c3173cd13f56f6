// One line that says what an action did, or why it did not; with a button that takes it back where that is possible.
import { $, el, show } from "./dom.js";

const line = $("#notice");
let timer = 0;

/** Say something about an action. `undo` is {label, act}. A failure stays until the next word. */
export function notice(words, failed = false, undo = null) {
  clearTimeout(timer);
  const button = undo && el("button", { type: "button", class: "plain", text: undo.label, on: { click: () => takeBack(undo) } });
  line.replaceChildren(el("span", { text: words }), ...(button ? [" ", button] : []));
  line.classList.toggle("failed", failed);
  show(line, true);
  murmur(words);
  if (!failed) timer = setTimeout(() => show(line, false), undo ? 30000 : 10000);
}

async function takeBack(undo) {
  show(line, false);
  try {
    notice(await undo.act());
  } catch (error) {
    notice(error.message, true);
  }
}

/** Say something to screen readers only, when they have time. */
export function murmur(words) {
  $("#heard").textContent = words;
}
