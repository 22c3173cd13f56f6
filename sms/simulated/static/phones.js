// Keeps the page of phones up to date: asks the server once a second, changes only what is different.
import { whenStill } from "/static/press.js";

const root = document.querySelector("#phones");
const words = JSON.parse(root.dataset.words);
const $ = (selector) => root.querySelector(selector);
const rows = $("#rows");
const bubbles = $("#bubbles");
const search = $("#search");
const onlyTexted = $("#only-texted");
const answer = $("#answer");
const quick = $("#quick");
const call = $("#call");
const heard = $("#heard");
const mode = $("#autopilot select");
const trouble = $("#trouble");
const LIKE_A_NUMBER = /^\+?[0-9][0-9\s()-]{5,18}$/;
const pageTitle = document.title;

let open = root.dataset.open || "";
let version = "";
let phones = [];
let asking = null;
let timer = 0;

const set = (element, text) => { if (element.textContent !== String(text)) element.textContent = text; };
const show = (element, shown) => { element.hidden = !shown; };
const atOnce = (act) => act();
const pageOf = (number) => number ? `${root.dataset.page}?${new URLSearchParams({ open: number })}` : root.dataset.page;

// What comes by itself waits for the end of a press; what somebody has asked for does not.
async function look(when = whenStill) {
  clearTimeout(timer);
  // A newer question overtakes one still on its way: its answer would be about the phone just left.
  asking?.abort();
  const mine = asking = new AbortController();
  const giveUp = setTimeout(() => mine.abort("slow"), 5000);
  try {
    const query = new URLSearchParams({ open, known: version });
    const response = await fetch(`${root.dataset.state}?${query}`, { signal: mine.signal });
    if (!response.ok) throw new Error(response.status);
    const state = await response.json();
    when(() => { if (asking === mine) apply(state); });
  } catch (error) {
    if (asking === mine) set(trouble, words.down);
  }
  clearTimeout(giveUp);
  if (asking === mine && !document.hidden) timer = setTimeout(() => look(), 1000);
}

function apply(state) {
  set(trouble, state.up ? "" : words.down);
  if (state.autopilot && document.activeElement !== mode) mode.value = state.autopilot;
  // While the carrier is down only names are known: what the page shows already says more.
  if (state.phones && (state.up || !phones.length)) {
    phones = state.phones;
    drawRows();
  }
  version = state.version === null ? "" : String(state.version);
  if (state.up) drawTalk(state.open);
  document.documentElement.dataset.ready = "true";
}

function drawRows() {
  const wanted = search.value.trim().toLocaleLowerCase();
  // At home a number is written with a nought where the country's digits belong.
  const digits = wanted.replace(/[\s()-]/g, "").replace(/^0/, "");
  const fits = (phone) => (wanted || !onlyTexted.checked || phone.at || phone.call.state === "ringing" || phone.number === open)
    && (phone.label.toLocaleLowerCase().includes(wanted) || phone.number.includes(digits || wanted));
  const shown = phones.filter(fits);
  const focused = document.activeElement?.closest?.(".phone")?.dataset.number;
  const present = new Map([...rows.children].map((row) => [row.dataset.number, row]));
  shown.forEach((phone, index) => {
    const row = present.get(phone.number) || $("template#row").content.firstElementChild.cloneNode(true);
    present.delete(phone.number);
    drawRow(row, phone);
    if (rows.children[index] !== row) rows.insertBefore(row, rows.children[index] || null);
  });
  present.forEach((row) => row.remove());
  // Moving a row takes the focus off it.
  if (focused && document.activeElement === document.body) rows.querySelector(`[data-number="${CSS.escape(focused)}"] a`)?.focus();
  const texted = phones.some((phone) => phone.at);
  drawStranger(shown.length ? "" : search.value.trim());
  show($("#none-yet"), !texted && onlyTexted.checked && !wanted);
  show($("#none-found"), !shown.length && (wanted || texted || !onlyTexted.checked));
  const unread = phones.reduce((sum, phone) => sum + phone.unread, 0);
  document.title = unread ? `(${unread}) ${pageTitle}` : pageTitle;
}

// A number that no phone here has: the server reads it, however it is written.
function drawStranger(typed) {
  const stranger = $("#stranger");
  show(stranger, LIKE_A_NUMBER.test(typed));
  stranger.firstElementChild.setAttribute("href", pageOf(typed));
  set(stranger.querySelector("span"), typed);
}

function drawRow(row, phone) {
  row.dataset.number = phone.number;
  const link = row.firstElementChild;
  link.setAttribute("href", pageOf(phone.number));
  if (phone.number === open) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  set(row.querySelector(".who"), phone.label);
  set(row.querySelector(".count"), phone.unread);
  show(row.querySelector(".badge"), phone.unread > 0);
  show(row.querySelector(".rings"), phone.call.state === "ringing");
  set(row.querySelector(".when"), phone.time);
  set(row.querySelector(".last"), (phone.last_from_phone ? "→ " : "") + phone.last);
}

