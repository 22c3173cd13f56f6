// The one map of Doorstep. Pages know `makeMap` and nothing of the library behind it.
// The map never moves by itself: only `select`, or whoever holds the mouse, moves it.

import { draw, drawn } from "./drawing.js";
import { incidentPoints, overlayLayers, overlaySources, reach, volunteerPoints } from "./overlay.js";
import { addSign } from "./shapes.js";
import { townLayers, townSource } from "./style.js";

const LIBRARY = new URL("../vendor/maplibre-gl/maplibre-gl.mjs", import.meta.url);
const CLOSE = 16;
const WORLD = { version: null, bounds: null, center: [0, 20] };

function canDraw() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

function givenWords() {
  return JSON.parse(document.getElementById("map-words")?.textContent ?? "{}");
}

const NIGHT = matchMedia("(prefers-color-scheme: dark)");

function pageTheme() {
  return document.documentElement.dataset.theme ?? (NIGHT.matches ? "night" : "day");
}

function followPage(onTheme) {
  const tell = () => onTheme(pageTheme());
  const watch = new MutationObserver(tell);
  watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  NIGHT.addEventListener("change", tell);
  return () => {
    watch.disconnect();
    NIGHT.removeEventListener("change", tell);
  };
}

async function fetchArea() {
  try {
    const answer = await fetch("/tiles/area.json", { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : WORLD;
  } catch {
    return WORLD; // without tiles the ground is plain; everything above it is drawn all the same
  }
}

function styleOf(state) {
  const hasTiles = Boolean(state.town.version);
  return {
    version: 8,
    sources: { ...(hasTiles ? townSource(state.town) : {}), ...overlaySources(state) },
    layers: [...townLayers(state.theme, hasTiles), ...overlayLayers(state.theme)],
  };
}

function localeOf(words) {
  const named = {
    "Map.Title": words.map, "NavigationControl.ZoomIn": words.zoom_in, "NavigationControl.ZoomOut": words.zoom_out,
    "AttributionControl.ToggleAttribution": words.attribution, "ScaleControl.Meters": words.metres, "ScaleControl.Kilometers": words.kilometres,
  };
  return Object.fromEntries(Object.entries(named).filter(([, text]) => text));
}

function startAt({ center, bounds }, town) {
  if (bounds) return { bounds, fitBoundsOptions: { padding: 40 } };
  if (center) return { center, zoom: 14 };
  return town.bounds ? { bounds: town.bounds, fitBoundsOptions: { padding: 20 } } : { center: town.center, zoom: 1.5 };
}

function build(library, element, state, options) {
  const map = new library.Map({
    container: element, style: styleOf(state), ...startAt(options, state.town), minZoom: 1, maxZoom: 19,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, rollEnabled: false, maxPitch: 0, fadeDuration: 0,
    attributionControl: { compact: false }, locale: localeOf(state.words), renderWorldCopies: false,
  });
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new library.ScaleControl({ unit: "metric" }), "bottom-left");
  map.setMissingStyleImageResolver((id) => addSign(map, id));
  map.once("idle", () => element.setAttribute("data-ready", ""));
  return map;
}

function listen(map, state, { onPick, onSelect }) {
  map.on("click", (event) => {
    if (state.stopDrawing) return;
    const [hit] = map.getLayer("incidents") ? map.queryRenderedFeatures(event.point, { layers: ["incidents"] }) : [];
    if (hit) onSelect?.(hit.properties.id);
    else onPick?.(event.lngLat.lat, event.lngLat.lng);
  });
  map.on("mouseenter", "incidents", () => map.getCanvas().classList.add("over-incident"));
  map.on("mouseleave", "incidents", () => map.getCanvas().classList.remove("over-incident"));
}

function moveTo(map, library, incident) {
  const places = [incident.location, ...incident.callouts.map((callout) => callout.place).filter(Boolean)];
  const bounds = places.reduce((box, { lat, lon }) => box.extend([lon, lat]), new library.LngLatBounds());
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.fitBounds(bounds, { padding: 70, maxZoom: CLOSE, duration: still ? 0 : 400 });
}

function controls(map, library, element, state) {
  const show = (name, data) => map.getSource(name)?.setData(data);
  const selected = () => state.incidents.find((one) => one.id === state.selected);
  function refresh() {
    show("incidents", incidentPoints(state.incidents, state.selected, state.words));
    show("volunteers", volunteerPoints(selected()));
    show("reach", reach(selected()));
  }
  function setDrawing(data) {
    state.drawing = data;
    show("drawing", data);
  }
  return {
    setIncidents(incidents) { state.incidents = incidents; refresh(); },
    select(id) {
      state.selected = id;
      refresh();
      if (selected()) moveTo(map, library, selected());
    },
    setPick(place) { state.pick = place; show("pick", overlaySources(state).pick.data); },
    setTheme(theme) { state.theme = theme; map.setStyle(styleOf(state), { diff: true }); },
    setArea(geojson) { state.area = geojson; show("served", overlaySources(state).served.data); },
    setCover(features) { state.cover = features; show("cover", overlaySources(state).cover.data); },
    drawArea(onDone) {
      state.stopDrawing?.();
      state.stopDrawing = draw(map, setDrawing, (polygon) => { state.stopDrawing = null; onDone(polygon); });
      return state.stopDrawing;
    },
    showDrawn(polygon) { setDrawing(drawn(polygon)); },
    destroy() { state.unfollow(); element.removeAttribute("data-ready"); map.remove(); },
  };
}

/**
 * Make the map inside `element`. Resolves to null where WebGL2 is missing: the page then says so, its lists say the rest.
 *
 * center: [lon, lat], or bounds: [west, south, east, north], or neither (then the whole town). onPick(lat, lon): a place was
 * clicked; onSelect(incidentId): an incident was. theme: "day" or "night"; without it the map follows the page. words: those of
 * geo/map_words.html unless given.
 */
export async function makeMap(element, { center, bounds, onPick, onSelect, theme, words = givenWords() } = {}) {
  if (!canDraw()) return null;
  const [library, town] = await Promise.all([import(LIBRARY), fetchArea()]);
  const state = { town, theme: theme ?? pageTheme(), words, incidents: [], selected: null, pick: null, area: null, cover: [], drawing: null, stopDrawing: null, unfollow() {} };
  try {
    const map = build(library, element, state, { center, bounds });
    listen(map, state, { onPick, onSelect });
    await new Promise((ready) => map.once("style.load", ready));
    const made = controls(map, library, element, state);
    if (!theme) state.unfollow = followPage((now) => made.setTheme(now));
    return made;
  } catch {
    return null;
  }
}
