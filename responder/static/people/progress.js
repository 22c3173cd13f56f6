// Moves the bar of an import. When there is more to say than a number, the page is loaded again and says it.
const EVERY_MS = 700;
const card = document.querySelector("[data-progress]");
const bar = card.querySelector("progress");
const count = card.querySelector("[data-count]");
const words = JSON.parse(document.getElementById("words").textContent);

async function look() {
  try {
    const answer = await fetch(card.dataset.progress, { cache: "no-store" });
    if (answer.ok) {
      const now = await answer.json();
      if (now.state !== card.dataset.state || now.stalled) {
        location.reload();
        return;
      }
      show(now.done, now.rows);
    } else if (answer.status === 401 || answer.status === 404) {
      location.reload();
      return;
    }
  } catch {
    // The service cannot be reached just now; the work does not depend on this page.
  }
  setTimeout(look, EVERY_MS);
}

function show(done, rows) {
  if (rows === 0) return;
  bar.max = rows;
  bar.value = done;
  count.textContent = words.count.replace("{done}", done).replace("{rows}", rows);
}

look();
