/* Sends the file with a bar, then follows the import. Without this script the form works too, only silently. */
const words = JSON.parse(document.getElementById("area-words").textContent);
const form = document.getElementById("area-form");
const state = document.getElementById("area-state");
const bar = document.getElementById("area-bar");

function show(sentence, percent) {
  state.firstChild.textContent = `${sentence}: `;
  state.querySelector("span").textContent = String(percent);
  bar.value = percent;
}

async function follow() {
  try {
    const now = await (await fetch("/admin/api/area", { headers: { Accept: "application/json" } })).json();
    if (now.state !== "running") {
      location.assign("/admin/area");
      return;
    }
    show(words.importing, now.percent);
  } catch {
    /* The network is away for a moment; the next look tells. */
  }
  setTimeout(follow, 1000);
}

function refuse(page) {
  state.textContent = page.getElementById("file-wrong")?.textContent ?? page.querySelector("h1")?.textContent ?? words.failed;
  state.className = "wrong";
  bar.hidden = true;
  form.querySelector("button").disabled = false;
}

function send(event) {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  document.getElementById("area-sending").hidden = false;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) show(words.sending, Math.floor((sent.loaded / sent.total) * 100));
  });
  request.addEventListener("load", () => {
    if (request.status < 400) follow();
    else refuse(new DOMParser().parseFromString(request.responseText, "text/html"));
  });
  request.addEventListener("error", () => {
    state.textContent = words.failed;
    form.querySelector("button").disabled = false;
  });
  request.send(new FormData(form));
}

if (form) form.addEventListener("submit", send);
else if (state) follow();
