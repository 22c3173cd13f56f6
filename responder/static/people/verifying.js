// Keys for whoever verifies many: U takes the last verdict back, S puts off, O opens the file, R gives a reason, 1 to 6 choose it.
// Without it every one of these is a link or a button.
const byId = (id) => document.getElementById(id);
const reject = byId("reject");
const expires = byId("expires");

const deeds = {
  u: () => byId("undo-form")?.requestSubmit(),
  s: () => byId("skip")?.click(),
  o: () => byId("open")?.click(),
  r: () => {
    if (!reject) return;
    reject.open = true;
    reject.querySelector("input[type=radio]:checked")?.focus();
  },
};

// A letter is part of no date, so it is a key there too; in every other field it is what somebody writes.
const isWritten = (target) => target.matches("input:not([type=radio], [type=checkbox], [data-keys]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.key === "Escape" && reject?.open) {
    reject.open = false;
    expires?.focus();
    return;
  }
  if (isWritten(event.target)) return;
  const chosen = event.target.matches("#reject input[type=radio]") ? byId(`because-${event.key}`) : null;
  if (chosen) {
    chosen.checked = true;
    chosen.focus();
  }
  const deed = deeds[event.key.toLowerCase()];
  if (!chosen && !deed) return;
  event.preventDefault();
  if (!chosen) deed();
});

// What came with the proof stands there to be compared with it: the day that is typed replaces it, instead of growing its tail.
expires?.select();
