// Whether this page is up to date: the light, the age of the last word from the server, and the banner when it is old.
import { follow } from "../live.js";
import { $, attr, show, text } from "./dom.js";
import { whenStill } from "../press.js";
import { apply, known, load } from "./store.js";
import { eachSecond, setNow } from "./time.js";
import { clock, say, span } from "./words.js";

const STALE_MS = 15000;
const AGAIN_MS = 3000;
const light = $("#live");
const banner = $("#stale");
let mode = "connecting";
let heard = Date.now();
let changed = null;
let signedOut = false;

/** Read the board, then follow what happens. */
export async function start() {
  eachSecond(draw);
  try {
    await load();
  } catch {
    text(banner, say("not_loaded"));
    show(banner, true);
    setTimeout(start, AGAIN_MS);
    return;
  }
  hear();
  follow({ after: known.number, onChanges: take, onReset: reload, onState: state });
  draw();
}

function hear() {
  heard = Date.now();
}

function take(changes) {
  hear();
  changed = Date.now();
  setNow(changes.now);
  whenStill(() => {
    if (changes.reset) reload();
    else apply(changes);
    draw();
  });
}

async function reload() {
  try {
    await load();
    hear();
  } catch {
    setTimeout(reload, AGAIN_MS);
  }
}

function state(now) {
  mode = now.mode;
  signedOut = now.signed_out;
  if (now.now) setNow(now.now);
  heard = Date.now() - now.last_ms;
  whenStill(draw);
}

function draw() {
  const silent = Date.now() - heard;
  const shown = silent > STALE_MS || signedOut ? "stale" : mode === "stale" ? "connecting" : mode;
  attr(light, "data-mode", shown);
  text($("b", light), say(shown === "stale" ? "is_stale" : shown));
  text($(".last", light), changed ? say("last_event", { age: clock((Date.now() - changed) / 1000) }) : say("checked", { age: clock(silent / 1000) }));
  if (!known.loaded) return;
  const words = warning(shown, silent);
  text(banner, words);
  show(banner, words);
  attr(banner, "data-mode", shown);
}

/** What the banner says; the age in steps of five seconds, so that screen readers are not read a clock. */
function warning(shown, silent) {
  if (signedOut) return say("error_signed_out");
  if (shown === "stale") return say("banner_stale", { age: span(Math.floor(silent / 5000) * 5) });
  return shown === "polling" ? say("banner_polling") : "";
}
