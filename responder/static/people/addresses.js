// Offers addresses while one is typed. Without it the form works as well: the server offers what an address may mean.
const PAUSE_MS = 150;
const FEWEST = 3;
const form = document.querySelector("form[data-addresses]");

function fill(list, labels) {
  list.replaceChildren(...labels.map((label) => {
    const option = document.createElement("option");
    option.value = label;
    return option;
  }));
}

function offer(input) {
  const list = document.getElementById(input.getAttribute("list"));
  let waiting = 0;
  let asked = "";
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = input.value.trim();
      if (typed === asked || typed.length < FEWEST) return;
      asked = typed;
      try {
        const answer = await fetch(`${form.dataset.addresses}?q=${encodeURIComponent(typed)}`);
        if (answer.ok && typed === asked) fill(list, (await answer.json()).matches);
      } catch {
        // Nothing is offered then; what is typed is looked up when the form is sent.
      }
    }, PAUSE_MS);
  });
}

form?.querySelectorAll("[data-address]").forEach(offer);
