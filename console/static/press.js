// Nothing moves under a press: what would, between its beginning and its end, is shown right after it. Else the button is gone from
// under the pointer when the press ends, and a browser then presses nothing.
const LONGEST_MS = 2000; // one that is held, or whose end this page never hears of
const CLICK_WITHIN_MS = 50; // after its end; on a touch screen the two come apart
const waiting = [];
let timer = 0;

/** Do this now, or as soon as nothing is pressed. */
export function whenStill(act) {
  if (timer) waiting.push(act);
  else act();
}

function pressed(forMs) {
  clearTimeout(timer);
  timer = setTimeout(released, forMs);
}

function released() {
  timer = 0;
  waiting.splice(0).forEach((act) => queueMicrotask(act)); // each by itself: one that breaks takes no other with it
}

document.addEventListener("pointerdown", () => pressed(LONGEST_MS), { capture: true });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => pressed(CLICK_WITHIN_MS), { capture: true });
