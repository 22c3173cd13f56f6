// Signs drawn on a canvas when MapLibre first asks for one: the shape says what it is, the colour says it again.
// A sign's name is "THEME/WHAT", for example "night/going".

import { COLOURS } from "./colours.js";

const RATIO = 2;

function polygon(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function stroke(pen, points, width, colour) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

function ring(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}

function inked(pen, inside, edge, width = 2) {
  pen.fillStyle = inside;
  pen.fill();
  pen.lineWidth = width;
  pen.strokeStyle = edge;
  pen.stroke();
}

function letter(pen, text, x, y, size, colour) {
  pen.font = `700 ${size}px "DejaVu Sans", "Segoe UI", Arial, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function pin(pen, colour, c) {
  pen.beginPath();
  pen.moveTo(16, 39);
  pen.bezierCurveTo(12, 31, 3, 26, 3, 15.5);
  pen.arc(16, 15.5, 13, Math.PI, 2 * Math.PI);
  pen.bezierCurveTo(29, 26, 20, 31, 16, 39);
  pen.closePath();
  inked(pen, colour, c.paper, 2.5);
}

const tick = [[10, 16], [14.5, 20.5], [22.5, 10.5]];

const SIGNS = {
  // Incidents: a pin whose tip is the place; what is inside says how it stands.
  "incident-open": { size: [32, 42], draw: (pen, c) => { pin(pen, c.open, c); letter(pen, "+", 16, 16, 24, c.paper); } },
  "incident-covered": { size: [32, 42], draw: (pen, c) => { pin(pen, c.covered, c); stroke(pen, tick, 3.5, c.paper); } },
  "incident-held": { size: [32, 42], draw: (pen, c) => {
    pin(pen, c.actNow, c);
    stroke(pen, [[12, 9], [12, 22]], 4, c.paper);
    stroke(pen, [[20, 9], [20, 22]], 4, c.paper);
  } },
  "incident-unasked": { size: [32, 42], draw: (pen, c) => { pin(pen, c.actNow, c); letter(pen, "!", 16, 16.5, 22, c.paper); } },
  "incident-closed": { size: [32, 42], draw: (pen, c) => { pin(pen, c.closed, c); stroke(pen, [[10, 16], [22, 16]], 3.5, c.paper); } },
  // Volunteers: a triangle goes, a square with a tick is there, a ring was asked, a cross cannot.
  going: { size: [24, 24], draw: (pen, c) => { polygon(pen, [[12, 2], [22, 21], [2, 21]]); inked(pen, c.going, c.paper); } },
  on_scene: { size: [24, 24], draw: (pen, c) => {
    polygon(pen, [[3, 3], [21, 3], [21, 21], [3, 21]]);
    inked(pen, c.there, c.paper);
    stroke(pen, [[7, 12], [10.7, 16], [17, 8]], 2.6, c.paper);
  } },
  asked: { size: [22, 22], draw: (pen, c) => { ring(pen, 11, 11, 7); pen.fillStyle = c.paper; pen.fill(); outline(pen, c.asked, 3); } },
  unclear: { size: [24, 24], draw: (pen, c) => { ring(pen, 12, 12, 9.5); inked(pen, c.paper, c.asked, 2.4); letter(pen, "?", 12, 12.8, 14, c.ink); } },
  silent: { size: [22, 22], draw: (pen, c) => { ring(pen, 11, 11, 7); pen.setLineDash([3, 3]); pen.fillStyle = c.paper; pen.fill(); outline(pen, c.cannot, 2.4); } },
  cannot: { size: [20, 20], draw: (pen, c) => cross(pen, c) },
  not_needed: { size: [20, 20], draw: (pen, c) => { stroke(pen, [[4, 10], [16, 10]], 6, c.paper); stroke(pen, [[5, 10], [15, 10]], 3, c.cannot); } },
  unsafe: { size: [26, 26], draw: (pen, c) => { polygon(pen, [[13, 1], [25, 13], [13, 25], [1, 13]]); inked(pen, c.actNow, c.paper); letter(pen, "!", 13, 13.5, 16, c.paper); } },
  pick: { size: [36, 36], draw: (pen, c) => {
    ring(pen, 18, 18, 9);
    pen.lineWidth = 6;
    pen.strokeStyle = c.paper;
    pen.stroke();
    ring(pen, 18, 18, 9);
    outline(pen, c.pick, 3);
    for (const [from, to] of [[[18, 1], [18, 13]], [[18, 23], [18, 35]], [[1, 18], [13, 18]], [[23, 18], [35, 18]]]) stroke(pen, [from, to], 3, c.pick);
  } },
};

function outline(pen, colour, width) {
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

function cross(pen, c) {
  for (const [width, colour] of [[6.5, c.paper], [3, c.cannot]]) {
    stroke(pen, [[5, 5], [15, 15]], width, colour);
    stroke(pen, [[15, 5], [5, 15]], width, colour);
  }
}

/** Draw the sign that `map` has just missed, if it is one of ours. */
export function addSign(map, name) {
  const [theme, what] = name.split("/");
  const sign = SIGNS[what];
  if (!sign || !COLOURS[theme] || map.hasImage(name)) return;
  const [width, height] = sign.size;
  const canvas = document.createElement("canvas");
  canvas.width = width * RATIO;
  canvas.height = height * RATIO;
  const pen = canvas.getContext("2d");
  pen.scale(RATIO, RATIO);
  pen.lineCap = "round";
  pen.lineJoin = "round";
  sign.draw(pen, COLOURS[theme]);
  map.addImage(name, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
}
