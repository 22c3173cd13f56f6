// The map beside the list. It moves when an emergency is opened or the open one's place is corrected, and never else; where it
// cannot be drawn, the list says all that it says.
import { makeMap } from "../map/map.js";
import { $, show, text } from "./dom.js";
import { open } from "./incident.js";
import * as raise from "./raise.js";
import { known, onChange } from "./store.js";
import { say } from "./words.js";

const holder = $("#map");
let map = null;
let picked = null;

/** Start the map, once the board is there and nobody types: drawing it takes a slow machine's whole attention. */
export async function start() {
  await handsOff();
  map = await makeMap(holder, { onPick: (lat, lon) => known.writable && raise.pick(lat, lon), onSelect: open, theme: theme() }).catch(() => null);
  if (!map) {
    text($(".no-map"), say("no_map"));
    show($(".no-map"), true);
    show(holder, false);
    return;
  }
  if (picked) map.setPick(picked);
  watchTheme();
  onChange(draw);
  draw();
}

function handsOff() {
  return new Promise((done) => {
    const finish = () => {
      document.removeEventListener("keydown", again, { capture: true });
      done();
    };
    let timer = setTimeout(finish, 300);
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(finish, 1500);
    };
    document.addEventListener("keydown", again, { capture: true });
  });
}

/** Show a place that is about to be raised; null takes it away. */
export function pick(place) {
  picked = place && { lat: place.lat, lon: place.lon };
  map?.setPick(picked);
}

let looked = null;

function draw() {
  map.setIncidents([...known.incidents.values()].filter((one) => !one.older));
  const { lat, lon } = known.incidents.get(known.selected)?.location ?? {};
  const place = `${known.selected} ${lat} ${lon}`;
  if (looked === place) return;
  looked = place;
  map.select(known.selected);
}

function theme() {
  const set = document.documentElement.dataset.theme;
  if (set === "day" || set === "night") return set;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day";
}

function watchTheme() {
  let now = theme();
  const look = () => {
    if (theme() === now) return;
    now = theme();
    map.setTheme(now);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
  new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
