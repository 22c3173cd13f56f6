// The style of the town itself: ground, water, streets and their names, from the tiles of /tiles. No glyph server: without
// `glyphs` MapLibre draws names with fonts of the computer it runs on.

import { COLOURS } from "./colours.js";

export const FONT = ["DejaVu Sans", "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "sans-serif"];
const TOWN = "town";
const NAME = ["get", "name"];

// Line widths in pixels at zoom 10, 14, 16 and 19, each class of street for itself.
const WIDTHS = {
  motorway: [1.6, 4, 9, 30], main: [1.2, 4, 9, 30], second: [0.6, 3, 8, 26], minor: [0.2, 1.6, 6, 22], service: [0, 0.6, 2.5, 11],
};
const CLASSES = {
  service: ["service"], minor: ["minor"], second: ["secondary", "tertiary"], main: ["trunk", "primary"], motorway: ["motorway"],
};

function width(kind, extra = 0) {
  const [far, middle, near, close] = WIDTHS[kind];
  const at = (value) => (value ? value + extra : 0);
  return ["interpolate", ["exponential", 1.5], ["zoom"], 10, at(far), 14, at(middle), 16, at(near), 19, at(close)];
}

function fill(id, layer, colour, more = {}) {
  return { id, type: "fill", source: TOWN, "source-layer": layer, paint: { "fill-color": colour, ...more } };
}

function isClass(kind) {
  return ["match", ["get", "class"], CLASSES[kind], true, false];
}

function streetLine(id, kind, colour, extra, minzoom) {
  return {
    id, type: "line", source: TOWN, "source-layer": "streets", filter: isClass(kind), minzoom,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": width(kind, extra) },
  };
}

function streets(c) {
  const kinds = Object.keys(CLASSES);
  const far = { service: 14, minor: 11.5 };
  const casings = kinds.map((kind) => streetLine(`casing-${kind}`, kind, c.casing, 1.6, Math.max(13, far[kind] ?? 0)));
  const colour = { motorway: c.main, main: c.main };
  const lines = kinds.map((kind) => streetLine(`street-${kind}`, kind, colour[kind] ?? c.street, 0, far[kind] ?? 0));
  return [...casings, ...lines];
}

function paths(c) {
  return {
    id: "paths", type: "line", source: TOWN, "source-layer": "streets", filter: ["==", ["get", "class"], "path"], minzoom: 14.5,
    paint: { "line-color": c.path, "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.7, 19, 3], "line-dasharray": [2, 1.5] },
  };
}

function rails(c) {
  return {
    id: "rails", type: "line", source: TOWN, "source-layer": "railways", minzoom: 10,
    paint: { "line-color": c.rail, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.5, 16, 1.6], "line-dasharray": [4, 2] },
  };
}

function names(id, layer, c, { size, colour, layout = {}, ...rest }) {
  return {
    id, type: "symbol", source: TOWN, "source-layer": layer, ...rest,
    layout: { "text-field": NAME, "text-font": FONT, "text-size": size, "text-max-width": 8, ...layout },
    paint: { "text-color": colour, "text-halo-color": c.halo, "text-halo-width": 1.6 },
  };
}

function labels(c) {
  const along = { "symbol-placement": "line", "text-max-angle": 35, "text-padding": 3 };
  const street = ["interpolate", ["linear"], ["zoom"], 13, 10.5, 16, 13, 19, 17];
  const isMain = ["match", ["get", "class"], ["motorway", "trunk", "primary", "secondary", "tertiary"], true, false];
  return [
    names("spots", "spots", c, { size: 11.5, colour: c.quietText, minzoom: 15.5 }),
    names("numbers", "numbers", c, { size: 11, colour: c.quietText, minzoom: 16.4, layout: { "text-field": ["get", "number"], "text-padding": 1 } }),
    names("water-names", "water", c, { size: 12, colour: c.waterText, minzoom: 12 }),
    names("green-names", "green", c, { size: 11.5, colour: c.quietText, minzoom: 14.5 }),
    names("square-names", "squares", c, { size: 12, colour: c.text, minzoom: 14.5 }),
    names("small-street-names", "streets", c, { size: street, colour: c.text, minzoom: 14.3, filter: ["!", isMain], layout: along }),
    names("main-street-names", "streets", c, { size: street, colour: c.text, minzoom: 12.5, filter: isMain, layout: along }),
    names("districts", "places", c, {
      size: ["interpolate", ["linear"], ["zoom"], 11, 12, 15, 16], colour: c.quietText, minzoom: 10.5, maxzoom: 16.5,
      filter: ["!", ["get", "town"]], layout: { "text-transform": "uppercase", "text-letter-spacing": 0.12 },
    }),
    names("towns", "places", c, { size: ["interpolate", ["linear"], ["zoom"], 8, 13, 13, 20], colour: c.text, maxzoom: 14, filter: ["get", "town"] }),
  ];
}

/** The layers of the town, below everything that moves. Without tiles there is the ground alone. */
export function townLayers(theme, hasTiles) {
  const c = COLOURS[theme];
  const ground = { id: "ground", type: "background", paint: { "background-color": c.land } };
  if (!hasTiles) return [ground];
  return [
    ground, fill("green", "green", c.green), fill("water", "water", c.water),
    { id: "streams", type: "line", source: TOWN, "source-layer": "streams", minzoom: 12, paint: { "line-color": c.water, "line-width": 1.6 } },
    fill("squares", "squares", c.square), rails(c), paths(c), ...streets(c),
    { ...fill("buildings", "buildings", c.building, { "fill-outline-color": c.buildingLine }), minzoom: 13 },
    ...labels(c),
  ];
}

/** The source of the town's tiles, as `/tiles/area.json` tells of them. */
export function townSource(area) {
  return {
    [TOWN]: {
      type: "vector", tiles: [`${location.origin}/tiles/${area.version}/{z}/{x}/{y}.mvt`], bounds: area.bounds,
      minzoom: area.minzoom, maxzoom: area.maxzoom, attribution: area.attribution,
    },
  };
}
