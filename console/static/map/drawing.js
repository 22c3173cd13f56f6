// Drawing one polygon: each click a corner, and each press of the space bar one at the cross in the middle, under which the arrow
// keys move the map. Double click or Enter ends it, Backspace takes the last corner back, Escape gives up.

const FEWEST_CORNERS = 3;

function feature(type, coordinates) {
  return { type: "Feature", properties: {}, geometry: { type, coordinates } };
}

/** A finished polygon as the map shows it. */
export function drawn(geometry) {
  return { type: "FeatureCollection", features: geometry ? [{ type: "Feature", properties: {}, geometry }] : [] };
}

function shown(corners) {
  const points = corners.map((corner) => feature("Point", corner));
  const line = corners.length > 1 ? [feature("LineString", corners)] : [];
  const inside = corners.length >= FEWEST_CORNERS ? [feature("Polygon", [[...corners, corners[0]]])] : [];
  return { type: "FeatureCollection", features: [...inside, ...line, ...points] };
}

function isAgain(map, corner, last) {
  const [one, other] = [map.project(corner), map.project(last)];
  return Math.hypot(one.x - other.x, one.y - other.y) < 3;
}

/**
 * Begin to draw on `map`; `show(featureCollection)` hears of every change. `onDone(polygon | null)` hears the end once: a GeoJSON
 * Polygon, or null when it was given up. Returns a function that gives up.
 */
export function draw(map, show, onDone) {
  const corners = [];
  const canvas = map.getCanvas();
  let over = false;

  function end(polygon) {
    if (over) return;
    over = true;
    map.off("click", add);
    map.off("dblclick", finish);
    canvas.removeEventListener("keydown", key);
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("drawing");
    show(shown([]));
    onDone(polygon);
  }
  function add({ lngLat }) {
    const corner = [Number(lngLat.lng.toFixed(6)), Number(lngLat.lat.toFixed(6))];
    // The second click of a double click is not another corner.
    if (corners.length && isAgain(map, corner, corners[corners.length - 1])) return;
    corners.push(corner);
    show(shown(corners));
  }
  function finish(event) {
    event.preventDefault();
    if (corners.length >= FEWEST_CORNERS) end({ type: "Polygon", coordinates: [[...corners, corners[0]]] });
  }
  function key(event) {
    if (event.key === "Enter") finish(event);
    if (event.key === "Escape") end(null);
    if (event.key === " ") {
      event.preventDefault();
      add({ lngLat: map.getCenter() });
    }
    if (event.key === "Backspace" && corners.pop()) {
      event.preventDefault();
      show(shown(corners));
    }
  }

  map.doubleClickZoom.disable();
  map.on("click", add);
  map.on("dblclick", finish);
  canvas.addEventListener("keydown", key);
  map.getContainer().classList.add("drawing");
  canvas.focus();
  return () => end(null);
}
