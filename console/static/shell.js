// The head of every page: the switch between day and night takes effect at once and is kept on the account.

const form = document.querySelector("[data-theme-form]");

function show(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

form?.addEventListener("change", async () => {
  const body = new FormData(form);
  show(body.get("theme"));
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
  if (answer.status === 401) location.assign("/sign-in");
});

// What is wrong with a form is read first.
document.querySelector("[data-focus]")?.focus();
