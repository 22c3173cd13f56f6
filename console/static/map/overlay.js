// What happens in the town, drawn over it: incidents with their codes, and of the selected one the volunteers and their reach.

import { COLOURS } from "./colours.js";
import { FONT } from "./style.js";

const EARTH_M = 6371008.8;
const CORNERS = 96;
const SIGN_OF_STATE = {
  accepted: "going", on_scene: "on_scene", queued: "asked", alerted: "asked", unclear: "unclear", expired: "silent",
  declined: "cannot", failed: "cannot", stood_down: "not_needed", finished: "not_needed",
};
const SHOWN_BY_NAME = ["going", "on_scene", "unsafe"];
const WEIGHT = { unsafe: 5, on_scene: 4, going: 3, unclear: 2, asked: 1 };

function collection(features) {
  return { type: "FeatureCollection", features };
}

function point({ lat, lon }, properties) {
  return { type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties };
}

function incidentSign(incident) {
  if (incident.state === "closed") return "incident-closed";
  if (incident.held) return "incident-held";
  if (incident.covered) return "incident-covered";
  return incident.callouts.length ? "incident-open" : "incident-unasked";
}

function volunteerSign(callout) {
  return callout.unsafe ? "unsafe" : callout.at_old_address ? "going" : SIGN_OF_STATE[callout.state] ?? "asked";
}

/** The incidents as points; the selected one is drawn above the others. */
export function incidentPoints(incidents, selected, words) {
  return collection(incidents.map((one) => point(one.location, {
    id: one.id, sign: incidentSign(one), selected: one.id === selected,
    label: one.drill ? `${words.drill} ${one.code}` : one.code, order: one.id === selected ? 2 : Number(one.state !== "closed"),
  })));
}

/** The volunteers of one incident whose places are known. */
export function volunteerPoints(incident) {
  const placed = (incident?.callouts ?? []).filter((callout) => callout.place);
  return collection(placed.map((callout) => {
    const sign = volunteerSign(callout);
    return point(callout.place, { sign, order: WEIGHT[sign] ?? 0, label: SHOWN_BY_NAME.includes(sign) ? callout.name ?? "" : "" });
  }));
}

function metres(from, to) {
  const rad = Math.PI / 180;
  const x = (to.lon - from.lon) * rad * Math.cos(((from.lat + to.lat) / 2) * rad);
  return EARTH_M * Math.hypot(x, (to.lat - from.lat) * rad);
}

/** How far the asking has reached: a circle around the incident through the farthest volunteer asked. */
export function reach(incident) {
  const places = (incident?.callouts ?? []).map((callout) => callout.place).filter(Boolean);
  const radius = Math.max(0, ...places.map((place) => metres(incident.location, place)));
  if (!radius) return collection([]);
  const { lat, lon } = incident.location;
  const ring = Array.from({ length: CORNERS + 1 }, (_, index) => {
    const turn = (2 * Math.PI * index) / CORNERS;
    const degrees = (radius / EARTH_M) * (180 / Math.PI);
    return [lon + (degrees * Math.sin(turn)) / Math.cos((lat * Math.PI) / 180), lat + degrees * Math.cos(turn)];
  });
  return collection([{ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } }]);
}

/** The sources of everything above the town, with what they hold now. */
export function overlaySources(state) {
  const selected = state.incidents.find((one) => one.id === state.selected);
  const data = {
    served: state.area ?? collection([]), reach: reach(selected), volunteers: volunteerPoints(selected),
    incidents: incidentPoints(state.incidents, state.selected, state.words),
    pick: collection(state.pick ? [point(state.pick, {})] : []), drawing: state.drawing ?? collection([]),
    cover: collection(state.cover),
  };
  return Object.fromEntries(Object.entries(data).map(([name, geojson]) => [name, { type: "geojson", data: geojson }]));
}

function signs(id, source, theme, c, { size, colour, anchor }) {
  return {
    id, type: "symbol", source,
    layout: {
      "icon-image": ["concat", `${theme}/`, ["get", "sign"]], "icon-allow-overlap": true, "icon-ignore-placement": true,
      "icon-anchor": anchor, "symbol-sort-key": ["get", "order"], "text-field": ["get", "label"], "text-font": FONT,
      "text-size": size, "text-anchor": "top", "text-offset": [0, anchor === "bottom" ? 0.25 : 0.9], "text-optional": true,
      "text-allow-overlap": anchor === "bottom",
    },
    paint: { "text-color": colour, "text-halo-color": c.paper, "text-halo-width": 2.2 },
  };
}

function area(c) {
  return [
    {
      id: "excluded", type: "fill", source: "served", filter: ["==", ["get", "kind"], "exclusion"],
      paint: { "fill-color": c.closed, "fill-opacity": 0.3 },
    },
    { id: "served", type: "line", source: "served", paint: { "line-color": c.served, "line-width": 2, "line-dasharray": [5, 2] } },
  ];
}

// How well each square is covered: enough, too few, or too few people to say how many.
function cover(c) {
  const colour = ["match", ["get", "cover"], "enough", c.covered, "below", c.asked, c.cannot];
  const isFew = ["==", ["get", "cover"], "few"];
  const edge = { id: "cover-edges", type: "line", source: "cover", filter: ["!", isFew], paint: { "line-color": colour, "line-width": 1.6 } };
  return [
    { id: "cover-fill", type: "fill", source: "cover", paint: { "fill-color": colour, "fill-opacity": ["case", isFew, 0.06, 0.22] } },
    edge,
    { ...edge, id: "cover-few", filter: isFew, paint: { "line-color": c.cannot, "line-width": 1, "line-dasharray": [3, 3] } },
    {
      id: "cover-counts", type: "symbol", source: "cover",
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 13.5 },
      paint: { "text-color": c.ink, "text-halo-color": c.paper, "text-halo-width": 2.2 },
    },
  ];
}

function drawing(c) {
  return [
    { id: "drawing-fill", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": c.pick, "fill-opacity": 0.14 } },
    { id: "drawing", type: "line", source: "drawing", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": c.pick, "line-width": 3 } },
    {
      id: "drawing-corners", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 5.5, "circle-color": c.paper, "circle-stroke-color": c.pick, "circle-stroke-width": 3 },
    },
  ];
}

/** The layers of everything above the town. */
export function overlayLayers(theme) {
  const c = COLOURS[theme];
  return [
    ...cover(c),
    ...area(c),
    { id: "reach-fill", type: "fill", source: "reach", paint: { "fill-color": c.open, "fill-opacity": 0.035 } },
    { id: "reach", type: "line", source: "reach", paint: { "line-color": c.open, "line-width": 1.6, "line-dasharray": [3, 3] } },
    ...drawing(c),
    signs("volunteers", "volunteers", theme, c, { size: 12, colour: c.ink, anchor: "center" }),
    {
      id: "selected", type: "circle", source: "incidents", filter: ["get", "selected"],
      paint: {
        "circle-radius": 20, "circle-translate": [0, -25], "circle-color": c.paper, "circle-opacity": 0.55,
        "circle-stroke-color": c.ink, "circle-stroke-width": 2.5,
      },
    },
    signs("incidents", "incidents", theme, c, { size: 13.5, colour: c.ink, anchor: "bottom" }),
    { id: "pick", type: "symbol", source: "pick", layout: { "icon-image": `${theme}/pick`, "icon-allow-overlap": true } },
  ];
}