function drawTalk(phone) {
  if ((phone?.number || "") !== open) return;
  root.toggleAttribute("data-open", Boolean(phone));
  show($(".choose"), !phone);
  show($(".opened"), phone);
  if (!phone) return;
  root.dataset.open = phone.number;
  set($("#talk-head"), phone.label);
  set($(".number"), phone.number);
  answer.elements.number.value = quick.elements.number.value = call.elements.number.value = phone.number;
  root.querySelectorAll("[data-flag]").forEach((flag) => show(flag, phone[flag.dataset.flag]));
  show($(".nothing"), !phone.texts.length);
  drawBubbles(phone.texts);
  drawCall(phone.call);
}

function drawCall(now) {
  const isNew = call.dataset.sid !== now.sid;
  call.dataset.sid = now.sid;
  call.dataset.state = now.state;
  show(call, now.state !== "none");
  set(call.querySelector(".call-state"), words[`call_${now.state}`] || "");
  if (isNew) heard.replaceChildren();
  now.heard.slice(heard.children.length).forEach((said) => {
    heard.append(Object.assign(document.createElement("p"), { textContent: said }));
    heard.scrollTop = heard.scrollHeight;
  });
  show(heard, now.heard.length);
}

// A phone makes a link of every address in a text that it gets.
function withLinks(body) {
  return body.split(/(https?:\/\/\S*[^\s.,;:!?)])/).map((part, index) => index % 2
    ? Object.assign(document.createElement("a"), { href: part, textContent: part, target: "_blank", rel: "noopener" })
    : part);
}

function drawBubbles(texts) {
  const atEnd = bubbles.scrollHeight - bubbles.scrollTop - bubbles.clientHeight < 60;
  const wanted = new Set(texts.map((text) => text.sid));
  [...bubbles.children].forEach((bubble) => { if (!wanted.has(bubble.dataset.sid)) bubble.remove(); });
  texts.forEach((text, index) => {
    if (bubbles.children[index]?.dataset.sid === text.sid) return;
    bubbles.querySelector(`[data-sid="${CSS.escape(text.sid)}"]`)?.remove();
    const bubble = $(`template#${text.from_phone ? "mine" : "theirs"}`).content.firstElementChild.cloneNode(true);
    bubble.dataset.sid = text.sid;
    bubble.querySelector(".words").append(...(text.from_phone ? [text.body] : withLinks(text.body)));
    bubble.querySelector("time").textContent = text.time;
    bubbles.insertBefore(bubble, bubbles.children[index] || null);
  });
  if (atEnd) bubbles.scrollTop = bubbles.scrollHeight;
}

function go(number) {
  open = number;
  bubbles.replaceChildren();
  drawRows();
  if (!number) {
    root.removeAttribute("data-open");
    drawTalk(null);
  }
  return look(atOnce);
}

async function post(form, more = {}, failed = words.not_sent) {
  const data = new FormData(form);
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  try {
    const response = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
    if (!response.ok) throw new Error(response.status);
  } catch (error) {
    set(trouble, failed);
    return false;
  }
  await look(atOnce);
  return true;
}

root.addEventListener("click", (event) => {
  const link = event.target.closest(".phone a, a.back");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const left = open;
  const number = link.closest(".phone")?.dataset.number || "";
  history.pushState(null, "", pageOf(number));
  go(number).then(() => {
    if (number) $("#talk").focus({ preventScroll: true });
    else rows.querySelector(`[data-number="${CSS.escape(left)}"] a`)?.focus();
  });
});
async function say(form, more) {
  const sent = await post(form, more);
  bubbles.scrollTop = bubbles.scrollHeight;
  return sent;
}

answer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = answer.elements.body;
  if (!field.value.trim()) { field.focus(); return; }
  if (await say(answer)) field.value = "";
});
quick.addEventListener("submit", (event) => {
  event.preventDefault();
  say(quick, { body: event.submitter.value });
});
call.addEventListener("submit", (event) => {
  event.preventDefault();
  const { name, value } = event.submitter;
  post(call, { [name]: value }, words.not_done);
});
// On the keyboard the keys of a call are the keys themselves, wherever nothing is being written.
document.addEventListener("keydown", (event) => {
  const writes = event.target.matches("input, select, textarea");
  if (call.dataset.state !== "talking" || writes || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
  post(call, { key: event.key }, words.not_done);
});
mode.addEventListener("change", () => post($("#autopilot")));
search.addEventListener("input", drawRows);
onlyTexted.addEventListener("change", drawRows);
window.addEventListener("popstate", () => go(new URLSearchParams(location.search).get("open") || ""));
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
bubbles.scrollTop = bubbles.scrollHeight;
look();
