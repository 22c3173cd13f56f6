// What is wrong with the system: the line that every page shows when it is loaded, here kept up to date.
import { $, show, text } from "./dom.js";
import { known, onChange } from "./store.js";

/** Start keeping the line. */
export function start() {
  onChange(draw);
}

function draw() {
  const line = $("#degraded");
  if (!line || !known.loaded) return;
  text($("[data-degraded]", line), known.faults.map((fault) => `${fault.title}. ${fault.words}`.trim()).join(" · "));
  show(line, known.faults.length > 0);
}
