// A shape of its own for each state, so that nobody needs to see colours. Drawn as SVG, for fonts differ.

const NS = "http://www.w3.org/2000/svg";
const PATHS = {
  asked: ["M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z", "line"],
  silent: ["M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z", "dashes"],
  going: ["M3 2l11 6-11 6z", "fill"],
  there: ["M2.5 2.5h11v11h-11z", "fill"],
  cannot: ["M3 3l10 10M13 3L3 13", "line"],
  unclear: ["M8 1l7 7-7 7-7-7zM6.2 6.4c.2-2.2 3.7-2 3.6 0 0 1.3-1.8 1.2-1.8 2.8M8 11v.6", "line"],
  failed: ["M8 1.6l6.8 12.2H1.2zM8 6.4v3.4M8 11.4v.6", "line"],
  done: ["M2.5 8.5l3.6 3.7 7.4-8.2", "line"],
  let_go: ["M3 8h10", "line"],
};

/** The shape of a chip or state as an image that screen readers skip: the text beside it says the same. */
export function shape(name) {
  const svg = document.createElementNS(NS, "svg");
  const path = document.createElementNS(NS, "path");
  const [d, how] = PATHS[name] ?? PATHS.asked;
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: `shape ${how}` })) svg.setAttribute(key, value);
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}
